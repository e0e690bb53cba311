//! The notary: signs checkpoints, keeps the latest in a second place, and notices a ledger that went backwards.

use std::cmp::Ordering;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Instant;

use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_store::{Fault, Head, Ledger, ReadBack, StoreError};
use tokio::sync::Mutex;

use crate::{clock, limits};

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
    /// Whoever signs holds it.
    past: Arc<Mutex<Past>>,
    quarantined: Arc<AtomicBool>,
}

/// What a notary knows of the ledger's past.
#[derive(Default)]
struct Past {
    /// The note in the second place, once it was read or written.
    anchored: Option<String>,
    /// The entries that were read back.
    read: ReadBack,
}

impl Notary {
    /// A notary for this ledger.
    pub fn new(ledger: Ledger, origin: &str, anchor: &Path) -> Self {
        let (past, quarantined) = (Arc::default(), Arc::default());
        Self { ledger, origin: origin.to_owned(), anchor: anchor.to_owned(), past, quarantined }
    }

    /// The key under which checkpoints can be checked.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.origin.clone(), key: self.ledger.vault().keys().signing().verifying_key() }
    }

    /// Whether the ledger is known to lack what was acknowledged. Then checks are denied and opt-outs are still taken.
    pub fn is_quarantined(&self) -> bool {
        self.quarantined.load(SeqCst)
    }

    /// Checks that the ledger contains the checkpoint in the second place and the latest in the database. An older
    /// backup that was put back does not. Anything else than a yes is quarantine.
    pub async fn check_past(&self) -> Result<(), NotaryError> {
        self.quarantined.store(true, SeqCst);
        let mut past = self.past.lock().await;
        *past = Past { anchored: self.read_anchor()?, read: ReadBack::default() };
        let latest = self.ledger.latest_checkpoint().await?;
        let head = self.ledger.head().await?;
        if past.anchored.is_none() && latest.is_some() {
            tracing::warn!("the checkpoint file is missing: that the ledger is whole cannot be told by it");
        }
        self.check_contained(&mut past, latest.as_deref(), &head).await?;
        self.quarantined.store(false, SeqCst);
        Ok(())
    }

    /// Signs the present head, if it is not signed yet, after reading back what was committed. Never before making sure
    /// that the ledger still contains what was signed last.
    pub async fn sign(&self) -> Result<String, NotaryError> {
        let mut past = self.past.lock().await;
        let signed = self.sign_behind(&mut past).await;
        if let Err(NotaryError::Backwards(_) | NotaryError::Store(StoreError::Corrupt { .. })) = &signed {
            self.quarantined.store(true, SeqCst);
        }
        let note = signed?;
        if past.anchored.as_ref() != Some(&note) {
            self.write_anchor(&note).await?;
            past.anchored = Some(note.clone());
        }
        Ok(note)
    }

    async fn sign_behind(&self, past: &mut Past) -> Result<String, NotaryError> {
        let latest = self.ledger.latest_checkpoint().await?;
        let head = self.ledger.head().await?;
        self.check_contained(past, latest.as_deref(), &head).await?;
        if let Some(note) = latest.filter(|note| Checkpoint::parse(note).is_ok_and(|signed| signed.size == head.size)) {
            return Ok(note);
        }
        if self.ledger.root_behind(&mut past.read, head.size).await? != head.root {
            let seq = head.size.saturating_sub(1);
            return Err(StoreError::Corrupt { seq, what: "the root of the entries is not that of the head" }.into());
        }
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: head.size, root: head.root };
        let note = checkpoint.sign(&self.ledger.vault().keys().signing());
        self.ledger.keep_checkpoint(head.size, note.clone()).await?;
        Ok(note)
    }

    /// Whether the ledger contains what the note in the second place and the latest in the database say. Who signed them
    /// does not matter here: the keys may have changed since; what counts is that they lay in a place of ours.
    async fn check_contained(&self, past: &mut Past, latest: Option<&str>, head: &Head) -> Result<(), NotaryError> {
        let mut notes = Vec::new();
        for note in past.anchored.as_deref().into_iter().chain(latest) {
            let known = Checkpoint::parse(note).ok().filter(|known| known.origin == self.origin);
            notes.push(known.ok_or(NotaryError::Backwards(0))?);
        }
        // In their order, so that the tree grows from one to the next.
        notes.sort_by_key(|known| known.size);
        for known in notes {
            let contained = match known.size.cmp(&head.size) {
                Ordering::Less => self.ledger.root_behind(&mut past.read, known.size).await? == known.root,
                Ordering::Equal => known.root == head.root,
                Ordering::Greater => false,
            };
            if !contained {
                return Err(NotaryError::Backwards(known.size));
            }
        }
        Ok(())
    }

    fn read_anchor(&self) -> std::io::Result<Option<String>> {
        match fs::read_to_string(&self.anchor) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes beside the file, makes it durable, then renames: the file is whole at any moment.
    async fn write_anchor(&self, note: &str) -> Result<(), NotaryError> {
        let (anchor, note) = (self.anchor.clone(), note.to_owned());
        let written = tokio::task::spawn_blocking(move || {
            let directory = anchor.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::create_dir_all(directory)?;
            let waiting = anchor.with_extension(format!("{}.tmp", clock::new_id()));
            let mut file = fs::File::create(&waiting)?;
            file.write_all(note.as_bytes())?;
            file.sync_all()?;
            fs::rename(&waiting, &anchor)?;
            fs::File::open(directory)?.sync_all()
        });
        Ok(written.await.map_err(std::io::Error::other)??)
    }

    /// Verifies the whole ledger again and again, for ever. A missing look-up token, for one, hides an opt-out from
    /// every check and is seen by nothing else. A ledger with a fault is one on which nothing may be allowed.
    pub async fn keep_verifying(self) {
        loop {
            let began = Instant::now();
            match self.ledger.verify_beside(&self.verifier()).await {
                Ok(found) => self.list_for_review(&found.unlisted).await,
                Err(fault @ Fault::Found { .. }) => {
                    tracing::error!(%fault, "quarantine: checks are denied");
                    self.quarantined.store(true, SeqCst);
                }
                Err(fault @ Fault::Store(_)) => tracing::warn!(%fault, "the ledger was not verified"),
            }
            metrics::histogram!("verification_seconds").record(began.elapsed().as_secs_f64());
            tokio::time::sleep(limits::VERIFY_PAUSE.max(began.elapsed() * limits::VERIFY_SHARE)).await;
        }
    }

    /// Shows reviewers what an older release did not hold for them.
    async fn list_for_review(&self, unlisted: &[u64]) {
        match self.ledger.list_for_review(unlisted).await {
            Ok(0) => {}
            Ok(listed) => tracing::warn!(listed, "messages were not listed for review, and are now"),
            Err(error) => tracing::warn!(%error, "messages are held and not listed for review"),
        }
    }

    /// Signs whenever the ledger has grown, for ever.
    pub async fn keep_signing(self) {
        loop {
            if !self.is_quarantined() {
                match self.sign().await {
                    Err(error @ NotaryError::Backwards(_)) => tracing::error!(%error, "quarantine: checks are denied"),
                    Err(error) => tracing::warn!(%error, "no checkpoint was signed"),
                    Ok(_) => {}
                }
            }
            tokio::time::sleep(limits::CHECKPOINT_PAUSE).await;
        }
    }
}
