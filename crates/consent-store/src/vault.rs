//! The vault: what is personal is sealed here before it reaches a table, and opened here after it was read.

mod aead;
mod opening;
mod randomness;

use std::collections::BTreeMap;
use std::sync::Arc;

use consent_core::address::Identity;
use consent_core::codec::{Entry, Hash, Opening, commit_body, commit_subject};
use consent_core::event::Recorded;
use consent_core::merkle::leaf_hash;
use consent_core::token::Pepper;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::keys::{KeyKind, Keyring};
use crate::rows::{EntryRow, KeyRow, OpeningRow};

use aead::{Cipher, cipher, open, seal};
pub use opening::{OpenedEntry, Scanned};
use randomness::random;

/// A person's data key.
pub(crate) struct DataKey {
    pub(crate) id: Vec<u8>,
    cipher: Cipher,
}

/// Seals and opens under the keys of one key directory.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<Keyring>,
    /// Every key-encryption key by its epoch, ready for use: to make it so takes as long as to use it.
    keks: Arc<BTreeMap<u32, Cipher>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.keys).finish()
    }
}

impl Vault {
    /// A vault with these keys.
    pub fn new(keys: Arc<Keyring>) -> Self {
        let kek = |epoch| Some((epoch, cipher(keys.kek_of_epoch(epoch).ok()?).ok()?));
        let epochs = keys.list().into_iter().filter(|(kind, _)| *kind == KeyKind::Kek);
        let keks = Arc::new(epochs.filter_map(|(_, epoch)| kek(epoch)).collect());
        Self { keys, keks }
    }

    /// The key-encryption key in use, with its epoch.
    fn kek(&self) -> Result<(u32, &Cipher), StoreError> {
        let (epoch, _) = self.keys.kek();
        Ok((epoch, self.kek_of_epoch(epoch)?))
    }

    fn kek_of_epoch(&self, epoch: u32) -> Result<&Cipher, StoreError> {
        self.keks.get(&epoch).ok_or_else(|| StoreError::KeyMissing(format!("kek-{epoch}")))
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

    /// A new data key for the person with this token, and the row that keeps it. Its id begins with the position of the
    /// first entry that it seals: in order, so that new keys lie side by side in the database and cost it few pages.
    pub(crate) fn make_key(&self, token: &[u8], first: u64) -> Result<(DataKey, KeyRow), StoreError> {
        let id = [first.to_be_bytes(), random()?].concat();
        let secret = Zeroizing::new(random::<32>()?);
        let (epoch, kek) = self.kek()?;
        let wrapped = seal(kek, secret.as_slice(), &key_aad(&id, token))?;
        let row = KeyRow { id: id.clone(), token: token.to_vec(), wrapped, kek_epoch: epoch as i32 };
        Ok((DataKey { id, cipher: cipher(&secret)? }, row))
    }

    /// The data key in a row.
    pub(crate) fn unwrap_key(&self, row: &KeyRow) -> Result<DataKey, StoreError> {
        self.unwrap(&row.id, &row.token, &row.wrapped, row.kek_epoch)
    }

    fn unwrap(&self, id: &[u8], token: &[u8], wrapped: &[u8], epoch: i32) -> Result<DataKey, StoreError> {
        let kek = self.kek_of_epoch(epoch as u32)?;
        let secret = open(kek, wrapped, &key_aad(id, token)).map(Zeroizing::new);
        let secret: Option<[u8; 32]> = secret.and_then(|secret| secret.as_slice().try_into().ok());
        let secret = Zeroizing::new(secret.ok_or_else(|| StoreError::Keys("a data key cannot be unwrapped".into()))?);
        Ok(DataKey { id: id.to_vec(), cipher: cipher(&secret)? })
    }

    /// Commits to an event, whose body this is, and to the person with this token, and seals it: the rows of the public
    /// and of the personal part.
    pub(crate) fn seal_event(
        &self,
        recorded: &Recorded,
        body: Vec<u8>,
        about: &Hash,
        key: &DataKey,
    ) -> Result<(EntryRow, OpeningRow), StoreError> {
        let opening = Opening { r_sub: random()?, r_bod: random()?, body };
        let entry = Entry {
            bod: commit_body(&opening.r_bod, &opening.body),
            sub: commit_subject(&opening.r_sub, about),
            t: recorded.received_at.timestamp().max(0) as u64,
            typ: recorded.type_name().to_owned(),
        };
        let bytes = entry.encode().map_err(|_| StoreError::Refused("its entry has no canonical form"))?;
        let sealed = seal(&key.cipher, &Zeroizing::new(opening.to_bytes()), &bytes)?;
        let seq = recorded.seq as i64;
        let event_id = recorded.event_id.as_bytes().to_vec();
        let leaf = leaf_hash(&bytes).to_vec();
        Ok((EntryRow { seq, bytes, leaf }, OpeningRow { seq, event_id, key_id: key.id.clone(), sealed }))
    }

    /// Seals bytes that wait outside the database, such as the spool, under the key-encryption key.
    pub fn seal_outside(&self, plain: &[u8], purpose: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (epoch, kek) = self.kek()?;
        Ok([epoch.to_be_bytes().as_slice(), &seal(kek, plain, purpose)?].concat())
    }

    /// Opens what [`Vault::seal_outside`] sealed.
    pub fn open_outside(&self, sealed: &[u8], purpose: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Keys("sealed bytes cannot be opened".to_owned());
        let (epoch, sealed) = sealed.split_first_chunk().ok_or_else(damaged)?;
        let kek = self.kek_of_epoch(u32::from_be_bytes(*epoch))?;
        open(kek, sealed, purpose).ok_or_else(damaged)
    }
}

fn key_aad(id: &[u8], token: &[u8]) -> Vec<u8> {
    [b"consent-ledger/data-key/v1\0".as_slice(), id, token].concat()
}

#[cfg(test)]
mod tests;
