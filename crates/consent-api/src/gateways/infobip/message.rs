//! One of Infobip's results: a message to us, what became of one of ours, or a change of its block list.

use consent_core::event::kinds::Outcome;
use serde_json::Value;

use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::{Reason, first_text, rfc3339, text};

/// The status of a message to a number on the block list, whatever error stands beside it.
const ON_BLOCK_LIST: &str = "14";

/// What errors mean for the recipient.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("603", Outcome::OptedOut),
    ("2050", Outcome::OptedOut),
    ("2052", Outcome::OptedOut),
    ("3041", Outcome::Deactivated),
    ("15017", Outcome::Deactivated),
    ("1", Outcome::LandlineOrInvalid),
    ("9", Outcome::LandlineOrInvalid),
    ("11", Outcome::LandlineOrInvalid),
    ("351", Outcome::LandlineOrInvalid),
    ("352", Outcome::LandlineOrInvalid),
    ("375", Outcome::BlockedUnknown),
    ("604", Outcome::BlockedUnknown),
    ("2049", Outcome::BlockedUnknown),
];

/// What a result says to the ledger; nothing, if it carries no news.
pub(super) fn signal(result: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    if let Some(event) = text(result, "/event") {
        return blocked(result, &event.to_ascii_uppercase(), account);
    }
    if result.get("status").is_some_and(Value::is_object) {
        return report(result, account);
    }
    inbound(result, account).map(Some)
}

/// A change of the block list. What put a number on it does not matter; but only the person takes it off again so that
/// it counts, by a text, which is then an opt-in like any other START.
fn blocked(result: &Value, event: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let by_text = text(result, "/content/sourceType").is_some_and(|kind| kind.eq_ignore_ascii_case("MO"));
    let indicator = match event {
        "BLOCK" => "STOP",
        "UNBLOCK" if by_text => "START",
        "UNBLOCK" => return Ok(None),
        _ => return Err("an event of another type"),
    };
    let from = text(result, "/content/destination").ok_or("no destination")?;
    let (id, received) = (text(result, "/messageId"), text(result, "/receivedAt"));
    let named = id.as_ref().or(received.as_ref()).ok_or("neither messageId nor receivedAt")?;
    let key = format!("{named}/{event}/{from}");
    let (to, channel) = (text(result, "/content/sender"), text(result, "/content/channel"));
    let message = Inbound {
        account,
        id: id.as_deref(),
        from: &from,
        to: to.as_deref(),
        at: received.as_deref().and_then(rfc3339),
        channel: channel.as_deref(),
        indicator: Some(indicator),
        key,
        ..Inbound::default()
    };
    message.signal().map(Some)
}

fn inbound(result: &Value, account: &str) -> Result<Signal, Reason> {
    let id = text(result, "/messageId").ok_or("no messageId")?;
    let from = first_text(result, &["/from", "/sender"]).filter(|from| !from.is_empty()).ok_or("no sender")?;
    let media: Vec<String> = text(result, "/message/url").into_iter().collect();
    // `cleanText` has lost the keyword, which may be the STOP.
    let words = first_text(result, &["/text", "/message/text", "/message/caption"]);
    let words = words.or_else(|| (!media.is_empty()).then(String::new)).ok_or("no text")?;
    let (to, channel) = (text(result, "/to"), text(result, "/integrationType"));
    let at = text(result, "/receivedAt").and_then(|time| rfc3339(&time));
    let (to, channel, key) = (to.as_deref(), channel.as_deref(), id.clone());
    Inbound { account, id: Some(&id), from: &from, to, body: &words, at, channel, media, indicator: None, key }.signal()
}

fn report(result: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    let status = text(result, "/status/id").or_else(|| text(result, "/status/name")).ok_or("a status without id")?;
    let error = text(result, "/error/id").filter(|code| code != "0");
    let Some(outcome) = outcome(result, &status, error.as_deref()) else { return Ok(None) };
    let id = text(result, "/messageId").ok_or("no messageId")?;
    let to = first_text(result, &["/to", "/destination"]).filter(|to| !to.is_empty()).ok_or("no recipient")?;
    let name = text(result, "/status/name").unwrap_or_else(|| status.clone());
    let code = error.map_or_else(|| name.clone(), |error| format!("{name}/{error}"));
    let at = ["/doneAt", "/sentAt"].iter().find_map(|pointer| rfc3339(&text(result, pointer)?));
    let channel = text(result, "/channel").and_then(|name| other_channel(&name));
    let key = format!("{id}/{status}/{to}");
    Report { account, id: &id, to: &to, outcome, code: &code, at, channel: channel.as_deref(), key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way.
fn outcome(result: &Value, status: &str, error: Option<&str>) -> Option<Outcome> {
    let listed = error.map(|error| of_code(OUTCOMES, error)).filter(|outcome| *outcome != Outcome::Temporary);
    if status == ON_BLOCK_LIST {
        return Some(Outcome::OptedOut);
    }
    let group = text(result, "/status/groupName").unwrap_or_default().to_ascii_uppercase();
    let number = text(result, "/status/groupId").unwrap_or_default();
    match (group.as_str(), number.as_str()) {
        ("DELIVERED", _) | ("", "3") => Some(Outcome::Delivered),
        ("PENDING" | "ACCEPTED", _) | ("", "1") => listed,
        _ => Some(listed.unwrap_or_else(|| unlisted(result))),
    }
}

/// Infobip says of each error whether the same message would fail again.
fn unlisted(result: &Value) -> Outcome {
    let permanent = result.pointer("/error/permanent").and_then(Value::as_bool) == Some(true);
    if permanent { Outcome::BlockedUnknown } else { Outcome::Temporary }
}
