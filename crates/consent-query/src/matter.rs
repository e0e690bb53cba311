//! A question that can be judged: what is asked, about whom, against what.

mod consents;
mod people;
mod relations;

use std::cell::OnceCell;

use chrono::{DateTime, NaiveDate, Utc};
use consent_core::address::{Identity, Phone, SubjectId};
use consent_core::scope::{Channel, PurposeClass};
use smallvec::SmallVec;

use crate::hours::Hours;
use crate::question::Asked;
use crate::rules::{Jurisdiction, MessageKind, Required, Requirements, Rules};
use crate::standing::{Fact, Grant, Profile, Standing, Withdrawal};
use crate::zones::{Candidates, Place, candidates};
pub use relations::Claim;

/// What a rule looks at.
#[derive(Debug)]
pub struct Matter<'a> {
    /// The question.
    pub asked: &'a Asked<'a>,
    /// What is known.
    pub standing: &'a Standing,
    /// The numbers and dates.
    pub rules: &'a Rules,
    /// The moment at which the message would be sent.
    pub now: DateTime<Utc>,
    /// The people it may be about: the one named or, if none is, all who hold the address named.
    subjects: Subjects<'a>,
    /// The address it would go to, where the channel needs one and there is exactly one.
    contact: Option<Identity>,
    /// The named addresses and person, the address it would go to, and the people it may be about.
    identities: SmallVec<[Identity; 4]>,
    /// Every jurisdiction the person may be in, of the profile and of the number; none if nothing is known.
    jurisdictions: SmallVec<[Jurisdiction; 2]>,
    /// The last day on which the number it would go to went out of service, and the event that says so.
    disconnected: Option<&'a Fact<NaiveDate>>,
    /// The profiles of whom is asked about, oldest first, once anybody asked.
    profiles: OnceCell<SmallVec<[&'a Profile; 4]>>,
    /// The grants given for the address in question by whom it is asked about, oldest first, once anybody asked.
    given: OnceCell<SmallVec<[&'a Grant; 4]>>,
    /// The covering withdrawals that nothing outranks, once anybody asked.
    unlifted: OnceCell<SmallVec<[&'a Withdrawal; 4]>>,
    /// The time after which something must have been given to count, once anybody asked.
    renewed: OnceCell<Option<DateTime<Utc>>>,
    /// What must have been agreed to, once anybody asked.
    required: OnceCell<Requirements<'a>>,
    /// Every zone and state in which the person may be, once anybody asked.
    whereabouts: OnceCell<Candidates>,
    /// The hours that count there, once anybody asked.
    hours: OnceCell<Hours<'a>>,
}

/// The people a question may be about.
type Subjects<'a> = SmallVec<[&'a SubjectId; 4]>;

impl<'a> Matter<'a> {
    /// Finds out who is asked about.
    pub fn new(asked: &'a Asked<'a>, standing: &'a Standing, rules: &'a Rules, now: DateTime<Utc>) -> Self {
        let subjects = people::subjects(asked, standing);
        let contact = people::contact(asked, standing, &subjects, now);
        let mut identities: SmallVec<[Identity; 4]> = SmallVec::new();
        let theirs = subjects.iter().map(|subject| Identity::Subject((*subject).clone()));
        for identity in asked.identities().chain(contact.clone()).chain(theirs) {
            if !identities.contains(&identity) {
                identities.push(identity);
            }
        }
        let jurisdictions = people::jurisdictions(standing, rules, &subjects, &identities);
        let disconnected = disconnected(standing, contact.as_ref());
        let (profiles, given, unlifted, renewed, required, whereabouts, hours) = Default::default();
        Self {
            asked,
            standing,
            rules,
            now,
            subjects,
            contact,
            identities,
            jurisdictions,
            disconnected,
            profiles,
            given,
            unlifted,
            renewed,
            required,
            whereabouts,
            hours,
        }
    }

    /// The same matter at another moment, with nothing new known. Who is asked about and what they gave stays as it
    /// was found, unless the message would go elsewhere by then.
    pub fn at(&self, now: DateTime<Utc>) -> Self {
        if people::contact(self.asked, self.standing, &self.subjects, now) != self.contact {
            return Self::new(self.asked, self.standing, self.rules, now);
        }
        let (unlifted, renewed, required) = Default::default();
        Self {
            now,
            subjects: self.subjects.clone(),
            contact: self.contact.clone(),
            identities: self.identities.clone(),
            jurisdictions: self.jurisdictions.clone(),
            profiles: self.profiles.clone(),
            given: self.given.clone(),
            whereabouts: self.whereabouts.clone(),
            hours: self.hours.clone(),
            unlifted,
            renewed,
            required,
            ..*self
        }
    }

    /// The address the message would go to.
    pub fn contact(&self) -> Option<&Identity> {
        self.contact.as_ref()
    }

    /// The last day on which the number went out of service.
    pub fn disconnected(&self) -> Option<&'a Fact<NaiveDate>> {
        self.disconnected
    }

    /// What kind of message it is.
    pub fn message(&self) -> MessageKind {
        let Asked { channel, purpose, automated, .. } = *self.asked;
        MessageKind { channel, purpose, automated }
    }

    /// Whether it is marketing.
    pub fn is_marketing(&self) -> bool {
        self.asked.purpose.class() == PurposeClass::Marketing
    }

    /// Whether it is a call that a person dials to sell something.
    pub fn is_live_sales_call(&self) -> bool {
        self.asked.channel == Channel::Voice && !self.asked.automated && self.is_marketing()
    }

    /// Whether a fact is about whom is asked: about the person, or about an address where one of them is not named.
    pub fn concerns<T>(&self, fact: &Fact<T>) -> bool {
        self.names(&fact.about)
    }

    /// The profiles of whom is asked about, oldest first.
    pub fn profiles(&self) -> impl DoubleEndedIterator<Item = &'a Profile> {
        let find = || self.standing.profiles().iter().filter(|profile| self.names(&profile.about)).collect();
        self.profiles.get_or_init(find).iter().copied()
    }

    fn names(&self, about: &[Identity]) -> bool {
        let subject = about.iter().find_map(|identity| match identity {
            Identity::Subject(subject) => Some(subject),
            Identity::Phone(_) | Identity::Email(_) => None,
        });
        match subject {
            Some(subject) if self.subjects.contains(&subject) => true,
            Some(_) if self.asked.subject.is_some() => false,
            _ => self.touches(about),
        }
    }

    /// Whether any of these is named in the question, or is the address or a person it comes down to.
    pub fn touches(&self, about: &[Identity]) -> bool {
        about.iter().any(|identity| self.identities.contains(identity))
    }

    /// What must have been agreed to before this may be sent: by each jurisdiction, the strictest first.
    pub fn required(&self) -> &[Required<'a>] {
        self.required.get_or_init(|| {
            let message = self.message();
            let states = if self.rules.heeds_states(message) { self.whereabouts().states.as_slice() } else { &[] };
            self.rules.required(&self.jurisdictions, states, message, self.now)
        })
    }

    /// Every zone and state in which the person may be.
    pub fn whereabouts(&self) -> &Candidates {
        self.whereabouts.get_or_init(|| self.find_whereabouts())
    }

    fn find_whereabouts(&self) -> Candidates {
        let latest = |of: fn(&Profile) -> Option<&str>| self.profiles().rev().find_map(of);
        let phone: Option<&Phone> = match &self.contact {
            Some(Identity::Phone(phone)) => Some(phone),
            _ => self.asked.phone.as_ref(),
        };
        candidates(&Place {
            phone,
            country: latest(|profile| profile.country.as_deref()),
            region: latest(|profile| profile.region.as_deref()),
            postal_code: latest(|profile| profile.postal_code.as_deref()),
            declared_zone: latest(|profile| profile.declared_timezone.as_deref()),
        })
    }

    /// The hours that count where the person may be.
    pub fn hours(&self) -> &Hours<'a> {
        self.hours.get_or_init(|| self.rules.hours(self.message(), self.whereabouts()))
    }
}

fn disconnected<'a>(standing: &'a Standing, contact: Option<&Identity>) -> Option<&'a Fact<NaiveDate>> {
    let number = contact.filter(|contact| matches!(contact, Identity::Phone(_)))?;
    let of_number = standing.facts().disconnected.iter().filter(|fact| fact.about.contains(number));
    of_number.max_by_key(|fact| (fact.what, fact.at))
}
