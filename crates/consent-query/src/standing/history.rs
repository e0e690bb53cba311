//! The events that count, each once, in the order of their time.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::kinds::InboundSms;
use consent_core::event::{Event, EventKind, Recorded};
use consent_core::keywords::Explained;
use consent_core::review;
use uuid::Uuid;

use super::{Cited, View};
use crate::rules::OrderBy;

/// An event with what is read of it, which is read once: several parts of a standing ask for it.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    recorded: &'a Recorded,
    named: OnceCell<Vec<Identity>>,
    text: OnceCell<Explained>,
}

impl<'a> Heard<'a> {
    pub(super) fn of(recorded: &'a Recorded) -> Self {
        Self { recorded, named: OnceCell::new(), text: OnceCell::new() }
    }
}

/// An event with the times that order it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) heard: &'a Heard<'a>,
    pub(super) recorded: &'a Recorded,
    /// The time that counts for what forbids.
    pub(super) at: DateTime<Utc>,
    /// The time that counts for what permits: when it happened by whatever was said of it, never later than we learnt
    /// of it.
    pub(super) permits_at: DateTime<Utc>,
}

impl<'a> Said<'a> {
    fn new(once: Once<'a>, order: OrderBy, clock_stands: bool) -> Self {
        let Once { heard, permits_at } = once;
        let recorded = heard.recorded;
        let at = match order {
            OrderBy::OccurredAt if !clock_stands => recorded.occurred_at(),
            _ => recorded.received_at,
        };
        Self { heard, recorded, at, permits_at }
    }

    /// Everybody the event names.
    pub(super) fn named(&self) -> &'a [Identity] {
        self.heard.named.get_or_init(|| self.event().identities())
    }

    /// What the event means, which brought this text.
    pub(super) fn read(&self, sms: &InboundSms) -> &'a Explained {
        self.heard.text.get_or_init(|| review::read(sms))
    }

    pub(super) fn event(&self) -> &'a Event {
        &self.recorded.event
    }

    pub(super) fn cited(&self) -> Cited {
        Cited { event_id: self.recorded.event_id, seq: self.recorded.seq }
    }
}

/// Events in the order of their time; position in the ledger where times are equal.
pub(super) struct History<'a> {
    said: Vec<Said<'a>>,
    /// Events that somebody took back as mistakes.
    taken_back: HashSet<Uuid>,
}

impl<'a> History<'a> {
    pub(super) fn of(events: &'a [Heard<'a>], view: View, order: OrderBy) -> Self {
        let mut seen: Vec<&Heard<'_>> = events.iter().filter(|event| view.shows(event.recorded)).collect();
        seen.sort_by_key(|event| (event.recorded.received_at, event.recorded.seq));
        // A neighbourhood is gathered address by address, so one entry may come several times.
        seen.dedup_by_key(|event| event.recorded.seq);
        let taken_back: HashSet<Uuid> =
            seen.iter().filter_map(|heard| takes_back(&heard.recorded.event.kind)).collect();
        let once = once(seen, &taken_back);
        let mut said = in_order(once, order);
        said.sort_by_key(|said| (said.at, said.recorded.seq));
        Self { said, taken_back }
    }

    pub(super) fn said(&self) -> impl DoubleEndedIterator<Item = &Said<'a>> {
        self.said.iter()
    }

    /// Whether the event was not taken back as a mistake. What it holds of an opt-out is never asked this, and the
    /// start of a restriction, an erasure, a wish not to be called and an entry in the national list end in ways of
    /// their own.
    pub(super) fn stands(&self, said: &Said<'_>) -> bool {
        let ends_otherwise = matches!(
            said.event().kind,
            EventKind::RestrictionStarted(_)
                | EventKind::ErasureCompleted(_)
                | EventKind::DoNotCallRequest(_)
                | EventKind::NationalDncListed(_)
        );
        ends_otherwise || !self.taken_back.contains(&said.recorded.event_id)
    }

    /// The events that were not taken back as mistakes.
    pub(super) fn standing(&self) -> impl DoubleEndedIterator<Item = &Said<'a>> {
        self.said().filter(|said| self.stands(said))
    }
}

/// The events with their times, as they were received.
///
/// Where a clock went ahead, every entry is received at its time until all clocks have come there. What was said before
/// without a time of its own then seems to be said as late as that, and what forbids, with a time of its own, before it.
/// Only their order in the ledger tells: what forbids counts from its receipt.
fn in_order<'a>(received: Vec<Once<'a>>, order: OrderBy) -> Vec<Said<'a>> {
    let mut undated = None;
    let with_time = |once: Once<'a>| {
        let (received_at, at) = (once.heard.recorded.received_at, once.heard.recorded.event.at);
        let clock_stands = undated == Some(received_at);
        undated = if at.is_none() { Some(received_at) } else { undated };
        Said::new(once, order, clock_stands)
    };
    received.into_iter().map(with_time).collect()
}

/// What makes an event the same as another: the gateway's id of a message, or the caller's key.
type Key<'a> = (&'static str, Option<&'a str>, Option<&'a str>, &'a str);

/// The event that is taken back as a mistake.
fn takes_back(kind: &EventKind) -> Option<Uuid> {
    match kind {
        EventKind::EventCompensated(fields) => fields.event_id.as_deref()?.parse().ok(),
        _ => None,
    }
}

/// An event with all that was said of it again.
#[derive(Clone, Copy)]
struct Once<'a> {
    heard: &'a Heard<'a>,
    permits_at: DateTime<Utc>,
}

impl Once<'_> {
    /// The same event once more. One that waited somewhere may be heard first as its sender repeats it: it permits
    /// nothing from the repeat on that it would not have permitted from the first. Only what can forbid waits.
    fn hear_again(&mut self, event: &Recorded) {
        if forbids(&event.event.kind) {
            self.permits_at = self.permits_at.min(event.occurred_at());
        }
    }
}

/// Keeps the first of each set of duplicates. A message that went out is not undone by taking back one of its reports.
fn once<'a>(events: Vec<&'a Heard<'a>>, taken_back: &HashSet<Uuid>) -> Vec<Once<'a>> {
    let mut first: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Once<'_>> = Vec::with_capacity(events.len());
    for heard in events {
        let event = heard.recorded;
        let keys = keys(event);
        let mut known = keys.iter().filter_map(|key| first.get(key)).flatten().copied();
        if let Some(same) = known.find(|one| repeats(event, kept[*one].heard.recorded)) {
            kept[same].hear_again(event);
            continue;
        }
        let is_void = matches!(event.event.kind, EventKind::MessageSent(_)) && taken_back.contains(&event.event_id);
        if !is_void {
            keys.into_iter().for_each(|key| first.entry(key).or_default().push(kept.len()));
        }
        kept.push(Once { heard, permits_at: event.occurred_at() });
    }
    kept
}

fn keys(recorded: &Recorded) -> Vec<Key<'_>> {
    let event = &recorded.event;
    let key = event.idempotency_key.as_deref().map(|key| {
        let said_by = (event.source.as_deref(), event.actor.as_deref());
        (recorded.type_name(), said_by.0, said_by.1, key)
    });
    let message = match &event.kind {
        EventKind::InboundSms(sms) => {
            sms.provider_message_id.as_deref().map(|id| ("message", sms.gateway.as_deref(), None, id))
        }
        EventKind::MessageSent(sent) => sent.provider_message_id.as_deref().map(|id| ("sent", None, None, id)),
        _ => None,
    };
    key.into_iter().chain(message).collect()
}

/// An event that can forbid is dropped only if it says nothing new: a key used twice by mistake loses no opt-out, nor
/// a message that counts towards a cap.
fn repeats(event: &Recorded, first: &Recorded) -> bool {
    let says = |recorded: &Recorded| (recorded.event.identities(), meaning(&recorded.event.kind));
    !forbids(&event.event.kind) || says(event) == says(first)
}

fn forbids(kind: &EventKind) -> bool {
    matches!(kind, EventKind::MessageSent(_)) || kind.forbids()
}

/// What was said, without how it reached us: a retry may come with other dressing around the same text.
fn meaning(kind: &EventKind) -> EventKind {
    match kind.clone() {
        EventKind::InboundSms(mut sms) => {
            sms.media.clear();
            sms.to = None;
            EventKind::InboundSms(sms)
        }
        kind => kind,
    }
}
