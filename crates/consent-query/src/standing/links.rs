//! Who has which address, and since when.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, SubjectId};
use consent_core::event::EventKind;
use smallvec::SmallVec;

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

/// A subject and an address that were ever named together.
///
/// There are as many as a person has addresses, however often they are named: what binds an opt-out asks for no more.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    subject: Identity,
    point: Identity,
    /// When they were last named together other than to say that they are parted.
    named: Option<DateTime<Utc>>,
    /// When they were parted, oldest first.
    parted: Vec<DateTime<Utc>>,
}

/// Everything that was said about which subject has which address, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// What makes an address somebody's, or no longer.
    ties: Vec<Link>,
    /// All that were named together, by subject and address.
    pairs: Vec<Pair>,
}

/// The addresses that a subject holds, and how each came to be theirs.
type Held<'a> = SmallVec<[(&'a Identity, Tie); 4]>;

impl Links {
    pub(super) fn of(history: &History<'_>) -> Self {
        let mut links = Self::default();
        for said in history.said() {
            links.note(said, history.stands(said));
        }
        links
    }

    /// Everything one event says about links: the subject it names with each address it names.
    fn note(&mut self, said: &Said<'_>, stands: bool) {
        let tie = match said.event().kind {
            EventKind::ProfileRecorded(_) if stands => Tie::Profile,
            EventKind::IdentityLinked(_) if stands => Tie::Linked,
            EventKind::IdentityUnlinked(_) if stands => Tie::Unlinked,
            EventKind::IdentityUnlinked(_) => return,
            _ => Tie::Mentioned,
        };
        let Some(subject) = &said.event().subject else { return };
        for point in said.named().iter().filter(|identity| PointKind::of(identity).is_some()) {
            self.pair(subject, point).note(tie, said.at);
            if tie != Tie::Mentioned {
                self.ties.push(Link { subject: subject.clone(), point: point.clone(), at: said.at, tie });
            }
        }
    }

    fn pair(&mut self, subject: &SubjectId, point: &Identity) -> &mut Pair {
        let place = self.pairs.binary_search_by(|pair| (pair.subject(), &pair.point).cmp(&(Some(subject), point)));
        let index = place.unwrap_or_else(|index| {
            let subject = Identity::Subject(subject.clone());
            self.pairs.insert(index, Pair { subject, point: point.clone(), named: None, parted: Vec::new() });
            index
        });
        &mut self.pairs[index]
    }

    /// The subject's address of this kind at a time, or the latest known: that of the last profile or, if that was
    /// unlinked, the last one linked. A link adds an address; it does not change where the person is reached.
    pub fn in_force(&self, subject: &SubjectId, kind: PointKind, at: Option<DateTime<Utc>>) -> Option<&Identity> {
        let held = self.held(subject, kind, at);
        let own = held.iter().rev().find(|(_, tie)| *tie == Tie::Profile);
        own.or(held.last()).map(|(point, _)| *point)
    }

    /// The subjects that hold this address, in force at a time or latest known.
    pub fn holders(&self, point: &Identity, at: Option<DateTime<Utc>>) -> SmallVec<[&SubjectId; 4]> {
        let mut holders: SmallVec<[&SubjectId; 4]> = SmallVec::new();
        let Some(kind) = PointKind::of(point) else { return holders };
        for link in self.ties.iter().filter(|link| link.point == *point) {
            if let Err(index) = holders.binary_search(&&link.subject) {
                holders.insert(index, &link.subject);
            }
        }
        holders.retain(|subject| self.held(subject, kind, at).iter().any(|(held, _)| *held == point));
        holders
    }

    /// The addresses of a kind that a subject holds and how each came to be theirs, latest last.
    fn held(&self, subject: &SubjectId, kind: PointKind, at: Option<DateTime<Utc>>) -> Held<'_> {
        let mut held: Held<'_> = SmallVec::new();
        let of_kind = |link: &&Link| PointKind::of(&link.point) == Some(kind) && link.subject == *subject;
        for link in self.ties.iter().filter(of_kind).filter(|link| at.is_none_or(|at| link.at <= at)) {
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
        self.ties.iter().filter(|link| link.subject == *subject).any(|link| match link.tie {
            Tie::Profile => link.at > at && link.point != *point && PointKind::of(&link.point) == kind,
            Tie::Unlinked => link.at >= at && link.point == *point,
            Tie::Linked | Tie::Mentioned => false,
        })
    }

    /// Whether somebody else was recorded with this address after a time: the number may have a new holder.
    pub fn another_since(&self, subject: &SubjectId, point: &Identity, at: DateTime<Utc>) -> bool {
        let recorded = |link: &&Link| matches!(link.tie, Tie::Profile | Tie::Linked) && link.at >= at;
        self.ties.iter().filter(recorded).any(|link| link.point == *point && link.subject != *subject)
    }

    /// Everybody an opt-out at this time binds beside those it names: the subjects that share an address, and their
    /// other addresses.
    pub(super) fn bound_by<'a>(
        &'a self,
        named: &[Identity],
        at: DateTime<Utc>,
    ) -> impl Iterator<Item = &'a Identity> + use<'a> {
        let is_meant =
            |pair: &&Pair| named.contains(&pair.subject) || pair.binds_together(at) && named.contains(&pair.point);
        let mut subjects: SmallVec<[&Identity; 4]> = self.pairs.iter().filter(is_meant).map(|p| &p.subject).collect();
        subjects.dedup();
        let theirs = subjects.clone();
        let of_them = self.pairs.iter().filter(move |pair| theirs.binary_search(&&pair.subject).is_ok());
        of_them.filter(move |pair| pair.binds_together(at)).map(|pair| &pair.point).chain(subjects)
    }
}

impl Pair {
    fn subject(&self) -> Option<&SubjectId> {
        match &self.subject {
            Identity::Subject(subject) => Some(subject),
            Identity::Phone(_) | Identity::Email(_) => None,
        }
    }

    fn note(&mut self, tie: Tie, at: DateTime<Utc>) {
        match tie {
            Tie::Unlinked => self.parted.push(at),
            Tie::Profile | Tie::Linked | Tie::Mentioned => self.named = self.named.max(Some(at)),
        }
    }

    /// Whether an opt-out at a time binds subject and address alike: they were named together at any time, before or
    /// after, unless they had been unlinked by then. A changed profile does not part them: the old number may still
    /// be the person's, and to bind too much costs one message.
    fn binds_together(&self, at: DateTime<Utc>) -> bool {
        let parted = self.parted.iter().rev().find(|parted| **parted < at);
        self.named.is_some_and(|named| parted.is_none_or(|parted| named >= *parted))
    }
}

#[cfg(test)]
mod tests;
