//! Histories that are alike are folded once.
//!
//! Of most people the ledger knows a consent in the usual words, and perhaps that it was taken back. Whatever is asked,
//! two such people differ in the ids of the events behind the answer and in nothing else, if
//!
//! - the same was said of them in the same order (the shape of their records, the order of all times, and which events go by
//!   the same name, because one that repeats another does not count),
//! - their numbers are of one class (country, area code), and
//! - nothing that was said counts for a time only (see `is_ageless` in `template.rs`).
//!
//! Then one of them stands for all: the history of the first is folded, questions are asked about them, and the ids are
//! put back. The fold and the decision are the same ones as everywhere; every other history goes through them by itself.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::Recorded;
use consent_core::scope::{Purpose, PurposeClass};
use smallvec::SmallVec;

use super::bytes::Cursor;
use super::key::Key;
use super::likeness::Likeness;
use super::likeness::{Latest, Sign, Signed};
use super::record::{Opened, Own};
use super::{Found, Index};
use crate::decide::{Known, decide};
use crate::decision::Decision;
use crate::question::Question;
use crate::rules::Rules;
use crate::standing::{Cited, Standing, View, fold};

/// Histories that are kept folded. They are small, and few are alike none.
const KEPT: usize = 1 << 16;

/// A person of whom only the likeness matters.
pub(crate) struct Alike {
    pub(crate) likeness: Likeness,
    /// The events behind it, in the order of the record.
    pub(crate) cited: SmallVec<[Cited; 8]>,
    /// For each identity asked about, which key of the record it is.
    pub(crate) roles: SmallVec<[u8; 3]>,
    /// Number of ledger entries that were taken into account.
    pub(crate) position: u64,
    /// Receipt of the last event, in microseconds since 1970.
    latest: Latest,
}

/// Somebody who is asked about by one identity, of whom only the likeness matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LikeOne {
    pub(crate) likeness: Likeness,
    /// Which key of the record that identity is: a consent by one number of somebody is none by the other.
    pub(crate) role: u8,
}

/// The one who stands for all who are alike.
pub(crate) struct Exemplar {
    known: Known,
    people: Vec<Identity>,
    cited: Vec<Cited>,
}

/// Folded histories by likeness.
pub struct Memo {
    rules: Arc<Rules>,
    /// From this time on a STOP says more than before.
    since: Option<i64>,
    kept: RwLock<HashMap<Likeness, Arc<Exemplar>>>,
}

/// Whether what is asked may depend on how long ago somebody wrote: answers to people are due within some time.
fn is_timely(purpose: &str) -> bool {
    purpose
        .parse()
        .is_ok_and(|purpose: Purpose| purpose == Purpose::InquiryReply || purpose.class() == PurposeClass::Protocol)
}

/// Which of a record's keys this is.
fn role_of(key: &Key, keys: &[Key]) -> Option<u8> {
    u8::try_from(keys.iter().position(|known| known == key)?).ok()
}

impl Memo {
    /// A memo for these rules.
    pub fn new(rules: Arc<Rules>) -> Self {
        let since = rules.settings().revoke_all_effective.begins().map(|since| since.timestamp_micros());
        Self { rules, since, kept: RwLock::default() }
    }

    /// Whether a question can be answered for one of many who are alike.
    pub fn takes(question: &Question) -> bool {
        question.as_of.is_none() && question.known_at.is_none() && !is_timely(&question.purpose)
    }

    /// The likeness of whoever is known by all of these identities, if they have one at this time.
    pub(crate) fn alike(&self, index: &Index, asked: &[Identity], now: DateTime<Utc>) -> Option<Alike> {
        let alike = index.alike(asked, self.since)?;
        alike.latest.is_past(now).then_some(alike)
    }

    /// The same of somebody known by one identity, without the events behind it.
    pub(crate) fn like_one(&self, index: &Index, asked: &Identity, now: DateTime<Utc>) -> Option<LikeOne> {
        let (position, key) = (index.position(), index.keys.of(asked)?);
        let seen = |opened: &mut Opened<Cursor<'_>>| {
            let role = role_of(&key, &opened.keys)?;
            let (signed, last) = index.sign(opened, asked, self.since, |_| {})?;
            (last < position).then_some((signed, role))
        };
        let (Signed { likeness, latest }, role) = match index.look_up(&key, |_, opened| Some(seen(opened))).ok()? {
            Some(found) => found,
            None => Sign::of_nobody(asked).map(|signed| (signed, 0)),
        }
        .filter(|_| index.is_sound())?;
        latest.is_past(now).then_some(LikeOne { likeness, role })
    }

    /// The one who stands for them.
    pub(crate) fn exemplar(&self, index: &Index, alike: &Alike, asked: &[Identity]) -> Option<Arc<Exemplar>> {
        if let Some(exemplar) = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&alike.likeness) {
            return Some(Arc::clone(exemplar));
        }
        let exemplar = Arc::new(index.exemplar(alike, asked, self)?);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(alike.likeness, Arc::clone(&exemplar));
        Some(exemplar)
    }

    /// Decides a question about somebody who is like others. `asked` are the identities in the question; it must be one
    /// that the memo takes.
    pub fn decide(
        &self,
        index: &Index,
        question: &Question,
        asked: &[Identity],
        now: DateTime<Utc>,
    ) -> Option<Decision> {
        let alike = self.alike(index, asked, now)?;
        let exemplar = self.exemplar(index, &alike, asked)?;
        Some(exemplar.decide(question, &alike, &self.rules, now))
    }
}

impl Alike {
    /// The same of whoever is asked about by one identity.
    pub(crate) fn one(&self) -> Option<LikeOne> {
        let [role] = self.roles.as_slice() else { return None };
        Some(LikeOne { likeness: self.likeness, role: *role })
    }
}

impl Exemplar {
    /// The answer to a question about somebody like this one.
    pub(crate) fn decide(&self, question: &Question, alike: &Alike, rules: &Rules, now: DateTime<Utc>) -> Decision {
        let mut question = question.clone();
        for role in &alike.roles {
            match self.people.get(usize::from(*role)) {
                Some(Identity::Phone(phone)) => question.phone = Some(phone.as_str().to_owned()),
                Some(Identity::Email(email)) => question.email = Some(email.as_str().to_owned()),
                Some(Identity::Subject(subject)) => question.subject = Some(subject.as_str().to_owned()),
                None => {}
            }
        }
        let mut decision = decide(&question, &self.known, rules, now, alike.position);
        for cited in &mut decision.relied_on {
            let at = self.cited.iter().position(|own| own == cited);
            if let Some(own) = at.and_then(|at| alike.cited.get(at)) {
                *cited = *own;
            }
        }
        decision
    }
}

impl Index {
    /// The likeness of whoever is known by all of these identities; `None` if they lie in several records or in one that
    /// is like no other.
    fn alike(&self, asked: &[Identity], since: Option<i64>) -> Option<Alike> {
        let position = self.position();
        let keys: SmallVec<[Key; 3]> = asked.iter().map(|identity| self.keys.of(identity)).collect::<Option<_>>()?;
        let first = asked.first()?;
        let read = |opened: &mut Opened<Cursor<'_>>| {
            let roles = keys.iter().map(|key| role_of(key, &opened.keys)).collect::<Option<_>>()?;
            let mut cited = SmallVec::new();
            let (Signed { likeness, latest }, last) = self.sign(opened, first, since, |own| cited.push(own))?;
            (last < position).then_some(Alike { likeness, cited, roles, position, latest })
        };
        match self.look_up(keys.first()?, |_, opened| Some(read(opened))).ok()? {
            Some(found) => found,
            None if keys.len() == 1 => {
                let Signed { likeness, latest } = Sign::of_nobody(first)?;
                Some(Alike { likeness, cited: SmallVec::new(), roles: SmallVec::from_slice(&[0]), position, latest })
            }
            None => None,
        }
        .filter(|_| self.is_sound())
    }

    /// What a record has in common with others, and the position of its last event. `asked` is somebody in it.
    fn sign(
        &self,
        opened: &mut Opened<Cursor<'_>>,
        asked: &Identity,
        since: Option<i64>,
        mut cite: impl FnMut(Cited),
    ) -> Option<(Signed, u64)> {
        let shape = self.tables.shapes.get(opened.form).filter(|shape| shape.ageless)?;
        let mut sign = Sign::new(opened.form, since);
        for key in &opened.keys {
            sign.number(key, asked);
        }
        let mut last = 0;
        for template in &shape.templates {
            let own = Own::read(&mut opened.cursor, template, last, &self.tables.times);
            sign.event(&own, template)?;
            cite(Cited { event_id: own.event_id, seq: own.seq });
            last = own.seq;
        }
        Some((sign.signed()?, last))
    }

    /// Folds the history of somebody, if they are still like that.
    fn exemplar(&self, alike: &Alike, asked: &[Identity], memo: &Memo) -> Option<Exemplar> {
        let mut people = Vec::new();
        let keys: Vec<Key> = asked.iter().map(|identity| self.keys.of(identity)).collect::<Option<_>>()?;
        let found = self.look_up(keys.first()?, |_, opened| Some(opened.keys.clone())).ok()?;
        for key in found.into_iter().flatten() {
            let own = keys.iter().position(|asked| *asked == key).and_then(|at| asked.get(at).cloned());
            people.push(own.or_else(|| key.stand_in())?);
        }
        let Found::Person(person) = self.person(asked) else { return None };
        let of = |event: &Recorded| Cited { event_id: event.event_id, seq: event.seq };
        let cited: Vec<Cited> = person.events.iter().map(of).collect();
        let same = cited.as_slice() == alike.cited.as_slice();
        let standing =
            if cited.is_empty() { Standing::default() } else { fold(&person.events, View::LIVE, &memo.rules) };
        if people.is_empty() {
            people.extend(asked.first().cloned());
        }
        same.then_some(Exemplar { known: Known::Standing(standing), people, cited })
    }
}
