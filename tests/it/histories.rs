//! The same random histories on both databases: every question gets the same answer. And whoever reads one is in it.

use chrono::{DateTime, Duration, Utc};
use consent_tests::app::{TestApp, runtime};
use consent_tests::database::Kind;
use consent_tests::dice::Dice;
use consent_tests::people::person;
use consent_tests::place::{Place, Setup};
use consent_tests::stories;
use serde_json::{Value, json};

const EVENTS: usize = 60;

/// Texts of every kind.
const TEXTS: &[&str] =
    &["STOP", "stop please", "START", "HELP", "yes", "thanks!", "arrêt", "wrong number", "sotp", "no more texts", ""];

/// The people of one history: no other history has any of them.
struct Cast {
    subjects: Vec<String>,
    phones: Vec<String>,
    emails: Vec<String>,
    /// They agree to more than they refuse.
    gentle: bool,
}

impl Cast {
    fn of(history: u64) -> Self {
        Self {
            subjects: (0..5).map(|n| format!("crm:{history}:{n}")).collect(),
            phones: (0..3).map(|n| format!("+1202{:03}{:04}", 300 + history, n)).collect(),
            emails: (0..3).map(|n| format!("p{history}x{n}@example.com")).collect(),
            gentle: history.is_multiple_of(2),
        }
    }

    /// Some event that somebody of them may have caused.
    fn event(&self, dice: &mut Dice) -> Value {
        let (subject, phone) = (dice.one(&self.subjects).clone(), dice.one(&self.phones).clone());
        let email = dice.one(&self.emails).clone();
        let kind = if self.gentle && dice.chance(85) { dice.below(3) } else { dice.below(12) };
        let mut event = match kind {
            0..=2 => grant(dice),
            3 | 4 => json!({"type": "inbound_sms", "from": phone, "body": dice.one(TEXTS)}),
            5 => {
                json!({"type": "withdrawal_request", "scope": dice.one(&["unspecified", "all", "sms", "updates", "?"])})
            }
            6 => json!({"type": "email_unsubscribe", "address": email.to_uppercase(), "method": "link"}),
            7 => json!({"type": dice.one(&["identity_linked", "identity_unlinked", "profile_recorded"])}),
            8 => json!({"type": "do_not_call_request", "channel": dice.one(&["sms", "voice", "telex"])}),
            9 => json!({"type": "delivery_reported", "outcome": dice.one(&["opted_out", "delivered", "temporary"])}),
            10 => json!({"type": "preference_set", "channel": "email", "off": ["updates"], "via": "portal"}),
            _ => json!({"type": "objection", "scope": "direct_marketing"}),
        };
        let of_phone = matches!(event["type"].as_str(), Some("inbound_sms"));
        if dice.chance(60) || (!of_phone && dice.chance(50)) {
            event["subject"] = json!(subject);
        }
        if !of_phone && dice.chance(60) {
            event["phone"] = json!(phone);
        }
        if dice.chance(30) || (event["subject"].is_null() && event["phone"].is_null() && !of_phone) {
            event["email"] = json!(email);
        }
        // Always: what is received without a time gets that of the clock, which is not the same on both.
        event["at"] = json!(time(dice));
        event
    }

    /// Everything that can be asked about them.
    fn questions(&self, dice: &mut Dice) -> Vec<Value> {
        let named = |field: &'static str, of: &[String]| of.iter().map(|name| json!({field: name})).collect::<Vec<_>>();
        let subjects = named("subject", &self.subjects);
        let named = [subjects, named("phone", &self.phones), named("email", &self.emails)].concat();
        let mut questions = Vec::new();
        for one in named {
            for (channel, purpose) in
                [("sms", "special_offers"), ("sms", "transactional"), ("email", "updates"), ("voice", "special_offers")]
            {
                let mut question = one.clone();
                (question["channel"], question["purpose"]) = (json!(channel), json!(purpose));
                if dice.chance(20) {
                    question["as_of"] = json!(time(dice));
                }
                questions.push(question);
            }
        }
        questions
    }
}

fn grant(dice: &mut Dice) -> Value {
    json!({
        "type": dice.one(&["consent_granted", "consent_granted", "consent_imported"]),
        "channels": dice.one(&[json!(["sms"]), json!(["sms", "email"]), json!(["email"]), json!(["voice", "mms"])]),
        "purposes": ["updates", "special_offers", "transactional"],
        "level": dice.one(&["express_written", "express", "implied", "policy_acceptance"]),
        "policy_version": dice.one(&["2024-03-20", "2024-03-20", "1999"]),
        "affirmative_action": dice.chance(90), "condition_of_purchase": dice.chance(10), "evidence_ref": "e",
    })
}

/// Some hour of some days, so that many events happen at the same time and few in the order in which they arrive.
fn time(dice: &mut Dice) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().unwrap();
    start + Duration::hours(dice.below(72) as i64)
}

/// What a decision says, without what differs from ledger to ledger.
async fn decide(app: &TestApp, question: &Value) -> (Value, Value, Value, Value) {
    let decision = app.check(question).await;
    let part = |name: &str| decision[name].clone();
    (part("decision"), part("reason"), part("also_blocking"), part("rule"))
}

/// What the ledger holds, without what differs from ledger to ledger.
async fn recorded(app: &TestApp) -> Vec<Value> {
    let mut events = app.export().await.events;
    for event in &mut events {
        event.as_object_mut().unwrap().retain(|name, _| !["event_id", "received_at"].contains(&name.as_str()));
    }
    events
}

#[test]
fn the_same_history_leads_to_the_same_answers_on_both_databases() {
    compare(0..10);
}

#[test]
fn another_ten_histories_lead_to_the_same_answers_on_both_databases() {
    compare(10..20);
}

fn compare(seeds: std::ops::Range<u64>) {
    runtime().block_on(async {
        let sqlite = TestApp::start(Place::create(Kind::Sqlite).await, Setup::default()).await;
        let postgres = TestApp::start(Place::create(Kind::Postgres).await, Setup::default()).await;
        let (mut allowed, mut denied) = (0, 0);
        for seed in seeds {
            let (cast, mut dice) = (Cast::of(seed), Dice::new(seed));
            let mut events: Vec<Value> = (0..EVENTS).map(|_| cast.event(&mut dice)).collect();
            for n in 0..EVENTS {
                if dice.chance(15) {
                    events[n]["idempotency_key"] = json!(format!("{seed}/{n}"));
                    let again = events[n].clone();
                    events.push(again);
                }
            }
            let sizes = (sqlite.record_all(&events).await, postgres.record_all(&events).await);
            assert_eq!(sizes.0["position"], sizes.1["position"], "seed {seed}");
            assert_eq!(recorded(&sqlite).await, recorded(&postgres).await, "seed {seed}");
            for question in cast.questions(&mut dice) {
                let answers = tokio::join!(decide(&sqlite, &question), decide(&postgres, &question));
                assert_eq!(answers.0, answers.1, "seed {seed}: {question}");
                *if answers.0.0 == "allow" { &mut allowed } else { &mut denied } += 1;
            }
        }
        assert!(allowed > 10 && denied > 200, "{allowed} allows, {denied} denials: the histories say too little");
        sqlite.end().await;
        postgres.end().await;
    });
}

stories! {
    async fn every_page_of_a_history_that_is_read_is_recorded(app) {
        let pat = person(1);
        let texts = [pat.text("one"), pat.text("two"), pat.text("three")];
        let end = app.record_all(&texts).await["position"].as_u64().unwrap();
        for before in [json!(end), json!(u64::MAX), Value::Null, json!(end - 1)] {
            let head = app.head().await.size;
            let question = json!({"phone": pat.phone, "limit": 2, "before": before});
            let page = app.caller.post("/v1/history", &question).await.expect(200).json();
            assert_eq!(page["events"].as_array().map(Vec::len), Some(2), "{before}");
            assert_eq!(app.head().await.size, head + 1, "{before}");
        }
    }
}
