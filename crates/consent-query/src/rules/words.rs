//! Sentences that say more than their reason code: what they are made of, and how they are put together.
//!
//! They are put together only for those who ask for an explanation.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use consent_core::event::kinds::Level;
use smol_str::SmolStr;

use super::{Jurisdiction, Required};
use crate::decide::Cause;

/// What an objection says beside its reason code. Never with personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// The fields of the question that are at fault.
    Faults(String),
    /// What is the matter with the ledger.
    Ledger(Cause),
    /// What would suffice.
    Wanted {
        /// Whose law asks for it.
        place: Jurisdiction,
        /// The least level of consent.
        level: Level,
        /// Something may take the place of a consent.
        or: bool,
    },
    /// When the quiet hours end, if they end soon.
    Quiet(Option<DateTime<Utc>>),
    /// The limit that is reached.
    Limit {
        /// How many messages.
        messages: usize,
        /// Within how many hours.
        hours: i64,
        /// Name of the row.
        id: SmolStr,
    },
}

impl Words {
    /// The whole sentence, of which the reason code says the first part.
    pub(super) fn after(&self, reason: &'static str) -> Cow<'static, str> {
        match self {
            Self::Ledger(cause) => cause.words().into(),
            Self::Faults(faults) => format!("{reason} {faults}").into(),
            Self::Wanted { place, level, or } => format!("{reason} {}", wanted(*place, *level, *or)).into(),
            Self::Quiet(None) => format!("{reason} It does not end soon.").into(),
            Self::Quiet(Some(opens)) => format!("{reason} It ends at {opens:?}.").into(),
            Self::Limit { messages, hours, id } => {
                format!("{reason} The limit is {messages} within {hours} hours ({}).", id.to_uppercase()).into()
            }
        }
    }
}

impl From<&Required<'_>> for Words {
    fn from(required: &Required<'_>) -> Self {
        Self::Wanted { place: required.jurisdiction, level: required.level, or: !required.or.is_empty() }
    }
}

/// What would suffice, for people.
fn wanted(place: Jurisdiction, level: Level, or: bool) -> String {
    let place = match place {
        Jurisdiction::Us => "the United States",
        Jurisdiction::Ca => "Canada",
        Jurisdiction::Eu => "the European Union",
        Jurisdiction::Uk => "the United Kingdom",
        Jurisdiction::Unknown => "an unknown place, where the strictest law counts",
    };
    let level = match level {
        Level::ExpressWritten => "a written consent",
        Level::Express => "an express consent",
        Level::PolicyAcceptance => "an accepted policy",
        Level::Implied => "an implied consent",
    };
    let or = if or { ", or what the law takes in its place" } else { "" };
    format!("Needed is {level} in {place}{or}.")
}
