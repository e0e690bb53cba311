//! Answers that many get.
//!
//! Of people who are alike (see `index/memo.rs`) one stands for all, and whatever is asked about several of them within a
//! moment is decided once and written once. Only what is each one's own is filled in: the ids of events, the position and
//! the id of the decision.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use smallvec::SmallVec;
use uuid::Uuid;

use super::form::Form;
use crate::index::{Alike, Index, Memo};
use crate::limits::{ANSWERS_KEPT, SORT};
use crate::question::Question;
use crate::reason::Reason;
use crate::rules::Rules;

/// Everything by which answers may differ but for ids and the time: what is asked, by what they are known, who is alike.
type Sort = SmallVec<[u8; SORT]>;

/// The answers of a moment.
#[derive(Default)]
pub(crate) struct Answers(RwLock<HashMap<Sort, Arc<Form>>>);

/// What is asked, whomever it is about: the beginning of a [`Sort`].
pub(crate) struct Manner(Sort);

impl Manner {
    /// That of a question which the memo takes, if somebody else may get the same answer.
    pub(crate) fn of(question: &Question) -> Option<Self> {
        if question.explain {
            return None;
        }
        let yes_or_no = |said: Option<bool>| said.map_or(2, u8::from);
        let mut sort = Sort::new();
        sort.extend([yes_or_no(question.automated), yes_or_no(question.opt_out_in_message)]);
        let Question { channel, purpose, sender, subject_matter, product_line, .. } = question;
        for text in [Some(channel), Some(purpose), sender.as_ref(), subject_matter.as_ref(), product_line.as_ref()] {
            let length = text.map_or(Some(0), |text| u8::try_from(text.len() + 1).ok())?;
            sort.push(length);
            sort.extend_from_slice(text.map_or("", String::as_str).as_bytes());
        }
        Some(Self(sort))
    }

    /// The sort of the question about whoever is known by these identities; none if it would be too long.
    fn sort(&self, asked: &[Identity], alike: &Alike) -> Option<Sort> {
        let mut sort = Sort::from_slice(&self.0);
        sort.push(asked.len() as u8);
        for (identity, role) in asked.iter().zip(&alike.roles) {
            let kind = match identity {
                Identity::Phone(_) => 0,
                Identity::Email(_) => 1,
                Identity::Subject(_) => 2,
            };
            sort.extend([kind, *role]);
        }
        sort.extend_from_slice(&alike.likeness);
        (sort.len() <= SORT).then_some(sort)
    }
}

impl Answers {
    /// Writes the answer to a question that the memo takes; `None`, and nothing is written, if it must be decided by itself.
    /// `asked` are the identities in the question.
    pub(crate) fn write(
        &self,
        by: (&Index, &Memo, &Rules),
        (question, asked): (&Question, &[Identity]),
        now: DateTime<Utc>,
        out: &mut Vec<u8>,
    ) -> Option<Reason> {
        let names = [&question.phone, &question.email, &question.subject];
        // A name that cannot be read is none of the identities, and makes the question another one.
        if names.into_iter().flatten().count() != asked.len() {
            return None;
        }
        self.write_about(by, (question, &Manner::of(question)?), (question.id, asked), now, out)
    }

    /// The same where the question was looked at before: nobody needs to be named in it but in `asked`.
    pub(super) fn write_about(
        &self,
        (index, memo, rules): (&Index, &Memo, &Rules),
        (question, manner): (&Question, &Manner),
        (id, asked): (Uuid, &[Identity]),
        now: DateTime<Utc>,
        out: &mut Vec<u8>,
    ) -> Option<Reason> {
        let alike = memo.alike(index, asked, now)?;
        let sort = manner.sort(asked, &alike)?;
        let form = match self.recall(&sort, now) {
            Some(form) => form,
            None => {
                let exemplar = memo.exemplar(index, &alike, asked)?;
                let form = Form::of(&exemplar.decide(question, &alike, rules, now), &alike.cited, now)?;
                self.keep(sort, form)
            }
        };
        form.fill((id, alike.position), &alike.cited, out)
    }

    fn recall(&self, sort: &Sort, now: DateTime<Utc>) -> Option<Arc<Form>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(sort).filter(|form| form.holds_at(now)).map(Arc::clone)
    }

    fn keep(&self, sort: Sort, form: Form) -> Arc<Form> {
        let form = Arc::new(form);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= ANSWERS_KEPT {
            kept.clear();
        }
        kept.insert(sort, Arc::clone(&form));
        form
    }
}
