//! The consents that were given, with what each is worth as evidence.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::kinds::{ConsentConfirmed, ConsentGranted, Level};
use consent_core::event::{Event, EventKind};
use consent_core::scope::{Channel, Purpose};
use uuid::Uuid;

use super::Cited;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use crate::reason::Reason;
use crate::rules::Rules;

/// A consent, as given or as imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The event that records it.
    pub cited: Cited,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// Who gave it, if the event says so or the address had one holder at the time.
    pub subject: Option<SubjectId>,
    /// The addresses it was given for.
    pub points: Vec<Identity>,
    /// The channels agreed to.
    pub channels: Vec<Channel>,
    /// The purposes agreed to.
    pub purposes: Vec<Purpose>,
    /// How explicit it is.
    pub level: Level,
    /// Why it can never count: [`Reason::ConsentInvalid`] or [`Reason::ConsentUnproven`].
    pub flaw: Option<Reason>,
    /// The second step of a double opt-in.
    pub confirmation: Confirmation,
    /// When it ends by its own terms; at that instant it no longer counts.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The second step of a double opt-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The consent is complete as given.
    NotNeeded,
    /// It has not happened.
    Pending,
    /// It happened.
    Given(Cited),
}

impl Grant {
    /// Whether the grant is for this channel and purpose.
    pub fn covers(&self, channel: Channel, purpose: Purpose) -> bool {
        self.channels.contains(&channel) && self.purposes.contains(&purpose)
    }

    /// Whether it is complete, valid, proven and not yet over.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.flaw.is_none() && self.confirmation != Confirmation::Pending && !self.is_over(now)
    }

    /// Whether it has ended by its own terms.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether the person said so in as many words. Only that outranks an opt-out.
    pub fn is_explicit(&self) -> bool {
        self.level >= Level::Express
    }

    /// The events it rests on.
    pub fn cited(&self) -> Vec<Cited> {
        match self.confirmation {
            Confirmation::Given(confirmation) => vec![self.cited, confirmation],
            Confirmation::NotNeeded | Confirmation::Pending => vec![self.cited],
        }
    }

    fn is_of(&self, identity: &Identity) -> bool {
        match identity {
            Identity::Subject(subject) => self.subject.as_ref() == Some(subject),
            point => self.points.contains(point),
        }
    }
}

pub(super) fn gather(history: &History<'_>, links: &Links, rules: &Rules) -> Vec<Grant> {
    let taken_back = taken_back(history);
    let stands = |said: &&Said<'_>| !taken_back.contains(&said.recorded.event_id);
    let mut grants: Vec<Grant> =
        history.said().filter(stands).filter_map(|said| Grant::read(said, links, rules)).collect();
    for said in history.said().filter(stands) {
        if let EventKind::ConsentConfirmed(step) = &said.event().kind {
            confirm(&mut grants, said, step);
        }
    }
    grants
}

/// Mistakes that were taken back. Only what widens consent is looked up here, so an opt-out cannot be cancelled.
fn taken_back(history: &History<'_>) -> HashSet<Uuid> {
    let named = history.said().filter_map(|said| match &said.event().kind {
        EventKind::EventCompensated(fields) => fields.event_id.as_deref()?.parse().ok(),
        _ => None,
    });
    named.collect()
}

/// Completes the grant that a second step names or, if it names none, the same person's latest pending one.
fn confirm(grants: &mut [Grant], said: &Said<'_>, step: &ConsentConfirmed) {
    let by = said.event().identities();
    let meant = |grant: &&mut Grant| {
        let named = step.confirms.as_deref().is_none_or(|id| id.parse() == Ok(grant.cited.event_id));
        named
            && grant.confirmation == Confirmation::Pending
            && grant.at <= said.at
            && by.iter().any(|id| grant.is_of(id))
    };
    if let Some(grant) = grants.iter_mut().rev().find(meant) {
        grant.confirmation = Confirmation::Given(said.cited());
    }
}

impl Grant {
    fn read(said: &Said<'_>, links: &Links, rules: &Rules) -> Option<Self> {
        let (terms, imported) = match &said.event().kind {
            EventKind::ConsentGranted(terms) => (terms, false),
            EventKind::ConsentImported(terms) => (terms, true),
            _ => return None,
        };
        let pending = if terms.double_opt_in == Some(true) { Confirmation::Pending } else { Confirmation::NotNeeded };
        Some(Self {
            cited: said.cited(),
            at: said.at,
            subject: giver(said, links),
            points: points(said, links),
            channels: terms.channels.clone(),
            purposes: terms.purposes.clone(),
            level: terms.level.unwrap_or(Level::Implied),
            flaw: flaw(terms, imported, rules),
            confirmation: pending,
            expires_at: terms.expires_at,
        })
    }
}

/// The subject named or, for a bare address, its holder: a consent does not pass to the next holder of a number.
fn giver(said: &Said<'_>, links: &Links) -> Option<SubjectId> {
    said.event().subject.clone().or_else(|| {
        let points = said.event().identities();
        let mut holders = points.iter().flat_map(|point| links.holders(point, Some(said.at)));
        let first = holders.next()?;
        holders.all(|other| other == first).then(|| first.clone())
    })
}

/// The addresses named and, for each kind that is not named, the subject's address of that kind at the time.
fn points(said: &Said<'_>, links: &Links) -> Vec<Identity> {
    let event: &Event = said.event();
    let of_subject = |kind| {
        let subject = event.subject.as_ref()?;
        links.in_force(subject, kind, Some(said.at)).cloned()
    };
    let phone = event.phone.clone().map(Identity::Phone).or_else(|| of_subject(PointKind::Phone));
    let email = event.email.clone().map(Identity::Email).or_else(|| of_subject(PointKind::Email));
    phone.into_iter().chain(email).collect()
}

/// Why a grant can never count. Void comes before unproven: no evidence could cure it.
fn flaw(terms: &ConsentGranted, imported: bool, rules: &Rules) -> Option<Reason> {
    let other_seller = terms.seller.as_deref().is_some_and(|seller| !rules.is_our_seller(seller));
    if terms.condition_of_purchase == Some(true) || other_seller {
        return Some(Reason::ConsentInvalid);
    }
    let proven = terms.policy_version.as_deref().is_some_and(|version| rules.knows_policy(version))
        && terms.affirmative_action == Some(true)
        && terms.condition_of_purchase.is_some()
        && terms.level.is_some()
        && (!imported || terms.evidence_ref.is_some());
    (!proven).then_some(Reason::ConsentUnproven)
}
