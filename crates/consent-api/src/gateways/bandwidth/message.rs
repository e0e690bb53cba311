//! One of Bandwidth's events: a message to us, or what became of one of ours.

use consent_core::event::kinds::Outcome;
use serde_json::Value;

use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::{Reason, first_text, rfc3339, text};

/// Where the words of a message stand: of a text, of a text with more to it, of an answer that was tapped.
const WORDS: &[&str] = &[
    "/message/text",
    "/message/content/text",
    "/message/content/suggestion/text",
    "/message/content/suggestionResponse/text",
];

/// What error codes mean for the recipient; every other error may pass, or is ours.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("4775", Outcome::OptedOut),
    ("4721", Outcome::Deactivated),
    ("4720", Outcome::LandlineOrInvalid),
    ("4303", Outcome::LandlineOrInvalid),
    ("4350", Outcome::LandlineOrInvalid),
    ("4404", Outcome::LandlineOrInvalid),
    ("4406", Outcome::LandlineOrInvalid),
    ("4408", Outcome::LandlineOrInvalid),
    ("4482", Outcome::BlockedUnknown),
    ("4750", Outcome::BlockedUnknown),
    ("4753", Outcome::BlockedUnknown),
    ("4772", Outcome::BlockedUnknown),
    ("4790", Outcome::BlockedUnknown),
];

/// What an event says to the ledger; nothing, if it carries no news.
pub(super) fn signal(event: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    let kind = text(event, "/type").ok_or("an event without a type")?;
    let error = text(event, "/errorCode").filter(|code| code != "0");
    match kind.as_str() {
        // Who texts a group that one of our numbers is in sees ours come back.
        "message-received" | "suggestion-response" if is_ours(event) => Ok(None),
        "message-received" | "suggestion-response" => inbound(event, &kind, account).map(Some),
        "message-sending" | "message-sent" | "requested-location-response" => Ok(None),
        "message-delivered" | "message-read" => report(event, &kind, None, Outcome::Delivered, account).map(Some),
        "message-failed" => {
            let outcome = error.as_deref().map_or(Outcome::Temporary, |code| of_code(OUTCOMES, code));
            report(event, &kind, error.as_deref(), outcome, account).map(Some)
        }
        _ => Err("an event of another type"),
    }
}

fn is_ours(event: &Value) -> bool {
    text(event, "/message/direction").is_some_and(|direction| direction.eq_ignore_ascii_case("out"))
}

fn inbound(event: &Value, kind: &str, account: &str) -> Result<Signal, Reason> {
    let id = text(event, "/message/id").ok_or("no message id")?;
    let from = text(event, "/message/from").ok_or("no sender")?;
    let media = media(event);
    let words = first_text(event, WORDS).or_else(|| (!media.is_empty()).then(String::new)).ok_or("no text")?;
    // A message to a group comes once for each of our numbers in it.
    let to = text(event, "/message/owner").or_else(|| text(event, "/to"));
    let key = format!("{id}/{kind}/{}", to.as_deref().unwrap_or_default());
    let channel = text(event, "/message/channel");
    let (to, channel, at) = (to.as_deref(), channel.as_deref(), time(event));
    Inbound { account, id: Some(&id), from: &from, to, body: &words, at, channel, media, indicator: None, key }.signal()
}

fn report(event: &Value, kind: &str, error: Option<&str>, outcome: Outcome, account: &str) -> Result<Signal, Reason> {
    let id = text(event, "/message/id").ok_or("no message id")?;
    let to = text(event, "/to").or_else(|| text(event, "/message/to/0")).ok_or("no recipient")?;
    let code = error.map_or_else(|| kind.to_owned(), |error| format!("{kind}/{error}"));
    let key = format!("{id}/{kind}/{to}");
    let channel = text(event, "/message/channel").and_then(|name| other_channel(&name));
    let (at, channel) = (text(event, "/time").and_then(|time| rfc3339(&time)), channel.as_deref());
    Report { account, id: &id, to: &to, outcome, code: &code, at, channel, key }.signal()
}

/// When the message was sent to us, or else when the event came about.
fn time(event: &Value) -> Option<String> {
    ["/message/time", "/time"].iter().find_map(|pointer| rfc3339(&text(event, pointer)?))
}

fn media(event: &Value) -> Vec<String> {
    let list = event.pointer("/message/media").and_then(Value::as_array).into_iter().flatten();
    let file = text(event, "/message/content/media/fileUrl");
    list.filter_map(|media| media.as_str().map(ToOwned::to_owned)).chain(file).collect()
}
