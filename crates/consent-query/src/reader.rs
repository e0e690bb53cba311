//! Answers questions from a ledger: from the index that follows it, or from the database where there is none.

pub(crate) mod answers;
mod bulk;
mod feed;
mod form;
mod live;
mod many;
mod page;
mod survey;
mod turns;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::Recorded;
use consent_store::{Ledger, Person, StoreError};

use crate::decide::{Cause, Known, decide};
use crate::decision::Decision;
use crate::index::{Found, Memo};
use crate::question::Question;
use crate::reason::Reason;
use crate::rules::Rules;
use crate::standing::{View, fold};
use answers::Answers;
pub use bulk::Bulk;
pub use live::{Freshness, Live, Owner};
pub use many::{Pace, Sheet, ToldMany};
pub use survey::{Names, Survey, Whom};
pub use turns::{Rests, Turns};

/// Reads a ledger for questions. Cloning is cheap.
#[derive(Clone)]
pub struct Reader {
    ledger: Ledger,
    rules: Arc<Rules>,
    deadline: Duration,
    quarantined: Arc<dyn Fn() -> bool + Send + Sync>,
    memory: Option<(Live, Arc<Memo>)>,
    answers: Arc<Answers>,
}

/// An answer: written where it goes, or a decision that is still to be written.
enum Told {
    Written(Reason),
    Decided(Box<Decision>),
}

impl Told {
    /// Writes what is not written yet; returns the reason.
    fn write(self, out: &mut Vec<u8>) -> Result<Reason, serde_json::Error> {
        match self {
            Self::Written(reason) => Ok(reason),
            Self::Decided(decision) => serde_json::to_writer(out, &*decision).map(|()| decision.reason),
        }
    }
}

impl From<Decision> for Told {
    fn from(decision: Decision) -> Self {
        Self::Decided(Box::new(decision))
    }
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
        Self { ledger, rules, deadline, quarantined: Arc::new(quarantined), memory: None, answers: Arc::default() }
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

    /// The same, written in JSON; returns the reason.
    pub fn tell_unreachable(
        &self,
        question: &Question,
        now: DateTime<Utc>,
        out: &mut Vec<u8>,
    ) -> Result<Reason, serde_json::Error> {
        Told::from(self.unreachable(question, now)).write(out)
    }

    fn unavailable(&self, question: &Question, now: DateTime<Utc>, (cause, position): (Cause, u64)) -> Decision {
        decide(question, &Known::Unavailable(cause), &self.rules, question.as_of.unwrap_or(now), position)
    }

    /// Decides a question from the present head. A question about the past is decided as of its own time.
    ///
    /// Whatever was acknowledged before the question is taken into account, on whichever node it was recorded; unless
    /// the question is content with less.
    pub async fn ask(&self, question: &Question, now: DateTime<Utc>, fresh: Freshness) -> Decision {
        turns::answering();
        let by_memory = |memory: (&Live, &Memo), asked: &[Identity]| self.remembered(memory, question, asked, now);
        let answered = within(self.deadline, self.answer(question, now, fresh, by_memory)).await;
        let answered = answered.unwrap_or(Err((Cause::Unreachable, 0)));
        answered.unwrap_or_else(|unknown| self.unavailable(question, now, unknown))
    }

    /// The same, written in JSON; returns the reason.
    pub async fn tell(
        &self,
        question: &Question,
        (now, fresh): (DateTime<Utc>, Freshness),
        out: &mut Vec<u8>,
    ) -> Result<Reason, serde_json::Error> {
        turns::answering();
        let by_memory = |memory: (&Live, &Memo), asked: &[Identity]| self.told(memory, (question, asked), now, out);
        let answered = within(self.deadline, self.answer(question, now, fresh, by_memory)).await;
        let answered = answered.unwrap_or(Err((Cause::Unreachable, 0)));
        answered.unwrap_or_else(|unknown| self.unavailable(question, now, unknown).into()).write(out)
    }

    async fn answer<T: From<Decision>>(
        &self,
        question: &Question,
        now: DateTime<Utc>,
        fresh: Freshness,
        by_memory: impl FnOnce((&Live, &Memo), &[Identity]) -> Option<T>,
    ) -> Result<T, (Cause, u64)> {
        let identities = question.identities();
        if let Some((live, memo)) = self.in_memory() {
            live.current(fresh).await.map_err(|cause| (cause, live.index().position()))?;
            self.trusted().map_err(|cause| (cause, live.index().position()))?;
            if let Some(answer) = by_memory((live, memo), &identities) {
                return Ok(answer);
            }
        }
        let person = self.ledger.person(&identities).await;
        self.by_ledger(question, now, (person, fresh.min_position)).map(T::from)
    }

    /// The index, if it holds everything.
    fn in_memory(&self) -> Option<(&Live, &Memo)> {
        self.memory.as_ref().filter(|(live, _)| live.is_ready()).map(|(live, memo)| (live, &**memo))
    }

    /// Whether anything that this node knows can be relied on.
    fn trusted(&self) -> Result<(), Cause> {
        let in_doubt = self.ledger.has_stopped() || self.ledger.has_diverged() || (self.quarantined)();
        if in_doubt { Err(Cause::Corrupt) } else { Ok(()) }
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
        self.folded(live, question, identities, now)
    }

    /// The same for somebody who is like no other.
    fn folded(
        &self,
        live: &Live,
        question: &Question,
        identities: &[Identity],
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let Found::Person(person) = live.index().person(identities) else { return None };
        Some(self.by_events(question, (&person.events, person.position), now))
    }

    /// Decides by the events about a person. A question about another time is decided as of that; what it allows holds no
    /// longer from now than any other allow does.
    fn by_events(&self, question: &Question, known: (&[Recorded], u64), now: DateTime<Utc>) -> Decision {
        let (events, position) = known;
        let view = View { as_of: question.as_of, known_at: question.known_at };
        let known = Known::Standing(fold(events, view, &self.rules));
        let decision = decide(question, &known, &self.rules, question.as_of.unwrap_or(now), position);
        let longest = now + self.rules.settings().max_ttl.delta();
        Decision { valid_until: decision.valid_until.map(|until| until.min(longest)), ..decision }
    }

    /// The answer from the index, written if others get the same; `None`, and nothing is written, if the ledger must be
    /// asked.
    fn told(
        &self,
        memory: (&Live, &Memo),
        (question, asked): (&Question, &[Identity]),
        now: DateTime<Utc>,
        out: &mut Vec<u8>,
    ) -> Option<Told> {
        let (live, memo) = memory;
        if Memo::takes(question) {
            let by = (live.index(), memo, &*self.rules);
            if let Some(reason) = self.answers.write(by, (question, asked), now, out) {
                return Some(Told::Written(reason));
            }
        }
        self.remembered(memory, question, asked, now).map(Told::from)
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
        Ok(self.by_events(question, (&person.events, person.position), now))
    }
}

/// What a future comes to, if that takes no longer. What is there at once needs no timer.
async fn within<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    if let Poll::Ready(output) = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
        return Some(output);
    }
    tokio::time::timeout(time, future).await.ok()
}

fn cause(error: &StoreError) -> Cause {
    match error {
        StoreError::Corrupt { .. } => Cause::Quarantined,
        _ => Cause::Unreachable,
    }
}
