//! The drill: the program is killed in the middle of its work, again and again, and loses nothing it acknowledged.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use consent_api::{auth, server};
use consent_tests::app::runtime;
use consent_tests::caller::Caller;
use consent_tests::carrier::{Carrier, Delivery};
use consent_tests::checker::{Export, Ledgered};
use consent_tests::database::{Kind, variable};
use consent_tests::dice::Dice;
use consent_tests::people::person;
use consent_tests::place::{Place, Setup};
use consent_tests::process::{Process, found_in};
use consent_tests::seen::Seen;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_consentd-under-test");
const CYCLES: usize = 10;
const CALLERS: usize = 6;

/// Something that is said to the service until it is acknowledged.
#[derive(Debug, Clone)]
enum Message {
    Event(Value),
    Text(u32, Delivery),
}

impl Message {
    fn name(&self) -> &str {
        match self {
            Self::Event(event) => event["idempotency_key"].as_str().unwrap(),
            Self::Text(_, delivery) => &delivery.sid,
        }
    }

    /// Whether it was acknowledged.
    async fn send(&self, caller: &Caller) -> bool {
        let answer = match self {
            Self::Event(event) => {
                let body = consent_tests::caller::Ask::json(event);
                caller.try_send(reqwest::Method::POST, "/v1/events", body).await
            }
            Self::Text(_, delivery) => caller.try_deliver(delivery).await,
        };
        answer.is_some_and(|answer| (200..300).contains(&answer.status))
    }
}

/// What was said, and how it was answered.
#[derive(Default)]
struct Told {
    ledgered: Ledgered,
    /// Without an answer so far.
    open: Vec<Message>,
    /// People whose STOP was acknowledged.
    stopped: Vec<u32>,
}

struct Drill {
    carrier: Carrier,
    people: AtomicU32,
    told: Mutex<Told>,
}

impl Drill {
    /// Says something; `false` if the service is gone.
    async fn say(&self, caller: &Caller, message: Message) -> bool {
        self.told.lock().unwrap().ledgered.sent.insert(message.name().to_owned());
        let acknowledged = message.send(caller).await;
        let mut told = self.told.lock().unwrap();
        if !acknowledged {
            told.open.push(message);
            return false;
        }
        told.ledgered.acknowledged.insert(message.name().to_owned());
        if let Message::Text(n, _) = message {
            told.stopped.push(n);
        }
        true
    }

    /// One person after the other agrees and then writes STOP, until the service is gone.
    async fn load(&self, caller: &Caller) {
        loop {
            let n = self.people.fetch_add(1, Ordering::Relaxed);
            let mut grant = person(n).grant();
            grant["idempotency_key"] = json!(format!("grant-{n}"));
            if !self.say(caller, Message::Event(grant)).await
                || !self.say(caller, Message::Text(n, self.carrier.text(&person(n).phone, "STOP"))).await
            {
                return;
            }
        }
    }

    /// Says again whatever was not acknowledged.
    async fn repeat(&self, caller: &Caller) {
        let open = std::mem::take(&mut self.told.lock().unwrap().open);
        join_all(open.into_iter().map(|message| self.say(caller, message))).await;
    }

    /// Every acknowledged STOP denies.
    async fn check(&self, caller: &Caller) {
        let stopped = self.told.lock().unwrap().stopped.clone();
        assert!(!stopped.is_empty());
        let check = async |n: u32| {
            let decision = caller.post("/v1/check", &person(n).question()).await.expect(200).json();
            assert_eq!(decision["reason"], "OPTED_OUT_CHANNEL", "person {n}");
        };
        stream::iter(stopped).map(check).buffer_unordered(8).collect::<Vec<()>>().await;
    }

    /// What must not be in any log.
    fn canaries(&self, key: &str) -> Vec<String> {
        let people = (0..self.people.load(Ordering::Relaxed)).map(person);
        let people = people.flat_map(|one| [one.phone[1..].to_owned(), one.email, format!("\"{}\"", one.subject)]);
        let others = ["STOP", "form-7", self.carrier.token(), key, "grant-1"].map(str::to_owned);
        people.chain(others).collect()
    }
}

/// A new ledger with a key for a caller who may do everything.
async fn prepare(place: &Place, setup: &Setup) -> String {
    let ledger = server::prepare(&place.config(setup)).await.unwrap();
    let (key, hash, text) = auth::make_key("drill", &["admin".to_owned()], None).unwrap();
    ledger.add_api_key(&key, hash).await.unwrap();
    text
}

async fn drill(kind: Kind) {
    // Requests that go well are told at this level only.
    let setup = Setup { log: "info,consent_api::watch=debug", ..Setup::default() };
    let place = Place::create(kind).await;
    let key = prepare(&place, &setup).await;
    let (config, log) = (place.write(&setup), place.path().join("log"));
    let (mut dice, seen) = (Dice::any(), Arc::new(Seen::default()));
    let start = || Process::start(Path::new(PROGRAM), &config, &log);
    let caller_of = |process: &Process| Caller::new(&process.base, &seen).with_key(&key);
    let carrier = Carrier::new("twilio-main", place.carrier.token(), consent_tests::place::PUBLIC_URL);
    let drill = Drill { carrier, people: AtomicU32::new(0), told: Mutex::default() };
    let cycles = variable("CONSENT_DRILL_CYCLES").map_or(CYCLES, |cycles| cycles.parse().unwrap());

    for _ in 0..cycles {
        let process = start();
        let caller = caller_of(&process);
        drill.repeat(&caller).await;
        let alive = Duration::from_millis(100 + dice.below(500) as u64);
        let killing = async {
            tokio::time::sleep(alive).await;
            process.kill();
        };
        tokio::join!(join_all((0..CALLERS).map(|_| drill.load(&caller))), killing);
    }

    let process = start();
    let caller = caller_of(&process);
    drill.repeat(&caller).await;
    assert!(drill.told.lock().unwrap().open.is_empty(), "a repeat was not acknowledged");
    drill.check(&caller).await;
    let export = caller.get("/v1/export").await.expect(200);
    let export = Export::read(export.text(), None).unwrap();
    let told = drill.told.lock().unwrap().ledgered.clone();
    assert_eq!(told.faults(&export.events), Vec::<String>::new());
    assert!(told.acknowledged.len() > 20 * cycles, "too little happened: {}", told.acknowledged.len());
    process.kill();

    let ledger = server::open_ledger(&place.config(&setup)).await.unwrap();
    let signing = ledger.vault().keys().signing().verifying_key();
    let verifier = consent_core::checkpoint::Verifier { name: consent_tests::place::ORIGIN.to_owned(), key: signing };
    assert_eq!(ledger.verify(&verifier).await.unwrap().entries, ledger.head().await.unwrap().size);
    assert_eq!(seen.undeclared(&consent_tests::seen::document()), Vec::<String>::new());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("/v1/webhooks/{account}"), "the log says nothing");
    assert_eq!(found_in(&log, &drill.canaries(&key)), Vec::<&str>::new());
    drop(ledger);
    place.database.remove().await;
}

#[test]
fn what_was_acknowledged_survives_every_kill_sqlite() {
    runtime().block_on(drill(Kind::Sqlite));
}

#[test]
fn what_was_acknowledged_survives_every_kill_postgres() {
    runtime().block_on(drill(Kind::Postgres));
}
