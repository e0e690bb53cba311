//! Events of Event Grid, in its own schema and as CloudEvents, one by one or many together.

use chrono::DateTime;
use consent_core::address::Phone;
use consent_core::event::kinds::Outcome;
use serde_json::{Value, json};

use crate::gateways::outcome::Report;
use crate::gateways::{Signal, Unparsed, Verified};

const RECEIVED: &str = "Microsoft.Communication.SMSReceived";
const REPORTED: &str = "Microsoft.Communication.SMSDeliveryReportReceived";
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";
const DELETED: &str = "Microsoft.EventGrid.SubscriptionDeletedEvent";

/// Bytes of Azure's words on a failure that are kept.
const DETAILS: usize = 200;

type Reason = &'static str;

/// What a request says. One event of many that cannot be read must not take the others with it.
pub(super) fn signals(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let account = verified.account().name.as_str();
    let events = read(&verified.request().body).ok_or_else(|| verified.set_aside("not JSON"))?;
    let set_aside = |event: &Value, reason| {
        let aside = Unparsed::new(reason, event.to_string().as_bytes());
        Unparsed { sender: sender(event).or(aside.sender), ..aside }.signal(account)
    };
    let signal = |event| signal(event, account).unwrap_or_else(|reason| Some(set_aside(event, reason)));
    Ok(events.iter().filter_map(signal).collect())
}

/// The code by which Event Grid wants to know that we are we.
pub(super) fn validation_code(body: &[u8]) -> Option<String> {
    let events = read(body)?;
    let asked = events.iter().find(|event| kind(event) == Some(VALIDATION))?;
    text(&asked["data"], "validationCode")
}

/// Whether all events come from this resource. Azure writes its ids in any case.
pub(super) fn are_all_of(body: &[u8], topic: &str) -> bool {
    let of = |event: &Value| {
        let source = text(event, "topic").or_else(|| text(event, "source"));
        source.is_some_and(|source| source.eq_ignore_ascii_case(topic))
    };
    // What is not JSON says of no event where it comes from, and is kept for a person to read.
    read(body).is_none_or(|events| events.iter().all(of))
}

fn read(body: &[u8]) -> Option<Vec<Value>> {
    match serde_json::from_slice(body).ok()? {
        Value::Array(events) => Some(events),
        event => Some(vec![event]),
    }
}

fn kind(event: &Value) -> Option<&str> {
    event.get("eventType").or_else(|| event.get("type"))?.as_str()
}

fn signal(event: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    match kind(event).ok_or("an event without a type")? {
        RECEIVED => inbound(event, account).map(Some),
        REPORTED => report(event, account),
        VALIDATION | DELETED => Ok(None),
        _ => Err("an event of another type"),
    }
}

fn inbound(event: &Value, account: &str) -> Result<Signal, Reason> {
    let data = &event["data"];
    let id = id(event).ok_or("no messageId")?;
    let from = text(data, "from").ok_or("no from")?;
    // An empty one may be a picture; without one it is another kind of event.
    let body = data.get("message").and_then(Value::as_str).ok_or("no message")?;
    let fields = json!({
        "type": "inbound_sms",
        "at": time(event),
        "gateway": account,
        "from": from,
        "to": text(data, "to"),
        "body": body,
        "provider_message_id": id,
    });
    Signal::read(fields, id).map_err(|_| "too long")
}

fn report(event: &Value, account: &str) -> Result<Option<Signal>, Reason> {
    let data = &event["data"];
    let status = text(data, "deliveryStatus").ok_or("no deliveryStatus")?;
    let details = text(data, "deliveryStatusDetails").unwrap_or_default();
    let Some(outcome) = outcome(&status, &details) else { return Ok(None) };
    let id = id(event).ok_or("no messageId")?;
    let to = text(data, "to").ok_or("no to")?;
    let end = details.floor_char_boundary(DETAILS);
    let code = if end == 0 { status.clone() } else { format!("{status}/{}", &details[..end]) };
    let key = format!("{id}/{}/{status}", to.trim_start_matches('+'));
    Report { account, id: &id, to: &to, outcome, code: &code, at: time(event), channel: None, key }.signal().map(Some)
}

/// What became of the message, in Azure's words; `None` while it is under way. Blocked for this one recipient is opted
/// out; blocked for another reason is nothing that the recipient did.
fn outcome(status: &str, details: &str) -> Option<Outcome> {
    let details = details.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| details.contains(words));
    match status.to_ascii_lowercase().as_str() {
        "delivered" => Some(Outcome::Delivered),
        _ if says(&["blocked for given recipient", "opted out", "opted-out", "4006"]) => Some(Outcome::OptedOut),
        _ if says(&["blocked"]) => Some(Outcome::BlockedUnknown),
        _ if says(&["invalid phone number", "invalid number", "landline", "4001", "4002"]) => {
            Some(Outcome::LandlineOrInvalid)
        }
        "failed" => Some(Outcome::Temporary),
        _ => None,
    }
}

/// The message's id, which is the same in both schemas, or else the event's.
fn id(event: &Value) -> Option<String> {
    text(&event["data"], "messageId").or_else(|| text(event, "id"))
}

/// When it came, as RFC 3339. Azure writes seven digits behind the second; the ledger keeps six.
fn time(event: &Value) -> Option<String> {
    let stated = text(&event["data"], "receivedTimestamp").or_else(|| text(event, "eventTime"));
    let moment = DateTime::parse_from_rfc3339(&stated.or_else(|| text(event, "time"))?).ok()?;
    Some(moment.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}

/// The person behind an event that cannot be read.
fn sender(event: &Value) -> Option<Phone> {
    let name = if kind(event) == Some(REPORTED) { "to" } else { "from" };
    text(event.get("data")?, name).and_then(|number| Phone::parse_from_gateway(&number).ok())
}

/// A field that says something.
fn text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
