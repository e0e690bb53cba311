//! A question that can be judged: what is asked, about whom, against what.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::kinds::Level;
use consent_core::scope::AddressKind;

use crate::question::Asked;
use crate::reason::Reason;
use crate::rules::{Jurisdiction, MessageKind, Required, Rules};
use crate::standing::{Grant, PointKind, Standing, Withdrawal};

/// What a rule looks at.
#[derive(Debug)]
pub struct Matter<'a> {
    /// The question.
    pub asked: &'a Asked,
    /// What is known.
    pub standing: &'a Standing,
    /// The numbers and dates.
    pub rules: &'a Rules,
    /// The moment at which the message would be sent.
    pub now: DateTime<Utc>,
    /// The people it may be about: the one named or, if none is, all who hold the address named.
    subjects: Vec<SubjectId>,
    /// The address it would go to, where the channel needs one and there is exactly one.
    contact: Option<Identity>,
    /// The named addresses and person, the address it would go to, and the people it may be about.
    identities: Vec<Identity>,
    /// Every jurisdiction the person may be in, of the profile and of the number; none if nothing is known.
    jurisdictions: Vec<Jurisdiction>,
}

impl<'a> Matter<'a> {
    /// Finds out who is asked about.
    pub fn new(asked: &'a Asked, standing: &'a Standing, rules: &'a Rules, now: DateTime<Utc>) -> Self {
        let subjects = subjects(asked, standing);
        let contact = contact(asked, standing, &subjects, now);
        let mut identities = asked.identities();
        identities.extend(contact.clone());
        identities.extend(subjects.iter().cloned().map(Identity::Subject));
        let jurisdictions = jurisdictions(standing, rules, &subjects, &identities);
        Self { asked, standing, rules, now, subjects, contact, identities, jurisdictions }
    }

    /// The withdrawals that cover what is asked and bind whom it is asked about, oldest first.
    fn covering(&self) -> impl Iterator<Item = &'a Withdrawal> {
        let Asked { channel, purpose, .. } = *self.asked;
        self.standing.withdrawals().iter().filter(move |one| one.speaks_to(channel, purpose, &self.identities))
    }

    /// The covering withdrawals that no later explicit consent outranks.
    pub fn unlifted(&self) -> Vec<&'a Withdrawal> {
        self.covering().filter(|withdrawal| !self.is_lifted(withdrawal)).collect()
    }

    /// Only explicit, valid and proven consent for just this, given strictly later, outranks a withdrawal.
    fn is_lifted(&self, withdrawal: &Withdrawal) -> bool {
        let objection = withdrawal.reason == Reason::ObjectionMarketing;
        let can_be = !objection || self.rules.settings().explicit_consent_lifts_objection;
        can_be && self.given().any(|grant| grant.at > withdrawal.at && self.outranks(grant))
    }

    fn outranks(&self, grant: &Grant) -> bool {
        let Asked { channel, purpose, .. } = *self.asked;
        grant.is_explicit() && grant.is_in_force(self.now) && grant.covers(channel, purpose)
    }

    /// The grants that may serve as a basis. Where withdrawals were lifted, what was given before the last of them is
    /// gone for good. Where one stands, it denies by itself, and this tells what would be missing without it.
    pub fn candidates(&self) -> Vec<&'a Grant> {
        let ended = if self.unlifted().is_empty() { self.covering().map(|one| one.at).max() } else { None };
        self.given().filter(|grant| ended.is_none_or(|ended| grant.at > ended)).collect()
    }

    /// The grants given for the address in question by whom it is asked about.
    fn given(&self) -> impl Iterator<Item = &'a Grant> {
        self.standing.grants().iter().filter(|grant| match self.asked.channel.address_kind() {
            AddressKind::Phone | AddressKind::Email => self.contact.as_ref().is_some_and(|to| self.is_for(grant, to)),
            AddressKind::Other => self.is_by(grant),
        })
    }

    /// Whether the grant was given for this address and has not ended with a change of hands.
    fn is_for(&self, grant: &Grant, contact: &Identity) -> bool {
        if !grant.points.contains(contact) {
            return false;
        }
        let links = self.standing.links();
        match (&grant.subject, &self.asked.subject) {
            (Some(giver), Some(asked)) => giver == asked && !links.moved_since(giver, contact, grant.at),
            // Nobody said whom the message is meant for, so it might reach a newer holder.
            (Some(giver), None) => {
                !links.moved_since(giver, contact, grant.at) && !links.another_since(giver, contact, grant.at)
            }
            (None, _) => true,
        }
    }

    /// Whether the grant is by the one person asked about, on channels whose addresses we do not know.
    fn is_by(&self, grant: &Grant) -> bool {
        match (&grant.subject, self.subjects.as_slice()) {
            (Some(giver), [only]) => giver == only,
            (Some(_), _) => false,
            (None, _) => self.asked.identities().iter().any(|identity| grant.points.contains(identity)),
        }
    }

    /// What must have been agreed to before this may be sent.
    pub fn required(&self) -> Required<'a> {
        let Asked { channel, purpose, automated, .. } = *self.asked;
        self.rules.required(&self.jurisdictions, MessageKind { channel, purpose, automated }, self.now)
    }

    /// What a consent is worth here: accepting the policy may be worth more in the United States.
    pub fn worth(&self, grant: &Grant) -> Level {
        let at_home = matches!(self.jurisdictions.as_slice(), [Jurisdiction::Us]);
        if grant.level == Level::PolicyAcceptance && at_home {
            self.rules.settings().policy_acceptance_level
        } else {
            grant.level
        }
    }
}

/// Where the people asked about are, by their profiles or else by those of the addresses, and where the number is.
fn jurisdictions(
    standing: &Standing,
    rules: &Rules,
    subjects: &[SubjectId],
    identities: &[Identity],
) -> Vec<Jurisdiction> {
    let country = |identity: &Identity| standing.country(identity).map(str::to_owned);
    let mut countries: Vec<String> =
        subjects.iter().cloned().map(Identity::Subject).filter_map(|subject| country(&subject)).collect();
    if countries.is_empty() {
        countries.extend(identities.iter().filter_map(country));
    }
    countries.extend(identities.iter().filter_map(|identity| match identity {
        Identity::Phone(phone) => phone.country(),
        Identity::Email(_) | Identity::Subject(_) => None,
    }));
    let mut all: Vec<Jurisdiction> = countries.iter().map(|country| rules.jurisdiction(country)).collect();
    all.sort();
    all.dedup();
    all
}

fn subjects(asked: &Asked, standing: &Standing) -> Vec<SubjectId> {
    if let Some(subject) = &asked.subject {
        return vec![subject.clone()];
    }
    let points = asked.identities();
    let mut holders: Vec<SubjectId> =
        points.iter().flat_map(|point| standing.links().holders(point, None)).cloned().collect();
    holders.sort();
    holders.dedup();
    holders
}

/// The address named or, if none of the kind is, the one address of the kind that the people asked about have.
fn contact(asked: &Asked, standing: &Standing, subjects: &[SubjectId], now: DateTime<Utc>) -> Option<Identity> {
    let (named, kind) = match asked.channel.address_kind() {
        AddressKind::Phone => (asked.phone.clone().map(Identity::Phone), PointKind::Phone),
        AddressKind::Email => (asked.email.clone().map(Identity::Email), PointKind::Email),
        AddressKind::Other => return None,
    };
    named.or_else(|| {
        let mut theirs = subjects.iter().map(|subject| address(subject, kind, standing, now));
        let first = theirs.next()??;
        theirs.all(|other| other == Some(first)).then(|| first.clone())
    })
}

/// A subject's address of a kind: as recorded or, if nobody recorded one, as named in the latest consent that counts.
fn address<'a>(
    subject: &SubjectId,
    kind: PointKind,
    standing: &'a Standing,
    now: DateTime<Utc>,
) -> Option<&'a Identity> {
    let in_consent = || {
        let theirs = |grant: &&&Grant| grant.subject.as_ref() == Some(subject) && grant.is_in_force(now);
        let points = standing.grants().iter().rev().filter(|grant| theirs(&grant)).flat_map(|grant| &grant.points);
        points.into_iter().find(|point| PointKind::of(point) == Some(kind))
    };
    standing.links().in_force(subject, kind, None).or_else(in_consent)
}
