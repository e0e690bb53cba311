//! Configuration: the compiled-in default file, a file, and `CONSENT__` variables, in this order.
//!
//! `config.default.toml` is the reference documentation of every key. The environment is read here alone.

mod secret;
mod sections;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::gateways::{self, Account};
use crate::replies;
pub use secret::SecretReference;
pub(crate) use secret::secret;
pub use sections::{
    DatabaseSettings, Deadline, GatewaySettings, IndexSettings, Keys, LedgerSettings, Log, Replies, RulesSettings,
    Server, Spool,
};

/// The default configuration, with its comments.
pub const DEFAULT: &str = include_str!("config.default.toml");
/// The file that is read when none is named.
pub const FILE: &str = "consentd.toml";

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file, a key or a value is wrong.
    #[error("configuration: {0}")]
    Invalid(String),
    /// A secret cannot be read. The text names the reference, never the secret.
    #[error("secret {reference}: {detail}")]
    Secret {
        /// The reference as configured.
        reference: String,
        /// What is wrong.
        detail: String,
    },
}

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Listeners.
    pub server: Server,
    /// Where the ledger is kept.
    pub database: DatabaseSettings,
    /// Where the keys are kept.
    pub keys: Keys,
    /// The ledger's name and anchor.
    pub ledger: LedgerSettings,
    /// Where messages wait.
    pub spool: Spool,
    /// What is held in memory.
    pub index: IndexSettings,
    /// Checks.
    pub check: Deadline,
    /// Webhooks.
    pub webhooks: Deadline,
    /// Recorded events.
    pub events: Deadline,
    /// Rules.
    pub rules: RulesSettings,
    /// Texts of replies.
    pub replies: Replies,
    /// Logging.
    pub log: Log,
    /// Accounts at gateways.
    #[serde(default)]
    pub gateway: Vec<GatewaySettings>,
}

impl Config {
    /// Reads the configuration: the default, then `file` (or `./consentd.toml` if it exists), then the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let file = file.map(Path::to_owned).or_else(|| Some(PathBuf::from(FILE)).filter(|path| path.exists()));
        let environment = config::Environment::with_prefix("CONSENT").prefix_separator("__").separator("__");
        Self::read(file.as_deref(), Some(environment.try_parsing(true)))
    }

    /// Reads the default and this file alone: what must not be led elsewhere by the environment.
    pub fn load_alone(file: &Path) -> Result<Self, ConfigError> {
        Self::read(Some(file), None)
    }

    fn read(file: Option<&Path>, environment: Option<config::Environment>) -> Result<Self, ConfigError> {
        let mut builder =
            config::Config::builder().add_source(config::File::from_str(DEFAULT, config::FileFormat::Toml));
        if let Some(path) = file {
            let text = fs::read_to_string(path)
                .map_err(|error| ConfigError::Invalid(format!("{}: {error}", path.display())))?;
            check_syntax(&text).map_err(|fault| ConfigError::Invalid(format!("{}: {fault}", path.display())))?;
            builder = builder.add_source(config::File::from_str(&text, config::FileFormat::Toml));
        }
        if let Some(environment) = environment {
            builder = builder.add_source(environment);
        }
        let read = builder.build();
        let invalid = |error: config::ConfigError| {
            let place = file.map_or(String::new(), |path| format!("{}: ", path.display()));
            ConfigError::Invalid(format!("{place}{error}"))
        };
        let mut config: Self = read.map_err(invalid)?.try_deserialize().map_err(invalid)?;
        let base = file.and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        config.resolve(&base);
        config.check()?;
        Ok(config)
    }

    /// Makes relative paths relative to the configuration file.
    fn resolve(&mut self, base: &Path) {
        let Self { keys, ledger, spool, rules, index, .. } = self;
        for path in
            [&mut keys.directory, &mut ledger.anchor, &mut spool.directory, &mut rules.file, &mut index.snapshot]
        {
            if !path.as_os_str().is_empty() {
                *path = base.join(&*path);
            }
        }
        for file in [&mut self.server.tls_certificate, &mut self.server.tls_key, &mut self.database.password_file] {
            if !file.is_empty() {
                *file = base.join(&*file).display().to_string();
            }
        }
        if let Some(path) = self.database.url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            self.database.url = format!("sqlite:{}", base.join(path).display());
        }
        for gateway in &mut self.gateway {
            for secret in gateway.secrets.iter_mut().chain(gateway.credentials.values_mut()) {
                secret.resolve(base);
            }
        }
        if self.server.public_url.is_empty() {
            self.server.public_url = format!("http://{}", self.server.listen);
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |text: String| Err(ConfigError::Invalid(text));
        let origin = &self.ledger.origin;
        if origin.is_empty() || origin.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return refuse("ledger.origin must be a name without white space or +".to_owned());
        }
        self.ledger.settings().map_err(ConfigError::Invalid)?;
        let names: Vec<_> = self.gateway.iter().map(|gateway| gateway.account.as_str()).collect();
        for (at, name) in names.iter().enumerate() {
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            if name.is_empty() || name.len() > 64 || !plain {
                return refuse(format!("gateway.account {name:?} must be 1 to 64 characters of A-Z a-z 0-9 . _ -"));
            }
            if names[..at].contains(name) {
                return refuse(format!("gateway.account {name:?} stands twice"));
            }
        }
        replies::check(&self.replies).map_err(ConfigError::Invalid)?;
        if self.server.tls_certificate.is_empty() != self.server.tls_key.is_empty() {
            return refuse("server.tls_certificate and server.tls_key go together".to_owned());
        }
        Ok(())
    }

    /// The accounts with their secrets.
    pub fn accounts(&self) -> Result<Vec<Account>, ConfigError> {
        self.gateway.iter().map(|settings| self.account(settings)).collect()
    }

    fn account(&self, settings: &GatewaySettings) -> Result<Account, ConfigError> {
        let unknown = || {
            let known: Vec<_> = gateways::GATEWAYS.iter().map(|gateway| gateway.name).collect();
            let account = &settings.account;
            ConfigError::Invalid(format!("gateway {account:?}: kind {:?} is not one of {known:?}", settings.kind))
        };
        let credential = |(name, reference): (&String, &SecretReference)| Ok((name.clone(), reference.read()?));
        let account = Account {
            name: settings.account.clone(),
            kind: gateways::find(&settings.kind).ok_or_else(unknown)?,
            secrets: settings.secrets.iter().map(SecretReference::read).collect::<Result<_, _>>()?,
            public_url: self.server.public_url.clone(),
            provider_confirms: settings.provider_confirms,
            push_opt_outs: settings.push_opt_outs,
            settings: settings.settings.clone(),
            credentials: settings.credentials.iter().map(credential).collect::<Result<_, ConfigError>>()?,
        };
        let wrong = |detail| ConfigError::Invalid(format!("gateway {:?}: {detail}", settings.account));
        if account.secrets.is_empty() && !(account.kind.handshake.keyless)(&account) {
            return Err(wrong("it has no secrets".to_owned()));
        }
        (account.kind.check)(&account).map_err(wrong)?;
        Ok(account)
    }

    /// The database URL, with the password if it is kept in a file.
    pub fn database_url(&self) -> Result<String, ConfigError> {
        let (url, file) = (&self.database.url, &self.database.password_file);
        if file.is_empty() {
            return Ok(url.clone());
        }
        let invalid = |detail: &str| ConfigError::Invalid(format!("database.password_file {file}: {detail}"));
        let password = fs::read_to_string(file).map_err(|error| invalid(&error.to_string()))?;
        let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("only a postgres:// URL takes a password"))?;
        let (user, host) = rest.split_once('@').ok_or_else(|| invalid("the URL names no user"))?;
        Ok(format!("{scheme}://{user}:{}@{host}", gateways::percent_encode(password.trim_end_matches(['\r', '\n']))))
    }
}

/// Where a file is not TOML. The line itself is not shown: a secret or a password could stand in it.
fn check_syntax(text: &str) -> Result<(), String> {
    toml::from_str::<toml::Table>(text).map(drop).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {} is not TOML: {}", before.lines().count().max(1), error.message())
    })
}

#[cfg(test)]
mod tests;
