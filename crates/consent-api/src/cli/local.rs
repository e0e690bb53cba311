//! The ledger of the configuration, opened by a command rather than by the server.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use consent_core::event::Event;
use consent_query::reader::Reader;
use consent_store::Ledger;

use super::failure::Failure;
use crate::config::Config;
use crate::intake::Intake;
use crate::notary::{Notary, NotaryError};
use crate::spool::Spool;
use crate::{limits, server, telemetry};

/// Who a command is in the events it records.
pub(super) const CALLER: &str = "cli";

/// Starts the quiet logging of local commands: what is worth a warning to the server is worth one here.
pub(super) fn start_logging() -> anyhow::Result<()> {
    telemetry::start_logging("warn")
}

/// Opens a ledger that exists. Opening SQLite would make an empty file, which is no answer to a mistyped path.
pub(super) async fn open(config: &Config) -> anyhow::Result<Ledger> {
    must_exist(&config.database_url()?)?;
    server::open_ledger(config).await
}

/// Refuses a SQLite file that is not there.
pub(super) fn must_exist(url: &str) -> Result<(), Failure> {
    let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    match path {
        Some(path) if !Path::new(path).exists() => Err(Failure::NoLedger(path.to_owned())),
        _ => Ok(()),
    }
}

/// The notary of the configured ledger.
pub(super) fn notary(ledger: &Ledger, config: &Config) -> Notary {
    Notary::new(ledger.clone(), &config.ledger.origin, &config.ledger.anchor)
}

/// What answers questions from the configured ledger.
pub(super) async fn reader(config: &Config) -> anyhow::Result<Reader> {
    let rules = Arc::new(server::rules_of(config)?);
    let ledger = open(config).await?;
    let notary = notary(&ledger, config);
    match notary.check_past().await {
        // The notary remembers it, and the answer will be a deny.
        Ok(()) | Err(NotaryError::Backwards(_)) => {}
        Err(NotaryError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(error.into()),
    }
    Ok(Reader::new(ledger, rules, limits::LOCAL_CHECK, move || notary.is_quarantined()))
}

/// A ledger that this process owns for as long as it writes.
pub(super) struct Desk {
    pub(super) ledger: Ledger,
    pub(super) intake: Intake,
    pub(super) config: Config,
    _lock: Option<File>,
}

impl Desk {
    /// Takes the ledger, which a server on SQLite does not share.
    pub(super) async fn open(config: Config) -> anyhow::Result<Self> {
        let url = config.database_url()?;
        must_exist(&url)?;
        let lock = Ledger::lock(&url)?;
        let ledger = server::open_ledger(&config).await?;
        let intake = Intake::new(ledger.clone(), Spool::open(&config.spool.directory, ledger.clone())?);
        Ok(Self { ledger, intake, config, _lock: lock })
    }

    /// Records that data is about to be shown.
    pub(super) async fn disclose(&self, disclosure: Event) -> anyhow::Result<()> {
        let recorded = self.intake.record(disclosure, None, self.config.events.deadline()).await;
        recorded.map(drop).context("the disclosure cannot be recorded, so nothing is shown")
    }
}
