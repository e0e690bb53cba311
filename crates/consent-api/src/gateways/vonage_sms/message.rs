//! One inbound text or delivery receipt of the SMS API.

use consent_core::event::kinds::Outcome;
use serde_json::{Value, json};

use super::parameters::Parameters;
use crate::gateways::Signal;
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::rfc3339;

/// What error codes mean for the recipient; every other error may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("9", Outcome::OptedOut),
    ("3", Outcome::Deactivated),
    ("12", Outcome::LandlineOrInvalid),
    ("4", Outcome::BlockedUnknown),
    ("6", Outcome::BlockedUnknown),
    ("14", Outcome::BlockedUnknown),
    ("53", Outcome::BlockedUnknown),
];

/// What cannot be read in a message, for the log.
type Reason = &'static str;

/// What a request says to the ledger; nothing, if it carries no news.
pub(super) fn signal(parameters: &Parameters, account: &str) -> Result<Option<Signal>, Reason> {
    match parameters.get("status").filter(|_| parameters.text("text").is_none()) {
        Some(status) => report(parameters, &status, account),
        None => received(parameters, account).map(Some),
    }
}

fn received(parameters: &Parameters, account: &str) -> Result<Signal, Reason> {
    let id = parameters.get("messageId").ok_or("no messageId")?;
    let fields = json!({
        "type": "inbound_sms",
        "at": parameters.get("message-timestamp").and_then(|time| rfc3339(&time)),
        "gateway": account,
        "from": parameters.get("msisdn").ok_or("no msisdn")?,
        "to": parameters.get("to"),
        // A binary message has none, and waits for a person.
        "body": parameters.text("text"),
        "part": part(parameters),
        "provider_message_id": id,
    });
    // Should all parts of a text have one id, each is still recorded.
    let number = parameters.get("concat-part").map(|number| format!("/part/{number}"));
    let key = format!("{id}{}", number.unwrap_or_default());
    Signal::read(fields, key).map_err(|_| "too long")
}

/// Which part of a long text it is; `None` if it came whole.
fn part(parameters: &Parameters) -> Option<Value> {
    let number = |name: &str| parameters.get(name).and_then(|text| text.parse::<u32>().ok());
    let (reference, at, of) = (parameters.get("concat-ref"), number("concat-part"), number("concat-total"));
    let named = parameters.get("concat").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    (named || reference.is_some()).then(|| json!({"reference": reference, "number": at, "total": of}))
}

/// In a receipt `msisdn` is the recipient, and `to` is our sender.
fn report(parameters: &Parameters, status: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let error = parameters.get("err-code").filter(|code| code != "0");
    let Some(outcome) = outcome(status, error.as_deref()) else {
        return Ok(None);
    };
    let id = parameters.get("messageId").ok_or("no messageId")?;
    let to = parameters.get("msisdn").ok_or("no msisdn")?;
    let code = error.map_or_else(|| status.to_owned(), |error| format!("{status}/{error}"));
    let at = parameters.get("message-timestamp").and_then(|time| rfc3339(&time));
    let key = format!("{id}/{status}");
    Report { account, id: &id, to: &to, outcome, code: &code, at, channel: None, key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way.
fn outcome(status: &str, error: Option<&str>) -> Option<Outcome> {
    if let Some(error) = error {
        return Some(of_code(OUTCOMES, error));
    }
    match status {
        "delivered" => Some(Outcome::Delivered),
        "failed" | "rejected" | "expired" => Some(Outcome::Temporary),
        _ => None,
    }
}
