//! Who answers the questions of a scrub, and as little of each answer as a scrub needs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::reader::{Pace, Reader};
use consent_query::reason::{Answer, Reason};
use tokio::sync::Semaphore;

use super::who::Who;
use crate::error::{Kind, Problem};
use crate::routes::QuestionBody;
use crate::telemetry::Decided;
use crate::{clock, limits};

/// Some hundred rows that are answered together.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// What is asked about all of them, without an address.
    pub question: &'a QuestionBody,
    /// Whom they are about, in their order.
    pub about: &'a [Who<'a>],
}

impl Block<'_> {
    /// Each row as a question of its own.
    pub fn questions(&self) -> impl Iterator<Item = QuestionBody> {
        self.about.iter().map(|who| who.question(self.question))
    }
}

/// What a decision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Yes or no.
    pub answer: Answer,
    /// Why.
    pub reason: Reason,
    /// Until when a yes holds.
    pub valid_until: Option<DateTime<Utc>>,
    /// When a temporary no ends.
    pub next_eligible_at: Option<DateTime<Utc>>,
    /// Entries of the ledger that were taken into account.
    pub position: u64,
}

/// What a block comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// One for each row, in their order.
    pub rows: Vec<Verdict>,
    /// Edition of the rules that all were decided by.
    pub rules_version: Arc<str>,
}

impl From<&Decision> for Verdict {
    fn from(decision: &Decision) -> Self {
        let Decision { decision: answer, reason, valid_until, next_eligible_at, position, .. } = *decision;
        Self { answer, reason, valid_until, next_eligible_at, position }
    }
}

impl FromIterator<Decision> for Verdicts {
    fn from_iter<T: IntoIterator<Item = Decision>>(decisions: T) -> Self {
        let mut verdicts = Self::default();
        for decision in decisions {
            if verdicts.rows.is_empty() {
                verdicts.rules_version = Arc::from(decision.rule.version.as_str());
            }
            verdicts.rows.push(Verdict::from(&decision));
        }
        verdicts
    }
}

/// Who answers the questions of a scrub.
pub trait Answers<E> {
    /// One verdict for each row, in their order. That the ledger cannot be reached is a verdict too.
    fn answer(&self, block: Block<'_>) -> impl Future<Output = Result<Verdicts, E>>;
}

/// Answers from the ledger.
pub(crate) struct FromLedger {
    /// Reads it.
    pub(crate) reader: Reader,
    /// Leave to do so for many questions at once.
    pub(crate) leave: Arc<Semaphore>,
    /// Counts what it decides.
    pub(crate) decided: Decided,
}

impl<E: From<Problem>> Answers<E> for FromLedger {
    async fn answer(&self, block: Block<'_>) -> Result<Verdicts, E> {
        let questions: Vec<(Question, u64)> = block.questions().map(QuestionBody::into_question).collect();
        let internal = |error| Problem::new(Kind::Internal, "").because(error);
        let _leave = self.leave.acquire().await.map_err(internal)?;
        let pace = Pace { within: limits::SCRUB_BLOCK_DEADLINE, at_once: limits::BULK_AT_ONCE };
        let (decisions, _) = self.reader.ask_many(&questions, clock::now(), pace).await;
        let verdicts = Verdicts::from_iter(decisions);
        self.decided.count_all(verdicts.rows.iter().map(|verdict| verdict.reason));
        Ok(verdicts)
    }
}
