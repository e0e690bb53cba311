//! Answers questions from a ledger.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_store::{Ledger, StoreError};

use crate::decide::{Cause, Known, decide};
use crate::decision::Decision;
use crate::question::Question;
use crate::rules::Rules;
use crate::standing::{View, fold};

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

    async fn known(&self, question: &Question, min_position: u64) -> (Known, u64) {
        let person = match self.ledger.person(&question.identities()).await {
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
