//! The consents that were given, with what each is worth as evidence.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::EventKind;
use consent_core::event::kinds::{ConsentConfirmed, ConsentGranted, Level};
use consent_core::keywords::is_yes;
use consent_core::scope::{Channel, Purpose};

use super::Cited;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use super::policies::Policies;
use super::{Profile, is_under_13};
use crate::reason::Reason;
use crate::rules::Rules;

/// A consent, as given or as imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The event that records it.
    pub cited: Cited,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// It came with an import, which never undoes an opt-out.
    pub is_imported: bool,
    /// Who gave it, if the event says so or the address had one holder at the time.
    pub subject: Option<SubjectId>,
    /// The addresses it was given for.
    pub points: Vec<Identity>,
    /// Those of them that it names itself.
    pub named: Vec<Identity>,
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

    /// Whether it is complete, valid and proven.
    pub fn is_complete(&self) -> bool {
        self.flaw.is_none() && self.confirmation != Confirmation::Pending
    }

    /// Whether it is complete, valid, proven and not yet over.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.is_complete() && !self.is_over(now)
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
    pub fn cited(&self) -> impl Iterator<Item = Cited> + use<> {
        let confirmation = match self.confirmation {
            Confirmation::Given(confirmation) => Some(confirmation),
            Confirmation::NotNeeded | Confirmation::Pending => None,
        };
        [Some(self.cited), confirmation].into_iter().flatten()
    }

    /// Whether it came first: by time and, where times are equal, by position.
    fn is_before(&self, said: &Said<'_>) -> bool {
        (self.at, self.cited.seq) < (said.permits_at, said.cited().seq)
    }

    pub(super) fn is_of(&self, identity: &Identity) -> bool {
        match identity {
            Identity::Subject(subject) => self.subject.as_ref() == Some(subject),
            point => self.points.contains(point),
        }
    }
}

pub(super) fn gather(history: &History<'_>, links: &Links, rules: &Rules) -> Vec<Grant> {
    let policies = Policies::of(history, rules);
    let read = |said| Grant::read(said, links, rules, &policies);
    let mut grants: Vec<Grant> = history.standing().filter_map(read).collect();
    grants.sort_by_key(|grant| (grant.at, grant.cited.seq));
    for said in history.standing() {
        match &said.event().kind {
            EventKind::ConsentConfirmed(step) => confirm(&mut grants, said, step),
            EventKind::InboundSms(sms)
                if !sms.is_piece() && any_pending(&grants) && is_yes(sms.body.as_deref().unwrap_or_default()) =>
            {
                answer(&mut grants, said);
            }
            EventKind::ContinuedUse(used) if rules.settings().continued_use_extends_consent => {
                policies.extend(&mut grants, said, used.version.as_deref());
            }
            _ => {}
        }
    }
    grants
}

fn any_pending(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| grant.confirmation == Confirmation::Pending)
}

/// Completes the latest pending consent to texts of the number that answers yes.
fn answer(grants: &mut [Grant], said: &Said<'_>) {
    let by = said.named();
    let asked = |grant: &&mut Grant| {
        grant.confirmation == Confirmation::Pending
            && grant.is_before(said)
            && grant.channels.iter().any(|channel| channel.family() == Channel::Sms)
            && grant.points.iter().any(|point| by.contains(point))
    };
    if let Some(grant) = grants.iter_mut().rev().find(asked) {
        grant.confirmation = Confirmation::Given(said.cited());
    }
}

/// Completes the grant that a second step names or, if it names none, the same person's latest pending one.
fn confirm(grants: &mut [Grant], said: &Said<'_>, step: &ConsentConfirmed) {
    let by = said.named();
    let meant = |grant: &&mut Grant| {
        let named = step.confirms.as_deref().is_none_or(|id| id.parse() == Ok(grant.cited.event_id));
        named
            && grant.confirmation == Confirmation::Pending
            && grant.is_before(said)
            && by.iter().any(|id| grant.is_of(id))
    };
    if let Some(grant) = grants.iter_mut().rev().find(meant) {
        grant.confirmation = Confirmation::Given(said.cited());
    }
}

impl Grant {
    fn read(said: &Said<'_>, links: &Links, rules: &Rules, policies: &Policies<'_>) -> Option<Self> {
        let (EventKind::ConsentGranted(terms) | EventKind::ConsentImported(terms)) = &said.event().kind else {
            return None;
        };
        let pending = if terms.double_opt_in == Some(true) { Confirmation::Pending } else { Confirmation::NotNeeded };
        Some(Self {
            cited: said.cited(),
            at: said.permits_at,
            is_imported: matches!(said.event().kind, EventKind::ConsentImported(_)),
            subject: giver(said, links),
            points: named(said).into_iter().chain(links.of_subject(said, said.permits_at)).collect(),
            named: named(said),
            channels: terms.channels.clone(),
            purposes: terms.purposes.clone(),
            level: terms.level.unwrap_or(Level::Implied),
            flaw: flaw(said, terms, rules, policies),
            confirmation: pending,
            expires_at: terms.expires_at,
        })
    }
}

/// A child under 13 cannot consent (COPPA, 16 CFR 312.5), whenever we learn of the age.
pub(super) fn void_those_of_children(grants: &mut [Grant], profiles: &[Profile]) {
    for grant in grants {
        let of_giver = |profile: &&Profile| grant.subject.is_some() && profile.subject() == grant.subject.as_ref();
        let mut births = profiles.iter().filter(of_giver).filter_map(|profile| profile.date_of_birth);
        if births.any(|born| is_under_13(born, grant.at)) {
            grant.flaw = Some(Reason::ConsentInvalid);
        }
    }
}

/// The subject named or, for a bare address, its holder: a consent does not pass to the next holder of a number.
fn giver(said: &Said<'_>, links: &Links) -> Option<SubjectId> {
    said.event().subject.clone().or_else(|| {
        let points = said.named();
        let mut holders = points.iter().flat_map(|point| links.holders(point, Some(said.permits_at)));
        let first = holders.next()?;
        holders.all(|other| other == first).then(|| first.clone())
    })
}

/// The addresses named in the event.
fn named(said: &Said<'_>) -> Vec<Identity> {
    said.named().iter().filter(|identity| PointKind::of(identity).is_some()).cloned().collect()
}

/// Why a grant can never count. Void comes before unproven: no evidence could cure it.
fn flaw(said: &Said<'_>, terms: &ConsentGranted, rules: &Rules, policies: &Policies<'_>) -> Option<Reason> {
    let other_seller = terms.seller.as_deref().is_some_and(|seller| !rules.is_our_seller(seller));
    let bought = [&terms.method, &said.event().source].into_iter().flatten().any(|how| rules.is_bought_list(how));
    let no_act = terms.affirmative_action == Some(false);
    if terms.condition_of_purchase == Some(true) || other_seller || bought || no_act {
        return Some(Reason::ConsentInvalid);
    }
    let imported = matches!(said.event().kind, EventKind::ConsentImported(_));
    let proven = terms.policy_version.as_deref().is_some_and(|version| policies.knows(version, said.permits_at))
        && terms.affirmative_action == Some(true)
        && terms.condition_of_purchase.is_some()
        && terms.level.is_some()
        && (!imported || terms.evidence_ref.is_some());
    (!proven).then_some(Reason::ConsentUnproven)
}
