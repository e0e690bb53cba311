//! SQLite: bundled, WAL, `synchronous=FULL`, one writer.

mod append;
mod insert;
pub(crate) mod scan;
mod writer;

use std::error::Error;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::rows::{Batch, Found, HeadRow, LookUp};
use writer::Writer;

/// A connection as the shared queries see it.
pub(crate) type Conn = SyncConnectionWrapper<SqliteConnection, Threads>;

/// Where statements run. Should a future be dropped while its statement runs, as when a web worker ends, the statement
/// ends by itself; the default would block the thread until then, which panics on a web worker.
pub(crate) struct Threads(Handle);

impl SpawnBlocking for Threads {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync>>> {
        let running = self.0.spawn_blocking(task);
        Box::pin(async move { running.await.map_err(Into::into) })
    }

    fn get_runtime() -> Self {
        Self(Handle::current())
    }
}

#[path = "queries.rs"]
pub(crate) mod queries;

pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Readers beside the one writer; reads are short and from the page cache.
const READERS: usize = 4;

/// What every connection is set to before it is used. Without `FULL` a power cut loses acknowledged commits.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; \
    PRAGMA wal_autocheckpoint = 20000;";

/// An open SQLite database.
pub(crate) struct Database {
    path: String,
    readers: Pool<Conn>,
    writer: Writer,
    /// For reads of the head alone, once there was one; gone while it is in use and after an error.
    prover: Mutex<Option<Conn>>,
}

impl Database {
    /// Opens the file, making it if it does not exist.
    pub(crate) fn open(path: &str) -> Result<Self, StoreError> {
        let writer = Writer::open(path)?;
        let mut config = ManagerConfig::default();
        // A file does not go away as a server does: a query before each query would find nothing.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|path| {
            let path = path.to_owned();
            let connected = connect(&path).map(Conn::new);
            Box::pin(async move { connected.map_err(|error| ConnectionError::BadConnection(error.to_string())) })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(path, config);
        let readers = Pool::builder(manager).max_size(READERS).build().map_err(|_| StoreError::Unavailable)?;
        Ok(Self { path: path.to_owned(), readers, writer, prover: Mutex::default() })
    }

    /// The connections for reading.
    pub(crate) fn readers(&self) -> Pool<Conn> {
        self.readers.clone()
    }

    /// The one connection that writes.
    pub(crate) fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// The head, by a connection that waits for nothing else; by a new one while another runtime uses that.
    pub(crate) async fn head_at_once(&self) -> Result<HeadRow, StoreError> {
        let kept = self.prover.lock().await.take();
        let mut conn = kept.map_or_else(|| connect(&self.path).map(Conn::new), Ok)?;
        let head = queries::head(&mut conn).await?;
        *self.prover.lock().await = Some(conn);
        Ok(head)
    }

    /// Runs what is missing of the migrations; returns the names of those that ran.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.writer
            .run(|conn| {
                let ran = conn.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
                Ok(ran.iter().map(ToString::to_string).collect())
            })
            .await
    }

    /// What the sequencer must know before it plans a batch.
    pub(crate) async fn look_up(&self, asked: LookUp) -> Result<Found, StoreError> {
        self.writer.run(move |conn| append::look_up(conn, &asked)).await
    }

    /// Appends a batch, or nothing if the head is no longer where the batch begins.
    pub(crate) async fn append(&self, batch: Arc<Batch>) -> Result<bool, StoreError> {
        self.writer.run(move |conn| conn.immediate_transaction(|conn| append::append(conn, &batch))).await
    }

    /// Settings that could lose what was acknowledged.
    pub(crate) async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        self.writer.run(wrong_settings).await
    }
}

fn connect(path: &str) -> Result<SqliteConnection, StoreError> {
    let mut conn = SqliteConnection::establish(path).map_err(|_| StoreError::Unavailable)?;
    conn.batch_execute(SETTINGS)?;
    let wrong = wrong_settings(&mut conn)?;
    if wrong.is_empty() { Ok(conn) } else { Err(StoreError::UnsafeSettings(wrong)) }
}

/// Reads the settings back: a file system without shared memory, for one, silently refuses WAL.
fn wrong_settings(conn: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = diesel::sql_types::Text)]
        journal_mode: String,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        synchronous: i32,
    }
    let found: Settings =
        diesel::sql_query("SELECT journal_mode, synchronous FROM pragma_journal_mode, pragma_synchronous")
            .get_result(conn)?;
    let mut wrong = Vec::new();
    if found.journal_mode != "wal" {
        wrong.push(format!("journal_mode is {}", found.journal_mode));
    }
    if found.synchronous != 2 {
        wrong.push(format!("synchronous is {}", found.synchronous));
    }
    Ok(wrong)
}
