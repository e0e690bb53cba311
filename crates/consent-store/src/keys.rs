//! The key directory: pepper, key-encryption keys and signing keys, outside the database.
//!
//! One file a key, named `<kind>-<number>.key`, holding 32 random bytes in base64. The highest number is in use; older
//! ones stay so that what was written under them can still be found and read. Only the owner may read the files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent_core::token::Pepper;
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::error::StoreError;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Secret under look-up tokens.
    Pepper,
    /// Wraps data keys and seals the spool.
    Kek,
    /// Signs checkpoints.
    Signing,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pepper, Self::Kek, Self::Signing];

    /// The word in file names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pepper => "pepper",
            Self::Kek => "kek",
            Self::Signing => "signing",
        }
    }
}

type Secret = Zeroizing<[u8; 32]>;

/// The keys of one key directory.
pub struct Keyring {
    directory: PathBuf,
    keys: BTreeMap<(KeyKind, u32), Secret>,
    peppers: Vec<Pepper>,
    kek: (u32, Secret),
    signing: Secret,
}

impl Keyring {
    /// Makes the first key of every kind that has none. Existing keys are never touched.
    pub fn init(directory: &Path) -> Result<Self, StoreError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|error| fault(directory, &error))?;
        let present = read_all(directory)?;
        for kind in KeyKind::ALL {
            if !present.keys().any(|(found, _)| *found == kind) {
                create(directory, kind, 1)?;
            }
        }
        Self::load(directory)
    }

    /// Reads the keys, refusing files that others can read.
    pub fn load(directory: &Path) -> Result<Self, StoreError> {
        let keys = read_all(directory)?;
        let newest = |kind: KeyKind| {
            let found = keys.range((kind, 0)..=(kind, u32::MAX)).next_back();
            found.map(|((_, number), secret)| (*number, secret.clone())).ok_or_else(|| missing(kind))
        };
        let (kek, (_, signing)) = (newest(KeyKind::Kek)?, newest(KeyKind::Signing)?);
        newest(KeyKind::Pepper)?;
        let peppers = keys.iter().rev().filter(|((kind, _), _)| *kind == KeyKind::Pepper);
        let peppers = peppers.map(|(_, secret)| Pepper::new(secret)).collect();
        Ok(Self { directory: directory.to_owned(), keys, peppers, kek, signing })
    }

    /// Adds a new key of this kind, which is in use from the next start; returns its number.
    pub fn rotate(&self, kind: KeyKind) -> Result<u32, StoreError> {
        let newest = self.keys.keys().filter(|(found, _)| *found == kind).map(|(_, number)| *number).max();
        let number = newest.unwrap_or(0) + 1;
        create(&self.directory, kind, number)?;
        Ok(number)
    }

    /// Kind and number of every key, in order.
    pub fn list(&self) -> Vec<(KeyKind, u32)> {
        self.keys.keys().copied().collect()
    }

    /// The peppers, newest first. New tokens are made under the first; all are looked up.
    pub fn peppers(&self) -> &[Pepper] {
        &self.peppers
    }

    /// Number of the pepper under which new tokens are made.
    pub fn newest_pepper(&self) -> u32 {
        self.keys.keys().filter(|(kind, _)| *kind == KeyKind::Pepper).map(|(_, number)| *number).max().unwrap_or(0)
    }

    /// A fingerprint of every key, by which a ledger knows the keys it was written with. It tells nothing of the key.
    pub(crate) fn fingerprints(&self) -> BTreeMap<(&'static str, u32), Vec<u8>> {
        let print = |((kind, number), secret): (&(KeyKind, u32), &Secret)| {
            let name = [kind.as_str().as_bytes(), &number.to_be_bytes()];
            ((kind.as_str(), *number), Pepper::new(secret).fingerprint("key-check", &name).to_vec())
        };
        self.keys.iter().map(print).collect()
    }

    /// The key that signs checkpoints.
    pub fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.signing)
    }

    /// The public keys of every signing key, under which checkpoints of any age can be checked.
    pub fn verifying(&self) -> Vec<VerifyingKey> {
        let signing = self.keys.range((KeyKind::Signing, 0)..=(KeyKind::Signing, u32::MAX));
        signing.map(|(_, secret)| SigningKey::from_bytes(secret).verifying_key()).collect()
    }

    /// Epoch and secret of the key-encryption key in use.
    pub(crate) fn kek(&self) -> (u32, &Secret) {
        (self.kek.0, &self.kek.1)
    }

    pub(crate) fn kek_of_epoch(&self, epoch: u32) -> Result<&Secret, StoreError> {
        self.keys.get(&(KeyKind::Kek, epoch)).ok_or_else(|| StoreError::KeyMissing(format!("kek-{epoch}")))
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("keys", &self.list()).finish_non_exhaustive()
    }
}

fn missing(kind: KeyKind) -> StoreError {
    StoreError::KeyMissing(format!("{}-1", kind.as_str()))
}

fn fault(path: &Path, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Keys(format!("{}: {error}", path.display()))
}

fn create(directory: &Path, kind: KeyKind, number: u32) -> Result<(), StoreError> {
    let path = directory.join(format!("{}-{number}.key", kind.as_str()));
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|error| fault(&path, &error))?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*secret)));
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::File::open(directory)?.sync_all()
    };
    write().map_err(|error| fault(&path, &error))
}

fn read_all(directory: &Path) -> Result<BTreeMap<(KeyKind, u32), Secret>, StoreError> {
    let mut keys = BTreeMap::new();
    let files = fs::read_dir(directory).map_err(|error| fault(directory, &error))?;
    for file in files {
        let path = file.map_err(|error| fault(directory, &error))?.path();
        if let Some(name) = key_name(&path) {
            keys.insert(name, read(&path)?);
        }
    }
    Ok(keys)
}

/// Kind and number from a file name; other files, such as gateway tokens, are passed over.
fn key_name(path: &Path) -> Option<(KeyKind, u32)> {
    let (kind, number) = path.file_name()?.to_str()?.strip_suffix(".key")?.rsplit_once('-')?;
    let kind = KeyKind::ALL.into_iter().find(|known| known.as_str() == kind)?;
    Some((kind, number.parse().ok().filter(|&number| number >= 1)?))
}

fn read(path: &Path) -> Result<Secret, StoreError> {
    let mode = fs::metadata(path).map_err(|error| fault(path, &error))?.mode();
    if mode & 0o077 != 0 {
        return Err(fault(path, &format!("others can read it (mode {:03o}); run chmod 600", mode & 0o777)));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| fault(path, &error))?);
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| fault(path, &"not base64"))?);
    let secret: [u8; 32] = bytes.as_slice().try_into().map_err(|_| fault(path, &"not 32 bytes"))?;
    Ok(Zeroizing::new(secret))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_rotated_by_addition() {
        let directory = tempfile::tempdir().unwrap();
        let first = Keyring::init(directory.path()).unwrap();
        let again = Keyring::init(directory.path()).unwrap();
        assert_eq!(first.signing().to_bytes(), again.signing().to_bytes());
        assert_eq!(again.rotate(KeyKind::Kek).unwrap(), 2);
        let rotated = Keyring::load(directory.path()).unwrap();
        assert_eq!(rotated.kek().0, 2);
        assert_eq!(rotated.kek_of_epoch(1).unwrap(), first.kek().1);
        assert!(matches!(rotated.kek_of_epoch(3), Err(StoreError::KeyMissing(_))));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        Keyring::init(directory.path()).unwrap();
        let path = directory.path().join("kek-1.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keyring::load(directory.path()), Err(StoreError::Keys(_))));
    }

    #[test]
    fn nothing_shows_a_secret() {
        let directory = tempfile::tempdir().unwrap();
        let keyring = Keyring::init(directory.path()).unwrap();
        let secret = fs::read_to_string(directory.path().join("pepper-1.key")).unwrap();
        assert!(!format!("{keyring:?}").contains(secret.trim()));
    }
}
