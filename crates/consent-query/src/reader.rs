//! Answers questions from a ledger.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_store::{Ledger, Person, StoreError};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::decide::{Cause, Known, decide};
use crate::decision::Decision;
use crate::question::Question;
use crate::rules::Rules;
use crate::standing::{View, fold};

/// How many questions may be answered together.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long all of them may take. Those that are not answered by then are denied.
    pub within: Duration,
    /// How many are read at the same time.
    pub at_once: usize,
}

/// Reads a ledger for questions. Cloning is cheap.
#[derive(Clone)]
pub struct Reader {
    ledger: Ledger,
    rules: Arc<Rules>,
    deadline: Duration,
    quarantined: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Reader {
    /// A reader that denies when the ledger does not answer within `deadline`, and while `quarantined` says that it
    /// lacks what was acknowledged.
    pub fn new(
        ledger: Ledger,
        rules: Arc<Rules>,
        deadline: Duration,
        quarantined: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { ledger, rules, deadline, quarantined: Arc::new(quarantined) }
    }

    /// Version of the rules in force.
    pub fn rules_version(&self) -> &str {
        self.rules.version()
    }

    /// How long a question may wait for the ledger.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The answer to a question while the ledger cannot be reached.
    pub fn unreachable(&self, question: &Question, now: DateTime<Utc>) -> Decision {
        decide(question, &Known::Unavailable(Cause::Unreachable), &self.rules, question.as_of.unwrap_or(now), 0)
    }

    /// Decides a question from the present head. A question about the past is decided as of its own time.
    ///
    /// Every read begins by reading the head, so whatever was acknowledged before the question is taken into account,
    /// on whichever node it was recorded.
    pub async fn ask(&self, question: &Question, now: DateTime<Utc>, min_position: u64) -> Decision {
        let reading = tokio::time::timeout(self.deadline, self.known(question, min_position));
        let (known, position) = reading.await.unwrap_or((Known::Unavailable(Cause::Unreachable), 0));
        decide(question, &known, &self.rules, question.as_of.unwrap_or(now), position)
    }

    /// Decides many questions as of one head, each with the position it asks for at least. The answers come in the
    /// order of the questions, with the size of that head, which is 0 if it could not be read.
    pub async fn ask_many(
        &self,
        questions: &[(Question, u64)],
        now: DateTime<Utc>,
        pace: Pace,
    ) -> (Vec<Decision>, u64) {
        let end = Instant::now() + pace.within;
        // One small read: if even that takes longer than a check may, the ledger is as good as gone.
        let head = tokio::time::timeout(self.deadline.min(pace.within), self.ledger.head()).await;
        let head = head.unwrap_or(Err(StoreError::Unavailable)).map(|head| head.size);
        let position = *head.as_ref().unwrap_or(&0);
        if let Err(error) = &head {
            tracing::error!(%error, "questions could not be answered from the ledger");
        }
        let head = head.map_err(|error| cause(&error));
        let asking = stream::iter(questions).map(|(question, min_position)| async move {
            let (known, position) = match head {
                Ok(head) => self.known_by(question, *min_position, head, end).await,
                Err(cause) => (Known::Unavailable(cause), 0),
            };
            decide(question, &known, &self.rules, question.as_of.unwrap_or(now), position)
        });
        (asking.buffered(pace.at_once.max(1)).collect().await, position)
    }

    /// What is known as of a head, if it can be read by then. After that nothing is begun any more.
    async fn known_by(&self, question: &Question, min_position: u64, head: u64, end: Instant) -> (Known, u64) {
        let too_late = (Known::Unavailable(Cause::Unreachable), 0);
        if Instant::now() >= end {
            return too_late;
        }
        let identities = question.identities();
        let reading = tokio::time::timeout_at(end, self.ledger.person_at(&identities, head)).await;
        reading.map_or(too_late, |person| self.judge(question, min_position, person))
    }

    async fn known(&self, question: &Question, min_position: u64) -> (Known, u64) {
        let person = self.ledger.person(&question.identities()).await;
        self.judge(question, min_position, person)
    }

    /// What was read about a person, unless it cannot be relied on.
    fn judge(&self, question: &Question, min_position: u64, person: Result<Person, StoreError>) -> (Known, u64) {
        let person = match person {
            Ok(person) => person,
            Err(error) => {
                tracing::error!(%error, "a question could not be answered from the ledger");
                return (Known::Unavailable(cause(&error)), 0);
            }
        };
        let unavailable = |cause| (Known::Unavailable(cause), person.position);
        if self.ledger.has_stopped() || (self.quarantined)() {
            return unavailable(Cause::Corrupt);
        }
        if person.position < min_position {
            return unavailable(Cause::Behind);
        }
        let view = View { as_of: question.as_of, known_at: question.known_at };
        (Known::Standing(fold(&person.events, view, &self.rules)), person.position)
    }
}

fn cause(error: &StoreError) -> Cause {
    match error {
        StoreError::Corrupt { .. } => Cause::Quarantined,
        _ => Cause::Unreachable,
    }
}
