//! Where a ledger lives: a folder, a configuration, a database with people in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use consent_api::config::Config;
use consent_api::{auth, server};
use consent_core::event::Recorded;
use consent_store::{Ledger, Submission};
use consent_tests::carrier::Carrier;
use consent_tests::place::PUBLIC_URL;
use tempfile::TempDir;

use crate::generator::Generator;
use crate::limits;

/// A ledger on disk.
pub struct Place {
    folder: TempDir,
    keys: PathBuf,
    url: String,
    /// An API key that may do everything.
    pub key: String,
    /// Who delivers texts.
    pub carrier: Carrier,
}

impl Place {
    /// An empty ledger in a new folder: in a SQLite file, or in the PostgreSQL database of this URL.
    pub fn create(directory: &Path, url: Option<&str>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("consent-bench-").tempdir_in(directory)?;
        let file = format!("sqlite:{}", folder.path().join("ledger.db").display());
        let (keys, url) = (folder.path().join("keys"), url.map_or(file, str::to_owned));
        let mut place = Self { folder, keys, url, key: String::new(), carrier: carrier() };
        place.key = runtime()?.block_on(async {
            let ledger = server::prepare(&place.config()?).await?;
            let (key, hash, text) = auth::make_key("bench", &["admin".to_owned()], None)?;
            ledger.add_api_key(&key, hash).await?;
            anyhow::Ok(text)
        })?;
        Ok(place)
    }

    /// A place for another node of the same ledger.
    pub fn beside(&self, directory: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("consent-bench-").tempdir_in(directory)?;
        let (keys, url, key) = (self.keys.clone(), self.url.clone(), self.key.clone());
        Ok(Self { folder, keys, url, key, carrier: carrier() })
    }

    /// A ledger that knows people.
    pub fn with_people(directory: &Path, url: Option<&str>, people: Generator) -> anyhow::Result<Self> {
        let place = Self::create(directory, url)?;
        place.fill(people.ledger(0).map(|event| event.map(submission)))?;
        Ok(place)
    }

    /// Records events, as fast as they can be handed over; returns how many.
    pub fn fill(&self, events: impl Iterator<Item = anyhow::Result<Submission>>) -> anyhow::Result<u64> {
        runtime()?.block_on(async {
            let ledger = server::open_ledger(&self.config()?).await?;
            fill(&ledger, events).await
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file of a SQLite ledger.
    pub fn file(&self) -> anyhow::Result<&str> {
        self.url.strip_prefix("sqlite:").context("not a file")
    }

    /// The configuration file, which is written anew.
    pub fn config_file(&self) -> anyhow::Result<PathBuf> {
        let path = self.path().join("consentd.toml");
        let (url, keys, carrier) = (&self.url, self.keys.display(), self.carrier.configuration());
        // A check must not be denied because the machine is busy: it would be a fast wrong answer.
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\npublic_url = \"{PUBLIC_URL}\"\n\
             workers = 1\nshutdown_timeout_s = 1\n[database]\nurl = \"{url}\"\n[keys]\ndirectory = \"{keys}\"\n\
             [ledger]\norigin = \"bench.example.com\"\nanchor = \"checkpoint\"\n[spool]\ndirectory = \"spool\"\n\
             [index]\nsnapshot = \"\"\n[check]\ndeadline_ms = 20000\n[webhooks]\ndeadline_ms = 20000\n[log]\nlevel = \"error\"\n{carrier}"
        );
        fs::write(&path, text)?;
        Ok(path)
    }

    /// The configuration.
    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load_alone(&self.config_file()?)?)
    }
}

fn carrier() -> Carrier {
    Carrier::new("twilio-main", "5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29", PUBLIC_URL)
}

/// An event of the generator, on its way into a real ledger.
pub fn submission(event: Recorded) -> Submission {
    Submission { event: event.event, event_id: event.event_id, key: None }
}

/// Records events, many at a time; returns how many.
pub async fn fill(ledger: &Ledger, events: impl Iterator<Item = anyhow::Result<Submission>>) -> anyhow::Result<u64> {
    let (mut waiting, mut count) = (Vec::new(), 0);
    let mut events = events.peekable();
    while let Some(event) = events.next() {
        waiting.push(ledger.hand_over(event?)?);
        if waiting.len() == limits::FILLING || events.peek().is_none() {
            for handed in waiting.drain(..) {
                anyhow::ensure!(!handed.committed().await?.repeated, "the generator repeats itself");
                count += 1;
            }
        }
    }
    Ok(count)
}

/// A runtime as the program has one.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
