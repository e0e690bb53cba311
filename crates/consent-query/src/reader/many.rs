//! Many questions at once, as of one head.

use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_store::StoreError;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::{Freshness, Live, Reader, Told, cause, within};
use crate::decide::Cause;
use crate::decision::Decision;
use crate::question::Question;
use crate::reason::Reason;

/// Questions answered from memory before others have their turn: some ten microseconds.
const TURN: usize = 64;

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

/// The head as of which questions are answered from memory, and until when.
#[derive(Clone, Copy)]
struct Proved {
    /// What cannot be relied on, if it was not proved.
    head: Result<u64, Cause>,
    end: Instant,
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
        let proved = self.prove(memory.0, pace).await;
        let mut decisions = Vec::with_capacity(questions.len());
        for (at, asked) in questions.iter().enumerate() {
            let by_memory = |who: &[Identity]| self.remembered(memory, &asked.0, who, now);
            decisions.push(self.answer_next(at, asked, now, (memory.0, proved), by_memory).await);
        }
        (decisions, proved.head.unwrap_or(0))
    }

    /// The same, written in JSON; returns the reasons instead.
    pub async fn tell_many(
        &self,
        questions: &[(Question, Freshness)],
        (now, pace): (DateTime<Utc>, Pace),
        sheet: &mut impl Sheet,
    ) -> ToldMany {
        let mut reasons = Vec::with_capacity(questions.len());
        let Some(memory) = self.in_memory() else {
            let (decisions, position) = self.read_many(questions, now, pace).await;
            for decision in decisions {
                reasons.push(Told::from(decision).write(sheet.next()?)?);
            }
            return Ok((reasons, position));
        };
        let proved = self.prove(memory.0, pace).await;
        for (at, asked) in questions.iter().enumerate() {
            let out = sheet.next()?;
            let by_memory = |who: &[Identity]| self.told(memory, (&asked.0, who), now, out);
            let told = self.answer_next(at, asked, now, (memory.0, proved), by_memory).await;
            reasons.push(told.write(out)?);
        }
        Ok((reasons, proved.head.unwrap_or(0)))
    }

    async fn prove(&self, live: &Live, pace: Pace) -> Proved {
        let end = Instant::now() + pace.within;
        let proved = within(self.deadline, live.current(Freshness::default())).await;
        let trusted = proved.unwrap_or(Err(Cause::Unreachable)).and_then(|()| self.trusted());
        Proved { head: trusted.map(|()| live.index().position()), end }
    }

    /// The answer to the question at this place, from memory if it can be. Now and then others have their turn before it.
    async fn answer_next<T: From<Decision>>(
        &self,
        at: usize,
        (question, fresh): &(Question, Freshness),
        now: DateTime<Utc>,
        (live, proved): (&Live, Proved),
        by_memory: impl FnOnce(&[Identity]) -> Option<T>,
    ) -> T {
        if at % TURN == TURN - 1 {
            tokio::task::yield_now().await;
        }
        if let Err(cause) = proved.head {
            return self.unavailable(question, now, (cause, 0)).into();
        }
        if fresh.min_position > live.index().position() {
            return self.unavailable(question, now, (Cause::Behind, live.index().position())).into();
        }
        if at.is_multiple_of(TURN) && Instant::now() >= proved.end {
            return self.unreachable(question, now).into();
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
