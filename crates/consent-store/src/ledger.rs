//! The ledger: append, read what is known of a person, read in order, prove.

mod reviews;

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::codec::Hash;
use consent_core::event::Recorded;
use consent_core::merkle;
use uuid::Uuid;

pub use reviews::Waiting;

use crate::api_keys::ApiKey;
use crate::database::{Database, Location};
use crate::error::StoreError;
use crate::rows::{CheckpointRow, HeadRow, KeyCheckRow};
use crate::sequencer::{AppendError, Clock, HandedOver, Receipt, Sequencer, SourceKey, Submission, check_head};
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

/// What the ledger holds about a person, as of one position.
#[derive(Debug, Clone)]
pub struct Person {
    /// Size of the ledger when this was read; every entry below it was taken into account.
    pub position: u64,
    /// The events about the person, in ledger order.
    pub events: Vec<Recorded>,
}

/// An open ledger. Cloning is cheap; all clones share one sequencer.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) database: Arc<Database>,
    pub(crate) vault: Vault,
    sequencer: Sequencer,
    /// The largest size of the ledger that this process has seen.
    highest: Arc<AtomicU64>,
}

impl Ledger {
    /// Opens the ledger at a URL: `sqlite:PATH` or `postgres://...`. Refuses a database that is set so that it could
    /// lose what it acknowledged.
    pub async fn open(url: &str, keys: Arc<Keyring>, clock: Clock) -> Result<Self, StoreError> {
        let database = Arc::new(Database::open(url).await?);
        let vault = Vault::new(keys);
        let highest = Arc::new(AtomicU64::new(0));
        let sequencer = Sequencer::start(Arc::clone(&database), vault.clone(), clock, Arc::clone(&highest));
        Ok(Self { database, vault, sequencer, highest })
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
        let highest = self.highest.load(Ordering::SeqCst);
        let head = self.database.head().await?;
        check_head(&head, highest, &self.vault)?;
        self.highest.fetch_max(head.size as u64, Ordering::SeqCst);
        Ok(head)
    }

    /// Everything recorded about a person: about these addresses and ids, about those linked to them by any event that
    /// names both, and about the events found, such as a review of one, until nothing new is found.
    ///
    /// The head is read first and later entries are left out, so the answer is the state at one position.
    pub async fn person(&self, identities: &[Identity]) -> Result<Person, StoreError> {
        let head = self.current().await?;
        self.person_at(identities, head.size as u64).await
    }

    /// The same as of a position that was read before as the size of the head, so that many people can be looked at
    /// in one state of the ledger. What lies below a head never changes.
    pub async fn person_at(&self, identities: &[Identity], position: u64) -> Result<Person, StoreError> {
        let mut known: BTreeSet<Identity> = identities.iter().cloned().collect();
        let mut tokens: Vec<Vec<u8>> = known.iter().flat_map(|who| self.vault.tokens(who)).collect();
        let mut seen: BTreeSet<i64> = BTreeSet::new();
        let mut events: Vec<Recorded> = Vec::new();
        while !tokens.is_empty() {
            let mut at = Vec::new();
            for some in tokens.chunks(limits::LOOK_UP) {
                at.extend(self.database.positions(some, position as i64).await?);
            }
            at.retain(|seq| seen.insert(*seq));
            tokens.clear();
            for event in self.events_at(&at).await? {
                tokens.extend(self.vault.references(event.event_id));
                let new = event.event.identities().into_iter().filter(|who| known.insert(who.clone()));
                tokens.extend(new.collect::<Vec<_>>().iter().flat_map(|who| self.vault.tokens(who)));
                events.push(event);
            }
            if known.len() > limits::IDENTITIES || seen.len() > limits::EVENTS_OF_ONE {
                return Err(StoreError::TooLarge);
            }
        }
        events.sort_by_key(|event| event.seq);
        Ok(Person { position, events })
    }

    /// The events at these positions. That one cannot be read is damage: an opt-out may be in it.
    async fn events_at(&self, at: &[i64]) -> Result<Vec<Recorded>, StoreError> {
        let mut events = Vec::with_capacity(at.len());
        for some in at.chunks(limits::PAGE as usize) {
            let rows = self.database.sealed_at(some).await?;
            if rows.len() != some.len() {
                let seq = some.first().map_or(0, |seq| *seq as u64);
                return Err(StoreError::Corrupt { seq, what: "an entry is missing" });
            }
            for row in rows {
                let entry = self.vault.open_entry(row)?;
                let missing = StoreError::Corrupt { seq: entry.seq, what: "the opening is missing" };
                events.push(entry.recorded()?.ok_or(missing)?);
            }
        }
        Ok(events)
    }

    /// The entries `[from, to)`, at most a page of them, in order.
    pub async fn entries(&self, from: u64, to: u64) -> Result<Vec<OpenedEntry>, StoreError> {
        let to = to.min(from + limits::PAGE);
        let rows = self.database.sealed_between(from as i64, to as i64).await?;
        rows.into_iter().map(|row| self.vault.open_entry(row)).collect()
    }

    /// The entry of an event, unless there is none or it was erased.
    pub async fn find(&self, event_id: Uuid) -> Result<Option<OpenedEntry>, StoreError> {
        match self.database.position_of(event_id.as_bytes()).await? {
            Some(seq) => Ok(self.entries(seq as u64, seq as u64 + 1).await?.pop()),
            None => Ok(None),
        }
    }

    /// Whether an event is recorded under this name.
    pub async fn is_recorded(&self, name: &SourceKey) -> Result<bool, StoreError> {
        let hashes: Vec<Vec<u8>> = self.vault.hashes(name).collect();
        let rows = self.database.recorded_under(&hashes).await?;
        Ok(rows.iter().any(|row| row.source == name.source))
    }

    /// The root of the tree when it had `size` entries.
    pub async fn root_at(&self, size: u64) -> Result<Hash, StoreError> {
        tree::prove(&self.database, |tree| merkle::subtree_root(tree, 0, size)).await
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
