//! The ledger in order, as fast as it can be opened.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use consent_core::event::fault::EventError;
use futures_util::{Stream, StreamExt, stream};

use super::Ledger;
use crate::error::StoreError;
use crate::limits;
use crate::sealed::Sealed;
use crate::vault::Scanned;

impl Ledger {
    /// What `read` makes of the entries `[from, to)`, in order, a page at a time. Pages are read, opened and given to it
    /// ahead of whoever takes them, on all cores; every commitment is checked. `to` must not lie behind the head.
    ///
    /// Damage and a database that is away are errors, and nothing that comes after an error is of use.
    pub fn scan<T, R>(
        &self,
        from: u64,
        to: u64,
        read: R,
    ) -> impl Stream<Item = Result<Vec<T>, StoreError>> + Send + use<T, R>
    where
        T: Send + 'static,
        R: Fn(Scanned<'_>) -> Result<T, EventError> + Send + Sync + 'static,
    {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(limits::SCAN_THREADS);
        let (ledger, read) = (self.clone(), Arc::new(read));
        let pages = (from..to).step_by(limits::PAGE as usize);
        // One more, so that no core waits for whoever takes them.
        let page = move |at: u64| ledger.page(at, to.min(at + limits::PAGE), Arc::clone(&read));
        stream::iter(pages).map(page).buffered(cores + 1)
    }

    fn page<T, R>(
        &self,
        from: u64,
        to: u64,
        read: Arc<R>,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send + use<T, R>
    where
        T: Send + 'static,
        R: Fn(Scanned<'_>) -> Result<T, EventError> + Send + Sync + 'static,
    {
        let (database, vault) = (Arc::clone(&self.database), self.vault.clone());
        // At once, and not only when the page is asked for.
        let reading = self.database.runtime().spawn(async move {
            let missing = |seq| StoreError::Corrupt { seq, what: "an entry is missing" };
            let (mut opener, mut next) = (vault.opener(), from);
            let work = move |row: Sealed| {
                let expected = next;
                next += 1;
                if row.0.seq as u64 == expected { opener.scan(&row, &*read) } else { Err(missing(expected)) }
            };
            let all = database.each_between((from as i64, to as i64), work).await?;
            let end = from + all.len() as u64;
            if end == to { Ok(all) } else { Err(missing(end)) }
        });
        async move { reading.await.unwrap_or(Err(StoreError::Unavailable)) }
    }
}
