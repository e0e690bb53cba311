//! A place where a service can live: a folder with configuration and keys, and a database.

use std::fs;
use std::path::{Path, PathBuf};

use consent_api::config::Config;
use tempfile::TempDir;

use crate::carrier::Carrier;
use crate::database::{Database, Kind};

/// Scheme and host under which the carrier believes to reach the service.
pub const PUBLIC_URL: &str = "https://ledger.example.com";

/// Name of the ledgers.
pub const ORIGIN: &str = "ledger.example.com/test";

/// How a service is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Milliseconds for a check. Long, unless a story is about it: test machines are busy.
    pub check_ms: u64,
    /// Milliseconds for a webhook.
    pub webhook_ms: u64,
    /// What is logged.
    pub log: &'static str,
    /// Further lines of the configuration.
    pub more: String,
    /// Changed settings of the rules.
    pub rules: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self { check_ms: 10_000, webhook_ms: 4_000, log: "info", rules: "", more: String::new() }
    }
}

/// The folder and the database of one service.
pub struct Place {
    directory: TempDir,
    /// Where the keys are; nodes of one ledger share them.
    keys: PathBuf,
    /// The database.
    pub database: Database,
    /// Who delivers to it.
    pub carrier: Carrier,
    /// Another account at the carrier.
    pub other_carrier: Carrier,
}

impl Place {
    /// A new place with an empty database.
    pub async fn create(kind: Kind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::create(kind, directory.path()).await;
        let keys = directory.path().join("keys");
        Self::of(directory, keys, database)
    }

    /// A place for another node of the same ledger: same database and keys, its own folder.
    pub fn beside(other: &Self) -> Self {
        Self::of(tempfile::tempdir().unwrap(), other.keys.clone(), other.database.clone())
    }

    fn of(directory: TempDir, keys: PathBuf, database: Database) -> Self {
        let carrier = Carrier::new("twilio-main", "5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29", PUBLIC_URL);
        let other_carrier = Carrier::new("twilio-other", "00112233445566778899aabbccddeeff", PUBLIC_URL);
        Self { directory, keys, database, carrier, other_carrier }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The folder of the keys.
    pub fn keys(&self) -> &Path {
        &self.keys
    }

    /// The folder in which messages wait.
    pub fn spool(&self) -> PathBuf {
        self.path().join("spool")
    }

    /// Writes the configuration file and returns its path.
    pub fn write(&self, setup: &Setup) -> PathBuf {
        let path = self.path().join("consentd.toml");
        let Setup { check_ms, webhook_ms, log, rules, more } = setup;
        let (url, keys) = (&self.database.url, self.keys.display());
        let accounts: String = [&self.carrier, &self.other_carrier].map(Carrier::configuration).concat();
        let text = format!(
            r#"
            [server]
            listen = "127.0.0.1:0"
            ops_listen = "127.0.0.1:0"
            public_url = "{PUBLIC_URL}"
            workers = 2
            shutdown_timeout_s = 1
            [database]
            url = "{url}"
            [keys]
            directory = "{keys}"
            [ledger]
            origin = "{ORIGIN}"
            anchor = "checkpoint"
            [spool]
            directory = "spool"
            [check]
            deadline_ms = {check_ms}
            [webhooks]
            deadline_ms = {webhook_ms}
            [log]
            level = "{log}"
            [rules]
            {rules}
            {accounts}
            {more}"#
        );
        fs::write(&path, text).unwrap();
        path
    }

    /// The configuration.
    pub fn config(&self, setup: &Setup) -> Config {
        Config::load(Some(&self.write(setup))).unwrap()
    }
}
