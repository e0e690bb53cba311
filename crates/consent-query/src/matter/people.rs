//! Who is asked about, and where they are.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::scope::AddressKind;
use smallvec::{SmallVec, smallvec};

use super::Subjects;
use crate::question::Asked;
use crate::rules::{Jurisdiction, Rules};
use crate::standing::{Grant, PointKind, Standing};

/// Where the people asked about are, by their profiles or else by those of the addresses, and where the number is.
pub(super) fn jurisdictions(
    standing: &Standing,
    rules: &Rules,
    subjects: &[&SubjectId],
    identities: &[Identity],
) -> SmallVec<[Jurisdiction; 2]> {
    let mut all: SmallVec<[Jurisdiction; 2]> = SmallVec::new();
    let mut add = |country: &str| {
        let place = rules.jurisdiction(country);
        if let Err(index) = all.binary_search(&place) {
            all.insert(index, place);
        }
    };
    let of_people = identities.iter().filter(|one| matches!(one, Identity::Subject(who) if subjects.contains(&who)));
    let mut known = false;
    for country in of_people.filter_map(|person| standing.country(person)) {
        known = true;
        add(country);
    }
    if !known {
        identities.iter().filter_map(|identity| standing.country(identity)).for_each(&mut add);
    }
    for identity in identities {
        if let Identity::Phone(phone) = identity {
            phone.country().as_deref().into_iter().for_each(&mut add);
        }
    }
    all
}

pub(super) fn subjects<'a>(asked: &'a Asked<'_>, standing: &'a Standing) -> Subjects<'a> {
    if let Some(subject) = &asked.subject {
        return smallvec![subject];
    }
    let mut holders: Subjects<'a> = SmallVec::new();
    for holder in asked.identities().flat_map(|point| standing.links().holders(&point, None)) {
        if let Err(index) = holders.binary_search(&holder) {
            holders.insert(index, holder);
        }
    }
    holders
}

/// The address named or, if none of the kind is, the one address of the kind that the people asked about have.
pub(super) fn contact(
    asked: &Asked<'_>,
    standing: &Standing,
    subjects: &[&SubjectId],
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
