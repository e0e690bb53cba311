//! From the rows of an entry back to the event, with every commitment checked on the way: a changed byte is an error,
//! never another event.

use consent_core::codec::{Entry, Hash, Opening, commit_body};
use consent_core::event::Recorded;
use consent_core::merkle::leaf_hash;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::aead::open_into;
use super::{DataKey, Vault};
use crate::error::StoreError;
use crate::limits;
use crate::sealed::{PublicPart, Sealed, SealedPart, WrappedKey};

const NO_EVENT: &str = "the body is not an event";

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
        let read = |opening: &Opening| Recorded::from_body(self.seq, &opening.body);
        self.opening.as_ref().map(read).transpose().map_err(|_| damaged(self.seq, NO_EVENT))
    }
}

/// An entry that was opened and checked, where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Scanned<'a> {
    /// Position in the ledger.
    pub seq: u64,
    /// The exact bytes of the entry.
    pub bytes: &'a [u8],
    /// What they say.
    pub entry: &'a Entry,
    /// Their leaf hash.
    pub leaf: &'a Hash,
    /// What opens it, as [`Opening::parts`] gives it, unless that was erased.
    pub opening: Option<(&'a Hash, &'a Hash, &'a [u8])>,
}

impl<'a> Scanned<'a> {
    /// What [`Recorded::from_body`] reads, unless that was erased.
    pub fn body(&self) -> Option<&'a [u8]> {
        self.opening.map(|(_, _, body)| body)
    }

    /// What it is called that a body is not an event.
    pub fn no_event(&self) -> StoreError {
        damaged(self.seq, NO_EVENT)
    }
}

/// Opens entry after entry: the data keys of the last ones are at hand, and all openings come to lie in the same memory.
pub(crate) struct Opener {
    vault: Vault,
    keys: Vec<Option<DataKey>>,
    plain: Zeroizing<Vec<u8>>,
}

impl Vault {
    /// Opens an entry.
    pub(crate) fn open_entry(&self, sealed: Sealed) -> Result<OpenedEntry, StoreError> {
        self.opener().open(sealed)
    }

    /// Opens many entries.
    pub(crate) fn opener(&self) -> Opener {
        Opener { vault: self.clone(), keys: Vec::new(), plain: Zeroizing::default() }
    }
}

impl Opener {
    /// Opens an entry.
    pub(crate) fn open(&mut self, (entry, part, key): Sealed) -> Result<OpenedEntry, StoreError> {
        let seq = entry.seq as u64;
        let (leaf, parsed) = check_entry(&entry)?;
        let event_id = part.as_ref().and_then(|part| part.event_id.bytes()).map(|id| Uuid::from_bytes(*id));
        let mut opening = None;
        if let Some(part) = &part {
            let bytes = self.unseal(&entry, &parsed, part, key.as_ref())?;
            opening = Some(Opening::from_bytes(bytes).map_err(|_| damaged(seq, "the opening is too short"))?);
        }
        Ok(OpenedEntry { seq, bytes: entry.bytes, leaf, opening, event_id })
    }

    /// Opens an entry for somebody who looks at it where it lies.
    pub(crate) fn scan<T>(
        &mut self,
        (entry, part, key): &Sealed,
        look: impl FnOnce(Scanned<'_>) -> T,
    ) -> Result<T, StoreError> {
        let seq = entry.seq as u64;
        let (leaf, parsed) = check_entry(entry)?;
        let mut opening = None;
        if let Some(part) = part {
            let bytes = self.unseal(entry, &parsed, part, key.as_ref())?;
            opening = Some(Opening::parts(bytes).map_err(|_| damaged(seq, "the opening is too short"))?);
        }
        Ok(look(Scanned { seq, bytes: &entry.bytes, entry: &parsed, leaf: &leaf, opening }))
    }

    /// The bytes of the opening to which the entry commits.
    fn unseal(
        &mut self,
        entry: &PublicPart,
        parsed: &Entry,
        part: &SealedPart,
        key: Option<&WrappedKey>,
    ) -> Result<&[u8], StoreError> {
        let seq = entry.seq as u64;
        if self.keys.is_empty() {
            self.keys.resize_with(limits::KEYS_AT_HAND, || None);
        }
        let key_id = part.key_id.bytes().ok_or_else(|| damaged(seq, "the data key is missing"))?;
        // Ids begin with positions, and end with what is random.
        let place = self.keys.get_mut(usize::from(key_id[15]) % limits::KEYS_AT_HAND);
        let place = place.ok_or(StoreError::Unavailable)?;
        let known = place.take_if(|known| known.id == key_id);
        let key = place.insert(match known {
            Some(known) => known,
            None => key_of_entry(&self.vault, seq, key)?,
        });
        let bytes = open_into(&key.cipher, &part.sealed, &entry.bytes, &mut self.plain);
        let bytes = bytes.ok_or_else(|| damaged(seq, "the opening cannot be unsealed"))?;
        let (_, r_bod, body) = Opening::parts(bytes).map_err(|_| damaged(seq, "the opening is too short"))?;
        if commit_body(r_bod, body) != parsed.bod {
            return Err(damaged(seq, "the opening does not match the entry"));
        }
        Ok(bytes)
    }
}

fn key_of_entry(vault: &Vault, seq: u64, key: Option<&WrappedKey>) -> Result<DataKey, StoreError> {
    let parts = key.and_then(|key| Some((key, key.id.bytes()?, key.token.bytes()?)));
    let (key, id, token) = parts.ok_or_else(|| damaged(seq, "the data key is missing"))?;
    vault.unwrap(id, token, &key.wrapped, key.kek_epoch).map_err(|error| match error {
        StoreError::KeyMissing(_) => error,
        _ => damaged(seq, "the data key cannot be unwrapped"),
    })
}

fn damaged(seq: u64, what: &'static str) -> StoreError {
    StoreError::Corrupt { seq, what }
}

/// The leaf hash of an entry and what the entry says.
fn check_entry(entry: &PublicPart) -> Result<(Hash, Entry), StoreError> {
    let seq = entry.seq as u64;
    let leaf = leaf_hash(&entry.bytes);
    if entry.leaf.bytes() != Some(&leaf) {
        return Err(damaged(seq, "the leaf hash is not that of the entry"));
    }
    let parsed = Entry::decode(&entry.bytes).map_err(|_| damaged(seq, "the entry is not in canonical form"))?;
    Ok((leaf, parsed))
}
