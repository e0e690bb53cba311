//! `consentd scrub`: a file of addresses without those who may not be contacted.

mod asked;
mod draft;
mod progress;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use actix_web::web::Bytes;
use anyhow::Context as _;
use clap::Args;
use consent_query::reason::Reason;
use futures_util::stream;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::remote::Remote;
use super::{Context, Outcome, local, words};
use crate::scrub::{Closing, Format, Keep, Order, Place, Scrub, ScrubQuery, hex};
use crate::{clock, limits};
use asked::Asked;
use draft::{Draft, Kept};
use progress::Progress;

#[derive(Args)]
#[command(after_help = "\
A line that cannot be read is denied, and counted as INVALID_REQUEST. With --output the certificate is printed, else it
goes to standard error; NDJSON also ends with it. Exit codes: 0 every row was answered, 2 usage, 3 some rows were denied
because the ledger or the server could not be reached.

  consentd scrub list.csv --channel sms --purpose special_offers --output may-send.csv --report report.json --resume")]
pub(super) struct Arguments {
    /// The list: one address a line, CSV with a header line, or JSON objects
    file: PathBuf,
    /// sms mms voice email push whatsapp postal
    #[arg(long)]
    channel: String,
    /// What the message is for, such as special_offers
    #[arg(long)]
    purpose: String,
    /// Column of a CSV with the address [default: the first of phone, email, address and subject; for e-mail email first]
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Which rows are wanted
    #[arg(long = "return", value_name = "ROWS", value_enum, default_value = "allowed")]
    keep: Keep,
    /// How the list is written [default: what its name ends in, csv or ndjson; otherwise text]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The number or address the message would come from
    #[arg(long)]
    sender: Option<String>,
    /// The line of products it advertises
    #[arg(long)]
    product_line: Option<String>,
    /// Sent or dialled by a machine [default: true]
    #[arg(long, value_name = "BOOL")]
    automated: Option<bool>,
    /// The message itself offers a way to refuse more of them [default: false]
    #[arg(long, value_name = "BOOL")]
    opt_out_in_message: Option<bool>,
    /// File to write; it appears only once it is whole [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// File for a summary in JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Go on where an earlier run with the same list and output was stopped, if there was one; refused once something
    /// that it allowed holds no longer
    #[arg(long, requires = "output")]
    resume: bool,
    #[command(flatten)]
    remote: Remote,
}

impl Arguments {
    fn order(&self) -> Result<Order, Failure> {
        let query = ScrubQuery {
            channel: self.channel.clone(),
            purpose: self.purpose.clone(),
            keep: self.keep,
            column: self.column.clone(),
            sender: self.sender.clone(),
            product_line: self.product_line.clone(),
            automated: self.automated,
            opt_out_in_message: self.opt_out_in_message,
            certificate: Some(Closing::None),
        };
        let format = self.format.unwrap_or_else(|| format_of(&self.file));
        Order::new(format, query).map_err(|problem| Failure::Usage(problem.body().detail))
    }
}

/// The format that the name of a file promises.
fn format_of(path: &Path) -> Format {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "csv" => Format::Csv,
        "ndjson" | "jsonl" => Format::Ndjson,
        _ => Format::Text,
    }
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let order = arguments.order()?;
    if context.output.is_json() && arguments.output.is_none() {
        return Err(Failure::Usage("--json needs --output: the rows would stand beside it".to_owned()).into());
    }
    let mut list = File::open(&arguments.file).with_context(|| arguments.file.display().to_string())?;
    let total = list.metadata()?.len();
    let kept = match (&arguments.output, arguments.resume) {
        (Some(path), true) => draft::find(path, &order, clock::now())?,
        _ => None,
    };
    let hash = kept.as_ref().map(|kept| skip(&mut list, &kept.place)).transpose()?;
    let asked = match arguments.remote.client()? {
        Some(client) => Asked::server(client)?,
        None => Asked::ledger(local::reader(&context.config()?).await?),
    };
    let mut draft = arguments.output.as_deref().map(|path| Draft::open(path, kept.as_ref())).transpose()?;
    let mut scrub = match (kept, hash) {
        (Some(Kept { place, .. }), Some(hash)) => Scrub::resume(place, hash, pieces(list), asked),
        _ => Scrub::new(order, pieces(list), asked),
    };
    let mut progress = Progress::new(total, scrub.progress());
    while let Some(page) = scrub.page::<anyhow::Error>().await? {
        match &mut draft {
            Some(draft) => draft.write(&page, || scrub.place())?,
            None => context.output.bytes(&page)?,
        }
        progress.show(scrub.progress(), context.output);
    }
    progress.finish(scrub.progress(), context.output);
    draft.map(Draft::keep).transpose()?;
    let mut report = serde_json::to_value(scrub.certificate())?;
    if let Some(path) = &arguments.output {
        report["output"] = json!(path.display().to_string());
    }
    let (tally, _) = scrub.progress();
    match &arguments.output {
        Some(path) => context.output.result(&report, || text(&report, &tally.reasons(), path))?,
        None => context.output.note(format_args!("certificate {report}")),
    }
    if let Some(path) = &arguments.report {
        progress.add_to(&mut report, scrub.progress());
        let report = format!("{}\n", serde_json::to_string_pretty(&report)?);
        fs::write(path, report).with_context(|| path.display().to_string())?;
    }
    Ok(if tally.of(Reason::LedgerUnavailable) > 0 { Outcome::Unavailable } else { Outcome::Yes })
}

/// The list in pieces.
fn pieces(mut list: File) -> impl futures_util::Stream<Item = anyhow::Result<Bytes>> + Unpin {
    let mut piece = vec![0; limits::SCRUB_LINE];
    stream::iter(std::iter::from_fn(move || match list.read(&mut piece) {
        Ok(0) => None,
        Ok(length) => Some(Ok(Bytes::copy_from_slice(piece.get(..length).unwrap_or_default()))),
        Err(error) => Some(Err(error.into())),
    }))
}

/// Reads past what was answered before, which must still be what it was; returns its hash.
fn skip(list: &mut File, place: &Place) -> anyhow::Result<Sha256> {
    let (mut hash, mut piece, mut left) = (Sha256::new(), vec![0; limits::SCRUB_LINE], place.bytes);
    while left > 0 {
        let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let room = piece.get_mut(..most).unwrap_or_default();
        let length = list.read(room)?;
        anyhow::ensure!(length > 0, "the list is shorter than when it was begun; run it again without --resume");
        hash.update(room.get(..length).unwrap_or_default());
        left -= length as u64;
    }
    let same = hex(hash.clone()) == place.sha256;
    anyhow::ensure!(same, "the list is not the one that was begun; run it again without --resume");
    Ok(hash)
}

/// The certificate for people.
fn text(report: &Value, reasons: &[(&str, u64)], path: &Path) -> String {
    let rows = words::count(report["rows"].as_u64().unwrap_or_default(), "row");
    let mut text = format!("{rows}: {} allowed, {} denied\n\n", report["allowed"], report["denied"]);
    for (reason, rows) in reasons {
        text.push_str(&format!("  {reason:30}{rows:>10}\n"));
    }
    let shown = |name: &str| report[name].as_str().unwrap_or("-").to_owned();
    let position = &report["position"];
    let position = match position.is_object() {
        true => format!("{} to {}", position["smallest"], position["largest"]),
        false => "-".to_owned(),
    };
    for (name, value) in [
        ("input sha256", shown("input_sha256")),
        ("position", position),
        ("rules", shown("rules_version")),
        ("decided at", shown("decided_at")),
        ("valid until", shown("valid_until")),
        ("output", path.display().to_string()),
    ] {
        text.push_str(&format!("\n  {name:14}{value}"));
    }
    text
}
