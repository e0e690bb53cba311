//! `consentd record`: events into the ledger.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use consent_core::event::fault::Fault;
use consent_core::event::unique::Parsed;
use serde_json::{Value, json};

use super::local::{self, Desk};
use super::remote::Remote;
use super::{Context, Outcome, failure, words};
use crate::client::Client;
use crate::error::Problem;
use crate::routes;

#[derive(Args)]
#[command(group = ArgGroup::new("input").required(true), after_help = "\
Exit codes: 0 recorded, 1 an event was refused, 2 usage, 3 unavailable. An opt-out that the ledger could not take is kept
in the spool and recorded later.

  consentd record '{\"type\":\"do_not_call_request\",\"phone\":\"+12025550123\",\"channel\":\"voice\"}'")]
pub(super) struct Arguments {
    /// The event as JSON, or - to read events from standard input
    #[arg(group = "input")]
    event: Option<String>,
    /// File of events, one a line
    #[arg(long, group = "input", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Your name for this: said twice, it is recorded once
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

impl Arguments {
    fn input(&self) -> anyhow::Result<Box<dyn Read>> {
        match (&self.file, self.event.as_deref()) {
            (Some(path), _) if path != Path::new("-") => {
                let file = File::open(path).with_context(|| path.display().to_string())?;
                Ok(Box::new(BufReader::new(file)))
            }
            (None, Some(text)) if text != "-" => Ok(Box::new(io::Cursor::new(text.to_owned().into_bytes()))),
            _ => Ok(Box::new(BufReader::new(io::stdin()))),
        }
    }
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let input = arguments.input()?;
    let door = match arguments.remote.client()? {
        Some(client) => Door::Server(client),
        None => Door::Ledger(Box::new(Desk::open(context.config()?).await?)),
    };
    let mut events = serde_json::Deserializer::from_reader(input).into_iter::<Parsed>().peekable();
    let (mut outcome, mut number) = (Outcome::Yes, 0_u64);
    while let Some(event) = events.next() {
        let many = number > 0 || events.peek().is_some();
        number += 1;
        let event = match event {
            Ok(event) => event.value(),
            Err(error) => return unreadable(number, format!("not JSON: {error}"), context),
        };
        // As the server does with many events under one key.
        let key = arguments.idempotency_key.as_deref();
        let key = key.map(|key| if many { routes::item_key(key, number - 1) } else { key.to_owned() });
        let recorded = match event {
            Ok(event) => door.record(event, key).await,
            Err(fault) => Err(Problem::fields(vec![fault]).into()),
        };
        match recorded {
            Ok(recorded) => context.output.result(&recorded, || text(&recorded))?,
            Err(error) => outcome = outcome.worse(refused(number, error, context)?),
        }
    }
    if number == 0 { unreadable(1, "there is nothing to read".to_owned(), context) } else { Ok(outcome) }
}

/// Where events are recorded.
enum Door {
    Ledger(Box<Desk>),
    Server(Client),
}

impl Door {
    async fn record(&self, event: Value, key: Option<String>) -> anyhow::Result<Value> {
        match self {
            Self::Server(client) => Ok(client.record(&event, key.as_deref()).await?),
            Self::Ledger(desk) => {
                let deadline = desk.config.events.deadline();
                let (_, recorded) = routes::record_one(event, key, local::CALLER, &desk.intake, deadline).await?;
                Ok(serde_json::to_value(recorded)?)
            }
        }
    }
}

fn text(recorded: &Value) -> String {
    let id = recorded["event_id"].as_str().unwrap_or_default();
    let entries = words::count(recorded["position"].as_u64().unwrap_or_default(), "entry");
    let mut text = format!("recorded {id}, the ledger has {entries}");
    for warning in recorded["warnings"].as_array().into_iter().flatten() {
        text.push_str(&format!("\n{}", words::fault_line(warning)));
    }
    text
}

/// Says why an event was refused. An error that is no refusal ends the command: the rest would fare no better.
fn refused(number: u64, error: anyhow::Error, context: &Context) -> anyhow::Result<Outcome> {
    let Some(problem) = failure::problem(&error) else {
        return Err(error.context(format!("event {number} was not recorded, nor any after it")));
    };
    if context.output.is_json() {
        context.output.json(&json!({"error": problem}))?;
    } else {
        context.output.note(format_args!("event {number} was not recorded: {}", failure::sentence(&error)));
    }
    Ok(if failure::is_unavailable(&error) { Outcome::Unavailable } else { Outcome::No })
}

/// Where JSON ends nothing that follows can be trusted to be an event.
fn unreadable(number: u64, why: String, context: &Context) -> anyhow::Result<Outcome> {
    let problem = Problem::fields(vec![Fault::new("", why)]);
    refused(number, problem.into(), context)
}
