//! What the events about a person add up to.
//!
//! [`fold`] is the only way from events to a [`Standing`]. It gathers sets (grants, withdrawals, links, facts), each
//! with its time, and draws no conclusion that a late arrival could overturn: [`crate::decide`] compares times.

mod coverage;
mod facts;
mod grants;
mod history;
mod links;
mod parts;
mod policies;
mod refusal;
mod requests;
mod restriction;
mod returns;
mod reviews;
mod withdrawals;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::kinds::AddressSource;
use consent_core::event::{EventKind, Recorded};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rules::Rules;
pub use coverage::Coverage;
pub use facts::{Fact, Facts, Relation, RelationKind, Sent};
pub use grants::{Confirmation, Grant};
use history::{Heard, History, Said};
pub use links::{Links, PointKind};
pub use refusal::Origin;
pub use reviews::{Reviews, waits};
pub use withdrawals::{Returned, Withdrawal};

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
    /// Region or state code, as it was given.
    pub region: Option<String>,
    /// Postal code, as it was given.
    pub postal_code: Option<String>,
    /// IANA time zone that the person chose.
    pub declared_timezone: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Where the addresses were learnt.
    pub address_source: Option<AddressSource>,
}

impl Profile {
    /// The person it names.
    pub fn subject(&self) -> Option<&SubjectId> {
        self.about.iter().find_map(|identity| match identity {
            Identity::Subject(subject) => Some(subject),
            Identity::Phone(_) | Identity::Email(_) => None,
        })
    }
}

/// What is known of a person and of everybody who shares an address with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    grants: Vec<Grant>,
    withdrawals: Vec<Withdrawal>,
    profiles: Vec<Profile>,
    facts: Box<Facts>,
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

    /// Every profile that was not taken back as a mistake, oldest first.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// What happened beside consents and withdrawals.
    pub fn facts(&self) -> &Facts {
        &self.facts
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
    let heard: Vec<Heard<'_>> = events.iter().map(Heard::of).collect();
    let history = History::of(&heard, view, rules.settings().order_by);
    let links = Links::of(&history);
    let mut facts = Facts::of(&history, &links);
    facts.forget_erased();
    let mut grants = grants::gather(&history, &links, rules);
    grants.retain(|grant| !facts.erased_since(grant));
    let profiles: Vec<Profile> = history.standing().filter_map(profile).collect();
    grants::void_those_of_children(&mut grants, &profiles);
    facts.note_consents(&grants);
    let mut withdrawals = withdrawals::gather(&history, &links, rules.settings());
    returns::apply(&mut withdrawals, &history, &links, &grants, rules.settings());
    Standing { grants, withdrawals, profiles, facts: Box::new(facts), links }
}

/// Whether somebody born on this day is younger than 13 at a time, anywhere on Earth. Who was born on a 29 February
/// turns 13 on 1 March.
pub(crate) fn is_under_13(born: NaiveDate, at: DateTime<Utc>) -> bool {
    let today = (at - TimeDelta::hours(12)).date_naive();
    let turns = born.with_year(born.year() + 13).or_else(|| born.succ_opt()?.with_year(born.year() + 13));
    turns.is_none_or(|birthday| today < birthday)
}

fn profile(said: &Said<'_>) -> Option<Profile> {
    let EventKind::ProfileRecorded(facts) = &said.event().kind else { return None };
    let facts = facts.clone();
    Some(Profile {
        cited: said.cited(),
        at: said.at,
        about: said.named().to_vec(),
        country: facts.country,
        region: facts.region,
        postal_code: facts.postal_code,
        declared_timezone: facts.declared_timezone,
        date_of_birth: facts.date_of_birth,
        address_source: facts.address_source,
    })
}

#[cfg(test)]
mod tests;
