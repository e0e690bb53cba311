//! From the rows of an entry back to the event, with every commitment checked on the way: a changed byte is an error,
//! never another event.

use std::collections::HashMap;

use consent_core::codec::{Entry, Hash, Opening, commit_body};
use consent_core::event::Recorded;
use consent_core::merkle::leaf_hash;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{DataKey, Vault, open};
use crate::error::StoreError;
use crate::rows::{EntryRow, KeyRow, OpeningRow, SealedEntry};

/// An entry with what is known of it.
#[derive(Debug, Clone)]
pub struct OpenedEntry {
    /// Position in the ledger.
    pub seq: u64,
    /// The exact bytes of the entry.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf: Hash,
    /// What opens it, unless that was erased.
    pub opening: Option<Opening>,
    /// Id of the event, as the table has it.
    pub(crate) event_id: Option<Uuid>,
}

impl OpenedEntry {
    /// The event, if it can still be read.
    pub fn recorded(&self) -> Result<Option<Recorded>, StoreError> {
        let what = "the body is not an event";
        let read = |opening: &Opening| Recorded::from_body(self.seq, &opening.body);
        self.opening.as_ref().map(read).transpose().map_err(|_| StoreError::Corrupt { seq: self.seq, what })
    }
}

/// What stands at a position of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// An event.
    Event(Recorded),
    /// What opens the entry is not there any more.
    Gone {
        /// Position in the ledger.
        seq: u64,
    },
}

impl Vault {
    /// Opens an entry.
    pub(crate) fn open_entry(&self, (entry, opening, key): SealedEntry) -> Result<OpenedEntry, StoreError> {
        let seq = entry.seq as u64;
        let (leaf, parsed) = check_entry(&entry)?;
        let event_id = opening.as_ref().and_then(|row| Uuid::from_slice(&row.event_id).ok());
        let opening = match &opening {
            None => None,
            Some(row) => {
                let bytes = unseal(&entry, &parsed, row, &self.key_of_entry(seq, key.as_ref())?)?;
                Some(Opening::from_bytes(&bytes).map_err(|_| damaged(seq, "the opening is too short"))?)
            }
        };
        Ok(OpenedEntry { seq, bytes: entry.bytes, leaf, opening, event_id })
    }

    /// Opens many entries. A data key that several of them share is unwrapped once.
    pub(crate) fn open_all(&self, rows: Vec<SealedEntry>) -> Result<Vec<Scanned>, StoreError> {
        let mut keys: HashMap<Vec<u8>, DataKey> = HashMap::new();
        let mut scanned = Vec::with_capacity(rows.len());
        for (entry, opening, key) in rows {
            let seq = entry.seq as u64;
            let (_, parsed) = check_entry(&entry)?;
            let Some(row) = opening else {
                scanned.push(Scanned::Gone { seq });
                continue;
            };
            if !keys.contains_key(&row.key_id) {
                keys.insert(row.key_id.clone(), self.key_of_entry(seq, key.as_ref())?);
            }
            let Some(key) = keys.get(&row.key_id) else { continue };
            let bytes = unseal(&entry, &parsed, &row, key)?;
            let event = Opening::parts(&bytes).ok().and_then(|(_, _, body)| Recorded::from_body(seq, body).ok());
            scanned.push(Scanned::Event(event.ok_or_else(|| damaged(seq, "the body is not an event"))?));
        }
        Ok(scanned)
    }

    fn key_of_entry(&self, seq: u64, row: Option<&KeyRow>) -> Result<DataKey, StoreError> {
        let row = row.ok_or_else(|| damaged(seq, "the data key is missing"))?;
        self.unwrap_key(row).map_err(|error| match error {
            StoreError::KeyMissing(_) => error,
            _ => damaged(seq, "the data key cannot be unwrapped"),
        })
    }
}

fn damaged(seq: u64, what: &'static str) -> StoreError {
    StoreError::Corrupt { seq, what }
}

/// The leaf hash of an entry and what the entry says.
fn check_entry(entry: &EntryRow) -> Result<(Hash, Entry), StoreError> {
    let seq = entry.seq as u64;
    let leaf = leaf_hash(&entry.bytes);
    if entry.leaf != leaf {
        return Err(damaged(seq, "the leaf hash is not that of the entry"));
    }
    let parsed = Entry::decode(&entry.bytes).map_err(|_| damaged(seq, "the entry is not in canonical form"))?;
    Ok((leaf, parsed))
}

/// The bytes of the opening to which the entry commits.
fn unseal(entry: &EntryRow, parsed: &Entry, row: &OpeningRow, key: &DataKey) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let seq = entry.seq as u64;
    let bytes = open(&key.cipher, &row.sealed, &entry.bytes).map(Zeroizing::new);
    let bytes = bytes.ok_or_else(|| damaged(seq, "the opening cannot be unsealed"))?;
    let (_, r_bod, body) = Opening::parts(&bytes).map_err(|_| damaged(seq, "the opening is too short"))?;
    if commit_body(r_bod, body) != parsed.bod {
        return Err(damaged(seq, "the opening does not match the entry"));
    }
    Ok(bytes)
}
