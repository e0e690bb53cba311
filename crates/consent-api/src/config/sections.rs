//! The sections of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use consent_store::{Settings, limits};
use serde::Deserialize;

use super::SecretReference;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address for callers.
    pub listen: String,
    /// Address for operators.
    pub ops_listen: String,
    /// Scheme and host as the outside sees them.
    pub public_url: String,
    /// Proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Worker threads.
    pub workers: usize,
    /// Seconds for requests under way at shutdown.
    pub shutdown_timeout_s: u64,
    /// PEM file of the certificate chain.
    pub tls_certificate: String,
    /// PEM file of the certificate's key.
    pub tls_key: String,
}

/// `[database]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    pub(super) url: String,
    pub(super) password_file: String,
}

// The URL may hold a password.
impl std::fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.split(':').next().unwrap_or_default())
    }
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The key directory.
    pub directory: PathBuf,
}

/// `[ledger]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerSettings {
    /// Name of the ledger in its checkpoints.
    pub origin: String,
    /// File of the latest checkpoint.
    pub anchor: PathBuf,
    batch: usize,
    batch_wait_ms: u64,
}

impl LedgerSettings {
    /// How the ledger is opened, or what is wrong with it.
    pub fn settings(&self) -> Result<Settings, String> {
        let (most, longest) = (limits::BATCH_AT_MOST, limits::BATCH_WAIT_AT_MOST);
        if !(1..=most).contains(&self.batch) {
            return Err(format!("ledger.batch must be 1 to {most}"));
        }
        let batch_wait = Duration::from_millis(self.batch_wait_ms);
        if batch_wait > longest {
            return Err(format!("ledger.batch_wait_ms must be 0 to {}", longest.as_millis()));
        }
        Ok(Settings { batch: self.batch, batch_wait })
    }
}

/// `[spool]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spool {
    /// The spool directory.
    pub directory: PathBuf,
}

/// A section with a deadline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    deadline_ms: u64,
}

impl Deadline {
    /// The deadline.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

/// `[rules]`
#[derive(Debug, Clone, Deserialize)]
pub struct RulesSettings {
    /// A rules file, or empty for the one that is compiled in.
    pub file: PathBuf,
    /// Changed settings; the rules refuse those they do not know.
    #[serde(flatten)]
    pub settings: serde_json::Map<String, serde_json::Value>,
}

/// `[replies]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replies {
    /// The name of the program, which every text must contain.
    pub program: String,
    /// The answer to HELP.
    pub help: String,
    /// The confirmation of an opt-out.
    pub opted_out: String,
    /// The confirmation of an opt-in.
    pub opted_in: String,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Filter.
    pub level: String,
}

/// `[[gateway]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
    /// Name of the account, part of its webhook URL.
    pub account: String,
    /// Kind of gateway.
    pub kind: String,
    /// References to secrets, newest first.
    #[serde(default, deserialize_with = "super::secret::references")]
    pub secrets: Vec<SecretReference>,
    /// The gateway confirms opt-outs itself.
    #[serde(default)]
    pub provider_confirms: bool,
    /// Opt-outs that came elsewhere are reported to the gateway's own block list.
    #[serde(default)]
    pub push_opt_outs: bool,
    /// What only this kind asks for.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// References to what this kind asks for when it is called.
    #[serde(default)]
    pub credentials: BTreeMap<String, SecretReference>,
}

/// What is held in memory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// Whether questions are answered from memory.
    pub enabled: bool,
    /// Where it is kept between two runs; empty for nowhere.
    pub snapshot: PathBuf,
}
