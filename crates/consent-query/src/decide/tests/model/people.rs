//! Who has which address, by replaying what was said.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;

use super::Event;

/// What one event says of a person and an address.
struct Said {
    subject: String,
    point: String,
    at: DateTime<Utc>,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Profile,
    Linked,
    Unlinked,
    Mentioned,
}

pub(super) struct People {
    said: Vec<Said>,
}

pub(super) fn is_point(name: &str) -> bool {
    !name.starts_with("subject:")
}

fn kind(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

/// Whether two lists are about one person: by the subject of the first or, if it names none, by an address.
pub(super) fn same_person(one: &[String], other: &[String]) -> bool {
    match one.iter().find(|name| !is_point(name)) {
        Some(subject) => other.contains(subject),
        None => one.iter().any(|name| other.contains(name)),
    }
}

impl People {
    pub(super) fn of(events: &[Event<'_>]) -> Self {
        let mut said = Vec::new();
        for event in events {
            let how = match event.kind {
                EventKind::IdentityUnlinked(_) if event.mistaken => continue,
                EventKind::IdentityUnlinked(_) => How::Unlinked,
                EventKind::ProfileRecorded(_) if !event.mistaken => How::Profile,
                EventKind::IdentityLinked(_) if !event.mistaken => How::Linked,
                _ => How::Mentioned,
            };
            let Some(subject) = &event.subject else { continue };
            for point in event.named.iter().filter(|name| is_point(name)) {
                said.push(Said { subject: subject.clone(), point: point.clone(), at: event.at, how });
            }
        }
        Self { said }
    }

    /// The addresses of a kind that a subject has at a time, or now: that of the latest profile first, if it is one
    /// of them, then the linked ones, the latest first.
    fn has(&self, subject: &str, of_kind: &str, at: Option<DateTime<Utc>>) -> Vec<String> {
        let mut recorded = None;
        let mut linked: Vec<String> = Vec::new();
        for said in &self.said {
            if said.subject != subject || kind(&said.point) != of_kind || at.is_some_and(|at| said.at > at) {
                continue;
            }
            match said.how {
                How::Mentioned => {}
                How::Profile => {
                    recorded = Some(said.point.clone());
                    linked.clear();
                }
                How::Linked => {
                    linked.retain(|point| *point != said.point);
                    linked.insert(0, said.point.clone());
                }
                How::Unlinked => {
                    recorded.take_if(|point| *point == said.point);
                    linked.retain(|point| *point != said.point);
                }
            }
        }
        recorded.into_iter().chain(linked).collect()
    }

    pub(super) fn address(&self, subject: &str, of_kind: &str, at: Option<DateTime<Utc>>) -> Option<String> {
        self.has(subject, of_kind, at).into_iter().next()
    }

    pub(super) fn holders(&self, point: &str, at: Option<DateTime<Utc>>) -> Vec<String> {
        let mut all: Vec<String> = self.said.iter().map(|said| said.subject.clone()).collect();
        all.sort();
        all.dedup();
        all.retain(|subject| self.has(subject, kind(point), at).iter().any(|own| own == point));
        all
    }

    pub(super) fn holders_of_any(&self, points: &[String]) -> Vec<String> {
        let mut all: Vec<String> = points.iter().flat_map(|point| self.holders(point, None)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whom an event names, with the person's addresses of every kind of which it names none.
    pub(super) fn about(&self, event: &Event<'_>) -> Vec<String> {
        let mut about = event.named.clone();
        let Some(subject) = &event.subject else { return about };
        for of_kind in ["phone", "email"] {
            if !event.named.iter().any(|name| kind(name) == of_kind) {
                about.extend(self.address(subject, of_kind, Some(event.at)));
            }
        }
        about
    }

    /// Whether the person left this address after a time.
    pub(super) fn left(&self, subject: &str, point: &str, since: DateTime<Utc>) -> bool {
        self.said.iter().filter(|said| said.subject == subject).any(|said| match said.how {
            How::Profile => said.at > since && said.point != point && kind(&said.point) == kind(point),
            How::Unlinked => said.at >= since && said.point == point,
            How::Linked | How::Mentioned => false,
        })
    }

    /// Whether somebody else was recorded with this address since a time.
    pub(super) fn passed_on(&self, subject: &str, point: &str, since: DateTime<Utc>) -> bool {
        self.said.iter().any(|said| {
            let recorded = matches!(said.how, How::Profile | How::Linked);
            recorded && said.at >= since && said.point == point && said.subject != subject
        })
    }

    fn belong_together(&self, subject: &str, point: &str, at: DateTime<Utc>) -> bool {
        let pair: Vec<&Said> = self.said.iter().filter(|said| said.subject == subject && said.point == point).collect();
        let mut parted = None;
        for said in &pair {
            if said.how == How::Unlinked && said.at < at {
                parted = Some(said.at);
            }
        }
        pair.iter().any(|said| said.how != How::Unlinked && parted.is_none_or(|parted| said.at >= parted))
    }

    /// Everybody named, the people who share an address with them, and the other addresses of those.
    pub(super) fn neighbourhood(&self, named: &[String], at: DateTime<Utc>) -> Vec<String> {
        let mut all = named.to_vec();
        for said in &self.said {
            let by_name = named.contains(&said.subject);
            let by_point = named.contains(&said.point) && self.belong_together(&said.subject, &said.point, at);
            if by_name || by_point {
                all.push(said.subject.clone());
            }
        }
        let subjects = all.clone();
        for said in self.said.iter().filter(|said| subjects.contains(&said.subject)) {
            if self.belong_together(&said.subject, &said.point, at) {
                all.push(said.point.clone());
            }
        }
        all
    }
}
