//! What is published to a topic: a text that came in, or what became of one that went out.

use chrono::{DateTime, Datelike, SecondsFormat};
use consent_core::address::Phone;
use consent_core::event::kinds::Outcome;
use serde_json::{Value, json};

use super::envelope::Envelope;
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::{Signal, Unparsed, Verified};

/// What the last word of an event's type means for the recipient; every other failure may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("DELIVERED", Outcome::Delivered),
    ("SUCCESSFUL", Outcome::Delivered),
    ("INVALID", Outcome::LandlineOrInvalid),
    ("BLOCKED", Outcome::BlockedUnknown),
    ("CARRIER_BLOCKED", Outcome::BlockedUnknown),
    ("SPAM", Outcome::BlockedUnknown),
];

/// The message is under way.
const PROGRESS: &[&str] = &["PENDING", "QUEUED", "SENT"];

/// What the message of a notification says; nothing, if it carries no news.
pub(super) fn signal(envelope: &Envelope, verified: &Verified) -> Result<Option<Signal>, Unparsed> {
    let account = verified.account().name.as_str();
    let message: Value = serde_json::from_str(&envelope.message).unwrap_or_default();
    let read = match message.get("eventType").and_then(Value::as_str) {
        Some(kind) => report(kind, &message, account),
        None => inbound(&message, envelope, account).map(Some),
    };
    read.map_err(|reason| {
        let aside = verified.set_aside(reason);
        Unparsed { sender: sender(&message).or(aside.sender), ..aside }
    })
}

fn inbound(message: &Value, envelope: &Envelope, account: &str) -> Result<Signal, &'static str> {
    if !message.is_object() {
        return Err("the message is not a JSON object");
    }
    let from = text(message, "originationNumber").ok_or("no originationNumber")?;
    // An empty one may be a picture; without one it is another kind of message.
    let body = message.get("messageBody").and_then(Value::as_str).ok_or("no messageBody")?;
    let id = text(message, "inboundMessageId").unwrap_or_else(|| envelope.message_id.clone());
    let fields = json!({
        "type": "inbound_sms",
        "at": envelope.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "gateway": account,
        "from": from,
        "to": text(message, "destinationNumber"),
        "body": body,
        "provider_message_id": id,
    });
    Signal::read(fields, id).map_err(|_| "too long")
}

fn report(kind: &str, message: &Value, account: &str) -> Result<Option<Signal>, &'static str> {
    // Calls are none of ours.
    if kind.starts_with("VOICE_") {
        return Ok(None);
    }
    let status = ["TEXT_", "MEDIA_"].iter().find_map(|prefix| kind.strip_prefix(prefix)).ok_or("another event")?;
    let Some(outcome) = outcome(status, message) else { return Ok(None) };
    let id = text(message, "messageId").ok_or("no messageId")?;
    let to = text(message, "destinationPhoneNumber").ok_or("no destinationPhoneNumber")?;
    let at = message.get("eventTimestamp").and_then(milliseconds);
    let key = format!("{id}/{kind}");
    Report { account, id: &id, to: &to, outcome, code: kind, at, channel: None, key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way.
fn outcome(status: &str, message: &Value) -> Option<Outcome> {
    let description = message.get("messageStatusDescription").and_then(Value::as_str).unwrap_or_default();
    if description.to_ascii_lowercase().contains("opted out") {
        return Some(Outcome::OptedOut);
    }
    // A carrier took it, and may yet say more.
    let on_the_way = status == "SUCCESSFUL" && message.get("isFinal") == Some(&Value::Bool(false));
    (!on_the_way && !PROGRESS.contains(&status)).then(|| of_code(OUTCOMES, status))
}

/// The person behind a message that cannot be read: who wrote it, or whom it went to.
fn sender(message: &Value) -> Option<Phone> {
    let numbers = ["originationNumber", "destinationPhoneNumber"].iter().filter_map(|name| text(message, name));
    numbers.filter_map(|number| Phone::parse_from_gateway(&number).ok()).next()
}

/// A field that says something.
fn text(message: &Value, name: &str) -> Option<String> {
    match message.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A time in milliseconds since 1970, as RFC 3339.
fn milliseconds(value: &Value) -> Option<String> {
    let written = || value.as_str().and_then(|text| text.parse().ok());
    let moment = DateTime::from_timestamp_millis(value.as_i64().or_else(written)?)?;
    let four_digits = (0..10_000).contains(&moment.year());
    four_digits.then(|| moment.to_rfc3339_opts(SecondsFormat::Millis, true))
}
