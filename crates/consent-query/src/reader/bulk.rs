//! One question about many people.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use tokio::time::Instant;

use super::{Freshness, Reader};
use crate::decide::Cause;
use crate::decision::Decision;
use crate::index::{Likeness, Memo};
use crate::question::Question;

/// For how long the answers about people who are alike are used again. What was recorded meanwhile counts all the same:
/// it makes people be like others.
const SAME_TIME: Duration = Duration::from_millis(250);
/// Answers that are kept.
const KEPT: usize = 1 << 16;

/// One question, asked about one person after the other. People who are alike get one answer.
pub struct Bulk {
    reader: Reader,
    /// About nobody.
    question: Question,
    /// The time at which it is asked, and until when that is near enough.
    now: DateTime<Utc>,
    until: Instant,
    answers: HashMap<Likeness, Arc<Decision>>,
}

impl Reader {
    /// Asks a question about many people.
    pub fn bulk(&self, question: Question) -> Bulk {
        let (now, until, answers) = (DateTime::default(), Instant::now(), HashMap::new());
        Bulk { reader: self.clone(), question, now, until, answers }
    }
}

impl Bulk {
    /// Begins a block of people: what was acknowledged before this is taken into account for each of them. `Ok(false)` if
    /// there is no index to answer from.
    pub async fn begin(&mut self, now: DateTime<Utc>) -> Result<bool, Cause> {
        if Instant::now() >= self.until || self.answers.len() >= KEPT {
            self.answers.clear();
            self.now = now;
            self.until = Instant::now() + SAME_TIME;
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

    /// The answer about somebody, if the index has it. The ids of the events that it rests on are of somebody alike.
    pub fn ask(&mut self, who: &Identity) -> Option<Arc<Decision>> {
        let (live, memo) = self.reader.in_memory()?;
        let asked = std::slice::from_ref(who);
        if Memo::takes(&self.question)
            && let Some(alike) = memo.alike(live.index(), asked, self.now)
        {
            if let Some(answer) = self.answers.get(&alike.likeness) {
                return Some(Arc::clone(answer));
            }
            if let Some(exemplar) = memo.exemplar(live.index(), &alike, asked) {
                let question = self.about(who);
                let answer = Arc::new(exemplar.decide(&question, &alike, &self.reader.rules, self.now));
                self.answers.insert(alike.likeness, Arc::clone(&answer));
                return Some(answer);
            }
        }
        let question = self.about(who);
        self.reader.remembered((live, memo), &question, asked, self.now).map(Arc::new)
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
