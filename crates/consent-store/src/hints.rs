//! Hints that the ledger has moved.

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::Ledger;

/// Hears other nodes, until it is dropped.
pub(crate) struct Listener(pub(crate) AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Ledger {
    /// Changes soon after another process has committed, on PostgreSQL; and after this one has, unless there is an
    /// observer, who is told of that. The number has no meaning.
    ///
    /// It is a hint and may stay away: whoever must know asks for [`Ledger::proven_head`]. The first call begins to
    /// listen to other nodes.
    pub fn moved(&self) -> watch::Receiver<u64> {
        let moved = self.progress.moved();
        self.listener.get_or_init(|| self.database.listen(moved));
        moved.subscribe()
    }
}
