//! Verification of a whole ledger in its database: every entry, leaf, opening, token, tile, checkpoint and the root.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_core::codec::{Entry, Hash};
use consent_core::event::Recorded;
use consent_core::review::why_held;
use consent_core::tiles::{Edge, Tile};

use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::limits;
use crate::rows::DedupeRow;
use crate::vault::OpenedEntry;
use uuid::Uuid;

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
    /// Verifies the ledger up to its present head. `verifier` is the key under which checkpoints must be signed; if it
    /// is our own, those that we signed with before count as well.
    pub async fn verify(&self, verifier: &Verifier) -> Result<Summary, Fault> {
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
        while walk.found.entries < head.size {
            let from = walk.found.entries;
            let to = (from + limits::PAGE).min(head.size);
            let entries = self.entries(from, to).await?;
            if entries.len() as u64 != to - from {
                return Err(fault(format!("entries {from} to {}", to - 1), "an entry is missing"));
            }
            let mut tokens = self.tokens_between(from, to).await?;
            let mut names = self.names_between(from, to).await?;
            let listed = self.database.listed_between(from as i64, to as i64).await?;
            let mut full = Vec::new();
            for entry in &entries {
                let recorded = self.check_tokens(entry, &tokens.remove(&entry.seq).unwrap_or_default())?;
                self.check_name(&recorded, entry.event_id, &names.remove(&entry.seq).unwrap_or_default())?;
                walk.last_received = recorded.received_at;
                walk.check_listed(&recorded, &listed);
                walk.check_entry(entry, &mut full)?;
            }
            for tile in full {
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

    async fn names_between(&self, from: u64, to: u64) -> Result<BTreeMap<u64, Vec<DedupeRow>>, StoreError> {
        let mut names: BTreeMap<u64, Vec<DedupeRow>> = BTreeMap::new();
        for row in self.database.dedupe_between(from as i64, to as i64).await? {
            names.entry(row.seq as u64).or_default().push(row);
        }
        Ok(names)
    }

    /// An entry must have the one name by which a repeat of it is told, and be found under its own id.
    fn check_name(&self, recorded: &Recorded, event_id: Option<Uuid>, found: &[DedupeRow]) -> Result<(), Fault> {
        let place = format!("entry {}", recorded.seq);
        if event_id != Some(recorded.event_id) {
            return Err(fault(place, "is found under the id of another event"));
        }
        let peppers = 0..self.vault.keys().peppers().len();
        let contents = peppers.map(|pepper| self.vault.content(pepper, &recorded.event));
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        let fits = |row: &DedupeRow| row.event_id == recorded.event_id.as_bytes() && contents.contains(&row.content);
        match found {
            [row] if fits(row) => Ok(()),
            _ => Err(fault(place, "the name under which repeats of it are told is missing or another's")),
        }
    }

    async fn tokens_between(&self, from: u64, to: u64) -> Result<BTreeMap<u64, Vec<Vec<u8>>>, StoreError> {
        let mut tokens: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
        for (seq, token) in self.database.tokens_between(from as i64, to as i64).await? {
            tokens.entry(seq as u64).or_default().push(token);
        }
        Ok(tokens)
    }

    /// The look-up tokens of an entry must be those of the people in it, or an opt-out would not be found; and the
    /// entry must commit to the first of them.
    fn check_tokens(&self, entry: &OpenedEntry, found: &[Vec<u8>]) -> Result<Recorded, Fault> {
        let place = format!("entry {}", entry.seq);
        let (Some(recorded), Some(opening)) = (entry.recorded()?, &entry.opening) else {
            return Err(fault(place, "the opening is missing"));
        };
        let parsed = Entry::decode(&entry.bytes).map_err(|error| fault(&place, error.to_string()))?;
        let identities = recorded.event.identities();
        let fits = self.vault.keys().peppers().iter().any(|pepper| {
            let expected = pepper.tokens(&recorded.event);
            let about = identities.first().map_or_else(|| pepper.nobody(), |who| pepper.token(who));
            expected.iter().map(<[u8; 32]>::as_slice).eq(found.iter().map(Vec::as_slice))
                && opening.is_about(&parsed, &about)
        });
        if parsed.typ != recorded.type_name() || parsed.t != recorded.received_at.timestamp().max(0) as u64 {
            return Err(fault(place, "type or time is not that of the event"));
        }
        if fits {
            Ok(recorded)
        } else {
            Err(fault(place, "the look-up tokens are not those of the people in the event"))
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
    fn check_entry(&mut self, entry: &OpenedEntry, full: &mut Vec<Tile>) -> Result<(), Fault> {
        let place = format!("entry {}", entry.seq);
        if entry.seq != self.found.entries {
            return Err(fault(place, format!("stands where entry {} should", self.found.entries)));
        }
        let parsed = Entry::decode(&entry.bytes).map_err(|error| fault(&place, error.to_string()))?;
        if parsed.t < self.last_t {
            return Err(fault(place, "was received before the entry in front of it"));
        }
        self.last_t = parsed.t;
        self.edge.push(entry.leaf, full);
        self.found.entries += 1;
        self.found.openings += u64::from(entry.opening.is_some());
        self.check_checkpoint()
    }

    /// Notes a message that nobody would be shown.
    fn check_listed(&mut self, recorded: &Recorded, listed: &[i64]) {
        let missing =
            || why_held(&recorded.event.kind).is_some() && listed.binary_search(&(recorded.seq as i64)).is_err();
        if self.found.unlisted.len() < limits::UNLISTED && missing() {
            self.found.unlisted.push(recorded.seq);
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
