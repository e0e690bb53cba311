//! The ledger: append, read what is known of a person, read in order, prove.

mod people;
mod reviews;
mod scan;

use std::fs::File;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use consent_core::codec::Hash;
use consent_core::merkle;
use uuid::Uuid;

pub use people::Person;
pub use reviews::Waiting;

use crate::api_keys::ApiKey;
use crate::database::{Database, Location};
use crate::error::StoreError;
use crate::heads::Heads;
use crate::hints::Listener;
use crate::observer::Progress;
use crate::rows::{CheckpointRow, HeadRow, KeyCheckRow};
use crate::sequencer::{AppendError, Clock, HandedOver, Receipt, Sequencer, SourceKey, Submission, check_head};
use crate::settings::Settings;
use crate::tree::ReadBack;
use crate::vault::{OpenedEntry, Vault};
use crate::{Keyring, limits, tree};

/// Size and root of the ledger at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Hash,
    /// When the last one was received.
    pub received_at: DateTime<Utc>,
}

/// An open ledger. Cloning is cheap; all clones share one sequencer.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) database: Arc<Database>,
    pub(crate) vault: Vault,
    pub(crate) progress: Arc<Progress>,
    pub(crate) heads: Heads,
    /// Once somebody wants hints; nobody hears other nodes on SQLite.
    pub(crate) listener: Arc<OnceLock<Option<Listener>>>,
    sequencer: Sequencer,
}

impl Ledger {
    /// Opens the ledger at a URL: `sqlite:PATH` or `postgres://...`. Refuses a database that is set so that it could
    /// lose what it acknowledged.
    pub async fn open(url: &str, keys: Arc<Keyring>, clock: Clock) -> Result<Self, StoreError> {
        Self::open_with(url, keys, clock, Settings::default()).await
    }

    /// The same with other than the usual settings.
    pub async fn open_with(
        url: &str,
        keys: Arc<Keyring>,
        clock: Clock,
        settings: Settings,
    ) -> Result<Self, StoreError> {
        let database = Arc::new(Database::open(url).await?);
        let (vault, progress) = (Vault::new(keys), Arc::new(Progress::default()));
        let heads = Heads::new(Arc::clone(&database), vault.clone(), Arc::clone(&progress));
        let sequencer = Sequencer::start(Arc::clone(&database), vault.clone(), clock, Arc::clone(&progress), settings);
        Ok(Self { database, vault, progress, heads, listener: Arc::default(), sequencer })
    }

    /// Brings the tables at a URL up to this version. Returns the names of the migrations that ran, and whether no node
    /// has bound its keys to the ledger yet: only then may keys be made for it.
    pub async fn migrate_at(url: &str) -> Result<(Vec<String>, bool), StoreError> {
        let database = Database::open(url).await?;
        let ran = database.migrate().await?;
        Ok((ran, database.key_checks().await?.is_empty()))
    }

    /// Makes sure that this node has the keys that the ledger was written with, and tells the ledger of new ones. With
    /// other keys nobody's opt-outs would be found.
    pub async fn bind_keys(&self) -> Result<(), StoreError> {
        let mut ours = self.vault.keys().fingerprints();
        for row in self.database.key_checks().await? {
            let name = ours.keys().find(|(kind, number)| row.kind == *kind && row.number as u32 == *number).copied();
            match name.and_then(|name| ours.remove(&name)) {
                Some(fingerprint) if fingerprint == row.fingerprint => {}
                Some(_) => {
                    let what = format!("{}-{} is not the key that this ledger was written with", row.kind, row.number);
                    return Err(StoreError::Keys(what));
                }
                None => return Err(StoreError::KeyMissing(format!("{}-{}", row.kind, row.number))),
            }
        }
        for ((kind, number), fingerprint) in ours {
            let row = KeyCheckRow { kind: kind.to_owned(), number: number as i32, fingerprint };
            self.database.add_key_check(row).await?;
        }
        Ok(())
    }

    /// Brings the tables up to this version; returns the names of the migrations that ran.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.database.migrate().await
    }

    /// Takes the file lock by which one process owns a SQLite ledger; `None` on PostgreSQL, where nodes share it.
    ///
    /// The lock ends with the file handle, so also with a killed process.
    pub fn lock(url: &str) -> Result<Option<File>, StoreError> {
        let Location::File(path) = Location::of(url)? else { return Ok(None) };
        let path = format!("{path}.lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|error| StoreError::Database(format!("{path}: {error}")))?;
        file.try_lock().map_err(|_| StoreError::Locked)?;
        Ok(Some(file))
    }

    /// Records an event and waits for its commit. What was handed over is committed even if the caller goes away.
    pub async fn append(&self, submission: Submission) -> Result<Receipt, AppendError> {
        self.hand_over(submission)?.committed().await
    }

    /// Hands an event over for recording, behind those handed over before, without waiting for its commit.
    pub fn hand_over(&self, submission: Submission) -> Result<HandedOver, AppendError> {
        self.sequencer.hand_over(submission)
    }

    /// Whether nothing is recorded any more, as when the disk failed under the ledger. The process must end.
    pub fn has_stopped(&self) -> bool {
        self.sequencer.has_stopped()
    }

    /// The keys and what is sealed under them.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Where the ledger ends now.
    pub async fn head(&self) -> Result<Head, StoreError> {
        self.current().await?.try_into()
    }

    /// The head, unless it lies before one that was seen, or was written under a key that this node has not.
    async fn current(&self) -> Result<HeadRow, StoreError> {
        let highest = self.progress.highest();
        let head = self.database.head().await?;
        check_head(&head, highest, &self.vault)?;
        self.progress.saw(head.size as u64);
        Ok(head)
    }

    /// The entries `[from, to)`, at most a page of them, in order.
    pub async fn entries(&self, from: u64, to: u64) -> Result<Vec<OpenedEntry>, StoreError> {
        let to = to.min(from + limits::PAGE);
        let rows = self.database.sealed_between(from as i64, to as i64).await?;
        let mut opener = self.vault.opener();
        rows.into_iter().map(|row| opener.open(row)).collect()
    }

    /// The entry of an event, unless there is none or it was erased.
    pub async fn find(&self, event_id: Uuid) -> Result<Option<OpenedEntry>, StoreError> {
        match self.database.position_of(event_id.as_bytes()).await? {
            Some(seq) => Ok(self.entries(seq as u64, seq as u64 + 1).await?.pop()),
            None => Ok(None),
        }
    }

    /// The entries of these events, in order, each once, without those that are not there or were erased.
    pub async fn find_all(&self, event_ids: &[Uuid]) -> Result<Vec<OpenedEntry>, StoreError> {
        let mut found = Vec::new();
        for some in event_ids.chunks(limits::LOOK_UP) {
            let ids = some.iter().map(|id| id.as_bytes().to_vec()).collect();
            let at = self.database.positions_of(ids).await?;
            let mut opener = self.vault.opener();
            for row in self.database.sealed_at(&at).await? {
                found.push(opener.open(row)?);
            }
        }
        Ok(found)
    }

    /// Whether an event is recorded under this name.
    pub async fn is_recorded(&self, name: &SourceKey) -> Result<bool, StoreError> {
        let hashes: Vec<Vec<u8>> = self.vault.hashes(name).collect();
        Ok(!self.database.recorded_under(&name.source, &hashes).await?.is_empty())
    }

    /// The leaf hash of an entry.
    pub async fn leaf(&self, seq: u64) -> Result<Hash, StoreError> {
        let found = self.database.leaves_between(seq as i64, seq as i64 + 1).await?.pop();
        let leaf: Option<Hash> = found.and_then(|leaf| leaf.try_into().ok());
        leaf.ok_or(StoreError::Corrupt { seq, what: "an entry is missing" })
    }

    /// The root of the tree when it had `size` entries.
    pub async fn root_at(&self, size: u64) -> Result<Hash, StoreError> {
        tree::prove(&self.database, |tree| merkle::subtree_root(tree, 0, size)).await
    }

    /// The same, for whoever asks again and again as the ledger grows.
    pub async fn root_behind(&self, read: &mut ReadBack, size: u64) -> Result<Hash, StoreError> {
        read.root_at(&self.database, size).await
    }

    /// The hashes by which the entries `[from, to)` lead to the root of `size` entries.
    pub async fn range_proof(&self, from: u64, to: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        tree::prove(&self.database, |tree| merkle::prove_range(tree, from, to, size)).await
    }

    /// The latest signed checkpoint.
    pub async fn latest_checkpoint(&self) -> Result<Option<String>, StoreError> {
        Ok(self.database.latest_checkpoint().await?.map(|row| row.note))
    }

    /// Every signed checkpoint: (size, note), smallest first.
    pub async fn checkpoints(&self) -> Result<Vec<(u64, String)>, StoreError> {
        let rows = self.database.checkpoints().await?;
        Ok(rows.into_iter().map(|row| (row.size as u64, row.note)).collect())
    }

    /// Keeps a signed checkpoint. Another node may have kept one of the same size first, which is as good.
    pub async fn keep_checkpoint(&self, size: u64, note: String) -> Result<(), StoreError> {
        let added = self.database.add_checkpoint(CheckpointRow { size: size as i64, note }).await;
        match added {
            Ok(_) => Ok(()),
            Err(StoreError::Database(_)) if self.checkpoint_at(size).await? => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn checkpoint_at(&self, size: u64) -> Result<bool, StoreError> {
        Ok(self.database.checkpoint_at(size as i64).await?.is_some())
    }

    /// Settings of the database by which a power cut could lose what was acknowledged; none on a good day.
    pub async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        self.database.unsafe_settings().await
    }

    /// Keeps a caller's key, by its hash alone.
    pub async fn add_api_key(&self, key: &ApiKey, hash: Hash) -> Result<(), StoreError> {
        self.database.add_api_key(key.to_row(hash)).await.map(drop)
    }

    /// The caller's key with this hash, revoked and expired ones included.
    pub async fn api_key(&self, hash: Hash) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.database.api_key(&hash).await?.map(ApiKey::from_row))
    }

    /// Every caller's key, oldest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.database.api_keys().await?.into_iter().map(ApiKey::from_row).collect())
    }

    /// Ends a caller's key; `false` if there is none with this id that still worked.
    pub async fn revoke_api_key(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.database.revoke_api_key(id, now.timestamp_micros()).await? > 0)
    }
}

impl TryFrom<HeadRow> for Head {
    type Error = StoreError;
    fn try_from(row: HeadRow) -> Result<Self, StoreError> {
        let damaged = StoreError::Corrupt { seq: row.size as u64, what: "the head has no root" };
        let root = row.root.try_into().map_err(|_| damaged)?;
        let received_at = DateTime::from_timestamp_micros(row.received_at).unwrap_or_default();
        Ok(Self { size: row.size as u64, root, received_at })
    }
}
