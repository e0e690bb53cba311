//! What a rule says: nothing, yes, or no, and what that rests on.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::Words;
use crate::decision::Evidence;
use crate::reason::Reason;

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a box would take memory from the heap for every deny")]
pub enum Verdict {
    /// Nothing: the matter is left to the rules that follow.
    Silent,
    /// Yes: the rules that follow are not asked.
    Allow(Allowance),
    /// No, for one reason at least.
    Deny {
        /// The weightiest objection.
        first: Objection,
        /// Further objections, for other reasons.
        others: Others,
    },
}

/// What a rule has to say beside its weightiest objection.
pub type Others = SmallVec<[Objection; 1]>;

/// Why a rule denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The reason code.
    pub reason: Reason,
    /// The events behind it.
    pub relied_on: Evidence,
    /// A narrower source than that of the rule.
    pub source: Option<SmolStr>,
    /// What makes a fuller sentence than that of the reason code; never with personal data.
    pub words: Option<Words>,
    /// When asking again may help; never, if absent.
    pub next_eligible_at: Option<DateTime<Utc>>,
    /// Whether local time mattered, and so the zones in which the person may be.
    pub by_local_time: bool,
}

/// Why a rule allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The reason code.
    pub reason: Reason,
    /// The events behind it.
    pub relied_on: Evidence,
    /// A narrower source than that of the rule.
    pub source: Option<SmolStr>,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// Whether local time mattered, and so the zones in which the person may be.
    pub by_local_time: bool,
}

impl Objection {
    /// An objection that waiting does not cure, resting on these events.
    pub fn permanent(reason: Reason, relied_on: Evidence) -> Self {
        Self { reason, relied_on, source: None, words: None, next_eligible_at: None, by_local_time: false }
    }

    /// Its sentence for people: of what it says, or else that of its reason.
    pub fn sentence(&self) -> Cow<'static, str> {
        match &self.words {
            Some(words) => words.after(self.reason.words()),
            None => self.reason.words().into(),
        }
    }
}

impl Allowance {
    /// An allowance that holds whatever the hour, and ends when the decision does.
    pub fn lasting(reason: Reason, relied_on: Evidence) -> Self {
        Self { reason, relied_on, source: None, until: None, by_local_time: false }
    }
}

impl Verdict {
    /// What it objects, the weightiest first.
    pub fn objections(&self) -> impl Iterator<Item = &Objection> {
        let all = match self {
            Self::Deny { first, others } => Some(std::iter::once(first).chain(others)),
            Self::Silent | Self::Allow(_) => None,
        };
        all.into_iter().flatten()
    }
}

impl From<Objection> for Verdict {
    fn from(first: Objection) -> Self {
        Self::Deny { first, others: Others::new() }
    }
}

impl FromIterator<Objection> for Verdict {
    /// The weightiest objection comes first; no objection at all is silence.
    fn from_iter<I: IntoIterator<Item = Objection>>(objections: I) -> Self {
        let mut objections = objections.into_iter();
        match objections.next() {
            Some(first) => Self::Deny { first, others: objections.collect() },
            None => Self::Silent,
        }
    }
}
