//! From a configuration to a ledger and its rules.

use std::sync::Arc;

use anyhow::Context;
use consent_core::event::{Event, EventKind, kinds::PolicyPublished};
use consent_core::scope::Purpose;
use consent_query::rules::Rules;
use consent_store::{Clock, Keyring, Ledger, SourceKey, Submission};

use crate::clock;
use crate::config::{Config, ConfigError};

/// Opens the ledger of a configuration, with tables and keys as they are.
pub async fn open_ledger(config: &Config) -> anyhow::Result<Ledger> {
    let keys = Arc::new(Keyring::load(&config.keys.directory)?);
    let settings = config.ledger.settings().map_err(ConfigError::Invalid)?;
    let ledger = Ledger::open_with(&config.database_url()?, keys, system_clock(), settings).await;
    let ledger = ledger.context("the database cannot be opened")?;
    ledger.bind_keys().await.context("the key directory is not that of this ledger")?;
    Ok(ledger)
}

/// The clock of the system, for a ledger.
pub fn system_clock() -> Clock {
    Arc::new(clock::now)
}

/// Makes the folder of a SQLite file.
pub fn make_folder(config: &Config) -> anyhow::Result<()> {
    if let Some(path) = config.database_url()?.strip_prefix("sqlite:")
        && let Some(parent) = std::path::Path::new(path).parent()
    {
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    Ok(())
}

/// Makes what a new ledger needs: folders, keys, tables, and the policy that INFI's consents refer to.
///
/// Keys are made for a new ledger alone. For any other, new keys would find nobody's opt-outs.
pub async fn prepare(config: &Config) -> anyhow::Result<Ledger> {
    make_folder(config)?;
    let migrated = Ledger::migrate_at(&config.database_url()?).await;
    let (ran, is_new) = migrated.context("the database cannot be opened and its tables brought up to date")?;
    for name in ran {
        tracing::info!(migration = name, "ran a migration");
    }
    if is_new {
        Keyring::init(&config.keys.directory)?;
    }
    let ledger = open_ledger(config).await?;
    if ledger.head().await?.size == 0 {
        // Named, so that nodes that start together publish it once.
        let key = SourceKey { source: "consentd".to_owned(), key: "policy 2024-03-20".to_owned() };
        let submission = Submission { event: first_policy(), event_id: clock::new_id(), key: Some(key) };
        ledger.append(submission).await?;
    }
    Ok(ledger)
}

/// INFI's privacy policy of 2024-03-20 (policy P01, P12).
fn first_policy() -> Event {
    let mut event = Event::new(EventKind::PolicyPublished(PolicyPublished {
        version: Some("2024-03-20".to_owned()),
        effective_at: "2024-03-20T00:00:00Z".parse().ok(),
        text_sha256: None,
        material: Some(false),
        sms_purposes: vec![Purpose::Updates, Purpose::SpecialOffers, Purpose::Services],
    }));
    event.actor = Some("consentd".to_owned());
    event
}

/// The rules of a configuration: a file, or those that are compiled in, with its settings laid over them.
pub fn rules_of(config: &Config) -> anyhow::Result<Rules> {
    let settings = &config.rules;
    let rules = if settings.file.as_os_str().is_empty() {
        Rules::embedded()?
    } else {
        let path = settings.file.display();
        let text = std::fs::read_to_string(&settings.file).with_context(|| format!("{path} cannot be read"))?;
        Rules::parse(&text).with_context(|| path.to_string())?
    };
    rules.with_settings(&settings.settings).context("configuration: [rules]")
}
