//! What the events about a person add up to.
//!
//! [`fold`] is the only way from events to a [`Standing`]. It gathers sets (grants, withdrawals, links, facts), each
//! with its time, and draws no conclusion that a late arrival could overturn: [`crate::decide`] compares times.

mod coverage;
mod grants;
mod history;
mod links;
mod refusal;
mod withdrawals;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::{EventKind, Recorded};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rules::Rules;
pub use coverage::Coverage;
pub use grants::{Confirmation, Grant};
use history::{History, Said};
pub use links::{Links, PointKind};
pub use withdrawals::Withdrawal;

/// A recorded event that a conclusion rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cited {
    /// The service's id of the event.
    pub event_id: Uuid,
    /// Its position in the ledger.
    pub seq: u64,
}

/// Which events count. A live question sets neither: a STOP must never be lost to a clock that runs ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// Only what had happened by then.
    pub as_of: Option<DateTime<Utc>>,
    /// Only what the ledger had received by then.
    pub known_at: Option<DateTime<Utc>>,
}

impl View {
    /// Everything in the ledger.
    pub const LIVE: Self = Self { as_of: None, known_at: None };

    fn shows(&self, event: &Recorded) -> bool {
        self.known_at.is_none_or(|time| event.received_at <= time)
            && self.as_of.is_none_or(|time| event.occurred_at() <= time)
    }
}

/// Something a profile says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The event that says it.
    pub cited: Cited,
    /// When it was so.
    pub at: DateTime<Utc>,
    /// Who it is about.
    pub about: Vec<Identity>,
    /// ISO 3166-1 alpha-2 code, as it was given.
    pub country: Option<String>,
}

/// What is known of a person and of everybody who shares an address with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    grants: Vec<Grant>,
    withdrawals: Vec<Withdrawal>,
    profiles: Vec<Profile>,
    links: Links,
}

impl Standing {
    /// Every consent that was given and not taken back as a mistake, oldest first, whatever it is worth.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Every withdrawal, oldest first. They never end; a later explicit consent can outrank them.
    pub fn withdrawals(&self) -> &[Withdrawal] {
        &self.withdrawals
    }

    /// Who has which address.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The latest country recorded for this identity, as it was given.
    pub fn country(&self, identity: &Identity) -> Option<&str> {
        let about = self.profiles.iter().rev().filter(|profile| profile.about.contains(identity));
        about.filter_map(|profile| profile.country.as_deref()).next()
    }
}

/// Adds up events to a standing.
///
/// `events` are those of the whole neighbourhood of a person: of the address asked about, of the subjects that share
/// it, and of those subjects' other addresses, with the reviews and compensations of any of them. Their order in the
/// slice is of no account.
pub fn fold(events: &[Recorded], view: View, rules: &Rules) -> Standing {
    let history = History::of(events, view, rules.settings().order_by);
    let links = Links::of(&history);
    Standing {
        grants: grants::gather(&history, &links, rules),
        withdrawals: withdrawals::gather(&history, &links, rules.settings()),
        profiles: history.said().filter_map(profile).collect(),
        links,
    }
}

fn profile(said: &Said<'_>) -> Option<Profile> {
    let EventKind::ProfileRecorded(facts) = &said.event().kind else { return None };
    let about = said.event().identities();
    Some(Profile { cited: said.cited(), at: said.at, about, country: facts.country.clone() })
}

#[cfg(test)]
mod tests;
