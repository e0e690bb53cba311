//! `consentd export`: the ledger as lines of JSON, with its proof.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use actix_web::web::Bytes;
use anyhow::Context as _;
use clap::Args;
use consent_core::export::ExportSummary;
use serde_json::json;

use super::local::{self, Desk};
use super::remote::Remote;
use super::stream::Stream;
use super::{Context, Outcome, words};
use crate::client::ClientError;
use crate::routes::{self, Export};
use crate::server;

#[derive(Args)]
#[command(after_help = "\
The export itself is recorded, as disclosure_made. What is written is verified on the way; `consentd verify FILE` does it
again, anywhere and without the ledger.")]
pub(super) struct Arguments {
    /// File to write; it appears only once it is whole [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// First entry
    #[arg(long, value_name = "SEQ")]
    from: Option<u64>,
    /// Entry after the last one [default: the end]
    #[arg(long, value_name = "SEQ")]
    to: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let (from, to) = (arguments.from, arguments.to);
    let mut source = match arguments.remote.client()? {
        Some(client) => Source::Server(Box::new(client.export(from, to).await?)),
        None => Source::open(Desk::open(context.config()?).await?, from, to).await?,
    };
    let mut draft = arguments.output.map(Draft::new).transpose()?;
    let mut stream = Stream::default();
    while let Some(piece) = source.next().await? {
        stream.feed(&piece).context("the export is faulty")?;
        match &mut draft {
            Some(draft) => draft.file.write_all(&piece)?,
            None => context.output.bytes(&piece)?,
        }
    }
    let summary = stream.finish(None).context("the export is faulty")?;
    if let Some(draft) = draft {
        let path = draft.keep()?;
        context.output.result(&value(&summary, &path), || text(&summary, &path))?;
    }
    Ok(Outcome::Yes)
}

fn value(summary: &ExportSummary, path: &Path) -> serde_json::Value {
    let manifest = &summary.manifest;
    json!({
        "output": path.display().to_string(), "entries": summary.entries, "from": manifest.from, "to": manifest.to,
        "size": manifest.size, "root": manifest.root, "sha256": manifest.sha256,
    })
}

fn text(summary: &ExportSummary, path: &Path) -> String {
    let (entries, size, path) = (words::count(summary.entries, "entry"), summary.manifest.size, path.display());
    format!("Wrote {entries} of a ledger of {size} to {path}\n\nCheck it anywhere with\n\n  consentd verify {path}")
}

/// Where an export comes from.
enum Source {
    Ledger { export: Option<Box<Export>>, _desk: Box<Desk> },
    Server(Box<reqwest::Response>),
}

impl Source {
    /// Records the disclosure, signs the head and begins.
    async fn open(desk: Desk, from: Option<u64>, to: Option<u64>) -> anyhow::Result<Self> {
        let notary = local::notary(&desk.ledger, &desk.config);
        notary.check_past().await?;
        let rules = server::rules_of(&desk.config)?;
        desk.disclose(routes::disclosure(local::CALLER)).await?;
        let export = Export::begin(&desk.ledger, notary.sign().await?, from, to, rules.version()).await?;
        Ok(Self::Ledger { export: Some(Box::new(export)), _desk: Box::new(desk) })
    }

    async fn next(&mut self) -> anyhow::Result<Option<Bytes>> {
        match self {
            Self::Server(response) => Ok(response.chunk().await.map_err(ClientError::from)?),
            Self::Ledger { export, .. } => {
                let Some(under_way) = export.take() else { return Ok(None) };
                let Some((page, rest)) = under_way.next().await? else { return Ok(None) };
                *export = rest.map(Box::new);
                Ok(Some(page))
            }
        }
    }
}

/// A file that appears under its name only when it is whole.
struct Draft {
    file: File,
    waiting: PathBuf,
    path: PathBuf,
}

impl Draft {
    fn new(path: PathBuf) -> anyhow::Result<Self> {
        let name = path.file_name().with_context(|| format!("{} is not a file", path.display()))?;
        let waiting = path.with_file_name(format!(".{}.partial", name.display()));
        // An export holds everything about everybody: its owner alone may read it.
        let opened = File::options().write(true).create(true).truncate(true).mode(0o600).open(&waiting);
        let file = opened.with_context(|| waiting.display().to_string())?;
        Ok(Self { file, waiting, path })
    }

    fn keep(self) -> anyhow::Result<PathBuf> {
        self.file.sync_all()?;
        fs::rename(&self.waiting, &self.path).with_context(|| self.path.display().to_string())?;
        let directory = self.path.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()?;
        Ok(self.path.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Already gone, if it was kept.
        let _ = fs::remove_file(&self.waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_leaves_nothing_behind_and_a_kept_one_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("export.ndjson");
        drop(Draft::new(path.clone()).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        let mut draft = Draft::new(path.clone()).unwrap();
        draft.file.write_all(b"whole").unwrap();
        draft.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
