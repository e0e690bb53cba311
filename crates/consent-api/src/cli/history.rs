//! `consentd history`: what is recorded about a person, newest first.

use anyhow::Context as _;
use clap::Args;
use serde_json::Value;

use super::check::Person;
use super::local::{self, Desk};
use super::remote::Remote;
use super::{Context, Outcome, words};
use crate::routes::HistoryQuestion;

#[derive(Args)]
#[command(after_help = "Reading a history is itself recorded, as disclosure_made. With --json: one event a line.")]
pub(super) struct Arguments {
    #[command(flatten)]
    person: Person,
    /// Only events before this entry, to read on where a page ended
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
    /// Events to show, 1 to 200 [default: 50]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let Person { phone, email, subject } = arguments.person;
    let question = HistoryQuestion { phone, email, subject, before: arguments.before, limit: arguments.limit };
    let page = match arguments.remote.client()? {
        Some(client) => client.history(&question).await?,
        None => read(&Desk::open(context.config()?).await?, &question).await?,
    };
    let events = page["events"].as_array().context("the page holds no events")?;
    for event in events {
        context.output.result(event, || text(event))?;
        if !context.output.is_json() {
            context.output.text("")?;
        }
    }
    if !context.output.is_json() {
        context.output.text(match (&page["next"], events.is_empty()) {
            (Value::Number(next), _) => format!("Older events follow: add --before {next}."),
            (_, true) => "Nothing is recorded.".to_owned(),
            (_, false) => {
                format!("{} in all, in a ledger of {} entries.", words::count(events.len(), "event"), page["position"])
            }
        })?;
    }
    Ok(Outcome::Yes)
}

/// Reads a page as the server does: first what is shown, then that it was shown.
async fn read(desk: &Desk, question: &HistoryQuestion) -> anyhow::Result<Value> {
    let person = desk.ledger.person(&question.identities()?).await?;
    let page = question.page(&person)?;
    desk.disclose(question.disclosure(local::CALLER)).await?;
    Ok(serde_json::to_value(page)?)
}

/// An event for people: when, which and what, then its fields.
pub(super) fn text(event: &Value) -> String {
    let at = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let (received, happened) = (at("received_at"), at("at"));
    let mut text = format!("{received}  entry {}  {}\n", event["seq"], at("type"));
    let mut line = |name: &str, value: String| text.push_str(&format!("    {name:<23} {value}\n"));
    if !happened.is_empty() && happened != received {
        line("happened at", happened);
    }
    let known = ["type", "seq", "received_at", "at"];
    for (name, value) in event.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(&name.as_str())) {
        line(name, words::value(value));
    }
    text
}
