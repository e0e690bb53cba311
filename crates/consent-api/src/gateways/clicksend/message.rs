//! One of ClickSend's requests: a message to us, or what became of one of ours.

use consent_core::event::kinds::Outcome;

use crate::gateways::Signal;
use crate::gateways::inbound::Inbound;
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Fields, Reason, unix_seconds};

/// What the ledger lives on; a message that says one of them in two ways is not understood.
const ONCE: &[&str] = &["body", "from", "message", "message_id", "messageid", "sms", "status", "status_code", "to"];

/// Names of today and of old; both arrive.
const ID: &[&str] = &["message_id", "messageid"];
const FROM: &[&str] = &["from", "sms"];
const TO: &[&str] = &["to", "originalsenderid"];
const BODY: &[&str] = &["body", "message"];
const MEDIA: &[&str] = &["media_file_url", "_media_file_url", "media_url"];

/// What a request says to the ledger; nothing, if it carries no news.
pub(super) fn signal(body: &[u8], account: &str) -> Result<Option<Signal>, Reason> {
    let fields = Fields::read(body, ONCE)?;
    // A receipt says a status and has no text.
    let status = || fields.get(&["status"]).filter(|_| fields.get_or_empty(BODY).is_none());
    match fields.get(&["status_code"]).or_else(status) {
        Some(status) => report(&fields, status, account),
        None => inbound(&fields, account).map(Some),
    }
}

fn inbound(fields: &Fields, account: &str) -> Result<Signal, Reason> {
    let id = fields.get(ID).ok_or("no message_id")?;
    let from = fields.get(FROM).ok_or("no sender")?;
    let body = fields.get_or_empty(BODY).ok_or("no body")?;
    let at = fields.get(&["timestamp"]).and_then(unix_seconds);
    let media = fields.get(MEDIA).map(ToOwned::to_owned).into_iter().collect();
    let (to, key) = (fields.get(TO), id.to_owned());
    Inbound { account, id: Some(id), from, to, body, at, channel: None, media, indicator: None, key }.signal()
}

fn report(fields: &Fields, status: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let Some(outcome) = outcome(status) else { return Ok(None) };
    let id = fields.get(ID).ok_or("no message_id")?;
    let number = |text: &&str| text.starts_with('+');
    let to = fields.get(&["to"]).or_else(|| fields.get(&["custom_string", "customstring"]).filter(number));
    let error = fields.get(&["error_code"]);
    let code = error.map_or_else(|| status.to_owned(), |error| format!("{status}/{error}"));
    let at = fields.get(&["timestamp"]).and_then(unix_seconds);
    let (to, key) = (to.unwrap_or_default(), format!("{id}/{status}"));
    Report { account, id, to, outcome, code: &code, at, channel: None, key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way. No code says that somebody opted out.
fn outcome(status: &str) -> Option<Outcome> {
    match status.to_ascii_lowercase().as_str() {
        "200" | "queued" | "sent" | "scheduled" => None,
        "201" | "delivered" => Some(Outcome::Delivered),
        _ => Some(Outcome::Temporary),
    }
}
