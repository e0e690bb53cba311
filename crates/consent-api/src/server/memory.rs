//! The index of the service: read at start, kept in step, and put aside for the next start.

use std::path::{Path, PathBuf};

use consent_query::reader::{Live, Owner};
use consent_store::Ledger;

use crate::config::IndexSettings;
use crate::limits;

/// What the service holds in memory.
#[derive(Clone)]
pub struct Held {
    /// The index and the ledger that it follows.
    pub live: Live,
    snapshot: Option<PathBuf>,
}

impl Held {
    /// Reads what was put aside. What is missing since is read from the ledger while the service runs; until then every
    /// question reads the database.
    pub(super) async fn open(ledger: &Ledger, is_alone: bool, settings: &IndexSettings) -> Option<Self> {
        if !settings.enabled {
            return None;
        }
        let owner = if is_alone { Owner::ThisProcess } else { Owner::Many };
        let snapshot = Some(settings.snapshot.clone()).filter(|path| !path.as_os_str().is_empty());
        if let Some(folder) = snapshot.as_deref().and_then(Path::parent) {
            // If it cannot be made, the file cannot be written, and that is told then.
            let _ = std::fs::create_dir_all(folder);
        }
        let live = match &snapshot {
            Some(path) => Live::open(ledger, owner, path.clone()).await,
            None => Live::new(ledger, owner),
        };
        live.map(|live| Self { live, snapshot })
    }

    /// Follows the ledger, and puts the index aside now and then.
    async fn keep_up(self) {
        let keeping = async {
            loop {
                tokio::time::sleep(limits::SNAPSHOT).await;
                self.put_aside().await;
            }
        };
        tokio::select! {
            () = self.live.clone().follow() => {}
            () = keeping => {}
        }
    }

    /// Puts the index aside, unless there is nothing new since.
    pub(super) async fn put_aside(&self) {
        let Some(path) = self.snapshot.clone().filter(|_| self.live.is_ready()) else { return };
        match self.live.keep(path).await {
            Ok(position) => tracing::debug!(position, "the index was put aside"),
            // The next start reads the ledger instead.
            Err(error) => tracing::warn!(%error, "the index was not put aside"),
        }
    }
}

/// Keeps up what is held; where nothing is, this never ends.
pub(super) async fn keep_up(held: Option<Held>) {
    match held {
        Some(held) => held.keep_up().await,
        None => std::future::pending().await,
    }
}
