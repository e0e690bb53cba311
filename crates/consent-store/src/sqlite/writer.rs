//! The one connection that writes.
//!
//! Everything that is written goes through it. Would another connection of ours write, this one would have to forget
//! every page that it has read, and either would wait for the other by sleeping.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Conn, connect};
use crate::error::StoreError;

/// Memory for pages that have been read, in KiB: names, tokens and keys lie anywhere in their tables. More would not
/// help: SQLite looks through all of it at the end of nearly every commit.
const PAGES: &str = "PRAGMA cache_size = -16384";

/// The way to the connection, for one at a time and in their order.
#[derive(Clone)]
pub(crate) struct Writer {
    path: Arc<str>,
    /// Gone while it is in use and after an error, so that a doubtful connection is never used again.
    slot: Arc<Mutex<Option<Conn>>>,
}

impl Writer {
    pub(super) fn open(path: &str) -> Result<Self, StoreError> {
        let conn = connect_to_write(path)?;
        Ok(Self { path: Arc::from(path), slot: Arc::new(Mutex::new(Some(conn))) })
    }

    /// Waits for the connection.
    pub(crate) async fn lend(&self) -> Result<Lent, StoreError> {
        let mut slot = Arc::clone(&self.slot).lock_owned().await;
        let conn = slot.take().map_or_else(|| connect_to_write(&self.path), Ok)?;
        Ok(Lent { slot, conn })
    }

    /// Runs a task on the connection.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend().await?;
        let done = lent.conn.spawn_blocking(task).await?;
        lent.give_back();
        Ok(done)
    }
}

/// The connection, lent to one task. Unless it is given back it is closed.
pub(crate) struct Lent {
    slot: OwnedMutexGuard<Option<Conn>>,
    pub(crate) conn: Conn,
}

impl Lent {
    /// All went well, and whoever comes next may use it.
    pub(crate) fn give_back(mut self) {
        *self.slot = Some(self.conn);
    }
}

fn connect_to_write(path: &str) -> Result<Conn, StoreError> {
    let mut conn = connect(path)?;
    conn.batch_execute(PAGES)?;
    Ok(Conn::new(conn))
}
