//! One message or status of the Messages API, in the form of today (v1) or of its beginnings (v0.1).

use consent_core::event::kinds::Outcome;
use consent_core::limits;
use serde_json::{Value, json};

use crate::gateways::Signal;
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::{rfc3339, scalar};

/// Channels that reach a phone number. Ids of other channels may look like one.
const CHANNELS: &[&str] = &["sms", "mms", "rcs", "whatsapp", "viber_service"];

/// Parts of a message that come with an address, and perhaps a caption.
const ATTACHMENTS: &[&str] = &["image", "video", "audio", "file", "vcard", "sticker"];

/// Where the words of a person stand. Who taps a suggested answer has said what stands on it.
const WORDS: &[&str] = &["/text", "/reply/title", "/button/text"];

/// What error codes mean for the recipient; every other error may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("1240", Outcome::OptedOut),
    ("1190", Outcome::Deactivated),
    ("1170", Outcome::LandlineOrInvalid),
    ("1050", Outcome::BlockedUnknown),
    ("1210", Outcome::BlockedUnknown),
    ("1280", Outcome::BlockedUnknown),
];

/// What cannot be read in a message, for the log.
type Reason = &'static str;

/// What a message or status says to the ledger; nothing, if it carries no news.
pub(super) fn signal(message: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    if message["direction"] == "outbound" {
        return Ok(None);
    }
    let inbound = ["message_type", "message", "text"].iter().any(|name| !message[*name].is_null());
    match message["status"].as_str().filter(|_| !inbound) {
        Some(status) => report(message, status, account),
        None => received(message, account).map(Some),
    }
}

fn received(message: &Value, account: &str) -> Result<Signal, Reason> {
    let id = scalar(&message["message_uuid"]).ok_or("no message_uuid")?;
    let channel = channel(message, "from");
    let from = address(message, "from", channel.as_deref()).ok_or("no from")?;
    // In v0.1 the content is further in.
    let content = message.pointer("/message/content").unwrap_or(message);
    let fields = json!({
        "type": "inbound_sms",
        "at": scalar(&message["timestamp"]).and_then(|time| rfc3339(&time)),
        "source": channel.filter(|channel| channel != "sms"),
        "gateway": account,
        "from": from,
        "to": address(message, "to", None),
        "body": words(content),
        "provider_message_id": id,
        "media": media(content),
    });
    Signal::read(fields, id).map_err(|_| "too long")
}

fn report(message: &Value, status: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let error = error_code(&message["error"]);
    let Some(outcome) = outcome(status, error.as_deref()) else {
        return Ok(None);
    };
    let id = scalar(&message["message_uuid"]).ok_or("no message_uuid")?;
    let channel = channel(message, "to");
    let to = address(message, "to", channel.as_deref()).ok_or("no to")?;
    let code = error.map_or_else(|| status.to_owned(), |error| format!("{status}/{error}"));
    let at = scalar(&message["timestamp"]).and_then(|time| rfc3339(&time));
    let key = format!("{id}/{status}");
    let channel = channel.as_deref().filter(|channel| *channel != "sms");
    Report { account, id: &id, to: &to, outcome, code: &code, at, channel, key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way.
fn outcome(status: &str, error: Option<&str>) -> Option<Outcome> {
    if let Some(error) = error {
        return Some(of_code(OUTCOMES, error));
    }
    match status {
        "delivered" | "read" => Some(Outcome::Delivered),
        "rejected" | "undeliverable" | "failed" => Some(Outcome::Temporary),
        _ => None,
    }
}

/// The number of an error: its title, the end of its address, or (v0.1) its code.
fn error_code(error: &Value) -> Option<String> {
    let numeric = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let title = scalar(&error["title"]);
    let fragment = error["type"].as_str().and_then(|link| link.rsplit_once('#')).map(|(_, code)| code.to_owned());
    let code = scalar(&error["code"]);
    let number = [&title, &fragment, &code].into_iter().flatten().find(|text| numeric(text)).cloned();
    number.or(title).or(code).filter(|code| !code.is_empty())
}

/// The channel, which in v0.1 is written with each address.
fn channel(message: &Value, side: &str) -> Option<String> {
    let name = message["channel"].as_str().or_else(|| message[side]["type"].as_str());
    name.filter(|name| !name.is_empty()).map(str::to_ascii_lowercase)
}

/// The number of one side, or its id behind the name of a channel whose ids are no numbers.
fn address(message: &Value, side: &str, channel: Option<&str>) -> Option<String> {
    let value = &message[side];
    let written = [value, &value["number"], &value["id"]].into_iter().find_map(scalar);
    let address = written.filter(|address| !address.is_empty())?;
    Some(match channel {
        Some(channel) if !CHANNELS.contains(&channel) => format!("{channel}:{address}"),
        _ => address,
    })
}

/// Everything that the person wrote, line by line; `None` if it is nothing that can be read.
fn words(content: &Value) -> Option<String> {
    let direct = WORDS.iter().filter_map(|place| content.pointer(place)?.as_str());
    let captions = ATTACHMENTS.iter().filter_map(|kind| content[*kind]["caption"].as_str());
    let listed = list(content).filter_map(|part| part["text"].as_str().or_else(|| part["caption"].as_str()));
    let lines: Vec<&str> = direct.chain(captions).chain(listed).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn media(content: &Value) -> Vec<&str> {
    let single = ATTACHMENTS.iter().filter_map(|kind| content[*kind]["url"].as_str());
    let listed = list(content).filter_map(|part| part["url"].as_str());
    single.chain(listed).take(limits::LIST_ITEMS).collect()
}

/// The parts of a message that has several.
fn list(content: &Value) -> impl Iterator<Item = &Value> {
    content["content"].as_array().into_iter().flatten()
}
