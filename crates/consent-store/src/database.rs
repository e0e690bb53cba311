//! One of two databases, behind one set of calls.

mod location;

use std::sync::Arc;

use diesel::QueryResult;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::error::StoreError;
use crate::hints::Listener;
use crate::rows::{
    ApiKeyRow, Batch, CheckpointRow, DedupeRow, Found, HeadRow, KeyCheckRow, LookUp, OutgoingRow, ReviewRow, TileRow,
};
use crate::sealed::Sealed;
use crate::{limits, postgres, sqlite};
pub(crate) use location::Location;

/// A connection for reads of the head alone.
pub(crate) type Prover = postgres::Conn;

/// An open database.
pub(crate) struct Database {
    kind: Kind,
    /// Where queries run: web workers have runtimes of their own, which end with them.
    runtime: Handle,
}

enum Kind {
    Sqlite(sqlite::Database),
    Postgres(Box<postgres::Database>),
}

/// Runs one of the shared queries, or of those of a module that each database has, on a reader of whichever it is.
macro_rules! query {
    ($self:ident, $name:ident ( $($argument:expr),* )) => { query!($self, queries::$name($($argument),*)) };
    ($self:ident, $module:ident :: $name:ident ( $($argument:expr),* )) => {
        match &$self.kind {
            Kind::Sqlite(database) => {
                let readers = database.readers();
                $self.to_its_end(async move {
                    let mut conn = readers.get().await.map_err(StoreError::from_pool)?;
                    Ok(sqlite::$module::$name(&mut conn, $($argument),*).await?)
                })
                .await?
            }
            Kind::Postgres(database) => {
                let readers = database.readers();
                $self.to_its_end(async move {
                    let mut conn = readers.get().await.map_err(StoreError::from_pool)?;
                    Ok(postgres::$module::$name(&mut conn, $($argument),*).await?)
                })
                .await?
            }
        }
    };
}

/// Runs one of the shared queries that write. On SQLite there is one connection for that.
macro_rules! write {
    ($self:ident, $name:ident ( $($argument:expr),* )) => {
        match &$self.kind {
            Kind::Sqlite(database) => {
                let writer = database.writer();
                $self.to_its_end(async move {
                    let mut lent = writer.lend().await?;
                    let written = sqlite::queries::$name(&mut lent.conn, $($argument),*).await?;
                    lent.give_back();
                    Ok(written)
                })
                .await?
            }
            Kind::Postgres(_) => query!($self, $name($($argument),*)),
        }
    };
}

/// Runs what is written once for each database.
macro_rules! each {
    ($self:ident, $database:ident => $call:expr) => {
        match &$self.kind {
            Kind::Sqlite($database) => $call,
            Kind::Postgres($database) => $call,
        }
    };
}

impl Database {
    /// Opens the database of a URL: `sqlite:PATH` or `postgres://...`.
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let kind = match Location::of(url)? {
            Location::File(path) => Kind::Sqlite(sqlite::Database::open(path)?),
            Location::Server(url) => Kind::Postgres(Box::new(postgres::Database::open(url).await?)),
        };
        Ok(Self { kind, runtime: Handle::current() })
    }

    /// Runs a query to its end, even if the caller goes away, as web workers' futures do: a connection whose statement
    /// was left in the middle must not go back to the pool. The caller waits no longer than a limit.
    async fn to_its_end<T: Send + 'static>(
        &self,
        query: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = tokio::time::timeout(limits::QUERY_TIME, self.runtime.spawn(query)).await;
        answer.map_or(Err(StoreError::Unavailable), |ended| ended.unwrap_or(Err(StoreError::Unavailable)))
    }

    /// The runtime on which the database was opened.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The head, by a connection for that alone: on PostgreSQL the one that was kept from the last time on the same runtime,
    /// or a new one. Whoever lets go of this future before its end lets go of the connection.
    pub(crate) async fn head_by(&self, kept: Option<Prover>) -> Result<(HeadRow, Option<Prover>), StoreError> {
        match &self.kind {
            Kind::Sqlite(database) => Ok((database.head_at_once().await?, None)),
            Kind::Postgres(database) => database.head_by(kept).await.map(|(head, used)| (head, Some(used))),
        }
    }

    /// Begins to pass on what other nodes tell of their commits; a file has no other nodes.
    pub(crate) fn listen(&self, moved: &watch::Sender<u64>) -> Option<Listener> {
        match &self.kind {
            Kind::Sqlite(_) => None,
            Kind::Postgres(database) => {
                let listening = self.runtime.spawn(database.listen(moved.clone()));
                Some(Listener(listening.abort_handle()))
            }
        }
    }

    pub(crate) async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        each!(self, database => database.migrate().await)
    }

    /// For the sequencer alone, as those behind it are: waits until no other node has the head, and keeps them from it
    /// until the next append or until the turn is ended. Nothing on SQLite, where nobody else writes.
    pub(crate) async fn take_turn(&self) -> Result<Option<HeadRow>, StoreError> {
        match &self.kind {
            Kind::Sqlite(_) => Ok(None),
            Kind::Postgres(database) => database.writer().take_turn().await.map(Some),
        }
    }

    pub(crate) async fn end_turn(&self) {
        if let Kind::Postgres(database) = &self.kind {
            database.writer().end_turn().await;
        }
    }

    pub(crate) async fn look_up(&self, asked: LookUp) -> Result<Found, StoreError> {
        match &self.kind {
            Kind::Sqlite(database) => database.look_up(asked).await,
            Kind::Postgres(database) => database.writer().look_up(asked).await,
        }
    }

    pub(crate) async fn append(&self, batch: Arc<Batch>) -> Result<bool, StoreError> {
        match &self.kind {
            Kind::Sqlite(database) => database.append(batch).await,
            Kind::Postgres(database) => database.writer().append(&batch).await,
        }
    }

    pub(crate) async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        each!(self, database => database.unsafe_settings().await)
    }

    pub(crate) async fn head(&self) -> Result<HeadRow, StoreError> {
        Ok(query!(self, head()))
    }

    pub(crate) async fn positions(&self, about: &[Vec<u8>], end: i64) -> Result<Vec<i64>, StoreError> {
        let about = about.to_vec();
        Ok(query!(self, positions(&about, end)))
    }

    pub(crate) async fn tokens_between(&self, from: i64, to: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        Ok(query!(self, tokens_between(from, to)))
    }

    pub(crate) async fn tokens_behind(
        &self,
        (seq, token): (i64, Vec<u8>),
        limit: i64,
    ) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        Ok(query!(self, tokens_behind(token, seq, limit)))
    }

    pub(crate) async fn dedupe_behind(
        &self,
        (source, key): (String, Vec<u8>),
        limit: i64,
    ) -> Result<Vec<DedupeRow>, StoreError> {
        Ok(query!(self, dedupe_behind(source, key, limit)))
    }

    pub(crate) async fn sealed_at(&self, at: &[i64]) -> Result<Vec<Sealed>, StoreError> {
        let at = at.to_vec();
        Ok(query!(self, sealed_at(&at)))
    }

    pub(crate) async fn sealed_between(&self, from: i64, to: i64) -> Result<Vec<Sealed>, StoreError> {
        Ok(query!(self, scan::sealed_between(from, to)))
    }

    /// What `work` makes of the entries `[from, to)`, in order.
    pub(crate) async fn rows_between<T: Send + 'static>(
        &self,
        (from, to): (i64, i64),
        work: impl FnOnce(&mut dyn Iterator<Item = QueryResult<Sealed>>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(query!(self, scan::rows_between(from, to, work)))
    }

    pub(crate) async fn leaves_between(&self, from: i64, to: i64) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(query!(self, leaves_between(from, to)))
    }

    pub(crate) async fn tiles_between(&self, level: i32, from: i64, to: i64) -> Result<Vec<TileRow>, StoreError> {
        Ok(query!(self, tiles_between(level, from, to)))
    }

    pub(crate) async fn recorded_under(&self, source: &str, hashes: &[Vec<u8>]) -> Result<Vec<DedupeRow>, StoreError> {
        let (source, hashes) = (source.to_owned(), hashes.to_vec());
        Ok(query!(self, recorded_under(&source, &hashes)))
    }

    pub(crate) async fn position_of(&self, event_id: &[u8]) -> Result<Option<i64>, StoreError> {
        let event_id = event_id.to_vec();
        Ok(query!(self, position_of(&event_id)))
    }

    pub(crate) async fn positions_of(&self, event_ids: Vec<Vec<u8>>) -> Result<Vec<i64>, StoreError> {
        Ok(query!(self, positions_of(&event_ids)))
    }

    pub(crate) async fn waiting(
        &self,
        reasons: Vec<String>,
        from: i64,
        end: i64,
        limit: i64,
    ) -> Result<Vec<ReviewRow>, StoreError> {
        Ok(query!(self, waiting(&reasons, from, end, limit)))
    }

    pub(crate) async fn listed_between(&self, from: i64, to: i64) -> Result<Vec<i64>, StoreError> {
        Ok(query!(self, listed_between(from, to)))
    }

    pub(crate) async fn add_review(&self, row: ReviewRow) -> Result<usize, StoreError> {
        Ok(write!(self, add_review(row)))
    }

    pub(crate) async fn checkpoints(&self) -> Result<Vec<CheckpointRow>, StoreError> {
        Ok(query!(self, checkpoints()))
    }

    pub(crate) async fn checkpoint_at(&self, size: i64) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(query!(self, checkpoint_at(size)))
    }

    pub(crate) async fn key_checks(&self) -> Result<Vec<KeyCheckRow>, StoreError> {
        Ok(query!(self, key_checks()))
    }

    pub(crate) async fn add_key_check(&self, row: KeyCheckRow) -> Result<usize, StoreError> {
        Ok(write!(self, add_key_check(row)))
    }

    pub(crate) async fn dedupe_between(&self, from: i64, to: i64) -> Result<Vec<DedupeRow>, StoreError> {
        Ok(query!(self, dedupe_between(from, to)))
    }

    pub(crate) async fn rows_outside(&self, size: i64) -> Result<Vec<(&'static str, i64)>, StoreError> {
        Ok(query!(self, rows_outside(size)))
    }

    pub(crate) async fn latest_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        Ok(query!(self, latest_checkpoint()))
    }

    pub(crate) async fn add_checkpoint(&self, row: CheckpointRow) -> Result<usize, StoreError> {
        Ok(write!(self, add_checkpoint(row)))
    }

    pub(crate) async fn follower(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let name = name.to_owned();
        Ok(query!(self, follower(&name)))
    }

    pub(crate) async fn add_follower(&self, name: &str, position: i64) -> Result<usize, StoreError> {
        let name = name.to_owned();
        Ok(write!(self, add_follower(&name, position)))
    }

    pub(crate) async fn follow(
        &self,
        name: &str,
        from: i64,
        to: i64,
        tasks: Vec<OutgoingRow>,
    ) -> Result<bool, StoreError> {
        let name = name.to_owned();
        Ok(write!(self, follow(&name, from, to, tasks)))
    }

    pub(crate) async fn outgoing_due(&self, now: i64, limit: i64) -> Result<Vec<OutgoingRow>, StoreError> {
        Ok(query!(self, outgoing_due(now, limit)))
    }

    pub(crate) async fn claim(&self, row: OutgoingRow, until: i64) -> Result<usize, StoreError> {
        Ok(write!(self, claim(row, until)))
    }

    pub(crate) async fn settle(&self, row: OutgoingRow) -> Result<usize, StoreError> {
        Ok(write!(self, settle(row)))
    }

    pub(crate) async fn outgoing_waiting(&self) -> Result<(i64, Option<i64>), StoreError> {
        Ok(query!(self, outgoing_waiting()))
    }

    pub(crate) async fn api_key(&self, hash: &[u8]) -> Result<Option<ApiKeyRow>, StoreError> {
        let hash = hash.to_vec();
        Ok(query!(self, api_key(&hash)))
    }

    pub(crate) async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        Ok(query!(self, api_keys()))
    }

    pub(crate) async fn add_api_key(&self, row: ApiKeyRow) -> Result<usize, StoreError> {
        Ok(write!(self, add_api_key(row)))
    }

    pub(crate) async fn revoke_api_key(&self, id: &str, now: i64) -> Result<usize, StoreError> {
        let id = id.to_owned();
        Ok(write!(self, revoke_api_key(&id, now)))
    }
}
