//! What a callback of the SMS API says.

use consent_core::event::kinds::Outcome;
use serde_json::{Value, json};

use crate::gateways::Signal;
use crate::gateways::inbound::Inbound;
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Reason, each, first_text, rfc3339, text};

/// What codes mean for the recipient; every other code may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("300", Outcome::LandlineOrInvalid),
    ("15", Outcome::BlockedUnknown),
    ("61", Outcome::BlockedUnknown),
    ("62", Outcome::BlockedUnknown),
    ("321", Outcome::BlockedUnknown),
];

/// Everything that a callback says.
pub(super) fn signals(callback: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    match text(callback, "/type").ok_or("no type")?.as_str() {
        "mo_text" | "mo_media" => inbound(callback, account).map(|signal| vec![signal]),
        "recipient_delivery_report_sms" | "recipient_delivery_report_mms" => report(callback, callback, account),
        "delivery_report_sms" | "delivery_report_mms" => Ok(batch_report(callback, account)),
        // Messages of ours must not be taken for answers to them.
        kind if kind.starts_with("mt_") => Ok(Vec::new()),
        _ => Err("a callback of another type"),
    }
}

fn inbound(callback: &Value, account: &str) -> Result<Signal, Reason> {
    let id = text(callback, "/id").ok_or("no id")?;
    let media = media(callback);
    let to = text(callback, "/to");
    let message = Inbound {
        account,
        id: Some(&id),
        from: &text(callback, "/from").ok_or("no from")?,
        to: to.as_deref(),
        body: &body(callback, !media.is_empty()).ok_or("no body")?,
        at: time(callback, "/received_at").or_else(|| time(callback, "/sent_at")),
        media,
        key: id.clone(),
        ..Inbound::default()
    };
    message.signal()
}

/// The text of a message, or text and subject of one with media: people write their STOP into either.
fn body(callback: &Value, has_media: bool) -> Option<String> {
    if let Some(body) = first_text(callback, &["/body"]) {
        return Some(body);
    }
    let parts: Vec<_> = ["/body/message", "/body/subject"].iter().filter_map(|part| text(callback, part)).collect();
    let stands = has_media || first_text(callback, &["/body/message", "/body/subject"]).is_some();
    stands.then(|| parts.join("\n"))
}

fn media(callback: &Value) -> Vec<String> {
    let items = callback.pointer("/body/media").and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| text(item, "/url")).collect()
}

/// What became of the messages of a batch, where it says so of each number and does not just count them.
fn batch_report(callback: &Value, account: &str) -> Vec<Signal> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let of_status = |status: Value| {
        let recipients = list(&status, "recipients").into_iter();
        recipients.map(move |to| json!({"recipient": to, "status": status["status"], "code": status["code"]}))
    };
    let each_of_them: Vec<Value> = list(callback, "statuses").into_iter().flat_map(of_status).collect();
    each(&each_of_them, account, |one| report(one, callback, account))
}

fn report(one: &Value, callback: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    let (status, code) = (text(one, "/status").ok_or("no status")?, text(one, "/code"));
    let Some(outcome) = outcome(&status, code.as_deref()) else { return Ok(Vec::new()) };
    let id = text(callback, "/batch_id").ok_or("no batch_id")?;
    let to = text(one, "/recipient").ok_or("no recipient")?;
    let code = code.map_or_else(|| status.clone(), |code| format!("{status}/{code}"));
    let at = time(callback, "/at");
    let key = format!("{id}/{to}/{code}");
    let report = Report { account, id: &id, to: &to, outcome, code: &code, at, channel: None, key };
    report.signal().map(|signal| vec![signal])
}

/// What became of the message; `None` while it is under way, if we took it back, or if nobody knows.
fn outcome(status: &str, code: Option<&str>) -> Option<Outcome> {
    let known = || OUTCOMES.iter().find(|(known, _)| Some(*known) == code).map(|(_, outcome)| *outcome);
    match status.to_ascii_lowercase().as_str() {
        "delivered" => Some(Outcome::Delivered),
        "aborted" | "rejected" | "deleted" | "failed" | "expired" => known().or(Some(Outcome::Temporary)),
        _ => known(),
    }
}

fn time(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).as_deref().and_then(rfc3339)
}
