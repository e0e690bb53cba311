//! The events of a scenario, as a ledger would have recorded them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use consent_core::event::fault::{EventError, Fault};
use consent_core::event::{Event, Recorded};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Fields by which one event names another.
const REFERENCES: &[&str] = &["confirms", "request", "event_id", "event", "resolves", "compensates"];

/// Types whose own `event_id` names another event.
const ABOUT_EVENTS: &[&str] = &["review_resolved", "event_compensated"];

/// Fields by which a scenario may name an event: it has no ids of its own. An `event_id` may be any text.
const NAMES: &[&str] = &["event_id", "id", "provider_message_id", "idempotency_key", "evidence_ref"];

/// Reads events in the order of their positions: each is about `A`, unless it says otherwise (`null` is nobody), or
/// is a text message, which is tied by its number; and was received when it happened, unless it says otherwise.
pub(super) fn read(events: &[Value]) -> Result<Vec<Recorded>, Fault> {
    let ids = names(events);
    events.iter().enumerate().map(|(seq, value)| event(seq, value, &ids).map_err(|fault| within(seq, fault))).collect()
}

fn within(seq: usize, fault: Fault) -> Fault {
    Fault::new(format!("/{seq}{}", fault.pointer), fault.detail)
}

/// The ids of events by everything that a scenario may call them, their positions included.
fn names(events: &[Value]) -> HashMap<String, Uuid> {
    let mut ids = HashMap::new();
    for (seq, event) in events.iter().enumerate() {
        let own = |field: &&&str| !(is_about_events(event) && **field == "event_id");
        let names = NAMES.iter().filter(own).filter_map(|field| event.get(field)?.as_str());
        for name in names.map(str::to_owned).chain([seq.to_string()]) {
            ids.entry(name).or_insert_with(|| id(seq));
        }
    }
    ids
}

fn is_about_events(event: &Value) -> bool {
    event.get("type").and_then(Value::as_str).is_some_and(|name| ABOUT_EVENTS.contains(&name))
}

fn id(seq: usize) -> Uuid {
    Uuid::from_u128(seq as u128 + 1)
}

fn event(seq: usize, value: &Value, ids: &HashMap<String, Uuid>) -> Result<Recorded, Fault> {
    let Value::Object(mut fields) = value.clone() else { return Err(Fault::new("", "an event is a JSON object")) };
    fields.remove("id");
    if !is_about_events(value) {
        fields.remove("event_id");
    }
    let received_at = received_at(&mut fields)?;
    if fields.get("type").and_then(Value::as_str) != Some("inbound_sms") {
        fields.entry("subject").or_insert_with(|| "A".into());
    }
    for field in REFERENCES {
        resolve(&mut fields, field, ids);
    }
    let event = Event::from_json(Value::Object(fields)).map_err(first)?;
    Ok(Recorded { seq: seq as u64, event_id: id(seq), received_at, event })
}

fn received_at(fields: &mut Map<String, Value>) -> Result<DateTime<Utc>, Fault> {
    let own = fields.remove("received_at").filter(|value| !value.is_null());
    let (value, pointer) = match own {
        Some(value) => (Some(value), "/received_at"),
        None => (fields.get("at").cloned(), "/at"),
    };
    let wrong = || Fault::new(pointer, "not a time in RFC 3339 form, such as 2026-01-31T12:00:00Z");
    value.as_ref().and_then(Value::as_str).and_then(|text| text.parse().ok()).ok_or_else(wrong)
}

/// Puts an id in the place of what a scenario calls an event. What names none is left as it is: it refers to nothing.
fn resolve(fields: &mut Map<String, Value>, field: &str, ids: &HashMap<String, Uuid>) {
    let name = match fields.get(field) {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Number(position)) => position.to_string(),
        _ => return,
    };
    if let Some(id) = ids.get(&name) {
        fields.insert(field.to_owned(), id.to_string().into());
    }
}

fn first(error: EventError) -> Fault {
    error.faults.into_iter().next().unwrap_or_else(|| Fault::new("", "not a valid event"))
}
