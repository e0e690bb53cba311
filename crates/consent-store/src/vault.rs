//! The vault: what is personal is sealed here before it reaches a table, and opened here after it was read.

use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use consent_core::address::Identity;
use consent_core::codec::{Entry, Hash, Opening, commit_body, commit_subject};
use consent_core::event::{Event, Recorded};
use consent_core::merkle::leaf_hash;
use consent_core::token::Pepper;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::keys::Keyring;
use crate::rows::{EntryRow, KeyRow, OpeningRow, SealedEntry};

const NONCE: usize = 12;

/// A person's data key.
pub(crate) struct DataKey {
    pub(crate) id: Vec<u8>,
    cipher: Aes256Gcm,
}

/// Seals and opens under the keys of one key directory.
#[derive(Clone, Debug)]
pub struct Vault {
    keys: Arc<Keyring>,
}

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

impl Vault {
    /// A vault with these keys.
    pub fn new(keys: Arc<Keyring>) -> Self {
        Self { keys }
    }

    /// The keys.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// The pepper under which new tokens are made.
    pub(crate) fn pepper(&self) -> Result<&Pepper, StoreError> {
        self.keys.peppers().first().ok_or_else(|| StoreError::KeyMissing("pepper-1".to_owned()))
    }

    /// The tokens of an identity under every pepper, newest first.
    pub(crate) fn tokens(&self, identity: &Identity) -> impl Iterator<Item = Vec<u8>> {
        self.keys.peppers().iter().map(|pepper| pepper.token(identity).to_vec())
    }

    /// The tokens under which events about another event are found.
    pub(crate) fn references(&self, event_id: Uuid) -> impl Iterator<Item = Vec<u8>> {
        self.keys.peppers().iter().map(move |pepper| pepper.reference(event_id).to_vec())
    }

    /// Tokens, newest pepper first, of the person whose key seals this event: the subject if it names one, so that an
    /// erasure reaches every event of the person; else the contact point; else nobody.
    pub(crate) fn owner_tokens(&self, event: &Event) -> Vec<Vec<u8>> {
        let identities = event.identities();
        let subject = identities.iter().find(|identity| matches!(identity, Identity::Subject(_)));
        match subject.or(identities.first()) {
            Some(owner) => self.tokens(owner).collect(),
            None => self.keys.peppers().iter().map(|pepper| pepper.nobody().to_vec()).collect(),
        }
    }

    /// A new data key for the person with this token, and the row that keeps it.
    pub(crate) fn make_key(&self, token: &[u8]) -> Result<(DataKey, KeyRow), StoreError> {
        let (id, secret) = (random::<16>()?, Zeroizing::new(random::<32>()?));
        let (epoch, kek) = self.keys.kek();
        let wrapped = seal(&cipher(kek), secret.as_slice(), &key_aad(&id, token))?;
        let row = KeyRow { id: id.to_vec(), token: token.to_vec(), wrapped, kek_epoch: epoch as i32 };
        Ok((DataKey { id: id.to_vec(), cipher: cipher(&secret) }, row))
    }

    /// The data key in a row.
    pub(crate) fn unwrap_key(&self, row: &KeyRow) -> Result<DataKey, StoreError> {
        let kek = self.keys.kek_of_epoch(row.kek_epoch as u32)?;
        let secret = open(&cipher(kek), &row.wrapped, &key_aad(&row.id, &row.token)).map(Zeroizing::new);
        let secret: Option<[u8; 32]> = secret.and_then(|secret| secret.as_slice().try_into().ok());
        let secret = Zeroizing::new(secret.ok_or_else(|| StoreError::Keys("a data key cannot be unwrapped".into()))?);
        Ok(DataKey { id: row.id.clone(), cipher: cipher(&secret) })
    }

    /// Commits to an event and seals it: the rows of the public and of the personal part.
    pub(crate) fn seal_event(&self, recorded: &Recorded, key: &DataKey) -> Result<(EntryRow, OpeningRow), StoreError> {
        let refused = |what| move |_| StoreError::Refused(what);
        let body = Recorded::body(&recorded.event, recorded.event_id, recorded.received_at)
            .map_err(refused("it has no canonical form"))?;
        let pepper = self.pepper()?;
        let token = recorded.event.identities().first().map_or_else(|| pepper.nobody(), |who| pepper.token(who));
        let opening = Opening { r_sub: random()?, r_bod: random()?, body };
        let entry = Entry {
            bod: commit_body(&opening.r_bod, &opening.body),
            sub: commit_subject(&opening.r_sub, &token),
            t: recorded.received_at.timestamp().max(0) as u64,
            typ: recorded.type_name().to_owned(),
        };
        let bytes = entry.encode().map_err(refused("its entry has no canonical form"))?;
        let sealed = seal(&key.cipher, &Zeroizing::new(opening.to_bytes()), &bytes)?;
        let seq = recorded.seq as i64;
        let event_id = recorded.event_id.as_bytes().to_vec();
        let leaf = leaf_hash(&bytes).to_vec();
        Ok((EntryRow { seq, bytes, leaf }, OpeningRow { seq, event_id, key_id: key.id.clone(), sealed }))
    }

    /// Opens an entry and checks every commitment on the way: a changed byte is an error, never another event.
    pub(crate) fn open_entry(&self, (entry, opening, key): SealedEntry) -> Result<OpenedEntry, StoreError> {
        let seq = entry.seq as u64;
        let damaged = |what| StoreError::Corrupt { seq, what };
        let leaf = leaf_hash(&entry.bytes);
        if entry.leaf != leaf {
            return Err(damaged("the leaf hash is not that of the entry"));
        }
        let parsed = Entry::decode(&entry.bytes).map_err(|_| damaged("the entry is not in canonical form"))?;
        let event_id = opening.as_ref().and_then(|row| Uuid::from_slice(&row.event_id).ok());
        let opening = match (opening, key) {
            (None, _) => None,
            (Some(_), None) => return Err(damaged("the data key is missing")),
            (Some(row), Some(key)) => {
                let key = self.unwrap_key(&key).map_err(|error| match error {
                    StoreError::KeyMissing(_) => error,
                    _ => damaged("the data key cannot be unwrapped"),
                })?;
                let cipher = key.cipher;
                let bytes = open(&cipher, &row.sealed, &entry.bytes).map(Zeroizing::new);
                let bytes = bytes.ok_or_else(|| damaged("the opening cannot be unsealed"))?;
                let opening = Opening::from_bytes(&bytes).map_err(|_| damaged("the opening is too short"))?;
                opening.check_body(&parsed).map_err(|_| damaged("the opening does not match the entry"))?;
                Some(opening)
            }
        };
        Ok(OpenedEntry { seq, bytes: entry.bytes, leaf, opening, event_id })
    }

    /// Seals bytes that wait outside the database, such as the spool, under the key-encryption key.
    pub fn seal_outside(&self, plain: &[u8], purpose: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (epoch, kek) = self.keys.kek();
        Ok([epoch.to_be_bytes().as_slice(), &seal(&cipher(kek), plain, purpose)?].concat())
    }

    /// Opens what [`Vault::seal_outside`] sealed.
    pub fn open_outside(&self, sealed: &[u8], purpose: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Keys("sealed bytes cannot be opened".to_owned());
        let (epoch, sealed) = sealed.split_first_chunk().ok_or_else(damaged)?;
        let kek = self.keys.kek_of_epoch(u32::from_be_bytes(*epoch))?;
        open(&cipher(kek), sealed, purpose).ok_or_else(damaged)
    }
}

fn cipher(secret: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(secret.into())
}

fn key_aad(id: &[u8], token: &[u8]) -> Vec<u8> {
    [b"consent-ledger/data-key/v1\0".as_slice(), id, token].concat()
}

/// `nonce || ciphertext`. The nonce is random: a data key seals one person's events, far from the limit of 2^32.
fn seal(cipher: &Aes256Gcm, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, StoreError> {
    let nonce = random::<NONCE>()?;
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad });
    let sealed = sealed.map_err(|_| StoreError::Keys("sealing failed".to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(cipher: &Aes256Gcm, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad }).ok()
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Keys("the system gives no random bytes".to_owned()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyKind;

    fn sealed() -> (tempfile::TempDir, Vault, Recorded, SealedEntry) {
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::new(Arc::new(Keyring::init(directory.path()).unwrap()));
        let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
        let recorded = Recorded {
            seq: 7,
            event_id: uuid::Uuid::from_u128(1),
            received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            event: Event::from_json(stop).unwrap(),
        };
        let owner = vault.owner_tokens(&recorded.event);
        let (key, row) = vault.make_key(&owner[0]).unwrap();
        let (entry, opening) = vault.seal_event(&recorded, &key).unwrap();
        (directory, vault, recorded, (entry, Some(opening), Some(row)))
    }

    #[test]
    fn what_was_sealed_opens_to_the_same_event() {
        let (_directory, vault, recorded, entry) = sealed();
        let opened = vault.open_entry(entry).unwrap();
        assert_eq!(opened.recorded().unwrap(), Some(recorded));
    }

    #[test]
    fn every_flipped_bit_is_an_error_and_never_another_event() {
        let (_directory, vault, _, entry) = sealed();
        let flips: [fn(&mut SealedEntry) -> &mut Vec<u8>; 7] = [
            |entry| &mut entry.0.bytes,
            |entry| &mut entry.0.leaf,
            |entry| &mut entry.1.as_mut().unwrap().sealed,
            |entry| &mut entry.2.as_mut().unwrap().wrapped,
            |entry| &mut entry.2.as_mut().unwrap().token,
            |entry| &mut entry.2.as_mut().unwrap().id,
            |entry| &mut entry.1.as_mut().unwrap().sealed,
        ];
        for (number, field) in flips.into_iter().enumerate() {
            for at in 0..field(&mut entry.clone()).len() {
                let mut altered = entry.clone();
                field(&mut altered)[at] ^= 0x10;
                assert!(vault.open_entry(altered).is_err(), "field {number}, byte {at}");
            }
        }
        assert!(vault.open_entry(entry).is_ok());
    }

    #[test]
    fn nothing_personal_is_in_the_clear() {
        let (_directory, _, _, (entry, opening, key)) = sealed();
        let everything = [entry.bytes, opening.unwrap().sealed, key.unwrap().wrapped].concat();
        let text = String::from_utf8_lossy(&everything);
        assert!(!text.contains("2025550123") && !text.contains("STOP"));
    }

    #[test]
    fn an_older_key_encryption_key_still_opens() {
        let (directory, vault, recorded, entry) = sealed();
        vault.keys().rotate(KeyKind::Kek).unwrap();
        let rotated = Vault::new(Arc::new(Keyring::load(directory.path()).unwrap()));
        assert_eq!(rotated.open_entry(entry).unwrap().recorded().unwrap(), Some(recorded));
        let outside = vault.seal_outside(b"waiting", b"spool").unwrap();
        assert_eq!(rotated.open_outside(&outside, b"spool").unwrap(), b"waiting");
        assert!(rotated.open_outside(&outside, b"other").is_err());
    }
}
