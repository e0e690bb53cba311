//! The ledger in order, as fast as it can be opened.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use futures_util::{Stream, StreamExt, stream};
use tokio::runtime::Handle;

use super::Ledger;
use crate::error::StoreError;
use crate::limits;
use crate::vault::Scanned;

impl Ledger {
    /// The entries `[from, to)` in order, a page at a time. Pages are read and opened ahead of whoever takes them, on
    /// all cores; every commitment is checked. `to` must not lie behind the head.
    ///
    /// Damage and a database that is away are errors, and nothing that comes after an error is of use.
    pub fn scan(&self, from: u64, to: u64) -> impl Stream<Item = Result<Vec<Scanned>, StoreError>> + Send + use<> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(limits::SCAN_THREADS);
        let ledger = self.clone();
        let pages = (from..to).step_by(limits::PAGE as usize);
        // One more, so that the database reads while all cores open.
        stream::iter(pages).map(move |at| ledger.page(at, to.min(at + limits::PAGE))).buffered(cores + 1)
    }

    fn page(&self, from: u64, to: u64) -> impl Future<Output = Result<Vec<Scanned>, StoreError>> + Send + use<> {
        let (database, vault) = (Arc::clone(&self.database), self.vault.clone());
        // At once, and not only when the page is asked for.
        let opening = self.database.runtime().spawn(async move {
            let rows = database.sealed_between(from as i64, to as i64).await?;
            let stands =
                |seq: u64| rows.get((seq - from) as usize).is_some_and(|(entry, _, _)| entry.seq as u64 == seq);
            if let Some(seq) = (from..to).find(|seq| !stands(*seq)) {
                return Err(StoreError::Corrupt { seq, what: "an entry is missing" });
            }
            let open = move || {
                let mut opener = vault.opener();
                rows.iter().map(|row| opener.scan(row)).collect()
            };
            let opening = Handle::current().spawn_blocking(open);
            opening.await.unwrap_or(Err(StoreError::Unavailable))
        });
        async move { opening.await.unwrap_or(Err(StoreError::Unavailable)) }
    }
}
