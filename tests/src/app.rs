//! The whole service in this process, on a database of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use consent_api::auth;
use consent_api::server::Server;
use consent_core::checkpoint::Verifier;
use consent_store::{Head, Ledger, Summary};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::caller::{Answer, Ask, Caller};
use crate::carrier::{Carrier, Delivery};
use crate::checker::Export;
use crate::database::{Database, Kind, Raw};
use crate::place::{Place, Setup};
use crate::seen::{self, Seen};

/// How long to wait for what must happen by itself.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A runtime as the program has one.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Tells a story to a service with a database of this kind, and verifies the ledger when it ends.
pub fn tell<S: AsyncFnOnce(&mut TestApp)>(kind: Kind, story: S) {
    tell_with(Setup::default(), kind, story);
}

/// The same with another setup.
pub fn tell_with<S: AsyncFnOnce(&mut TestApp)>(setup: Setup, kind: Kind, story: S) {
    runtime().block_on(async {
        let mut app = TestApp::start(Place::create(kind).await, setup).await;
        story(&mut app).await;
        app.end().await;
    });
}

/// A service under test.
pub struct TestApp {
    /// Where it lives.
    pub place: Place,
    /// A caller who may do everything.
    pub caller: Caller,
    /// What it is set up with from the next start.
    pub setup: Setup,
    node: Option<Node>,
    seen: Arc<Seen>,
    damage: Option<String>,
    owns_database: bool,
    ended: bool,
}

/// The running service.
struct Node {
    ledger: Ledger,
    verifier: Verifier,
    base: String,
    ops: String,
    end: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Node {
    async fn start(place: &Place, setup: &Setup) -> Self {
        let server = Server::build(place.config(setup)).await.unwrap();
        let (address, ops) = server.addresses().unwrap();
        let (ledger, verifier) = (server.service().ledger.clone(), server.service().notary.verifier());
        let (end, ended) = oneshot::channel();
        let running = tokio::spawn(server.run_until(async {
            let _ = ended.await;
        }));
        Self { ledger, verifier, base: format!("http://{address}"), ops: format!("http://{ops}"), end, running }
    }

    async fn end(self) -> anyhow::Result<()> {
        let _ = self.end.send(());
        self.running.await.unwrap()
    }
}

impl TestApp {
    /// Starts a service with a new ledger.
    pub async fn start(place: Place, setup: Setup) -> Self {
        Self::with(place, setup, true, None).await
    }

    /// Starts another node of the same ledger.
    pub async fn beside(other: &Self) -> Self {
        Self::with(Place::beside(&other.place), other.setup.clone(), false, Some(&other.caller)).await
    }

    async fn with(place: Place, setup: Setup, owns_database: bool, known: Option<&Caller>) -> Self {
        let (node, seen) = (Node::start(&place, &setup).await, Arc::new(Seen::default()));
        let caller = Caller::new(&node.base, &seen);
        let mut app = Self { place, caller, setup, node: Some(node), seen, damage: None, owns_database, ended: false };
        app.caller = match known {
            Some(known) => known.at(&app.caller),
            None => app.caller_with(&["admin"]).await,
        };
        app
    }

    /// The ledger behind the service.
    pub fn ledger(&self) -> &Ledger {
        &self.node().ledger
    }

    fn node(&self) -> &Node {
        self.node.as_ref().expect("the service runs")
    }

    /// The key under which its checkpoints are signed.
    pub fn verifier(&self) -> &Verifier {
        &self.node().verifier
    }

    /// The carrier.
    pub fn carrier(&self) -> &Carrier {
        &self.place.carrier
    }

    /// Whether the ledger is kept in PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.place.database.kind == Kind::Postgres
    }

    /// A connection past the service.
    pub async fn raw(&self) -> Raw {
        self.place.database.raw().await
    }

    /// Puts the service on the same database by another way.
    pub async fn move_to(&mut self, database: Database) {
        self.place.database = database;
        self.restart().await;
    }

    /// Ends the service in the middle of whatever it does, without a word.
    pub fn abandon(&mut self) {
        self.node.take().expect("the service runs").running.abort();
    }

    /// Ends the service and starts it again at the same place.
    pub async fn restart(&mut self) {
        if let Some(node) = self.node.take() {
            node.end().await.unwrap();
        }
        let node = Node::start(&self.place, &self.setup).await;
        self.caller = self.caller.at(&Caller::new(&node.base, &self.seen));
        self.node = Some(node);
    }

    /// A caller with a new key: its scopes, and when it ends.
    pub async fn caller_until(&self, scopes: &[&str], expires_at: Option<DateTime<Utc>>) -> (String, Caller) {
        let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let (key, hash, text) = auth::make_key("crm", &scopes, expires_at).unwrap();
        self.ledger().add_api_key(&key, hash).await.unwrap();
        (key.id, self.caller.with_key(&text))
    }

    /// A caller with a new key of these scopes.
    pub async fn caller_with(&self, scopes: &[&str]) -> Caller {
        self.caller_until(scopes, None).await.1
    }

    /// Where the ledger ends.
    pub async fn head(&self) -> Head {
        self.ledger().head().await.unwrap()
    }

    /// What operators are told: whether it is ready, and if not, why.
    pub async fn readiness(&self) -> (u16, Value) {
        let answer = reqwest::get(format!("{}/readyz", self.node().ops)).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// How many questions were answered since it was started.
    pub async fn decisions(&self) -> u64 {
        let text = reqwest::get(format!("{}/metrics", self.node().ops)).await.unwrap().text().await.unwrap();
        let counts = text.lines().filter(|line| line.starts_with("decisions_total"));
        counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    }

    /// Records an event.
    pub async fn record(&self, event: &Value) -> Answer {
        self.caller.post("/v1/events", event).await
    }

    /// Records many events; every one of them must be taken.
    pub async fn record_all(&self, events: &[Value]) -> Value {
        let answer = self.caller.post("/v1/events", &json!({"events": events})).await.expect(200).json();
        let refused = answer["results"].as_array().unwrap().iter().find(|result| result.get("error").is_some());
        assert_eq!(refused, None);
        answer
    }

    /// Has a text delivered; it must be acknowledged.
    pub async fn receive(&self, delivery: &Delivery) -> Answer {
        let answer = self.caller.deliver(delivery).await;
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.text());
        answer
    }

    /// Asks a question.
    pub async fn check(&self, question: &Value) -> Value {
        self.caller.post("/v1/check", question).await.expect(200).json()
    }

    /// Decision and reason, as in `deny OPTED_OUT_CHANNEL`.
    pub async fn decide(&self, question: &Value) -> String {
        let decision = self.check(question).await;
        format!("{} {}", decision["decision"].as_str().unwrap(), decision["reason"].as_str().unwrap())
    }

    /// Asks until it is decided so, for some seconds at most.
    pub async fn until(&self, question: &Value, decision: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let decided = self.decide(question).await;
            if decided == decision {
                return;
            }
            assert!(Instant::now() < end, "still {decided}, not {decision}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The events of a person, newest first.
    pub async fn history(&self, question: &Value) -> Vec<Value> {
        self.caller.post("/v1/history", question).await.expect(200).json()["events"].as_array().unwrap().clone()
    }

    /// The whole ledger, exported and verified.
    pub async fn export(&self) -> Export {
        let answer = self.caller.send(Method::GET, "/v1/export", Ask::default()).await.expect(200);
        Export::read(answer.text(), Some(self.verifier())).unwrap()
    }

    /// Verifies the ledger: what was found in good order, or the first fault.
    pub async fn verify(&self) -> Result<Summary, String> {
        self.ledger().verify(self.verifier()).await.map_err(|fault| fault.to_string())
    }

    /// The story damages the ledger; the verification at its end must find just this.
    pub fn expect_damage(&mut self, what: &str) {
        self.damage = Some(what.to_owned());
    }

    /// Ends the service: the whole ledger is verified, and every answer must be declared.
    pub async fn end(mut self) {
        let found = self.verify().await;
        match &self.damage {
            None => drop(found.unwrap()),
            Some(damage) => assert!(found.as_ref().is_err_and(|fault| fault.contains(damage)), "{found:?}"),
        }
        let undeclared = self.seen.undeclared(&seen::document());
        assert!(undeclared.is_empty(), "openapi.yaml does not declare {undeclared:?}");
        let ended = self.node.take().expect("the service runs").end().await;
        assert!(self.damage.is_some() || ended.is_ok(), "{ended:?}");
        if self.owns_database {
            self.place.database.remove().await;
        }
        self.ended = true;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        assert!(
            self.ended || std::thread::panicking(),
            "a story must end with TestApp::end, which verifies the ledger"
        );
    }
}
