//! The ledger in order, as fast as it can be opened.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use diesel::QueryResult;
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
        R: Fn(Scanned<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
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
        R: Fn(Scanned<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    {
        let (database, vault) = (Arc::clone(&self.database), self.vault.clone());
        // At once, and not only when the page is asked for.
        let reading = self.database.runtime().spawn(async move {
            let open = move |rows: &mut dyn Iterator<Item = QueryResult<Sealed>>| {
                let (mut opener, mut all) = (vault.opener(), Vec::with_capacity((to - from) as usize));
                for (seq, row) in (from..).zip(rows) {
                    let row = row?;
                    if row.0.seq as u64 != seq {
                        break;
                    }
                    all.push(opener.scan(&row, &*read)??);
                }
                let end = from + all.len() as u64;
                let missing = StoreError::Corrupt { seq: end, what: "an entry is missing" };
                if end == to { Ok(all) } else { Err(missing) }
            };
            database.rows_between((from as i64, to as i64), open).await?
        });
        async move { reading.await.unwrap_or(Err(StoreError::Unavailable)) }
    }
}
