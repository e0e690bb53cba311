//! What was agreed to, and whether it is enough.

use chrono::{DateTime, NaiveDate, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::{ConsentGranted, Level};
use consent_core::keywords::is_yes;
use consent_core::scope::{AddressKind, Channel, Purpose};

use super::people::{People, is_point};
use super::{Asked, Case, Event, clock};

/// A consent that was given or imported.
pub(super) struct Given<'a> {
    pub(super) at: DateTime<Utc>,
    by: Option<String>,
    points: Vec<String>,
    pub(super) named: Vec<String>,
    pub(super) terms: &'a ConsentGranted,
    /// Nothing is missing of a double opt-in.
    pub(super) complete: bool,
    imported: bool,
    by_child: bool,
}

pub(super) fn birth(kind: &EventKind) -> Option<NaiveDate> {
    match kind {
        EventKind::ProfileRecorded(profile) => profile.date_of_birth,
        _ => None,
    }
}

impl Given<'_> {
    pub(super) fn flaw(&self) -> Option<&'static str> {
        let terms = self.terms;
        let no_seller = terms.seller.as_deref().is_some_and(|seller| seller != "INFI USA, Inc.");
        let forced = terms.condition_of_purchase == Some(true);
        if forced || no_seller || terms.affirmative_action == Some(false) || self.by_child {
            return Some("CONSENT_INVALID");
        }
        let proven = terms.policy_version.as_deref() == Some("2024-03-20")
            && terms.affirmative_action.is_some()
            && terms.condition_of_purchase.is_some()
            && !(self.imported && terms.evidence_ref.is_none());
        (!proven).then_some("CONSENT_UNPROVEN")
    }

    pub(super) fn is_void(&self) -> bool {
        self.flaw().is_some()
    }

    pub(super) fn covers(&self, channel: Channel, purpose: Purpose) -> bool {
        self.terms.channels.contains(&channel) && self.terms.purposes.contains(&purpose)
    }

    /// Valid, complete and not over.
    pub(super) fn counts(&self, now: DateTime<Utc>) -> bool {
        !self.is_void() && self.complete && self.terms.expires_at.is_none_or(|end| now < end)
    }

    /// Said for this use by the person, and not only handed over by somebody: such a consent outranks a refusal.
    pub(super) fn is_explicit(&self) -> bool {
        self.terms.level >= Some(Level::Express) && !self.imported
    }

    pub(super) fn about(&self) -> Vec<String> {
        self.points.iter().chain(&self.by).cloned().collect()
    }
}

pub(super) fn given<'a>(events: &'a [Event<'a>], people: &People) -> Vec<Given<'a>> {
    let mut all: Vec<Given<'a>> = Vec::new();
    for event in events {
        let by_name = |grant: &Given<'_>| event.named.iter().any(|name| grant.about().contains(name));
        match event.kind {
            EventKind::ConsentGranted(terms) => all.push(grant(event, terms, false, people)),
            EventKind::ConsentImported(terms) => all.push(grant(event, terms, true, people)),
            EventKind::ConsentConfirmed(_) => complete(&mut all, by_name),
            EventKind::InboundSms(sms) if is_yes(sms.body.as_deref().unwrap_or("")) => complete(&mut all, |grant| {
                let texts = grant.terms.channels.iter().any(|one| matches!(one, Channel::Sms | Channel::Mms));
                texts && event.named.iter().any(|name| grant.points.contains(name))
            }),
            _ => {}
        }
    }
    all.retain(|grant| !is_erased(grant, events, people));
    for grant in &mut all {
        grant.by_child = events.iter().any(|event| {
            let born = birth(event.kind).filter(|_| grant.by.is_some() && event.subject == grant.by);
            born.is_some_and(|born| clock::is_child(born, grant.at))
        });
    }
    all
}

fn grant<'a>(event: &Event<'a>, terms: &'a ConsentGranted, imported: bool, people: &People) -> Given<'a> {
    let named: Vec<String> = event.named.iter().filter(|name| is_point(name)).cloned().collect();
    let points = people.about(event).into_iter().filter(|name| is_point(name)).collect();
    let mut holders: Vec<String> = named.iter().flat_map(|point| people.holders(point, Some(event.at))).collect();
    holders.dedup();
    let by = event.subject.clone().or_else(|| if holders.len() == 1 { holders.pop() } else { None });
    let complete = terms.double_opt_in != Some(true);
    Given { at: event.at, by, points, named, terms, complete, imported, by_child: false }
}

fn complete(all: &mut [Given<'_>], meant: impl Fn(&Given<'_>) -> bool) {
    if let Some(pending) = all.iter_mut().rev().find(|grant| !grant.complete && meant(grant)) {
        pending.complete = true;
    }
}

fn is_erased(grant: &Given<'_>, events: &[Event<'_>], people: &People) -> bool {
    events.iter().filter(|event| matches!(event.kind, EventKind::ErasureCompleted(_))).any(|event| {
        let whose = match (&event.subject, &grant.by) {
            (Some(subject), Some(by)) => subject == by,
            _ => people.about(event).iter().any(|name| grant.points.contains(name)),
        };
        whose && event.at >= grant.at
    })
}

/// Where a message would go: as named, or the one address of its people.
pub(super) fn contact(asked: &Asked, people: &People, subjects: &[String], grants: &[Given<'_>]) -> Option<String> {
    let (named, kind) = match asked.channel.address_kind() {
        AddressKind::Phone => (&asked.phone, "phone"),
        AddressKind::Email => (&asked.email, "email"),
        AddressKind::Other => return None,
    };
    if named.is_some() {
        return named.clone();
    }
    let by_consent = |subject: &String| {
        let theirs = grants.iter().rev().filter(|grant| grant.by.as_ref() == Some(subject) && grant.counts(asked.at));
        theirs.flat_map(|grant| &grant.points).find(|point| point.starts_with(kind)).cloned()
    };
    let address = |subject: &String| people.address(subject, kind, None).or_else(|| by_consent(subject));
    let mut all: Vec<Option<String>> = subjects.iter().map(address).collect();
    all.dedup();
    if all.len() == 1 { all.pop()? } else { None }
}

impl Case<'_> {
    /// Whether a consent was given for this address by this person, and neither left the other.
    pub(super) fn is_given(&self, grant: &Given<'_>) -> bool {
        if self.asked.channel.address_kind() == AddressKind::Other {
            return match &grant.by {
                Some(by) => self.subjects.len() == 1 && self.subjects[0] == *by,
                None => grant.points.iter().any(|point| self.whom.contains(point)),
            };
        }
        let Some(to) = self.contact.as_ref().filter(|to| grant.points.contains(to)) else { return false };
        match (&grant.by, &self.asked.subject) {
            (None, _) => true,
            (Some(by), Some(asked)) => by == asked && !self.people.left(by, to, grant.at),
            (Some(by), None) => !self.people.left(by, to, grant.at) && !self.people.passed_on(by, to, grant.at),
        }
    }

    /// Later than the last refusal that was outranked, and than the last day of the number.
    pub(super) fn is_current(&self, at: DateTime<Utc>) -> bool {
        self.fresh_start().is_none_or(|start| at > start) && self.gone().is_none_or(|day| at.date_naive() > day)
    }

    /// The consents that may be enough. After an erasure that was asked for and done only explicit ones may.
    pub(super) fn current(&self) -> impl Iterator<Item = &Given<'_>> {
        let explicit_alone = self.needs_consent_itself();
        let mine = self.grants.iter().filter(|grant| self.is_given(grant) && self.is_current(grant.at));
        mine.filter(move |grant| grant.is_explicit() || !explicit_alone)
    }
}
