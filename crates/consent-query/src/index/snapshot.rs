//! The index in a file, so that a start need not read the whole ledger.
//!
//! The file is sealed, frame by frame, under the key-encryption key, because phone numbers are in it; no frame can be left
//! out, moved or taken from another file. It names its version, the head it was made at and the keys it was made with. A
//! file of which anything is in doubt is not used: the ledger has everything that is in it.

mod body;
mod frames;

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use consent_core::codec::Hash;
use consent_core::token::Pepper;
use consent_store::{StoreError, Vault};

use super::Index;
pub use body::Captured;
use frames::{Opening, Sealing};

/// What a file begins with: its kind and version.
const MAGIC: &[u8; 16] = b"consent-index/3\n";

/// Where the ledger ended when an index was captured: size and root.
pub type At = (u64, Hash);

/// Why a snapshot was not written or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file.
    #[error(transparent)]
    File(#[from] io::Error),
    /// The keys, or the ledger.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another kind of file, or another version of this one.
    #[error("this is no snapshot of this version")]
    Version,
    /// Made with other keys.
    #[error("the snapshot was made with another pepper")]
    Keys,
    /// Of another ledger, or of entries that are not there any more.
    #[error("the snapshot is of another ledger")]
    Ledger,
    /// The process ends.
    #[error("interrupted")]
    Interrupted,
}

/// Writes a captured index to a file, which takes the place of an older one at once or not at all.
pub fn write(captured: &Captured, root: &Hash, vault: &Vault, path: &Path) -> Result<(), SnapshotError> {
    let new = path.with_extension("new");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    let head = head(captured.position(), root);
    file.write_all(&head)?;
    let mut sealing = Sealing::new(&mut file, vault, &head);
    captured.write(&mut sealing)?;
    sealing.finish()?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&new, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn head(position: u64, root: &Hash) -> Vec<u8> {
    [MAGIC.as_slice(), &position.to_le_bytes(), root].concat()
}

/// A snapshot of which only the beginning was read.
pub struct Snapshot {
    file: BufReader<File>,
    head: Vec<u8>,
    at: At,
}

impl Snapshot {
    /// Opens a file; `None` if there is none.
    pub fn open(path: &Path) -> Result<Option<Self>, SnapshotError> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut file = BufReader::with_capacity(1 << 20, file);
        let (mut magic, mut position, mut root) = ([0; 16], [0; 8], Hash::default());
        file.read_exact(&mut magic)?;
        if magic != *MAGIC {
            return Err(SnapshotError::Version);
        }
        file.read_exact(&mut position)?;
        file.read_exact(&mut root)?;
        let at = (u64::from_le_bytes(position), root);
        Ok(Some(Self { file, head: head(at.0, &root), at }))
    }

    /// Where the ledger ended. Whoever uses the snapshot must make sure that it did.
    pub fn at(&self) -> At {
        self.at
    }

    /// Reads the index.
    pub fn read(self, vault: &Vault, pepper: Pepper) -> Result<Index, SnapshotError> {
        let mut opening = Opening::new(self.file, vault, &self.head);
        let index = body::read(&mut opening, pepper, self.at.0)?;
        opening.finish()?;
        Ok(index)
    }
}

#[cfg(test)]
mod tests;
