//! The notary: signs checkpoints, keeps the latest in a second place, and notices a ledger that went backwards.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_store::{Ledger, StoreError};

use crate::limits;

/// Why a checkpoint was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The second place cannot be used.
    #[error("checkpoint file: {0}")]
    Anchor(#[from] std::io::Error),
    /// The ledger is not one that contains what was signed before.
    #[error("the ledger does not contain the checkpoint at {0} entries that was signed before")]
    Backwards(u64),
}

/// Signs for one ledger.
#[derive(Clone)]
pub struct Notary {
    ledger: Ledger,
    origin: String,
    anchor: PathBuf,
    quarantined: Arc<AtomicBool>,
}

impl Notary {
    /// A notary for this ledger.
    pub fn new(ledger: Ledger, origin: &str, anchor: &Path) -> Self {
        Self { ledger, origin: origin.to_owned(), anchor: anchor.to_owned(), quarantined: Arc::default() }
    }

    /// The key under which checkpoints can be checked.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.origin.clone(), key: self.ledger.vault().keys().signing().verifying_key() }
    }

    /// Whether the ledger is known to lack what was acknowledged. Then checks are denied and opt-outs are still taken.
    pub fn is_quarantined(&self) -> bool {
        self.quarantined.load(Ordering::SeqCst)
    }

    /// Checks that the ledger contains the checkpoint in the second place and the latest in the database. An older
    /// backup that was put back does not.
    pub async fn check_past(&self) -> Result<(), NotaryError> {
        let anchored = match fs::read_to_string(&self.anchor) {
            Ok(note) => Some(note),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let head = self.ledger.head().await?;
        for note in anchored.into_iter().chain(self.ledger.latest_checkpoint().await?) {
            // The keys may have changed since; what counts here is that we wrote it, in a place of ours.
            let known = Checkpoint::parse(&note).ok().filter(|known| known.origin == self.origin);
            let contained = match &known {
                Some(known) if known.size <= head.size => self.ledger.root_at(known.size).await? == known.root,
                _ => false,
            };
            if !contained {
                self.quarantined.store(true, Ordering::SeqCst);
                return Err(NotaryError::Backwards(known.map_or(0, |known| known.size)));
            }
        }
        self.quarantined.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Signs the present head, if it is not signed yet, after reading back what was committed.
    pub async fn sign(&self) -> Result<String, NotaryError> {
        let latest = self.ledger.latest_checkpoint().await?;
        let signed = latest.as_deref().and_then(|note| Checkpoint::parse(note).ok());
        let head = self.ledger.head().await?;
        if let (Some(note), Some(signed)) = (latest, &signed) {
            if signed.size > head.size || (signed.size == head.size && signed.root != head.root) {
                return Err(NotaryError::Backwards(signed.size));
            }
            if signed.size == head.size {
                return Ok(note);
            }
        }
        if self.ledger.root_at(head.size).await? != head.root {
            let seq = head.size.saturating_sub(1);
            return Err(StoreError::Corrupt { seq, what: "the root of the entries is not that of the head" }.into());
        }
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: head.size, root: head.root };
        let note = checkpoint.sign(&self.ledger.vault().keys().signing());
        self.ledger.keep_checkpoint(head.size, note.clone()).await?;
        self.write_anchor(&note)?;
        Ok(note)
    }

    fn write_anchor(&self, note: &str) -> std::io::Result<()> {
        let directory = self.anchor.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let waiting = self.anchor.with_extension("tmp");
        let mut file = fs::File::create(&waiting)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(&waiting, &self.anchor)?;
        fs::File::open(directory)?.sync_all()
    }

    /// Signs whenever the ledger has grown, for ever.
    pub async fn keep_signing(self) {
        loop {
            if !self.is_quarantined() {
                match self.sign().await {
                    Err(NotaryError::Backwards(size)) => {
                        tracing::error!(size, "the ledger went backwards: checks are denied");
                        self.quarantined.store(true, Ordering::SeqCst);
                    }
                    Err(error) => tracing::warn!(%error, "no checkpoint was signed"),
                    Ok(_) => {}
                }
            }
            tokio::time::sleep(limits::CHECKPOINT_PAUSE).await;
        }
    }
}
