//! Many questions at once, as of one head.

use std::slice;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_store::StoreError;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::answers::Manner;
use super::{Freshness, Live, Reader, Survey, Told, Turns, Whom, cause, within};
use crate::decide::Cause;
use crate::decision::Decision;
use crate::index::Memo;
use crate::question::Question;
use crate::reason::Reason;

/// Questions answered from memory before it is seen whether others should have their turn.
const TURN: usize = 32;

/// How many questions may be answered together.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long all of them may take. Those that are not answered by then are denied.
    pub within: Duration,
    /// How many are read from the database at the same time.
    pub at_once: usize,
}

/// Where answers are written, one after the other.
pub trait Sheet {
    /// The place for the next one, with what comes between.
    fn next(&mut self) -> Result<&mut Vec<u8>, serde_json::Error>;
}

/// The reasons in the order of the questions, and the size of the ledger.
pub type ToldMany = Result<(Vec<Reason>, u64), serde_json::Error>;

/// What is held in memory.
type Memory<'a> = (&'a Live, &'a Memo);

/// The head as of which questions are answered from memory, and until when.
#[derive(Clone, Copy)]
struct Proved {
    /// What cannot be relied on, if it was not proved.
    head: Result<u64, Cause>,
    end: Instant,
    /// Whether the end has come: seen once a turn.
    late: bool,
}

impl Proved {
    /// Begins a turn. Others may have theirs before it.
    async fn turn(&mut self, turns: &mut Turns) {
        turns.next().await;
        self.late = Instant::now() >= self.end;
    }

    /// Why a question cannot be answered as of this head, and as of which position that is said.
    fn doubt(&self, live: &Live, fresh: Freshness) -> Option<(Cause, u64)> {
        match self.head {
            Err(cause) => Some((cause, 0)),
            Ok(_) if fresh.min_position > live.index().position() => Some((Cause::Behind, live.index().position())),
            Ok(_) => self.late.then_some((Cause::Unreachable, 0)),
        }
    }
}

impl Reader {
    /// Decides many questions as of one head or a later one, each with how fresh it must be. The answers come in the
    /// order of the questions, with the size of that head, which is 0 if it could not be read.
    pub async fn ask_many(
        &self,
        questions: &[(Question, Freshness)],
        now: DateTime<Utc>,
        pace: Pace,
    ) -> (Vec<Decision>, u64) {
        let Some(memory) = self.in_memory() else { return self.read_many(questions, now, pace).await };
        let (mut proved, mut turns) = (self.prove(memory.0, pace).await, Turns::default());
        let mut decisions = Vec::with_capacity(questions.len());
        for some in questions.chunks(TURN) {
            proved.turn(&mut turns).await;
            for asked in some {
                let by_memory = |who: &[Identity]| self.remembered(memory, &asked.0, who, now);
                decisions.push(self.answer_next(asked, now, (memory.0, proved), by_memory).await);
            }
        }
        (decisions, proved.head.unwrap_or(0))
    }

    /// The same of questions that differ in whom they are about, written in JSON; returns the reasons instead.
    pub async fn tell_many(
        &self,
        surveys: &[Survey],
        (now, pace): (DateTime<Utc>, Pace),
        sheet: &mut impl Sheet,
    ) -> ToldMany {
        let Some(memory) = self.in_memory() else {
            let each = surveys.iter().flat_map(|survey| survey.questions().map(|question| (question, survey.fresh)));
            let (decisions, position) = self.read_many(&each.collect::<Vec<_>>(), now, pace).await;
            let tell = |decision| Told::from(decision).write(sheet.next()?);
            return Ok((decisions.into_iter().map(tell).collect::<Result<_, _>>()?, position));
        };
        let (mut proved, mut turns) = (self.prove(memory.0, pace).await, Turns::default());
        let mut reasons = Vec::with_capacity(surveys.iter().map(|survey| survey.about.len()).sum());
        for survey in surveys {
            let manner = Memo::takes(&survey.question).then(|| Manner::of(&survey.question)).flatten();
            for some in survey.about.chunks(TURN) {
                proved.turn(&mut turns).await;
                memory.0.index().approach(some.iter().filter_map(|(_, whom)| whom.one()));
                for asked in some {
                    let told = self.tell_next(memory, (survey, manner.as_ref()), asked, (now, proved), sheet.next()?);
                    reasons.push(told.await?);
                }
            }
        }
        Ok((reasons, proved.head.unwrap_or(0)))
    }

    async fn prove(&self, live: &Live, pace: Pace) -> Proved {
        let end = Instant::now() + pace.within;
        let proved = within(self.deadline, live.current(Freshness::default())).await;
        let trusted = proved.unwrap_or(Err(Cause::Unreachable)).and_then(|()| self.trusted());
        Proved { head: trusted.map(|()| live.index().position()), end, late: false }
    }

    /// Writes the next answer of a survey.
    async fn tell_next(
        &self,
        memory: Memory<'_>,
        (survey, manner): (&Survey, Option<&Manner>),
        (id, whom): &(Uuid, Whom),
        (now, proved): (DateTime<Utc>, Proved),
        out: &mut Vec<u8>,
    ) -> Result<Reason, serde_json::Error> {
        if let (Some(manner), Some(one), None) = (manner, whom.one(), proved.doubt(memory.0, survey.fresh)) {
            let (by, asked) = ((memory.0.index(), memory.1, &*self.rules), (*id, slice::from_ref(one)));
            if let Some(reason) = self.answers.write_about(by, (&survey.question, manner), asked, now, out) {
                return Ok(reason);
            }
        }
        let asked = (survey.question_about(*id, whom), survey.fresh);
        let by_memory = |who: &[Identity]| self.told(memory, (&asked.0, who), now, out);
        self.answer_next(&asked, now, (memory.0, proved), by_memory).await.write(out)
    }

    /// The answer to a question, from memory if it can be.
    async fn answer_next<T: From<Decision>>(
        &self,
        (question, fresh): &(Question, Freshness),
        now: DateTime<Utc>,
        (live, proved): (&Live, Proved),
        by_memory: impl FnOnce(&[Identity]) -> Option<T>,
    ) -> T {
        if let Some(doubt) = proved.doubt(live, *fresh) {
            return self.unavailable(question, now, doubt).into();
        }
        match by_memory(&question.identities()) {
            Some(answer) => answer,
            None => self.read_one((question, *fresh), now, (live.index().position(), proved.end)).await.into(),
        }
    }

    async fn read_many(
        &self,
        questions: &[(Question, Freshness)],
        now: DateTime<Utc>,
        pace: Pace,
    ) -> (Vec<Decision>, u64) {
        let end = Instant::now() + pace.within;
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
}
