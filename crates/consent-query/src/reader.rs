//! Answers questions from a ledger: from the index that follows it, or from the database where there is none.

mod bulk;
mod live;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_store::{Ledger, Person, StoreError};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::decide::{Cause, Known, decide};
use crate::decision::Decision;
use crate::index::{Found, Memo};
use crate::question::Question;
use crate::rules::Rules;
use crate::standing::{View, fold};
pub use bulk::Bulk;
pub use live::{Freshness, Live, Owner};
pub use turns::Turns;

/// Questions answered from memory before others have their turn: some hundred microseconds.
const TURN: usize = 64;

/// How many questions may be answered together.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long all of them may take. Those that are not answered by then are denied.
    pub within: Duration,
    /// How many are read from the database at the same time.
    pub at_once: usize,
}

/// Reads a ledger for questions. Cloning is cheap.
#[derive(Clone)]
pub struct Reader {
    ledger: Ledger,
    rules: Arc<Rules>,
    deadline: Duration,
    quarantined: Arc<dyn Fn() -> bool + Send + Sync>,
    memory: Option<(Live, Arc<Memo>)>,
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
        Self { ledger, rules, deadline, quarantined: Arc::new(quarantined), memory: None }
    }

    /// The same, answering from an index wherever that can be relied on.
    pub fn with_index(self, live: Live) -> Self {
        let memo = Arc::new(Memo::new(Arc::clone(&self.rules)));
        Self { memory: Some((live, memo)), ..self }
    }

    /// The index that it answers from, if there is one.
    pub fn live(&self) -> Option<&Live> {
        self.memory.as_ref().map(|(live, _)| live)
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
        self.unavailable(question, now, (Cause::Unreachable, 0))
    }

    fn unavailable(&self, question: &Question, now: DateTime<Utc>, (cause, position): (Cause, u64)) -> Decision {
        decide(question, &Known::Unavailable(cause), &self.rules, question.as_of.unwrap_or(now), position)
    }

    /// Decides a question from the present head. A question about the past is decided as of its own time.
    ///
    /// Whatever was acknowledged before the question is taken into account, on whichever node it was recorded; unless
    /// the question is content with less.
    pub async fn ask(&self, question: &Question, now: DateTime<Utc>, fresh: Freshness) -> Decision {
        let answering = tokio::time::timeout(self.deadline, self.answer(question, now, fresh));
        let answered = answering.await.unwrap_or(Err((Cause::Unreachable, 0)));
        answered.unwrap_or_else(|unknown| self.unavailable(question, now, unknown))
    }

    async fn answer(
        &self,
        question: &Question,
        now: DateTime<Utc>,
        fresh: Freshness,
    ) -> Result<Decision, (Cause, u64)> {
        let identities = question.identities();
        if let Some((live, memo)) = self.in_memory() {
            live.current(fresh).await.map_err(|cause| (cause, live.index().position()))?;
            self.trusted().map_err(|cause| (cause, live.index().position()))?;
            if let Some(decision) = self.remembered((live, memo), question, &identities, now) {
                return Ok(decision);
            }
        }
        let person = self.ledger.person(&identities).await;
        self.by_ledger(question, now, (person, fresh.min_position))
    }

    /// The index, if it holds everything.
    fn in_memory(&self) -> Option<(&Live, &Memo)> {
        self.memory.as_ref().filter(|(live, _)| live.is_ready()).map(|(live, memo)| (live, &**memo))
    }

    /// Whether anything that this node knows can be relied on.
    fn trusted(&self) -> Result<(), Cause> {
        if self.ledger.has_stopped() || (self.quarantined)() { Err(Cause::Corrupt) } else { Ok(()) }
    }

    /// The answer from the index; `None` if the ledger must be asked.
    fn remembered(
        &self,
        (live, memo): (&Live, &Memo),
        question: &Question,
        identities: &[Identity],
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let index = live.index();
        if Memo::takes(question)
            && let Some(decision) = memo.decide(index, question, identities, now)
        {
            return Some(decision);
        }
        let Found::Person(person) = index.person(identities) else { return None };
        let view = View { as_of: question.as_of, known_at: question.known_at };
        let known = Known::Standing(fold(&person.events, view, &self.rules));
        Some(decide(question, &known, &self.rules, question.as_of.unwrap_or(now), person.position))
    }

    /// Decides many questions as of one head or a later one, each with how fresh it must be. The answers come in the
    /// order of the questions, with the size of that head, which is 0 if it could not be read.
    pub async fn ask_many(
        &self,
        questions: &[(Question, Freshness)],
        now: DateTime<Utc>,
        pace: Pace,
    ) -> (Vec<Decision>, u64) {
        let end = Instant::now() + pace.within;
        match self.in_memory() {
            Some(memory) => self.remember_many(memory, questions, now, end).await,
            None => self.read_many(questions, now, (end, pace)).await,
        }
    }

    async fn remember_many(
        &self,
        memory: (&Live, &Memo),
        questions: &[(Question, Freshness)],
        now: DateTime<Utc>,
        end: Instant,
    ) -> (Vec<Decision>, u64) {
        let (live, _) = memory;
        let proving = tokio::time::timeout(self.deadline, live.current(Freshness::default())).await;
        let proved = proving.unwrap_or(Err(Cause::Unreachable)).and_then(|()| self.trusted());
        let position = if proved.is_ok() { live.index().position() } else { 0 };
        let mut decisions = Vec::with_capacity(questions.len());
        for (at, (question, fresh)) in questions.iter().enumerate() {
            if at % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            let late = || Instant::now() >= end;
            let decision = match proved {
                Err(cause) => self.unavailable(question, now, (cause, 0)),
                Ok(()) if fresh.min_position > live.index().position() => {
                    self.unavailable(question, now, (Cause::Behind, live.index().position()))
                }
                Ok(()) if at % TURN == 0 && late() => self.unreachable(question, now),
                Ok(()) => match self.remembered(memory, question, &question.identities(), now) {
                    Some(decision) => decision,
                    None => self.read_one((question, *fresh), now, (live.index().position(), end)).await,
                },
            };
            decisions.push(decision);
        }
        (decisions, position)
    }

    async fn read_many(
        &self,
        questions: &[(Question, Freshness)],
        now: DateTime<Utc>,
        (end, pace): (Instant, Pace),
    ) -> (Vec<Decision>, u64) {
        // One small read: if even that takes longer than a check may, the ledger is as good as gone.
        let head = tokio::time::timeout(self.deadline.min(pace.within), self.ledger.proven_head()).await;
        let head = head.unwrap_or(Err(StoreError::Unavailable));
        let position = *head.as_ref().unwrap_or(&0);
        if let Err(error) = &head {
            tracing::error!(%error, "questions could not be answered from the ledger");
        }
        let head = head.map_err(|error| cause(&error));
        let asking = stream::iter(questions).map(|(question, fresh)| async move {
            match head {
                Ok(head) => self.read_one((question, *fresh), now, (head, end)).await,
                Err(cause) => self.unavailable(question, now, (cause, 0)),
            }
        });
        (asking.buffered(pace.at_once.max(1)).collect().await, position)
    }

    /// The answer as of a head, if it can be read by then. After that nothing is begun any more.
    async fn read_one(
        &self,
        (question, fresh): (&Question, Freshness),
        now: DateTime<Utc>,
        (head, end): (u64, Instant),
    ) -> Decision {
        if Instant::now() >= end {
            return self.unreachable(question, now);
        }
        let identities = question.identities();
        let reading = tokio::time::timeout_at(end, self.ledger.person_at(&identities, head)).await;
        let person = reading.unwrap_or(Err(StoreError::Unavailable));
        let answered = self.by_ledger(question, now, (person, fresh.min_position));
        answered.unwrap_or_else(|unknown| self.unavailable(question, now, unknown))
    }

    /// Decides by what was read about a person, unless it cannot be relied on.
    fn by_ledger(
        &self,
        question: &Question,
        now: DateTime<Utc>,
        (person, min_position): (Result<Person, StoreError>, u64),
    ) -> Result<Decision, (Cause, u64)> {
        let person = person.map_err(|error| {
            tracing::error!(%error, "a question could not be answered from the ledger");
            (cause(&error), 0)
        })?;
        self.trusted().map_err(|cause| (cause, person.position))?;
        if person.position < min_position {
            return Err((Cause::Behind, person.position));
        }
        let view = View { as_of: question.as_of, known_at: question.known_at };
        let known = Known::Standing(fold(&person.events, view, &self.rules));
        Ok(decide(question, &known, &self.rules, question.as_of.unwrap_or(now), person.position))
    }
}

fn cause(error: &StoreError) -> Cause {
    match error {
        StoreError::Corrupt { .. } => Cause::Quarantined,
        _ => Cause::Unreachable,
    }
}
