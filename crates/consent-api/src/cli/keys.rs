//! `consentd keys`: the ledger's own keys. No command ever shows a secret.

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use consent_core::checkpoint::Verifier;
use consent_store::{KeyKind, Keyring};
use serde::Serialize;
use serde_json::json;

use super::{Context, Outcome};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make the first key of every kind that has none
    Init,
    /// Add a new key, in use from the next start; the old ones stay
    Rotate {
        /// Which kind
        kind: Kind,
    },
    /// List the keys, never their secrets
    List,
    /// Print the public key by which others check our checkpoints and exports
    Verifier,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// The secret under look-up tokens
    Pepper,
    /// Wraps data keys and seals the spool
    Kek,
    /// Signs checkpoints
    Signing,
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Pepper => Self::Pepper,
            Kind::Kek => Self::Kek,
            Kind::Signing => Self::Signing,
        }
    }
}

pub(super) fn run(command: &Command, context: &Context) -> anyhow::Result<Outcome> {
    let config = context.config()?;
    let directory = &config.keys.directory;
    match command {
        Command::Init => init(directory, context)?,
        Command::Rotate { kind } => rotate((*kind).into(), directory, context)?,
        Command::List => list(&Keyring::load(directory)?, context)?,
        Command::Verifier => {
            let key = Keyring::load(directory)?.signing().verifying_key();
            let text = Verifier { name: config.ledger.origin, key }.to_text();
            context.output.result(&json!({"verifier": text}), || text.clone())?;
        }
    }
    Ok(Outcome::Yes)
}

#[derive(Serialize)]
struct Listed {
    kind: &'static str,
    number: u32,
    in_use: bool,
}

fn listed(keys: &Keyring) -> Vec<Listed> {
    let all = keys.list();
    let newest = |kind| all.iter().filter(|(found, _)| *found == kind).map(|(_, number)| *number).max();
    let listed = all.iter().map(|&(kind, number)| {
        let in_use = newest(kind) == Some(number);
        Listed { kind: kind.as_str(), number, in_use }
    });
    listed.collect()
}

fn row(key: &Listed) -> String {
    format!("{:8} {:<4} {}", key.kind, key.number, if key.in_use { "in use" } else { "kept for what is older" })
}

fn init(directory: &Path, context: &Context) -> anyhow::Result<()> {
    let keys = listed(&Keyring::init(directory)?);
    let value = json!({"directory": directory.display().to_string(), "keys": keys});
    Ok(context.output.result(&value, || {
        let rows: Vec<_> = keys.iter().map(row).collect();
        let place = directory.display();
        format!("{}\n\nKeys are in {place}. Back that folder up, apart from the database.", rows.join("\n"))
    })?)
}

fn list(keys: &Keyring, context: &Context) -> anyhow::Result<()> {
    for key in listed(keys) {
        context.output.result(&key, || row(&key))?;
    }
    Ok(())
}

fn rotate(kind: KeyKind, directory: &Path, context: &Context) -> anyhow::Result<()> {
    let number = Keyring::load(directory)?.rotate(kind)?;
    let name = kind.as_str();
    Ok(context.output.result(&json!({"kind": name, "number": number}), || {
        format!("Made {name}-{number}. It is in use from the next start of the server. Back up the key folder.")
    })?)
}
