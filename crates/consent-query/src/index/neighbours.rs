//! Whom the events of a record are about, seen from those who are asked about.
//!
//! An event that refers to another, as a review does, lies in one record with it, so that it is found with it. The other
//! way round it is not so: who is named in the review alone has nothing to do with the message.

use std::collections::HashSet;

use consent_core::address::Identity;
use consent_core::event::Recorded;
use uuid::Uuid;

/// Keeps the events that the ledger would find: those about anybody asked about, about somebody named in one that was
/// found, or about one that was found, until nothing new is found.
pub(super) fn retain(events: &mut Vec<Recorded>, asked: &[Identity]) {
    let mut people: HashSet<Identity> = asked.iter().cloned().collect();
    let mut found: HashSet<Uuid> = HashSet::new();
    let mut waiting = std::mem::take(events);
    loop {
        let is_near = |event: &Recorded| {
            event.event.identities().iter().any(|who| people.contains(who))
                || event.event.references().iter().any(|id| found.contains(id))
        };
        let (near, far): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_near);
        if near.is_empty() {
            break;
        }
        for event in &near {
            people.extend(event.event.identities());
            found.insert(event.event_id);
        }
        events.extend(near);
        waiting = far;
    }
    events.sort_by_key(|event| event.seq);
}
