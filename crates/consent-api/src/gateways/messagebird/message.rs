//! One of MessageBird's requests: a message to us, or what became of one of ours.

use consent_core::event::kinds::Outcome;

use super::outcomes::of_failure;
use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Fields, Reason, rfc3339};

/// What the ledger lives on; a message that says one of them in two ways is not understood.
const ONCE: &[&str] = &[
    "body",
    "direction",
    "id",
    "message",
    "message_id",
    "originator",
    "payload",
    "recipient",
    "status",
    "statusErrorCode",
];

/// A message has been called differently over the years.
const ID: &[&str] = &["id", "message_id"];
const BODY: &[&str] = &["body", "payload", "message"];
const MEDIA: &[&str] = &["media_urls", "mediaUrls"];

/// What a request says to the ledger; nothing, if it carries no news.
pub(super) fn signal(raw: &[u8], account: &str) -> Result<Option<Signal>, Reason> {
    let fields = Fields::read(raw, ONCE)?;
    let is_ours = fields.get(&["direction"]).is_some_and(|way| matches!(way, "mt" | "outgoing" | "out" | "sent"));
    let has_text = fields.get_or_empty(BODY).is_some();
    match fields.get(&["status"]) {
        // Only a message to us has a text and a sender, whatever else it says.
        Some(status) if is_ours || !has_text => report(&fields, status, account),
        _ if is_ours => Ok(None),
        _ => inbound(&fields, account).map(Some),
    }
}

fn inbound(fields: &Fields, account: &str) -> Result<Signal, Reason> {
    let id = fields.get(ID).ok_or("no id")?;
    let from = fields.get(&["originator"]).ok_or("no originator")?;
    let media = fields.get(MEDIA).map(addresses).unwrap_or_default();
    let body = fields.get_or_empty(BODY).or((!media.is_empty()).then_some("")).ok_or("no body")?;
    let at = fields.get(&["createdDatetime", "receivedDatetime"]).and_then(rfc3339);
    let (to, channel, key) = (fields.get(&["recipient"]), fields.get(&["channel"]), id.to_owned());
    Inbound { account, id: Some(id), from, to, body, at, channel, media, indicator: None, key }.signal()
}

fn report(fields: &Fields, status: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let error = fields.get(&["statusErrorCode"]).filter(|code| *code != "0");
    let reason = fields.get(&["statusReason"]).unwrap_or_default();
    let outcome = match status {
        "delivered" => Outcome::Delivered,
        "expired" | "delivery_failed" | "failed" => of_failure(error, &[reason]),
        _ => return Ok(None),
    };
    let id = fields.get(ID).ok_or("no id")?;
    let to = fields.get(&["recipient"]).unwrap_or_default();
    let code = error.map_or_else(|| status.to_owned(), |error| format!("{status}/{error}"));
    let at = fields.get(&["statusDatetime"]).and_then(rfc3339);
    let channel = fields.get(&["channel"]).and_then(other_channel);
    // A message may go to many recipients, and each has a status.
    let key = format!("{id}/{status}/{to}");
    Report { account, id, to, outcome, code: &code, at, channel: channel.as_deref(), key }.signal().map(Some)
}

/// One address or several, with commas between them.
fn addresses(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|address| !address.is_empty()).map(ToOwned::to_owned).collect()
}
