//! Who answers the questions of a scrub, and as little of each answer as a scrub needs.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_query::decision::Decision;
use consent_query::reader::{Bulk, Pace, Reader, Turns};
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

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        let Decision { decision: answer, reason, valid_until, next_eligible_at, position, .. } = decision;
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
            verdicts.rows.push(Verdict::from(decision));
        }
        verdicts
    }
}

/// Who answers the questions of a scrub.
pub trait Answers<E> {
    /// One verdict for each row, in their order. That the ledger cannot be reached is a verdict too.
    /// Whoever works long at it takes turns with others.
    fn answer(&self, block: Block<'_>, turns: &mut Turns) -> impl Future<Output = Result<Verdicts, E>>;
}

/// Answers from the ledger.
pub(crate) struct FromLedger {
    reader: Reader,
    /// The question that was asked last, and what was answered.
    bulk: RefCell<Option<(QuestionBody, Bulk<Verdict>)>>,
    /// Leave to ask about many people at once.
    leave: Arc<Semaphore>,
    /// Counts what is decided.
    decided: Decided,
}

impl FromLedger {
    pub(crate) fn new(reader: Reader, leave: Arc<Semaphore>, decided: Decided) -> Self {
        Self { reader, bulk: RefCell::default(), leave, decided }
    }

    /// The question as it was asked of the block before, if it is the same.
    fn take(&self, question: &QuestionBody) -> Bulk<Verdict> {
        let last = self.bulk.take().filter(|(asked, _)| asked == question);
        last.map_or_else(|| self.reader.bulk(question.clone().into_question().0), |(_, bulk)| bulk)
    }

    /// Answers each row by itself.
    async fn one_by_one(&self, about: impl Iterator<Item = QuestionBody>) -> Verdicts {
        let questions: Vec<_> = about.map(QuestionBody::into_question).collect();
        let pace = Pace { within: limits::SCRUB_BLOCK_DEADLINE, at_once: limits::BULK_AT_ONCE };
        Verdicts::from_iter(self.reader.ask_many(&questions, clock::now(), pace).await.0)
    }

    /// Answers the block from memory, but for rows that cannot be, whose places are left out.
    async fn answer_known(&self, block: Block<'_>, turns: &mut Turns) -> Option<Vec<Option<Verdict>>> {
        let mut bulk = self.take(block.question);
        if bulk.begin(clock::now()).await != Ok(true) {
            return None;
        }
        let position = bulk.position();
        let mut rows = Vec::with_capacity(block.about.len());
        for some in block.about.chunks(limits::SCRUB_TURN) {
            turns.next().await;
            let people: Vec<_> = some.iter().map(Who::identity).collect();
            bulk.approach(&people);
            for (who, identity) in some.iter().zip(&people) {
                let answer = match identity {
                    Some(identity) => bulk.ask(identity),
                    None => bulk.ask_alone(&who.question(block.question).into_question().0),
                };
                rows.push(answer.map(|answer| Verdict { position, ..*answer }));
            }
        }
        self.bulk.replace(Some((block.question.clone(), bulk)));
        Some(rows)
    }
}

impl<E: From<Problem>> Answers<E> for FromLedger {
    async fn answer(&self, block: Block<'_>, turns: &mut Turns) -> Result<Verdicts, E> {
        let internal = |error| Problem::new(Kind::Internal, "").because(error);
        let _leave = self.leave.acquire().await.map_err(internal)?;
        let verdicts = match self.answer_known(block, turns).await {
            None => self.one_by_one(block.questions()).await,
            Some(known) if known.iter().all(Option::is_some) => {
                let rules_version = Arc::from(self.reader.rules_version());
                Verdicts { rows: known.into_iter().flatten().collect(), rules_version }
            }
            Some(known) => {
                let unknown = block.about.iter().zip(&known).filter(|(_, known)| known.is_none());
                let unknown = unknown.map(|(who, _)| who.question(block.question));
                let mut others = self.one_by_one(unknown).await.rows.into_iter();
                let rows = known.into_iter().map_while(|known| known.or_else(|| others.next())).collect();
                Verdicts { rows, rules_version: Arc::from(self.reader.rules_version()) }
            }
        };
        self.decided.count_all(verdicts.rows.iter().map(|verdict| verdict.reason));
        Ok(verdicts)
    }
}
