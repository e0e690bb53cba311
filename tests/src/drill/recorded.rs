//! What was said to the nodes and how it was answered, each call with the moments at which it began and ended.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

/// Microseconds since the record was begun: one clock that never goes back, for every caller.
pub type Moment = u64;

/// One call and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whom it was about.
    pub person: u32,
    /// Just before the first byte was sent.
    pub began: Moment,
    /// Just after the last byte of the answer, or when the caller gave up.
    pub ended: Moment,
    /// What it was.
    pub said: Said,
}

/// What a call said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The person agrees, at the moment at which this was first said.
    Grant {
        /// Its idempotency key.
        name: String,
        /// The size of the ledger with which it was acknowledged; nothing if the outcome is unknown.
        position: Option<u64>,
    },
    /// The person wrote STOP.
    Stop {
        /// The id of the message.
        name: String,
        /// Whether it was acknowledged; if not, the outcome is unknown.
        acknowledged: bool,
    },
    /// Somebody asked. Nothing if there was no answer, or one that says that the ledger could not be read.
    Check(Option<Answered>),
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Allow or deny.
    pub allowed: bool,
    /// Why.
    pub reason: String,
    /// Size of the ledger that the answer rests on.
    pub position: u64,
}

/// A whole history.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// In the order in which the calls ended.
    pub calls: Vec<Call>,
    /// Size of the ledger just after each event, by its name, as the ledger was found in the end.
    pub places: BTreeMap<String, u64>,
}

/// Writes calls down.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    calls: Mutex<Vec<Call>>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { began: Instant::now(), calls: Mutex::default() }
    }
}

impl Recorder {
    /// This moment.
    pub fn now(&self) -> Moment {
        self.began.elapsed().as_micros() as u64
    }

    /// Writes down a call that ends now.
    pub fn add(&self, person: u32, began: Moment, said: Said) {
        let mut calls = self.calls.lock().unwrap();
        let ended = self.now();
        calls.push(Call { person, began, ended, said });
    }

    /// Everything that was written down so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}
