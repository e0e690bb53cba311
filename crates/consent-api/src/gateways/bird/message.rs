//! One of Bird's events: a message to us, or what became of one of ours.

use consent_core::event::kinds::Outcome;
use serde_json::Value;

use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::messagebird::outcomes::of_failure;
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Reason, first_text, rfc3339, text};

/// Channels that reach a phone number. Ids of other channels may look like one.
const CHANNELS: &[&str] = &["sms", "mms", "whatsapp", "rcs"];

/// Where a message has its words: of a text, below a picture, in an answer that was tapped.
const WORDS: &[&str] = &[
    "/payload/body/text/text",
    "/payload/body/image/text",
    "/payload/body/file/text",
    "/payload/body/list/text",
    "/payload/body/html/text",
];

/// Where a message has its media.
const MEDIA: &[&str] = &["/payload/body/image/images", "/payload/body/file/files", "/payload/body/gif/gifs"];

/// Who sent the message.
pub(super) fn sender(event: &Value) -> Option<String> {
    text(event, "/payload/sender/contact/identifierValue")
}

/// What an event says to the ledger; nothing, if it carries no news.
pub(super) fn signals(event: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    let kind = text(event, "/event").unwrap_or_default();
    let (channel, way) = kind.split_once('.').unwrap_or(("", ""));
    if !CHANNELS.contains(&channel) {
        return Err("an event of another channel");
    }
    let direction = text(event, "/payload/direction");
    match direction.as_deref().unwrap_or(way) {
        "incoming" | "inbound" if way == "inbound" => inbound(event, channel, account).map(|signal| vec![signal]),
        // What goes out is never read as a message to us, whatever the event is called.
        "outgoing" | "outbound" => reports(event, channel, account),
        _ => Err("a message of unknown direction"),
    }
}

fn inbound(event: &Value, channel: &str, account: &str) -> Result<Signal, Reason> {
    let id = text(event, "/payload/id").ok_or("no id")?;
    let from = sender(event).ok_or("no sender")?;
    let media = media(event);
    let words = first_text(event, WORDS).or_else(|| (!media.is_empty()).then(String::new)).ok_or("no text")?;
    let to = text(event, "/payload/receiver/connector/identifierValue");
    let at = text(event, "/payload/createdAt").and_then(|time| rfc3339(&time));
    let (to, channel, key) = (to.as_deref(), Some(channel), id.clone());
    Inbound { account, id: Some(&id), from: &from, to, body: &words, at, channel, media, indicator: None, key }.signal()
}

fn media(event: &Value) -> Vec<String> {
    let lists = MEDIA.iter().filter_map(|pointer| event.pointer(pointer)?.as_array()).flatten();
    lists.filter_map(|item| text(item, "/mediaUrl")).collect()
}

/// One report for each recipient.
fn reports(event: &Value, channel: &str, account: &str) -> Result<Vec<Signal>, Reason> {
    let status = text(event, "/payload/status").unwrap_or_default();
    let Some(outcome) = outcome(event, &status) else { return Ok(Vec::new()) };
    let id = text(event, "/payload/id").ok_or("no id")?;
    let contacts = event.pointer("/payload/receiver/contacts").and_then(Value::as_array);
    let numbers = contacts.into_iter().flatten().filter_map(|contact| text(contact, "/identifierValue"));
    let code = failure(event).map_or_else(|| status.clone(), |code| format!("{status}/{code}"));
    let at = ["/payload/lastStatusAt", "/payload/updatedAt"].iter().find_map(|at| rfc3339(&text(event, at)?));
    let channel = other_channel(channel);
    let report = |to: String| {
        let key = format!("{id}/{status}/{to}");
        let (at, channel) = (at.clone(), channel.as_deref());
        Report { account, id: &id, to: &to, outcome, code: &code, at, channel, key }.signal()
    };
    let reports: Vec<_> = numbers.map(report).collect::<Result<_, _>>()?;
    if reports.is_empty() { Err("no recipient") } else { Ok(reports) }
}

/// What became of the message; `None` while it is under way.
fn outcome(event: &Value, status: &str) -> Option<Outcome> {
    match status {
        "delivered" | "read" => Some(Outcome::Delivered),
        "delivery_failed" | "sending_failed" | "rejected" | "skipped" | "failed" => {
            let reasons = ["/payload/reason", "/payload/details"].map(|at| text(event, at).unwrap_or_default());
            Some(of_failure(
                text(event, "/payload/failure/source/code").as_deref(),
                &reasons.each_ref().map(String::as_str),
            ))
        }
        _ => None,
    }
}

/// The code of the network, or else Bird's own.
fn failure(event: &Value) -> Option<String> {
    text(event, "/payload/failure/source/code").or_else(|| text(event, "/payload/failure/code"))
}
