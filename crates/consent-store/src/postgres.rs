//! PostgreSQL: pure Rust, TLS by rustls.

mod append;
mod listen;
pub(crate) mod scan;
mod server;
mod writer;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::sync::watch;

use server::Server;
use writer::Writer;

use crate::error::StoreError;
use crate::rows::HeadRow;

/// A connection as the shared queries see it.
pub(crate) type Conn = AsyncPgConnection;

#[path = "queries.rs"]
#[expect(clippy::duplicate_mod, reason = "one set of queries, compiled for each database")]
pub(crate) mod queries;

pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Connections for reading; the sequencer has its own.
const READERS: usize = 16;

/// A PostgreSQL database.
pub(crate) struct Database {
    server: Server,
    readers: Pool<Conn>,
    writer: Writer,
}

impl Database {
    /// Connects, and refuses a server that could lose what it acknowledged.
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let server = Server::of(url)?;
        let writer = Writer::connect(&server, listen::node()?).await?;
        // A connection lives on the runtime that made it. Web workers come and go with their own, so every connection
        // is made on this one.
        let runtime = tokio::runtime::Handle::current();
        let mut config = ManagerConfig::default();
        let ours = server.clone();
        config.custom_setup = Box::new(move |_| {
            let server = ours.clone();
            let connecting = runtime.spawn(async move { server.connect().await });
            Box::pin(async move {
                let connected = connecting.await.unwrap_or(Err(StoreError::Unavailable));
                connected.map_err(|error| ConnectionError::BadConnection(error.to_string()))
            })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let readers = Pool::builder(manager).max_size(READERS).build().map_err(|_| StoreError::Unavailable)?;
        let database = Self { server, readers, writer };
        let wrong = database.unsafe_settings().await?;
        if wrong.is_empty() { Ok(database) } else { Err(StoreError::UnsafeSettings(wrong)) }
    }

    /// The connections for reading.
    pub(crate) fn readers(&self) -> Pool<Conn> {
        self.readers.clone()
    }

    /// The head, in one round trip by a connection that waits for nothing else: the one that was kept, or a new one.
    pub(crate) async fn head_by(&self, kept: Option<Conn>) -> Result<(HeadRow, Conn), StoreError> {
        // It may have died while nobody used it, so that a failure says nothing about the server yet.
        if let Some(mut conn) = kept
            && let Ok(head) = queries::head(&mut conn).await
        {
            return Ok((head, conn));
        }
        let mut conn = self.server.connect().await?;
        Ok((queries::head(&mut conn).await?, conn))
    }

    /// Passes on what other nodes tell of their commits, for ever.
    pub(crate) fn listen(&self, moved: watch::Sender<u64>) -> impl Future<Output = ()> + Send + 'static {
        listen::listen(self.server.clone(), self.writer.node.clone(), moved)
    }

    /// Runs what is missing of the migrations; returns the names of those that ran. Nodes that start together wait
    /// for each other at an advisory lock, which goes with the connection.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.server.connect().await?;
        conn.batch_execute("SET lock_timeout = 0; SELECT pg_advisory_lock(7161051119)").await?;
        let ran = tokio::task::spawn_blocking(move || {
            let mut harness = AsyncMigrationHarness::new(conn);
            let ran = harness.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
            Ok::<_, diesel::result::Error>(ran.iter().map(ToString::to_string).collect())
        });
        Ok(ran.await.map_err(|_| StoreError::Unavailable)??)
    }

    /// The one who writes for this node.
    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Settings that could lose what was acknowledged.
    pub(crate) async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        #[derive(QueryableByName)]
        struct Setting {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            setting: String,
        }
        let found: Vec<Setting> = diesel::sql_query(
            "SELECT name, reset_val AS setting FROM pg_settings \
             WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND reset_val = 'off' ORDER BY name",
        )
        .load(&mut *self.readers.get().await.map_err(StoreError::from_pool)?)
        .await?;
        Ok(found.into_iter().map(|row| format!("{} is {}", row.name, row.setting)).collect())
    }
}

/// Whether another node had the head: nothing was written, and the batch may be tried again.
fn is_contention(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(_, information) => information.message().contains("due to lock timeout"),
        _ => false,
    }
}
