//! A ledger alone, without the service around it.

use std::sync::Arc;

use consent_api::clock::new_id;
use consent_api::server::system_clock;
use consent_core::checkpoint::Verifier;
use consent_core::event::Event;
use consent_store::{Keyring, Ledger, Settings, Submission};
use serde_json::Value;
use tempfile::TempDir;

use crate::app::runtime;
use crate::database::{Database, Kind};

/// A database with tables and keys, in which any number of ledgers can be opened.
pub struct Bare {
    directory: TempDir,
    /// The keys.
    pub keys: Arc<Keyring>,
    /// The database.
    pub database: Database,
}

impl Bare {
    /// A new one.
    pub async fn create(kind: Kind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::create(kind, directory.path()).await;
        let keys = Arc::new(Keyring::init(&directory.path().join("keys")).unwrap());
        Ledger::migrate_at(&database.url).await.unwrap();
        Self { directory, keys, database }
    }

    /// Opens the ledger, as a process of its own would.
    pub async fn open(&self) -> Ledger {
        self.open_with(Settings::default()).await
    }

    /// The same with other settings.
    pub async fn open_with(&self, settings: Settings) -> Ledger {
        let opened = Ledger::open_with(&self.database.url, Arc::clone(&self.keys), system_clock(), settings).await;
        opened.unwrap()
    }

    /// Verifies the whole ledger and removes it.
    pub async fn end(self) {
        let verifier = Verifier { name: "test".to_owned(), key: self.keys.signing().verifying_key() };
        self.open().await.verify(&verifier).await.unwrap();
        self.remove().await;
    }

    /// Removes a ledger that was damaged on purpose.
    pub async fn remove(self) {
        self.database.remove().await;
        drop(self.directory);
    }
}

/// Tells a story about a ledger in a database of this kind, and verifies it when it ends.
pub fn tell<S: AsyncFnOnce(&Bare)>(kind: Kind, story: S) {
    runtime().block_on(async {
        let bare = Bare::create(kind).await;
        story(&bare).await;
        bare.end().await;
    });
}

/// An event to hand over.
pub fn submission(fields: Value) -> Submission {
    Submission { event: Event::from_json(fields).unwrap(), event_id: new_id(), key: None }
}

/// Tells each story once for each database: `story::sqlite` and `story::postgres`.
#[macro_export]
macro_rules! ledgers {
    ($($(#[$about:meta])* async fn $name:ident($bare:ident) $body:block)*) => {$(
        $(#[$about])*
        async fn $name($bare: &$crate::bare::Bare) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::bare::tell($crate::database::Kind::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::bare::tell($crate::database::Kind::Postgres, super::$name);
            }
        }
    )*};
}
