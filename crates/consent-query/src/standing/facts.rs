//! What happened beside consents and withdrawals: each fact with its time and whom it is about.

use chrono::{DateTime, NaiveDate, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::EventKind;
use consent_core::event::kinds::{EmailBounced, InboundSms, MessageSent, NumberDeactivated, Outcome};
use consent_core::keywords::Meaning;
use consent_core::scope::{Channel, Lenient, Purpose};
use serde::Deserialize;

use super::grants::Grant;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use super::{Cited, restriction};

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The event that records it.
    pub cited: Cited,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Everybody it names and, for each kind of address that it does not name, the subject's address at the time.
    pub about: Vec<Identity>,
    /// What it says.
    pub what: T,
}

/// A relationship from which the law may draw a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// How it came about.
    pub kind: RelationKind,
    /// What was bought or asked about.
    pub product_line: Option<String>,
    /// A refusal of messages was offered when the address was collected.
    pub opt_out_offered: bool,
}

/// How a relationship came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// Something was bought.
    Purchase,
    /// Something was asked.
    Inquiry,
}

/// A message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How it went.
    pub channel: Channel,
    /// What it was for.
    pub purpose: Purpose,
    /// What it was about, if anybody said.
    pub subject_matter: Option<String>,
}

/// Facts by what they say, each list oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// A person's data was erased.
    pub erased: Vec<Fact<()>>,
    /// A person was recorded anew by something other than an opt-out.
    pub alive: Vec<Fact<()>>,
    /// Processing was restricted, until the time given.
    pub restricted: Vec<Fact<Option<DateTime<Utc>>>>,
    /// A purchase or an inquiry.
    pub related: Vec<Fact<Relation>>,
    /// A number entered the national do-not-call list, or left it.
    pub listed: Vec<Fact<bool>>,
    /// A number went out of service on a day.
    pub disconnected: Vec<Fact<NaiveDate>>,
    /// An address cannot be reached on these channels.
    pub unreachable: Vec<Fact<&'static [Channel]>>,
    /// A message went out.
    pub sent: Vec<Fact<Sent>>,
    /// Somebody asked for help by text.
    pub asked_for_help: Vec<Fact<()>>,
    /// Somebody wrote something else that wants no consent, and may be answered.
    pub wrote: Vec<Fact<()>>,
    /// Somebody asked not to be called.
    pub refused_calls: Vec<Fact<()>>,
}

/// Channels on which a landline, or no number at all, cannot be reached.
const TEXTS: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Whatsapp];

impl<T> Fact<T> {
    pub(super) fn of(said: &Said<'_>, links: &Links, what: T) -> Self {
        let about = said.named().iter().cloned().chain(links.of_subject(said, said.at)).collect();
        Self { cited: said.cited(), at: said.at, about, what }
    }

    /// One about those it names, and no address they had besides.
    pub(super) fn naming(said: &Said<'_>, what: T) -> Self {
        Self { cited: said.cited(), at: said.at, about: said.named().to_vec(), what }
    }

    /// The person it names.
    pub fn subject(&self) -> Option<&SubjectId> {
        self.about.iter().find_map(|identity| match identity {
            Identity::Subject(subject) => Some(subject),
            Identity::Phone(_) | Identity::Email(_) => None,
        })
    }

    /// Whether both are about one person: the subject named here or, if none is, an address named here.
    pub fn same_person<U>(&self, other: &Fact<U>) -> bool {
        match self.subject() {
            Some(subject) => other.subject() == Some(subject),
            None => self.about.iter().any(|point| other.about.contains(point)),
        }
    }
}

impl Facts {
    pub(super) fn of(history: &History<'_>, links: &Links) -> Self {
        let restricted = restriction::gather(history, links);
        let mut facts = Self { restricted, ..Self::default() };
        for said in history.standing() {
            facts.note(said, links);
        }
        facts
    }

    fn note(&mut self, said: &Said<'_>, links: &Links) {
        match &said.event().kind {
            EventKind::ErasureCompleted(_) => self.erased.push(Fact::of(said, links, ())),
            EventKind::ProfileRecorded(_) => self.alive.push(Fact::of(said, links, ())),
            EventKind::Purchase(bought) => {
                let offered = bought.opt_out_offered_at_collection;
                self.relate(said, links, RelationKind::Purchase, bought.product_line.as_ref(), offered);
            }
            EventKind::Inquiry(asked) => {
                let offered = asked.opt_out_offered_at_collection;
                self.relate(said, links, RelationKind::Inquiry, asked.product_line.as_ref(), offered);
            }
            EventKind::NationalDncListed(_) => self.listed.push(Fact::of(said, links, true)),
            EventKind::NationalDncUnlisted(_) => self.listed.push(Fact::of(said, links, false)),
            EventKind::MessageSent(sent) => self.sent.extend(message(sent).map(|sent| Fact::of(said, links, sent))),
            EventKind::DoNotCallRequest(_) => self.refused_calls.push(Fact::of(said, links, ())),
            EventKind::InboundSms(sms) => self.note_text(said, links, sms),
            _ => self.note_reach(said, links),
        }
    }

    /// A question permits its answer, from when it was asked.
    fn note_text(&mut self, said: &Said<'_>, links: &Links, sms: &InboundSms) {
        let body = sms.body.as_deref().unwrap_or_default();
        let asked = || Fact { at: said.permits_at, ..Fact::of(said, links, ()) };
        match (said.read(sms).meaning, &sms.opt_out_indicator) {
            (Meaning::Help, _) => self.asked_for_help.push(asked()),
            (Meaning::Ordinary, None) if !body.trim().is_empty() => self.wrote.push(asked()),
            _ => {}
        }
    }

    /// What is said about whether an address can be reached.
    fn note_reach(&mut self, said: &Said<'_>, links: &Links) {
        match &said.event().kind {
            EventKind::NumberDeactivated(gone) => {
                self.disconnected.push(Fact::of(said, links, disconnection(gone, said.at)));
            }
            EventKind::DeliveryReported(report) => match report.outcome.as_ref().and_then(Lenient::known) {
                Some(Outcome::Deactivated) => self.disconnected.push(Fact::of(said, links, said.at.date_naive())),
                Some(Outcome::LandlineOrInvalid) => self.unreachable.push(Fact::of(said, links, TEXTS)),
                _ => {}
            },
            EventKind::EmailBounced(bounce) if is_hard(bounce) => {
                self.unreachable.push(Fact::of(said, links, &[Channel::Email]));
            }
            _ => {}
        }
    }

    fn relate(
        &mut self,
        said: &Said<'_>,
        links: &Links,
        kind: RelationKind,
        product_line: Option<&String>,
        offered: Option<bool>,
    ) {
        let relation = Relation { kind, product_line: product_line.cloned(), opt_out_offered: offered == Some(true) };
        self.alive.push(Fact::of(said, links, ()));
        self.related.push(Fact::of(said, links, relation));
    }

    /// Forgets what an erasure took: relationships end with it, and what somebody wrote. What restricts stays.
    pub(super) fn forget_erased(&mut self) {
        let Self { erased, related, wrote, .. } = self;
        let of_erased = |text: &Fact<()>, end: &Fact<()>| end.about.iter().any(|point| text.about.contains(point));
        wrote.retain(|text| !erased.iter().any(|end| end.at >= text.at && of_erased(text, end)));
        related.retain(|relation| !erased.iter().any(|end| end.at >= relation.at && end.same_person(relation)));
    }
}

impl Facts {
    /// Whether the one who gave this consent was erased after it, or at the same instant.
    pub(super) fn erased_since(&self, grant: &Grant) -> bool {
        self.erased.iter().any(|end| end.at >= grant.at && grant.is_of_person(end))
    }

    /// A proven consent shows that the person is known again.
    pub(super) fn note_consents(&mut self, grants: &[Grant]) {
        let fact = |grant: &Grant| {
            let subject = grant.subject.clone().map(Identity::Subject);
            let about = grant.points.iter().cloned().chain(subject).collect();
            Fact { cited: grant.cited, at: grant.at, about, what: () }
        };
        self.alive.extend(grants.iter().filter(|grant| grant.is_complete()).map(fact));
        self.alive.sort_by_key(|fact| (fact.at, fact.cited.seq));
    }
}

impl Grant {
    fn is_of_person<T>(&self, fact: &Fact<T>) -> bool {
        match (fact.subject(), &self.subject) {
            (Some(subject), Some(giver)) => subject == giver,
            _ => fact.about.iter().any(|point| self.points.contains(point)),
        }
    }
}

fn message(sent: &MessageSent) -> Option<Sent> {
    let subject_matter = sent.subject_matter.clone();
    Some(Sent { channel: sent.channel?, purpose: sent.purpose?, subject_matter })
}

/// The day named or, if none can be read, the day on which we were told.
fn disconnection(gone: &NumberDeactivated, at: DateTime<Utc>) -> NaiveDate {
    let day = gone.disconnected_on.as_ref().and_then(|day| match day {
        Lenient::Known(day) => Some(*day),
        Lenient::Other(text) => text.parse::<DateTime<Utc>>().ok().map(|time| time.date_naive()),
    });
    day.unwrap_or(at.date_naive())
}

/// What does not call itself soft counts as hard.
fn is_hard(bounce: &EmailBounced) -> bool {
    bounce.kind.as_deref() != Some("soft")
}

impl Links {
    /// The addresses of the event's subject at a time, of each kind of which the event names none.
    pub(super) fn of_subject(&self, said: &Said<'_>, at: DateTime<Utc>) -> impl Iterator<Item = Identity> {
        let is_named = |kind| said.named().iter().any(|identity| PointKind::of(identity) == Some(kind));
        let of = |kind: PointKind| {
            let subject = said.event().subject.as_ref().filter(|_| !is_named(kind));
            subject.and_then(|subject| self.in_force(subject, kind, Some(at))).cloned()
        };
        [of(PointKind::Phone), of(PointKind::Email)].into_iter().flatten()
    }
}
