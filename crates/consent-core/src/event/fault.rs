//! What can be wrong with an event, named by field.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::time;
use super::unique::Parsed;
use crate::{card, codec, limits};

/// One fault of one field. The message never repeats the value: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) to the field.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Fault {
    /// A fault of the field at `pointer`.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Why a JSON value is not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid event: {}", .faults.iter().map(|f| format!("{} {}", f.pointer, f.detail)).collect::<Vec<_>>().join("; "))]
pub struct EventError {
    /// Every fault found.
    pub faults: Vec<Fault>,
}

impl From<Fault> for EventError {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

/// Reads the fields of one type, naming the field at fault.
pub(super) fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, EventError> {
    from_value(&Value::Object(fields)).map_err(EventError::from)
}

/// Deserialises a JSON value, naming the field at fault by JSON pointer.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    // To keep in mind where one is takes as long as to read. It is of use only if there is a fault.
    if let Ok(read) = T::deserialize(value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        let message = error.into_inner().to_string();
        locate(pointer, &message, value)
    })
}

/// Deserialises JSON text that somebody sent, naming the field at fault by JSON pointer.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, Fault> {
    from_value(&json(text)?)
}

/// Reads JSON of any kind that somebody sent. A field that is there twice is a fault: two readers could go by different
/// ones.
pub fn json(text: &[u8]) -> Result<Value, Fault> {
    let parsed: Parsed = serde_json::from_slice(text)
        .map_err(|error| Fault::new("", format!("not JSON, at line {} column {}", error.line(), error.column())))?;
    parsed.value()
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A name as it stands in a JSON pointer (RFC 6901, section 3).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Turns serde's sentence into a fault of the very field, without the value that serde likes to quote.
fn locate(pointer: String, message: &str, value: &Value) -> Fault {
    let quoted = escape(message.split('`').nth(1).unwrap_or_default());
    if message.starts_with("unknown field") {
        let here = if pointer.ends_with(&format!("/{quoted}")) { pointer } else { format!("{pointer}/{quoted}") };
        return Fault::new(here, "is not a known field");
    }
    if message.starts_with("missing field") {
        return Fault::new(format!("{pointer}/{quoted}"), "is missing");
    }
    let found = value.pointer(&pointer).map_or("nothing", kind_of);
    let detail = match message.split_once(", expected ") {
        Some((_, expected)) => format!("must be {expected}, not {found}"),
        None if message.starts_with("not ") => message.to_owned(),
        None => "cannot be read".to_owned(),
    };
    Fault::new(pointer, detail)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Refuses texts, lists and whole events beyond the limits.
pub(super) fn check_sizes(fields: &Map<String, Value>) -> Result<(), EventError> {
    if fields.values().map(size).sum::<usize>() > limits::EVENT {
        return Err(Fault::new("", format!("is larger than {} bytes", limits::EVENT)).into());
    }
    let faults: Vec<Fault> = fields
        .iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) if text.len() > longest(name) => {
                Some(Fault::new(format!("/{name}"), format!("is longer than {} bytes", longest(name))))
            }
            Value::Array(items) if items.len() > limits::LIST_ITEMS => {
                Some(Fault::new(format!("/{name}"), format!("has more than {} items", limits::LIST_ITEMS)))
            }
            _ => None,
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(EventError { faults }) }
}

/// Bytes of a value as it is kept, where a control character takes six; a little less than it takes with its commas.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 2 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 2 + fields.iter().map(|(name, value)| name.len() + 4 + size(value)).sum::<usize>(),
        Value::String(text) => 2 + text.bytes().map(|b| if b < b' ' { 6 } else { 1 }).sum::<usize>(),
        _ => 4,
    }
}

/// Bytes that a text field may have. Only a raw message may be longer than a text.
fn longest(name: &str) -> usize {
    if name == "bytes" { limits::RAW_FIELD } else { limits::TEXT_FIELD }
}

/// Reads the common fields. In an event that narrows consent a field that cannot be read is set aside, not refused.
pub(super) struct Common<'a> {
    fields: &'a mut Vec<(&'static str, Value)>,
    generous: bool,
    unread: Vec<(&'static str, Value)>,
    faults: Vec<Fault>,
}

impl<'a> Common<'a> {
    pub(super) fn new(fields: &'a mut Vec<(&'static str, Value)>, generous: bool) -> Self {
        Self { fields, generous, unread: Vec::new(), faults: Vec::new() }
    }

    pub(super) fn take<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let at = self.fields.iter().position(|(field, _)| *field == name)?;
        let (_, value) = self.fields.swap_remove(at);
        if value.is_null() {
            return None;
        }
        let result = match &value {
            Value::String(text) => read(text),
            other => Err(format!("must be a text, not {}", kind_of(other))),
        };
        match result {
            Ok(read) => return Some(read),
            Err(_) if self.generous => self.unread.push((name, keepable(value))),
            Err(detail) => self.faults.push(Fault::new(format!("/{name}"), detail)),
        }
        None
    }

    pub(super) fn finish(self) -> Result<Vec<(&'static str, Value)>, EventError> {
        if self.faults.is_empty() { Ok(self.unread) } else { Err(EventError { faults: self.faults }) }
    }
}

/// A value that could not be read, in a form that can be kept: a fraction has no canonical form, its text in a list
/// has, and cannot be read either.
fn keepable(value: Value) -> Value {
    if codec::canonical_json(&value).is_ok() {
        return value;
    }
    let text = value.to_string();
    Value::from(vec![card::mask(&text).unwrap_or(text)])
}

/// Reads an RFC 3339 time.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    time::read(text).ok_or_else(|| "not a time in RFC 3339 form, such as 2026-01-31T12:00:00Z".to_owned())
}

/// Reads anything that can be parsed from a text.
pub(super) fn parsed<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// Takes a text as it is.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of the other readers")]
pub(super) fn text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
