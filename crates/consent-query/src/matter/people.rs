//! Who is asked about, and where they are.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::scope::AddressKind;

use crate::question::Asked;
use crate::rules::{Jurisdiction, Rules};
use crate::standing::{Grant, PointKind, Standing};

/// Where the people asked about are, by their profiles or else by those of the addresses, and where the number is.
pub(super) fn jurisdictions(
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

pub(super) fn subjects(asked: &Asked, standing: &Standing) -> Vec<SubjectId> {
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
pub(super) fn contact(
    asked: &Asked,
    standing: &Standing,
    subjects: &[SubjectId],
    now: DateTime<Utc>,
) -> Option<Identity> {
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
