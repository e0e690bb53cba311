//! The ledger of the configuration, opened by a command rather than by the server.

use std::path::Path;

use consent_store::Ledger;

use super::failure::Failure;
use crate::config::Config;
use crate::{server, telemetry};

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
