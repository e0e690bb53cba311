//! `consentd reviews`: messages that wait for a person, and what somebody found in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use consent_core::review::Finding;
use serde_json::Value;

use super::local::{self, Desk};
use super::remote::Remote;
use super::{Context, Outcome, words};
use crate::reviews::{self, Message, Page, Resolution};
use crate::routes::{Resolve, ReviewsQuery};
use crate::server;

#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Marketing to the sender of each message is held until somebody says what it is. Reading the list is itself recorded, as
disclosure_made. With --json: one message a line.

  consentd reviews
  consentd reviews resolve 019aab00-0000-7000-8000-000000000000 --outcome is_opt_out"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Args)]
struct List {
    /// Only messages behind this entry, to read on where a page ended
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Messages to show, 1 to 200 [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Subcommand)]
enum Command {
    /// Say what a message is
    Resolve(Found),
}

#[derive(Args)]
struct Found {
    /// Id of the message
    id: String,
    /// is_opt_out or is_not
    #[arg(long, value_name = "OUTCOME", value_parser = finding)]
    outcome: Finding,
    /// Who read it
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

fn finding(word: &str) -> Result<Finding, String> {
    word.parse().map_err(|_| "give is_opt_out or is_not".to_owned())
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    match arguments.command {
        Some(Command::Resolve(found)) => resolve(found, context).await,
        None => list(arguments.list, context).await,
    }
}

async fn list(list: List, context: &Context) -> anyhow::Result<Outcome> {
    let query = ReviewsQuery { after: list.after, limit: list.limit };
    let page: Page = match list.remote.client()? {
        Some(client) => client.reviews(&query).await?,
        None => {
            let desk = Here::open(context).await?;
            desk.reviews().waiting(query.after, query.limit, local::CALLER).await?
        }
    };
    for message in &page.reviews {
        context.output.result(message, || text(message))?;
    }
    if !context.output.is_json() {
        context.output.text(match page.next {
            Some(next) => format!("More may follow: add --after {next}."),
            None if page.reviews.is_empty() => "Nothing waits.".to_owned(),
            None => format!("{} on this page, and none behind it.", words::count(page.reviews.len(), "message")),
        })?;
    }
    Ok(Outcome::Yes)
}

async fn resolve(found: Found, context: &Context) -> anyhow::Result<Outcome> {
    let Found { id, outcome, reviewer, remote } = found;
    let resolution: Resolution = match remote.client()? {
        Some(client) => client.resolve(&id, &Resolve { outcome: outcome.to_string(), reviewer }).await?,
        None => {
            let reviewer = reviewer.as_deref().unwrap_or(local::CALLER);
            Here::open(context).await?.reviews().resolve(&id, outcome, reviewer, local::CALLER).await?
        }
    };
    context.output.result(&resolution, || {
        let entries = words::count(resolution.position, "entry");
        format!("{outcome}: recorded as {}, the ledger has {entries}", resolution.event_id)
    })?;
    Ok(Outcome::Yes)
}

/// The local ledger with its rules.
struct Here {
    desk: Desk,
    rules: consent_query::rules::Rules,
}

impl Here {
    async fn open(context: &Context) -> anyhow::Result<Self> {
        let config = context.config()?;
        let rules = server::rules_of(&config)?;
        Ok(Self { desk: Desk::open(config).await?, rules })
    }

    fn reviews(&self) -> reviews::Desk<'_> {
        let Desk { ledger, intake, config, .. } = &self.desk;
        reviews::Desk { ledger, rules: &self.rules, intake, deadline: config.events.deadline() }
    }
}

/// A message for people: when and why, then from whom and what.
fn text(message: &Message) -> String {
    let mut text = format!("{}  entry {}  {}\n", words::time(message.received_at), message.seq, message.why);
    let bytes = message.bytes.as_deref().and_then(|bytes| STANDARD.decode(bytes).ok());
    let bytes = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    for (name, value) in [
        ("event_id", Some(&message.event_id)),
        ("gateway", message.gateway.as_ref()),
        ("sender", message.sender.as_ref()),
        ("indicator", message.opt_out_indicator.as_ref()),
        ("text", message.body.as_ref()),
        ("not understood", bytes.as_ref()),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("    {name:<15} {}\n", words::value(&Value::String(value.clone()))));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn a_list_or_a_finding_is_asked_for() {
        let parse = |arguments: &[&str]| Line::try_parse_from([&["reviews"], arguments].concat());
        assert_eq!(parse(&["--after", "7", "--limit", "2"]).unwrap().arguments.list.after, Some(7));
        let resolve = parse(&["resolve", "id", "--outcome", "is_not", "--reviewer", "Kim"]).unwrap();
        let Some(Command::Resolve(found)) = resolve.arguments.command else { panic!("another command") };
        assert_eq!((found.outcome, found.reviewer.as_deref()), (Finding::IsNot, Some("Kim")));
        for wrong in [&["resolve", "id"][..], &["resolve", "id", "--outcome", "maybe"], &["id"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_was_not_understood_is_shown_as_far_as_it_is_text_and_cannot_steer_the_terminal() {
        let message = Message {
            event_id: "id".into(),
            seq: 7,
            received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            why: "unparsed".into(),
            gateway: Some("main".into()),
            sender: None,
            body: None,
            bytes: Some(STANDARD.encode(b"From=x\x1b[2J&\xffB")),
            opt_out_indicator: None,
        };
        let text = text(&message);
        assert!(text.starts_with("2026-11-22T12:00:00Z  entry 7  unparsed\n"), "{text}");
        assert!(text.contains("From=x") && !text.contains('\x1b') && !text.contains("sender"), "{text}");
    }
}
