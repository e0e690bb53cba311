//! Many callers at once, on any node: they record consents and STOPs of a few dozen people, and ask about them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use consent_api::clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::cluster::{Cluster, Node};
use super::recorded::{Answered, Moment, Recorder, Said};
use crate::caller::{Answer, Ask, Caller};
use crate::carrier::Delivery;
use crate::dice::Dice;
use crate::people::person;

/// How long a caller waits for an answer before the outcome counts as unknown.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long until another person takes the place of one who is talked about: long enough for many words about each,
/// short enough that no history grows without end.
const TURN: Moment = 1_000_000;
/// How long everything may take to be acknowledged once the trouble is over.
const RECOVERY: Duration = Duration::from_secs(60);

/// How questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// As a sender of messages does: the answer must be from the present head.
    Fresh,
    /// Answers may be from so many milliseconds ago. The verdict must find that out.
    Relaxed(u64),
    /// Some questions are answered with the last allow of that person. The verdict must find that out.
    Remembered,
}

/// Something that is said until it is acknowledged.
#[derive(Debug, Clone)]
struct Message {
    person: u32,
    name: String,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Grant(Value),
    Stop(Delivery),
}

/// How many calls ended in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Grants and STOPs that were acknowledged.
    pub recorded: u64,
    /// Those with an unknown outcome, tries included.
    pub unknown: u64,
    /// Questions that were allowed.
    pub allowed: u64,
    /// Questions that were denied.
    pub denied: u64,
    /// Questions without an answer, or denied because the ledger could not be read in time.
    pub unanswered: u64,
}

/// The callers.
pub struct Crowd<'a> {
    cluster: &'a Cluster,
    people: usize,
    asking: Asking,
    /// What was said and answered.
    pub recorder: Recorder,
    names: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: BTreeSet<String>,
    open: Vec<Message>,
    figures: Figures,
    /// The last allow of each person.
    allows: BTreeMap<u32, Answered>,
    /// Answers that nobody should get.
    surprises: Vec<String>,
}

impl<'a> Crowd<'a> {
    /// Callers of these nodes, who talk about so many people at a time.
    pub fn of(cluster: &'a Cluster, people: usize, asking: Asking) -> Self {
        let (recorder, names, state) = (Recorder::default(), AtomicU64::new(0), Mutex::default());
        Self { cluster, people, asking, recorder, names, state }
    }

    /// What has happened so far.
    pub fn figures(&self) -> Figures {
        self.state().figures.clone()
    }

    /// Names of everything that was ever sent.
    pub fn sent(&self) -> BTreeSet<String> {
        self.state().sent.clone()
    }

    /// Answers that nobody should get.
    pub fn surprises(&self) -> Vec<String> {
        self.state().surprises.clone()
    }

    /// One caller: records and asks at random until it is over.
    pub async fn record(&self, mut dice: Dice, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            let someone = self.someone(&mut dice);
            let message = if dice.chance(60) { self.grant(someone) } else { self.stop(someone) };
            self.say(message, &mut dice).await;
            // Whoever asks at once, and elsewhere, is the first to see what is forgotten.
            for _ in 0..dice.below(4) {
                self.ask(someone, &mut dice).await;
            }
        }
    }

    /// Another caller: only asks. Recording stands still whenever a frozen node holds the head.
    pub async fn wonder(&self, mut dice: Dice, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            self.ask(self.someone(&mut dice), &mut dice).await;
        }
    }

    fn someone(&self, dice: &mut Dice) -> u32 {
        (self.recorder.now() / TURN) as u32 + dice.below(self.people) as u32
    }

    /// Says again, on any node, whatever was not acknowledged, until it is.
    pub async fn repeat(&self, mut dice: Dice) {
        let end = Instant::now() + RECOVERY;
        loop {
            let open = std::mem::take(&mut self.state().open);
            if open.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "{} messages are not acknowledged", open.len());
            for message in open {
                self.say(message, &mut dice).await;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The nodes at which something may be recorded. Where a promise is broken on purpose, one node only hears of it.
    fn recording(&self) -> &'a [Arc<Node>] {
        let spared = usize::from(self.asking != Asking::Fresh);
        &self.cluster.nodes[spared..]
    }

    /// A caller of any of these nodes that is not down.
    async fn caller(&self, nodes: &[Arc<Node>], dice: &mut Dice) -> Caller {
        loop {
            if let Some(caller) = dice.one(nodes).caller() {
                return caller;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// A consent of the moment at which it is first said.
    fn grant(&self, someone: u32) -> Message {
        let name = format!("grant-{}", self.names.fetch_add(1, Ordering::Relaxed));
        let mut event = person(someone).grant();
        (event["idempotency_key"], event["at"]) = (json!(name), Value::Null);
        Message { person: someone, name, what: What::Grant(event) }
    }

    fn stop(&self, someone: u32) -> Message {
        let delivery = self.cluster.carrier().text(&person(someone).phone, "STOP");
        Message { person: someone, name: delivery.sid.clone(), what: What::Stop(delivery) }
    }

    async fn say(&self, mut message: Message, dice: &mut Dice) {
        let (caller, name) = (self.caller(self.recording(), dice).await, message.name.clone());
        self.state().sent.insert(name.clone());
        let began = self.recorder.now();
        if let What::Grant(event) = &mut message.what
            && event["at"].is_null()
        {
            event["at"] = json!(clock::now());
        }
        let answer = match &message.what {
            What::Grant(event) => in_time(caller.try_send(Method::POST, "/v1/events", Ask::json(event))).await,
            What::Stop(delivery) => in_time(caller.try_deliver(delivery)).await,
        };
        let good = answer.as_ref().filter(|answer| (200..300).contains(&answer.status));
        let said = match &message.what {
            What::Grant(_) => {
                Said::Grant { name, position: good.and_then(|answer| answer.json()["position"].as_u64()) }
            }
            What::Stop(_) => Said::Stop { name, acknowledged: good.is_some() },
        };
        self.recorder.add(message.person, began, said);
        let mut state = self.state();
        match (good.is_some(), answer) {
            (true, _) => state.figures.recorded += 1,
            (false, answer) => {
                state.figures.unknown += 1;
                state.surprises.extend(answer.as_ref().and_then(surprise));
                state.open.push(message);
            }
        }
    }

    async fn ask(&self, someone: u32, dice: &mut Dice) {
        let caller = self.caller(&self.cluster.nodes, dice).await;
        let (began, mut question) = (self.recorder.now(), person(someone).question());
        let remembered = match self.asking {
            Asking::Fresh => None,
            Asking::Relaxed(milliseconds) => {
                question["max_staleness_ms"] = json!(milliseconds);
                None
            }
            Asking::Remembered => self.state().allows.get(&someone).filter(|_| dice.chance(30)).cloned(),
        };
        let answered = match remembered {
            Some(answer) => Some(answer),
            None => self.answer(&caller, &question).await,
        };
        self.recorder.add(someone, began, Said::Check(answered.clone()));
        let mut state = self.state();
        match answered {
            None => state.figures.unanswered += 1,
            Some(answer) => {
                if answer.allowed {
                    state.figures.allowed += 1;
                    state.allows.insert(someone, answer);
                } else {
                    state.figures.denied += 1;
                }
            }
        }
    }

    /// The answer to a question, if it has one that rests on the ledger.
    async fn answer(&self, caller: &Caller, question: &Value) -> Option<Answered> {
        let answer = in_time(caller.try_send(Method::POST, "/v1/check", Ask::json(question))).await?;
        if answer.status != 200 {
            self.state().surprises.extend(surprise(&answer));
            return None;
        }
        let decision = answer.json();
        let (allowed, reason) = (decision["decision"] == "allow", decision["reason"].as_str().unwrap().to_owned());
        let answered = Answered { allowed, reason, position: decision["position"].as_u64().unwrap() };
        (answered.reason != "LEDGER_UNAVAILABLE").then_some(answered)
    }
}

async fn in_time(answering: impl Future<Output = Option<Answer>>) -> Option<Answer> {
    tokio::time::timeout(PATIENCE, answering).await.ok().flatten()
}

/// An answer that trouble does not explain.
fn surprise(answer: &Answer) -> Option<String> {
    (answer.status != 503).then(|| format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)))
}
