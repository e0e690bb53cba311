//! Who is told of what this process has committed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use consent_core::event::Recorded;
use tokio::sync::watch;

use crate::Ledger;

/// Is told of every commit of this process, as an index is that must hold what was acknowledged.
pub trait Observer: Send + Sync {
    /// These events were committed just now, in one transaction and at positions without a gap between them. Nobody was
    /// told so yet: callers get their receipts once this returns, so it must be short.
    ///
    /// Not told of are the events of other nodes, those before the observer was set, and those of a commit whose fate
    /// could not be found out. A gap between two calls must be read from the ledger.
    fn committed(&self, events: &[Recorded]);
}

/// How far this process knows the ledger to have grown, and who is told when it grows.
#[derive(Default)]
pub(crate) struct Progress {
    highest: AtomicU64,
    observer: OnceLock<Arc<dyn Observer>>,
    moved: watch::Sender<u64>,
}

impl Progress {
    /// The largest size of the ledger that was seen.
    pub(crate) fn highest(&self) -> u64 {
        self.highest.load(Ordering::SeqCst)
    }

    /// The ledger was seen with this size.
    pub(crate) fn saw(&self, size: u64) {
        self.highest.fetch_max(size, Ordering::SeqCst);
    }

    /// A batch of this process has landed, and the ledger has this size now.
    pub(crate) fn landed(&self, events: &[Recorded], size: u64) {
        // Who is told needs no hint, which would only have the head read for nothing.
        match self.observer.get() {
            Some(observer) => observer.committed(events),
            None => hint(&self.moved),
        }
        self.saw(size);
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
        self.progress.highest()
    }

    /// Tells this observer of every commit from now on; `false` if there is one already.
    ///
    /// What was committed before this returns may be untold, and is then below the head that is read afterwards.
    pub fn observe(&self, observer: Arc<dyn Observer>) -> bool {
        self.progress.observer.set(observer).is_ok()
    }
}
