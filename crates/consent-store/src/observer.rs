//! What this process has seen of the ledger, and who is told of what it has committed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use consent_core::codec::Hash;
use consent_core::event::Recorded;
use tokio::sync::watch;

use crate::Ledger;
use crate::error::StoreError;
use crate::rows::{Batch, HeadRow};

/// Is told of every commit of this process, as an index is that must hold what was acknowledged.
pub trait Observer: Send + Sync {
    /// These events were committed just now, in one transaction and at positions without a gap between them. Nobody was
    /// told so yet: callers get their receipts once this returns, so it must be short.
    ///
    /// Not told of are the events of other nodes, those before the observer was set, and those of a commit whose fate
    /// could not be found out. A gap between two calls must be read from the ledger.
    fn committed(&self, events: &[Recorded]);

    /// The same with the leaf hash of the last of them, for whoever must tell it from another entry at its position.
    fn committed_to(&self, events: &[Recorded], _leaf: &Hash) {
        self.committed(events);
    }
}

/// How far this process knows the ledger to have grown, and who is told when it grows.
#[derive(Default)]
pub(crate) struct Progress {
    highest: AtomicU64,
    /// The furthest head that was seen. A ledger that lost its last entries may grow as far again, with others.
    furthest: Mutex<Option<HeadRow>>,
    /// The ledger was found to be another than the one that was seen.
    diverged: AtomicBool,
    observer: OnceLock<Arc<dyn Observer>>,
    moved: watch::Sender<u64>,
}

/// What was known of the ledger before its head was read.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    progress: &'a Progress,
    /// How far it had grown at least.
    size: u64,
}

impl Seen<'_> {
    /// Compares a head that was read since: a ledger never goes back.
    ///
    /// If it comes to the same size with another root, that is noted and is no error: a verification must be able to
    /// say what is wrong. Whoever answers questions asks [`Ledger::has_diverged`].
    pub(crate) fn compare(self, head: &HeadRow) -> Result<(), StoreError> {
        let size = head.size as u64;
        if size < self.size {
            let backwards = StoreError::Corrupt { seq: size, what: "the ledger went backwards" };
            self.progress.suspect(&backwards);
            return Err(backwards);
        }
        self.progress.note(head);
        Ok(())
    }
}

impl Progress {
    /// The largest size of the ledger that was seen, with which a head that is read from now on can be compared.
    pub(crate) fn highest(&self) -> Seen<'_> {
        Seen { progress: self, size: self.highest.load(Ordering::SeqCst) }
    }

    /// Notes a head, and whether the ledger had another one of this size before.
    fn note(&self, head: &HeadRow) {
        let mut furthest = self.furthest.lock().unwrap_or_else(PoisonError::into_inner);
        match furthest.as_ref().filter(|known| known.size >= head.size) {
            Some(known) if known.size == head.size && known.root != head.root => {
                let seq = (head.size as u64).saturating_sub(1);
                self.suspect(&StoreError::Corrupt { seq, what: "the root of the head was another one before" });
            }
            Some(_) => {}
            None => *furthest = Some(head.clone()),
        }
    }

    /// Takes note of an error met where the ledger was compared with what was seen of it. One that says that it is
    /// damaged there counts for as long as this process lives, because what is lost does not come back.
    pub(crate) fn suspect(&self, error: &StoreError) {
        if matches!(error, StoreError::Corrupt { .. }) && !self.diverged.swap(true, Ordering::SeqCst) {
            tracing::error!(%error, "this is not the ledger that was seen before: nothing is allowed any more");
        }
    }

    /// The ledger was seen with this size.
    pub(crate) fn saw(&self, size: u64) {
        self.highest.fetch_max(size, Ordering::SeqCst);
    }

    /// A batch of this process, in which these events are, has landed.
    pub(crate) fn landed(&self, events: &[Recorded], batch: &Batch) {
        let leaf: Option<Hash> = batch.entries.last().and_then(|entry| entry.leaf.as_slice().try_into().ok());
        // Who is told needs no hint, which would only have the head read for nothing.
        match (self.observer.get(), leaf) {
            (Some(observer), Some(leaf)) => observer.committed_to(events, &leaf),
            (Some(observer), None) => observer.committed(events),
            (None, _) => hint(&self.moved),
        }
        self.note(&batch.to);
        self.saw(batch.to.size as u64);
    }

    /// Where hints are sent that the ledger has moved.
    pub(crate) fn moved(&self) -> &watch::Sender<u64> {
        &self.moved
    }
}

/// Counts, and so wakes whoever watches. A number from elsewhere, such as a size, could be wrong and then hide all
/// that come after it.
pub(crate) fn hint(moved: &watch::Sender<u64>) {
    moved.send_modify(|count| *count = count.wrapping_add(1));
}

impl Ledger {
    /// The largest size of the ledger that this process has seen. Everything that it acknowledged lies below it; so does
    /// everything that anybody did, where no other process can write.
    pub fn seen(&self) -> u64 {
        self.progress.highest().size
    }

    /// Whether the database was found to hold another ledger than the one that this process has seen, as after a
    /// failover to a server that had not got the last entries yet. Then nothing may be allowed: there may be opt-outs
    /// among what was lost, and what is remembered is not what others go by. It stays so while the process lives.
    pub fn has_diverged(&self) -> bool {
        self.progress.diverged.load(Ordering::SeqCst)
    }

    /// Fails unless the entry at this position is the one that was read there before, by their leaf hashes; the ledger
    /// has diverged then. Salts are in what is hashed, so that no other entry has the same, whatever it says.
    pub fn same_entry(&self, seq: u64, before: &Hash, now: &Hash) -> Result<(), StoreError> {
        if before == now {
            return Ok(());
        }
        let other = StoreError::Corrupt { seq, what: "another entry was here before" };
        self.progress.suspect(&other);
        Err(other)
    }

    /// Tells this observer of every commit from now on; `false` if there is one already.
    ///
    /// What was committed before this returns may be untold, and is then below the head that is read afterwards.
    pub fn observe(&self, observer: Arc<dyn Observer>) -> bool {
        self.progress.observer.set(observer).is_ok()
    }
}
