//! The event in a request: what somebody else says, in the ledger's own words.

use consent_core::event::{Event, EventKind};
use consent_core::limits;
use serde_json::{Map, Value};

use crate::gateways::Signal;
use crate::gateways::outcome::e164;
use crate::gateways::reading::{Reason, rfc3339, text};

/// What may be said this way. Of these, [`EventKind::narrows`] decides once more by what an event says. An answer to
/// the confirmation of an opt-out is not among them, because it gives back a part of what the opt-out took.
const TYPES: &[&str] = &[
    "delivery_reported",
    "do_not_call_request",
    "email_bounced",
    "email_complaint",
    "email_unsubscribe",
    "inbound_sms",
    "national_dnc_listed",
    "number_deactivated",
    "objection",
    "preference_set",
    "push_permission",
    "restriction_started",
    "rights_request",
    "withdrawal_request",
];

/// The types that have a field for the account.
const BY_GATEWAY: &[&str] = &["delivery_reported", "inbound_sms"];

/// What the sender has no say in: how we recognise an event, and who recorded it.
const OURS: &[&str] = &["actor", "direction", "gateway", "idempotency_key"];

/// What the request says; nothing, if it brings back a message of ours.
pub(super) fn signal(body: &[u8], id: &str, account: &str) -> Result<Option<Signal>, Reason> {
    let Ok(Value::Object(outer)) = serde_json::from_slice(body) else { return Err("no JSON object") };
    let mut fields = unwrap(outer);
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !TYPES.contains(&kind.as_str()) {
        return Err("an event of a type that is not taken");
    }
    let is_ours = fields.get("direction").and_then(Value::as_str).is_some_and(|way| way.starts_with("out"));
    if kind == "inbound_sms" && is_ours {
        return Ok(None);
    }
    OURS.iter().for_each(|name| drop(fields.remove(*name)));
    let named = if BY_GATEWAY.contains(&kind.as_str()) { "gateway" } else { "source" };
    fields.entry(named).or_insert_with(|| account.into());
    let signal = read(fields, id)?;
    takes_back(&signal.event)?;
    Ok(Some(signal))
}

/// The fields of the event: those of `data` with type and time of the envelope, or the body itself. Null is nothing,
/// a number is written as text, and a time that cannot be read is left out.
fn unwrap(mut outer: Map<String, Value>) -> Map<String, Value> {
    let (kind, sent) = (outer.get("type").cloned(), outer.get("timestamp").cloned());
    let mut fields = match outer.remove("data") {
        Some(Value::Object(data)) => data,
        _ => outer,
    };
    let happened = fields.remove("at");
    let at = [happened, sent].into_iter().flatten().filter_map(|time| text(&time, "")).find_map(|time| rfc3339(&time));
    fields.extend(kind.map(|kind| ("type".to_owned(), kind)));
    fields.extend(at.map(|at| ("at".to_owned(), at.into())));
    fields.retain(|_, value| !value.is_null());
    fields.iter_mut().for_each(|(name, value)| *value = plain(name, value.take()));
    fields
}

fn plain(name: &str, value: Value) -> Value {
    match (name, text(&value, "")) {
        ("phone", Some(number)) => e164(&number).into(),
        (_, Some(text)) if value.is_number() => text.into(),
        _ => value,
    }
}

/// Reads the event without the fields that no such event has. They are named one at a time.
fn read(mut fields: Map<String, Value>, id: &str) -> Result<Signal, Reason> {
    for _ in 0..limits::LIST_ITEMS {
        let error = match Signal::read(Value::Object(fields.clone()), id) {
            Ok(signal) => return Ok(signal),
            Err(error) => error,
        };
        let unknown = error.faults.iter().filter(|fault| fault.detail == "is not a known field");
        let names: Vec<_> = unknown.filter_map(|fault| fault.pointer.strip_prefix('/')).collect();
        let removed =
            names.iter().filter_map(|name| fields.remove(&name.replace("~1", "/").replace("~0", "~"))).count();
        if removed == 0 {
            return Err("no such event of ours");
        }
    }
    Err("too many fields")
}

/// Whether the event takes something back from somebody, or at least gives nothing.
fn takes_back(event: &Event) -> Result<(), Reason> {
    let says_something = match &event.kind {
        EventKind::PreferenceSet(choices) => !choices.off.is_empty(),
        _ => true,
    };
    // A message may come from a short code or a name, which is nobody's number.
    let about_somebody = match &event.kind {
        EventKind::InboundSms(sms) => sms.from.is_some() || !event.identities().is_empty(),
        _ => !event.identities().is_empty(),
    };
    match () {
        () if !event.kind.narrows() => Err("an event that may give consent"),
        () if !says_something => Err("an event that says nothing"),
        () if !about_somebody => Err("an event about nobody"),
        () => Ok(()),
    }
}
