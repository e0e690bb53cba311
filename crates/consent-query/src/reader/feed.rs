//! What takes entries into the index, from this process and from the ledger.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use consent_core::codec::Hash;
use consent_core::event::Recorded;
use consent_store::{Observer, Scanned, StoreError};
use tokio::sync::{Notify, watch};

use super::page::{Next, Referred};
use crate::index::snapshot::Captured;
use crate::index::{Index, Wordings};

/// An index, and the leaf hash of the last entry in it, if that is known.
pub(super) type Filled = (Index, Option<Hash>);

/// What takes events in. It does not hold the ledger, which holds it.
pub(super) struct Feed {
    pub(super) index: Index,
    /// The position behind the last entry that was taken in, and the leaf hash of that entry. Held while entries are
    /// taken in, so that it goes with the position of the index.
    last: Mutex<Option<(u64, Hash)>>,
    pub(super) applied: watch::Sender<u64>,
    /// A position that somebody waits for.
    pub(super) wanted: AtomicU64,
    pub(super) wake: Notify,
    /// The index has once held everything that was in the ledger.
    pub(super) ready: AtomicBool,
    /// The ledger was found damaged, or cannot be read with the keys that are here: whoever asks must see for himself
    /// whether that concerns him.
    pub(super) damaged: AtomicBool,
}

impl Observer for Feed {
    fn committed(&self, events: &[Recorded]) {
        self.take_in_own(events, None);
    }

    fn committed_to(&self, events: &[Recorded], leaf: &Hash) {
        self.take_in_own(events, Some(leaf));
    }
}

impl Feed {
    pub(super) fn new((index, leaf): Filled) -> Self {
        let last = Mutex::new(leaf.map(|leaf| (index.position(), leaf)));
        let (wanted, wake, ready, damaged) = Default::default();
        Self { index, last, applied: watch::Sender::new(0), wanted, wake, ready, damaged }
    }

    fn last(&self) -> MutexGuard<'_, Option<(u64, Hash)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The position of the index, and the leaf hash of the entry before it, if that is known.
    pub(super) fn end(&self) -> (u64, Option<Hash>) {
        let last = self.last();
        let position = self.index.position();
        (position, leaf_before(position, *last))
    }

    /// The index as it is now, and the leaf hash of the last entry in it, if that is known.
    pub(super) fn capture(&self) -> (Captured, Option<Hash>) {
        let last = self.last();
        let captured = self.index.capture();
        let leaf = leaf_before(captured.position(), *last);
        (captured, leaf)
    }

    /// Takes in what this process committed, if it follows.
    fn take_in_own(&self, events: &[Recorded], leaf: Option<&Hash>) {
        let Some(end) = events.last().map(|last| last.seq + 1) else { return };
        let mut last = self.last();
        let follows = events.first().is_some_and(|first| first.seq == self.index.position());
        // Whom a reference is about must be looked up first, which takes a while.
        if !follows || events.iter().any(|event| !event.event.references().is_empty()) {
            return self.want(end);
        }
        for event in events {
            if self.index.apply(&self.index.prepare(event), &[]).is_err() {
                break;
            }
        }
        if self.index.position() == end {
            *last = leaf.map(|leaf| (end, *leaf));
        }
        self.tell();
    }

    /// Makes an entry ready to be taken in behind this position. Of those before it only the leaf hash is of use.
    pub(super) fn prepare(&self, found: Scanned<'_>, position: u64, wordings: &Wordings) -> Result<Next, StoreError> {
        let body = found.body().filter(|_| found.seq >= position);
        let prepared = body.map(|body| self.index.prepare_stored(found.seq, body, wordings)).transpose();
        let event = prepared.map_err(|_| found.no_event())?;
        Ok(Next { seq: found.seq, leaf: *found.leaf, event })
    }

    /// Takes in a page. What this process committed meanwhile may be there already.
    pub(super) fn take_in(&self, page: &[Next], referred: &Referred) -> Result<(), StoreError> {
        let index = &self.index;
        for next in page {
            // Let go in between: who commits must not wait for a whole page.
            let mut last = self.last();
            match &next.event {
                Some(event) => {
                    if index.apply(event, &referred.about(event)).is_err() && index.position() <= next.seq {
                        return Err(StoreError::Unavailable);
                    }
                }
                None => index.pass_over(next.seq),
            }
            let end = next.seq + 1;
            // What is known of an entry that was there already was known first.
            if index.position() == end && leaf_before(end, *last).is_none() {
                *last = Some((end, next.leaf));
            }
        }
        self.tell();
        Ok(())
    }

    /// Tells whoever waits how far the index has come.
    pub(super) fn tell(&self) {
        // Who was slower than another must not take back what that one told.
        self.applied.send_modify(|told| *told = self.index.position().max(*told));
    }

    /// Has the ledger read up to this position.
    pub(super) fn want(&self, position: u64) {
        self.wanted.fetch_max(position, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

/// The leaf hash of the entry before this position, if that is the last one that was taken in.
fn leaf_before(position: u64, last: Option<(u64, Hash)>) -> Option<Hash> {
    last.filter(|(end, _)| *end == position).map(|(_, leaf)| leaf)
}
