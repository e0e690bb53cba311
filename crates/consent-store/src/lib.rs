//! Where the ledger is kept: one set of queries, two databases.
//!
//! A [`Ledger`] takes events in through one sequencer, which gives each its position and commits everything that waits
//! in one transaction ([`Ledger::append`]). What is personal is sealed by the [`Vault`] before it reaches a table.
//! [`Ledger::person`] reads back everything about a person as of one position; [`Ledger::verify`] checks every byte.
//!
//! ```
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use consent_core::event::Event;
//! use consent_store::{Keyring, Ledger, Submission};
//!
//! # let directory = tempfile::tempdir()?;
//! # let (keys, file) = (directory.path().join("keys"), directory.path().join("ledger.db"));
//! let keys = std::sync::Arc::new(Keyring::init(&keys)?);
//! let clock = std::sync::Arc::new(|| "2026-11-22T12:00:00Z".parse().unwrap_or_default());
//! let ledger = Ledger::open(&format!("sqlite:{}", file.display()), keys, clock).await?;
//! ledger.migrate().await?;
//!
//! let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
//! let event = Event::from_json(stop)?;
//! let identities = event.identities();
//! let submission = Submission { event, event_id: uuid::Uuid::from_u128(1), key: None };
//! assert_eq!(ledger.append(submission).await?.position, 1);
//! assert_eq!(ledger.person(&identities).await?.events.len(), 1);
//! # Ok(()) }
//! # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
//! ```
//!
//! What this crate does not do: it decides nothing, knows no HTTP, and reads no clock but the one it is given.

mod api_keys;
mod database;
mod error;
mod heads;
mod hints;
mod keys;
mod ledger;
pub mod limits;
mod observer;
mod postgres;
mod queue;
mod rows;
mod schema;
mod sealed;
mod sequencer;
mod settings;
mod sqlite;
mod tree;
mod vault;
mod verify;

pub use api_keys::ApiKey;
pub(crate) use database::Database;
pub use error::StoreError;
pub use keys::{KeyKind, Keyring};
pub use ledger::{Head, Ledger, Person, Waiting};
pub use observer::Observer;
pub use queue::Task;
pub use sequencer::{AppendError, Clock, HandedOver, Receipt, SourceKey, Submission};
pub use settings::Settings;
pub use tree::ReadBack;
pub use vault::{OpenedEntry, Scanned, Vault};
pub use verify::{Fault, Summary};
