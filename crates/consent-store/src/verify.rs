//! Verification of a whole ledger in its database: every entry, leaf, opening, token, tile, checkpoint and the root.

mod page;
mod quick;
mod sums;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::pin::pin;
use std::thread;

use chrono::{DateTime, Utc};
use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_core::codec::Hash;
use consent_core::tiles::{Edge, Tile};
use futures_util::StreamExt;

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::limits;
use page::{Checked, Page};

/// What a verification found in good order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries whose bytes and leaf hash were checked.
    pub entries: u64,
    /// Openings that matched their entries.
    pub openings: u64,
    /// Tiles that matched the tree.
    pub tiles: u64,
    /// Checkpoints whose signature and root were checked.
    pub checkpoints: u64,
    /// Positions of messages that a person has to read and that are not listed for it. That is no fault: a newer release
    /// may read a message otherwise than the one that recorded it. See [`Ledger::list_for_review`].
    pub unlisted: Vec<u64>,
    /// Root of the tree.
    pub root: Hash,
}

/// The first fault that a verification found.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The ledger is not what it should be.
    #[error("{place}: {what}")]
    Found {
        /// Where, such as `entry 7` or `tile 0/3`.
        place: String,
        /// What does not fit.
        what: String,
    },
    /// The verification could not be carried out.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt { seq, what } => fault(format!("entry {seq}"), what),
            other => Self::Store(other),
        }
    }
}

fn fault(place: impl Into<String>, what: impl Into<String>) -> Fault {
    Fault::Found { place: place.into(), what: what.into() }
}

impl Ledger {
    /// Verifies the ledger up to its present head, on all cores. `verifier` is the key under which checkpoints must be
    /// signed; if it is our own, those that we signed with before count as well.
    pub async fn verify(&self, verifier: &Verifier) -> Result<Summary, Fault> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(limits::SCAN_THREADS);
        // One more, so that no core waits for whoever takes them.
        self.verify_ahead(verifier, cores + 1).await
    }

    /// The same a page at a time, beside a service whose callers come first.
    pub async fn verify_beside(&self, verifier: &Verifier) -> Result<Summary, Fault> {
        self.verify_ahead(verifier, 1).await
    }

    /// The same with so many pages under way.
    async fn verify_ahead(&self, verifier: &Verifier, ahead: usize) -> Result<Summary, Fault> {
        // In this order: a checkpoint signed in between is of a size that the head already has.
        let checkpoints: BTreeMap<u64, String> = self.checkpoints().await?.into_iter().collect();
        let head = self.head().await?;
        if let Some((size, _)) = checkpoints.range(head.size + 1..).next() {
            return Err(fault(format!("checkpoint {size}"), format!("the ledger has only {} entries", head.size)));
        }
        let ours = self.vault.keys().verifying();
        let keys = if ours.contains(&verifier.key) { ours } else { vec![verifier.key] };
        let verifiers = keys.into_iter().map(|key| Verifier { name: verifier.name.clone(), key }).collect();
        let (edge, last_received, found) = (Edge::default(), DateTime::UNIX_EPOCH, Summary::default());
        let mut walk = Walk { verifiers, checkpoints, edge, last_t: 0, last_received, found };
        walk.check_checkpoint()?;
        let mut pages = pin!(self.pages(head.size, ahead).await?);
        while let Some(page) = pages.next().await {
            for tile in walk.take(page?)? {
                self.check_tile(&tile).await?;
                walk.found.tiles += 1;
            }
        }
        walk.found.root = walk.edge.root();
        if walk.found.root != head.root {
            return Err(fault("head", "its root is not that of the entries"));
        }
        if head.size > 0 && walk.last_received != head.received_at {
            return Err(fault("head", "its time is not that of the last entry"));
        }
        self.check_outside().await?;
        Ok(walk.found)
    }

    /// No table may hold rows of entries that do not exist: they would be in the way of those that are to come.
    async fn check_outside(&self) -> Result<(), Fault> {
        loop {
            let size = self.head().await?.size;
            let outside = self.database.rows_outside(size as i64).await?;
            let Some((table, count)) = outside.into_iter().find(|(_, count)| *count > 0) else { return Ok(()) };
            // Unless the ledger grew in between, in which case they may be of new entries.
            if self.head().await?.size == size {
                return Err(fault(format!("table {table}"), format!("{count} rows belong to no entry")));
            }
        }
    }

    async fn check_tile(&self, tile: &Tile) -> Result<(), Fault> {
        let stored = self.database.tiles_between(tile.level as i32, tile.index as i64, tile.index as i64 + 1).await?;
        let same = stored.first().is_some_and(|row| row.bytes == tile.bytes);
        let place = format!("tile {}/{}", tile.level, tile.index);
        if same { Ok(()) } else { Err(fault(place, "missing, or not the hashes of the entries")) }
    }
}

/// The state of a verification under way.
struct Walk {
    verifiers: Vec<Verifier>,
    checkpoints: BTreeMap<u64, String>,
    edge: Edge,
    last_t: u64,
    last_received: DateTime<Utc>,
    found: Summary,
}

impl Walk {
    /// Goes through a page; returns the tiles that it fills.
    fn take(&mut self, page: Page) -> Result<Vec<Tile>, Fault> {
        let mut full = Vec::new();
        for entry in &page.entries {
            self.last_received = entry.received_at;
            self.check_listed(entry, &page.listed);
            self.check_entry(entry, &mut full)?;
        }
        page.fault.map_or(Ok(full), Err)
    }

    fn check_entry(&mut self, entry: &Checked, full: &mut Vec<Tile>) -> Result<(), Fault> {
        let place = || format!("entry {}", entry.seq);
        if entry.seq != self.found.entries {
            return Err(fault(place(), format!("stands where entry {} should", self.found.entries)));
        }
        if entry.t < self.last_t {
            return Err(fault(place(), "was received before the entry in front of it"));
        }
        self.last_t = entry.t;
        self.edge.push(entry.leaf, full);
        self.found.entries += 1;
        self.found.openings += 1;
        self.check_checkpoint()
    }

    /// Notes a message that nobody would be shown.
    fn check_listed(&mut self, entry: &Checked, listed: &[i64]) {
        let is_missing = entry.is_held && listed.binary_search(&(entry.seq as i64)).is_err();
        if self.found.unlisted.len() < limits::UNLISTED && is_missing {
            self.found.unlisted.push(entry.seq);
        }
    }

    /// Checks the checkpoint of the present size, if there is one.
    fn check_checkpoint(&mut self) -> Result<(), Fault> {
        let Some(note) = self.checkpoints.get(&self.edge.size()) else { return Ok(()) };
        let place = format!("checkpoint {}", self.edge.size());
        let opened = self.verifiers.iter().find_map(|verifier| Checkpoint::open(note, verifier).ok());
        let opened = opened.ok_or_else(|| fault(&place, "is not signed by the ledger's key"))?;
        if opened.size != self.edge.size() || opened.root != self.edge.root() {
            return Err(fault(place, "signs another root than that of the entries"));
        }
        self.found.checkpoints += 1;
        Ok(())
    }
}
