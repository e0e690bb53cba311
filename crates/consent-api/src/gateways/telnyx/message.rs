//! What a Telnyx event says: a message that came, or what became of one of ours.

use consent_core::event::kinds::Outcome;
use serde_json::Value;

use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Reason, each, first_text, rfc3339, text};

/// What error codes mean for the recipient, those first that say most; every other error may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("40300", Outcome::OptedOut),
    ("10002", Outcome::LandlineOrInvalid),
    ("40001", Outcome::LandlineOrInvalid),
    ("40012", Outcome::LandlineOrInvalid),
    ("40310", Outcome::LandlineOrInvalid),
    ("40002", Outcome::BlockedUnknown),
    ("40003", Outcome::BlockedUnknown),
    ("40015", Outcome::BlockedUnknown),
];

/// Everything that an event says.
pub(super) fn signals(event: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    let kind = text(event, "/data/event_type").ok_or("no event_type")?;
    let is_ours = text(event, "/data/payload/direction").is_some_and(|direction| direction.starts_with("out"));
    match kind.as_str() {
        // A message of ours that comes back must not be taken for an answer to it.
        "message.received" if is_ours => Ok(Vec::new()),
        "message.received" => inbound(event, account).map(|signal| vec![signal]),
        "message.sent" | "message.finalized" | "message.read" => reports(event, account),
        _ => Err("an event of another type"),
    }
}

fn inbound(event: &Value, account: &str) -> Result<Signal, Reason> {
    let payload = &event["data"]["payload"];
    let (event_id, id, channel) = (text(event, "/data/id"), text(payload, "/id"), text(payload, "/type"));
    let to = our_number(payload);
    let media = media(payload);
    let indicator = text(payload, "/autoresponse_type");
    let body = match &payload["text"] {
        Value::Null if !media.is_empty() || indicator.is_some() => String::new(),
        _ => first_text(payload, &["/text"]).ok_or("no text")?,
    };
    let message = Inbound {
        account,
        id: id.as_deref(),
        from: &number(&payload["from"]).ok_or("no from")?,
        to: to.as_deref(),
        body: &body,
        at: time(payload, "/received_at").or_else(|| time(event, "/data/occurred_at")),
        channel: channel.as_deref(),
        media,
        indicator: indicator.as_deref(),
        key: event_id.or_else(|| id.clone()).ok_or("no id")?,
    };
    message.signal()
}

/// What became of a message, for each of those it went to.
fn reports(event: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    let payload = &event["data"]["payload"];
    let codes = codes(payload);
    if recipients(payload).is_empty() && !codes.is_empty() {
        return Err("an error, but no to");
    }
    let at = time(payload, "/completed_at").or_else(|| time(event, "/data/occurred_at"));
    let one = |to: &Value| {
        let status = text(to, "/status").or_else(|| text(payload, "/status")).unwrap_or_default();
        let Some((outcome, code)) = outcome(&status, &codes) else { return Ok(Vec::new()) };
        let (id, to) = (text(payload, "/id").ok_or("no id")?, number(to).ok_or("no phone_number")?);
        let channel = text(payload, "/type").and_then(|name| other_channel(&name));
        let (channel, key) = (channel.as_deref(), format!("{id}/{status}/{to}"));
        let report = Report { account, id: &id, to: &to, outcome, code: &code, at: at.clone(), channel, key };
        report.signal().map(|signal| vec![signal])
    };
    Ok(each(recipients(payload), account, one))
}

/// What became of the message, and by which words; `None` while it is under way, or if nobody knows.
fn outcome(status: &str, codes: &[String]) -> Option<(Outcome, String)> {
    if matches!(status, "delivered" | "read") {
        return Some((Outcome::Delivered, status.to_owned()));
    }
    if let Some((code, outcome)) = OUTCOMES.iter().find(|(known, _)| codes.iter().any(|code| code == known)) {
        return Some((*outcome, format!("{status}/{code}")));
    }
    let failed = matches!(status, "sending_failed" | "delivery_failed" | "expired");
    let code = codes.first().map_or_else(|| status.to_owned(), |code| format!("{status}/{code}"));
    failed.then_some((Outcome::Temporary, code))
}

fn codes(payload: &Value) -> Vec<String> {
    list(&payload["errors"]).iter().filter_map(|error| text(error, "/code")).collect()
}

fn media(payload: &Value) -> Vec<String> {
    list(&payload["media"]).iter().filter_map(|item| text(item, "/url")).collect()
}

/// Whom a message goes to: a list for SMS, MMS and RCS, one value for WhatsApp.
fn recipients(payload: &Value) -> &[Value] {
    list(&payload["to"])
}

/// A message to a group goes to many; ours is the number whose web hook was called.
fn our_number(payload: &Value) -> Option<String> {
    let all = recipients(payload);
    let called = |to: &&Value| text(to, "/status").as_deref() == Some("webhook_delivered");
    all.iter().find(called).or_else(|| all.first()).and_then(number)
}

/// A party to a message: an object with its `phone_number`, or the number alone.
fn number(party: &Value) -> Option<String> {
    text(party, "/phone_number").or_else(|| text(party, ""))
}

fn time(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).as_deref().and_then(rfc3339)
}

/// The items of a list, or a single value as a list of one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}
