//! Who has which address, and since when.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::EventKind;

use super::history::{History, Said};

/// The kinds of address that can be linked to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

impl PointKind {
    /// The kind of this address; a subject is none.
    pub fn of(identity: &Identity) -> Option<Self> {
        match identity {
            Identity::Phone(_) => Some(Self::Phone),
            Identity::Email(_) => Some(Self::Email),
            Identity::Subject(_) => None,
        }
    }
}

/// How a subject and an address came to be named together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// A profile: this is now the address of its kind.
    Profile,
    /// A link: this is one more address.
    Linked,
    /// The address is not, or no longer, the subject's.
    Unlinked,
    /// Both are named by some other event, or by one that was taken back as a mistake. Enough to bind an opt-out,
    /// never enough to find somebody's address.
    Mentioned,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    subject: SubjectId,
    point: Identity,
    at: DateTime<Utc>,
    tie: Tie,
}

/// Everything that was said about which subject has which address, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links(Vec<Link>);

impl Links {
    pub(super) fn of(history: &History<'_>) -> Self {
        Self(history.said().flat_map(|said| links(said, history.stands(said))).collect())
    }

    /// The subject's address of this kind at a time, or the latest known: that of the last profile or, if that was
    /// unlinked, the last one linked. A link adds an address; it does not change where the person is reached.
    pub fn in_force(&self, subject: &SubjectId, kind: PointKind, at: Option<DateTime<Utc>>) -> Option<&Identity> {
        let held = self.held(subject, kind, at);
        let own = held.iter().rev().find(|(_, tie)| *tie == Tie::Profile);
        own.or(held.last()).map(|(point, _)| *point)
    }

    /// The subjects that hold this address, in force at a time or latest known.
    pub fn holders(&self, point: &Identity, at: Option<DateTime<Utc>>) -> Vec<&SubjectId> {
        let Some(kind) = PointKind::of(point) else { return Vec::new() };
        let mut holders: Vec<&SubjectId> =
            self.0.iter().filter(|link| link.point == *point).map(|l| &l.subject).collect();
        holders.sort();
        holders.dedup();
        holders.retain(|subject| self.held(subject, kind, at).iter().any(|(held, _)| *held == point));
        holders
    }

    /// The addresses of a kind that a subject holds and how each came to be theirs, latest last.
    fn held(&self, subject: &SubjectId, kind: PointKind, at: Option<DateTime<Utc>>) -> Vec<(&Identity, Tie)> {
        let mut held: Vec<(&Identity, Tie)> = Vec::new();
        let of_kind = |link: &&Link| link.subject == *subject && PointKind::of(&link.point) == Some(kind);
        for link in self.0.iter().filter(of_kind).filter(|link| at.is_none_or(|at| link.at <= at)) {
            match link.tie {
                Tie::Profile => held.clear(),
                Tie::Linked if held.contains(&(&link.point, Tie::Profile)) => continue,
                Tie::Linked | Tie::Unlinked => held.retain(|(point, _)| **point != link.point),
                Tie::Mentioned => continue,
            }
            if link.tie != Tie::Unlinked {
                held.push((&link.point, link.tie));
            }
        }
        held
    }

    /// Whether the subject moved away from this address after a time: a new profile names another one, or a link was
    /// undone. What was agreed to for it before has ended (policy P39).
    pub fn moved_since(&self, subject: &SubjectId, point: &Identity, at: DateTime<Utc>) -> bool {
        let kind = PointKind::of(point);
        self.0.iter().filter(|link| link.subject == *subject).any(|link| match link.tie {
            Tie::Profile => link.at > at && link.point != *point && PointKind::of(&link.point) == kind,
            Tie::Unlinked => link.at >= at && link.point == *point,
            Tie::Linked | Tie::Mentioned => false,
        })
    }

    /// Whether somebody else was recorded with this address after a time: the number may have a new holder.
    pub fn another_since(&self, subject: &SubjectId, point: &Identity, at: DateTime<Utc>) -> bool {
        let recorded = |link: &&Link| matches!(link.tie, Tie::Profile | Tie::Linked) && link.at >= at;
        self.0.iter().filter(recorded).any(|link| link.point == *point && link.subject != *subject)
    }

    /// Everybody an opt-out at this time binds beside those it names: the subjects that share an address, and their
    /// other addresses.
    pub(super) fn bound_by(&self, named: &[Identity], at: DateTime<Utc>) -> Vec<Identity> {
        let named_with = |identity: &Identity, link: &&Link| match identity {
            Identity::Subject(subject) => link.subject == *subject,
            point => link.point == *point && self.bound_together(&link.subject, point, at),
        };
        let subjects: Vec<&SubjectId> = self
            .0
            .iter()
            .filter(|link| named.iter().any(|identity| named_with(identity, link)))
            .map(|l| &l.subject)
            .collect();
        let of_them = self.0.iter().filter(|link| subjects.contains(&&link.subject));
        let points = of_them.filter(|link| self.bound_together(&link.subject, &link.point, at));
        let points = points.map(|link| link.point.clone());
        points.chain(subjects.iter().map(|subject| Identity::Subject((*subject).clone()))).collect()
    }

    /// Whether an opt-out at a time binds subject and address alike: they were named together at any time, before or
    /// after, unless they had been unlinked by then. A changed profile does not part them: the old number may still
    /// be the person's, and to bind too much costs one message.
    fn bound_together(&self, subject: &SubjectId, point: &Identity, at: DateTime<Utc>) -> bool {
        let pair = || self.0.iter().filter(|link| link.subject == *subject && link.point == *point);
        let parted = pair().filter(|link| link.tie == Tie::Unlinked && link.at < at).map(|link| link.at).max();
        pair().any(|link| link.tie != Tie::Unlinked && parted.is_none_or(|parted| link.at >= parted))
    }
}

/// Everything one event says about links: each subject it names with each address it names.
fn links(said: &Said<'_>, stands: bool) -> Vec<Link> {
    let tie = match said.event().kind {
        EventKind::ProfileRecorded(_) if stands => Tie::Profile,
        EventKind::IdentityLinked(_) if stands => Tie::Linked,
        EventKind::IdentityUnlinked(_) if stands => Tie::Unlinked,
        EventKind::IdentityUnlinked(_) => return Vec::new(),
        _ => Tie::Mentioned,
    };
    let Some(subject) = &said.event().subject else { return Vec::new() };
    let points = said.event().identities().into_iter().filter(|identity| PointKind::of(identity).is_some());
    points.map(|point| Link { subject: subject.clone(), point, at: said.at, tie }).collect()
}

#[cfg(test)]
mod tests;
