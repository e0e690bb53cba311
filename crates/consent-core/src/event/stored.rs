//! An event as the ledger keeps it: with the id, position and time that the service added.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fault::{self, EventError, Fault};
use super::{Event, EventKind, time};
use crate::codec;

/// A recorded event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Position in the ledger, from 0, without gaps.
    pub seq: u64,
    /// The service's id of the event (UUIDv7).
    pub event_id: Uuid,
    /// When the service learnt of it, by its own clock; never before the previous entry.
    pub received_at: DateTime<Utc>,
    /// What was said.
    pub event: Event,
}

impl Recorded {
    /// The body of the opening: canonical JSON of the event with `event_id` and `received_at`.
    pub fn body(event: &Event, event_id: Uuid, received_at: DateTime<Utc>) -> Result<Vec<u8>, codec::CodecError> {
        Ok(Draft::new(event, event_id)?.body(received_at))
    }

    /// Reads the body of an opening.
    pub fn from_body(seq: u64, body: &[u8]) -> Result<Self, EventError> {
        Self::read_quickly(seq, body).map_or_else(|| Self::read_json(seq, body), Ok)
    }

    /// The same for any JSON, to tell what is wrong with it.
    fn read_json(seq: u64, body: &[u8]) -> Result<Self, EventError> {
        let mut value: Value = serde_json::from_slice(body).map_err(|_| Fault::new("", "not JSON"))?;
        let mut take = |name: &str| {
            let found = value.as_object_mut().and_then(|fields| fields.remove(name));
            match found {
                Some(Value::String(text)) => Ok(text),
                _ => Err(Fault::new(format!("/{name}"), "is missing")),
            }
        };
        let event_id = take("event_id")?.parse().map_err(|_| Fault::new("/event_id", "not a UUID"))?;
        let received_at = fault::time(&take("received_at")?).map_err(|detail| Fault::new("/received_at", detail))?;
        Ok(Self { seq, event_id, received_at, event: Event::from_json(value)? })
    }

    /// When it happened, as far as order goes: nothing happens after we learn of it.
    pub fn occurred_at(&self) -> DateTime<Utc> {
        self.event.at.map_or(self.received_at, |at| at.min(self.received_at))
    }

    /// The event with everything the service added, for people and programs to read.
    pub fn to_json(&self) -> serde_json::Result<Value> {
        let mut fields = self.event.to_json()?;
        fields.insert("seq".to_owned(), Value::from(self.seq));
        fields.insert("event_id".to_owned(), Value::String(self.event_id.to_string()));
        fields.insert("received_at".to_owned(), Value::String(time::format(self.received_at)));
        Ok(Value::Object(fields))
    }

    /// The name of the event's type.
    pub fn type_name(&self) -> &'static str {
        EventKind::name(&self.event.kind)
    }
}

/// The body of an event, but for the time of receipt, which is known only when the event gets its position.
#[derive(Debug, Clone)]
pub struct Draft {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Draft {
    /// The body of this event under this id.
    pub fn new(event: &Event, event_id: Uuid) -> Result<Self, codec::CodecError> {
        let fields = event.to_json().map_err(|_| codec::CodecError::NotCanonical)?;
        Self::of_fields(fields, event_id)
    }

    /// The same from what [`Event::to_json`] gave.
    pub fn of_fields(mut fields: Map<String, Value>, event_id: Uuid) -> Result<Self, codec::CodecError> {
        fields.insert("event_id".to_owned(), Value::String(event_id.to_string()));
        let (before, after) = codec::canonical_around(&fields, "received_at")?;
        Ok(Self { before, after })
    }

    /// The whole body: what [`Recorded::body`] gives for this time.
    pub fn body(&self, received_at: DateTime<Utc>) -> Vec<u8> {
        let received_at = time::format(received_at);
        [&self.before, br#""received_at":""#.as_slice(), received_at.as_bytes(), b"\"", &self.after].concat()
    }
}

#[cfg(test)]
mod tests;
