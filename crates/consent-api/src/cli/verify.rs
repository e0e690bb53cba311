//! `consentd verify`: an export file, or the ledger in the database.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_core::export::{ExportSummary, encode};
use consent_store::{Fault, Keyring, Ledger, Summary};
use serde_json::{Value, json};

use super::failure::Failure;
use super::stream::Stream;
use super::{Context, Outcome, local, words};
use crate::config::Config;
use crate::notary::NotaryError;
use crate::server;

#[derive(Args)]
#[command(after_help = "\
A PATH is verified without configuration, keys or ledger. Exit codes: 0 everything holds, 1 the first fault is printed.")]
pub(super) struct Arguments {
    /// Export file, or - for standard input [default: the configured database]
    path: Option<PathBuf>,
    /// Verify the ledger in this database, with the configured keys
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    database: Option<String>,
    /// The ledger's public key (`consentd keys verifier`), or a file that holds it
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let verifier = arguments.key.as_deref().map(key).transpose()?;
    let found = match &arguments.path {
        Some(path) => export(path, verifier.as_ref())?,
        None => database(&context.config()?, arguments.database, verifier).await?,
    };
    match found {
        Ok(good) => {
            context.output.result(&good.value, || good.text.clone())?;
            Ok(Outcome::Yes)
        }
        Err((place, what)) => {
            let value = json!({"ok": false, "fault": {"place": place, "what": what}});
            context.output.result(&value, || format!("FAIL  {place}: {what}"))?;
            Ok(Outcome::No)
        }
    }
}

/// What was found in good order, or the first fault: where and what.
type Found = Result<Good, (String, String)>;

struct Good {
    value: Value,
    text: String,
}

/// A verifier key as text, or the file that holds one.
fn key(text: &str) -> Result<Verifier, Failure> {
    if let Ok(verifier) = Verifier::parse(text) {
        return Ok(verifier);
    }
    let file = fs::read_to_string(text).ok().and_then(|text| Verifier::parse(&text).ok());
    file.ok_or_else(|| {
        Failure::Usage(format!("--key {text:?} is neither a public key of a ledger nor a file with one"))
    })
}

fn export(path: &Path, verifier: Option<&Verifier>) -> anyhow::Result<Found> {
    let mut input: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(path).with_context(|| path.display().to_string())?),
    };
    let mut stream = Stream::default();
    let mut piece = vec![0; 64 * 1024];
    let checked = loop {
        let read = input.read(&mut piece).with_context(|| path.display().to_string())?;
        if read == 0 {
            break stream.finish(verifier);
        }
        if let Err(fault) = stream.feed(&piece[..read]) {
            break Err(fault);
        }
    };
    Ok(checked.map(|summary| of_export(&summary)).map_err(|fault| (fault.place, fault.what)))
}

fn of_export(summary: &ExportSummary) -> Good {
    let manifest = &summary.manifest;
    let origin = Checkpoint::parse(&manifest.checkpoint).map_or(String::new(), |checkpoint| checkpoint.origin);
    let erased = summary.entries - summary.openings;
    let value = json!({
        "ok": true, "kind": "export", "origin": origin, "entries": summary.entries, "openings": summary.openings,
        "from": manifest.from, "to": manifest.to, "size": manifest.size, "root": manifest.root,
        "signature_checked": summary.signature_checked,
    });
    let signature = match summary.signature_checked {
        true => "valid under the key that was given",
        false => "NOT CHECKED: give --key with the public key you know the ledger by",
    };
    let (count, size) = (words::count(summary.entries, "entry"), manifest.size);
    let text = format!(
        "OK  the export is whole and unchanged\n\n  \
         ledger      {origin}\n  entries     {count} from {} on, of {size}\n  \
         openings    {} match, {erased} erased\n  root        {}\n  signature   {signature}\n",
        manifest.from, summary.openings, manifest.root,
    );
    Good { value, text }
}

async fn database(config: &Config, url: Option<String>, verifier: Option<Verifier>) -> anyhow::Result<Found> {
    let own = url.is_none();
    let url = url.map_or_else(|| config.database_url(), Ok)?;
    local::must_exist(&url)?;
    let keys = Arc::new(Keyring::load(&config.keys.directory)?);
    let opened = Ledger::open(&url, keys, server::system_clock()).await;
    let ledger = opened.context("the database cannot be opened")?;
    let notary = local::notary(&ledger, config);
    let verified = ledger.verify(&verifier.unwrap_or_else(|| notary.verifier())).await;
    let summary = match verified {
        Ok(summary) => summary,
        Err(Fault::Found { place, what }) => return Ok(Err((place, what))),
        Err(Fault::Store(error)) => return Err(error.into()),
    };
    if own {
        match notary.check_past().await {
            Ok(()) => {}
            Err(error @ NotaryError::Backwards(_)) => {
                return Ok(Err(("checkpoint file".to_owned(), error.to_string())));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Ok(of_database(&summary, own)))
}

fn of_database(summary: &Summary, anchored: bool) -> Good {
    let root = encode(&summary.root);
    let value = json!({
        "ok": true, "kind": "database", "entries": summary.entries, "openings": summary.openings,
        "tiles": summary.tiles, "checkpoints": summary.checkpoints, "root": root, "anchor_checked": anchored,
    });
    let anchor = match anchored {
        true => "the checkpoint file outside the database is contained",
        false => "NOT CHECKED: the checkpoint file belongs to the configured database",
    };
    let text = format!(
        "OK  the ledger is whole and unchanged\n\n  \
         entries      {}, each with its leaf hash and look-up tokens\n  openings     {} match\n  \
         tiles        {} match\n  checkpoints  {} signed, each over the root of its size\n  \
         anchor       {anchor}\n  root         {root}\n",
        summary.entries, summary.openings, summary.tiles, summary.checkpoints,
    );
    Good { value, text }
}
