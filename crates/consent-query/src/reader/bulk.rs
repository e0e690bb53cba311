//! One question about many people.

use std::collections::HashMap;
use std::slice;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;

use super::{Freshness, Reader};
use crate::decide::Cause;
use crate::decision::Decision;
use crate::index::{LikeOne, Memo};
use crate::limits::SAME_TIME;
use crate::question::Question;

/// Answers that are kept.
const KEPT: usize = 1 << 16;

/// One question, asked about one person after the other. People who are alike get one answer, of which as much is kept as
/// is needed.
pub struct Bulk<T> {
    reader: Reader,
    /// About nobody.
    question: Question,
    /// Whether it may be answered for one of many who are alike.
    is_taken: bool,
    /// The time at which it is asked, and until when that is near enough.
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    /// The answers to those who are alike, and which is whose.
    answers: Vec<T>,
    known: HashMap<LikeOne, usize>,
    /// The answer to somebody who is like no other.
    alone: Option<T>,
}

impl Reader {
    /// Asks a question about many people.
    pub fn bulk<T>(&self, question: Question) -> Bulk<T> {
        let (is_taken, now, until) = (Memo::takes(&question), DateTime::default(), DateTime::default());
        let (answers, known) = Default::default();
        Bulk { reader: self.clone(), question, is_taken, now, until, answers, known, alone: None }
    }
}

impl<T: From<Decision>> Bulk<T> {
    /// Begins a block of people: what was acknowledged before this is taken into account for each of them. `Ok(false)` if
    /// there is no index to answer from.
    pub async fn begin(&mut self, now: DateTime<Utc>) -> Result<bool, Cause> {
        if !(self.now..self.until).contains(&now) || self.answers.len() >= KEPT {
            self.answers.clear();
            self.known.clear();
            self.now = now;
            self.until = now + SAME_TIME;
        }
        let Some((live, _)) = self.reader.in_memory() else { return Ok(false) };
        let proving = tokio::time::timeout(self.reader.deadline, live.current(Freshness::default())).await;
        proving.unwrap_or(Err(Cause::Unreachable))?;
        self.reader.trusted().map(|()| true)
    }

    /// The position that every answer of this block is as of at least.
    pub fn position(&self) -> u64 {
        self.reader.in_memory().map_or(0, |(live, _)| live.index().position())
    }

    /// Makes ready to answer about some people, who are asked about next.
    pub fn approach(&self, people: &[Option<Identity>]) {
        if let Some((live, _)) = self.reader.in_memory() {
            live.index().approach(people.iter().flatten());
        }
    }

    /// The answer about somebody, if the index has it. The ids of the events that it rests on are of somebody alike.
    pub fn ask(&mut self, who: &Identity) -> Option<&T> {
        let answer = |bulk: &mut Self, alike| bulk.known.get(&alike).copied().or_else(|| bulk.learn(who, &alike));
        if let Some(at) = self.like_one(who).and_then(|alike| answer(self, alike)) {
            return self.answers.get(at);
        }
        let (live, question) = (self.reader.in_memory()?.0, self.about(who));
        self.alone = self.reader.folded(live, &question, slice::from_ref(who), self.now).map(T::from);
        self.alone.as_ref()
    }

    /// The answer to a question like this one about whomever it names, or about nobody.
    pub fn ask_alone(&mut self, question: &Question) -> Option<&T> {
        let memory = self.reader.in_memory()?;
        self.alone = self.reader.remembered(memory, question, &question.identities(), self.now).map(T::from);
        self.alone.as_ref()
    }

    fn like_one(&self, who: &Identity) -> Option<LikeOne> {
        let (live, memo) = self.reader.in_memory().filter(|_| self.is_taken)?;
        memo.like_one(live.index(), who, self.now)
    }

    /// Decides about somebody who is like others, and keeps the answer for them; nothing if they are not alike any more.
    fn learn(&mut self, who: &Identity, like: &LikeOne) -> Option<usize> {
        let ((live, memo), asked) = (self.reader.in_memory()?, slice::from_ref(who));
        let alike = memo.alike(live.index(), asked, self.now).filter(|alike| alike.one().as_ref() == Some(like))?;
        let exemplar = memo.exemplar(live.index(), &alike, asked)?;
        let answer = exemplar.decide(&self.about(who), &alike, &self.reader.rules, self.now);
        // Once one of the answers may be another, all are made anew.
        let ends = [answer.valid_until, answer.next_eligible_at].into_iter().flatten().filter(|end| *end > self.now);
        self.until = ends.fold(self.until, DateTime::min);
        self.known.insert(*like, self.answers.len());
        self.answers.push(T::from(answer));
        Some(self.answers.len() - 1)
    }

    /// The question about somebody.
    pub fn about(&self, who: &Identity) -> Question {
        let (mut question, text) = (self.question.clone(), Some(who.value().to_owned()));
        match who {
            Identity::Phone(_) => question.phone = text,
            Identity::Email(_) => question.email = text,
            Identity::Subject(_) => question.subject = text,
        }
        question
    }
}
