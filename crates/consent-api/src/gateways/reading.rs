//! The tools of reading: flat parameters, values of JSON however they are written, and times.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::form::Form;
use super::{Signal, Unparsed};

/// What cannot be read in a message, for the log.
pub(super) type Reason = &'static str;

/// Parameters by name, from a form or from the top of a JSON object.
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a body or a query, whichever of the two it is. A name in `once` that stands for two values is not
    /// understood; of others the first value counts.
    pub(super) fn read(raw: &[u8], once: &[&str]) -> Result<Self, Reason> {
        if raw.trim_ascii_start().starts_with(b"{") {
            let object: BTreeMap<String, Value> = serde_json::from_slice(raw).map_err(|_| "no JSON object")?;
            let fields = object.iter().filter_map(|(name, value)| Some((name.clone(), scalar(value)?)));
            return Ok(Self(fields.collect()));
        }
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in Form::decode(raw).texts() {
            match fields.get(name.as_ref()) {
                Some(first) if *first != value && once.contains(&name.as_ref()) => return Err("one name, two values"),
                Some(_) => {}
                None => drop(fields.insert(name.into_owned(), value.into_owned())),
            }
        }
        Ok(Self(fields))
    }

    /// The first of these parameters that says something.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.0.get(*name)).map(String::as_str).find(|value| !value.is_empty())
    }

    /// The first of these parameters that says something; empty if some stand there and none does.
    pub(super) fn get_or_empty(&self, names: &[&str]) -> Option<&str> {
        let stands = names.iter().any(|name| self.0.contains_key(*name));
        self.get(names).or(stands.then_some(""))
    }
}

/// A text, or a number as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text or number at a place in JSON, if it says something.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(scalar).filter(|text| !text.is_empty())
}

/// The first of these places where a text stands, empty or not.
pub(super) fn first_text(value: &Value, pointers: &[&str]) -> Option<String> {
    let found = pointers.iter().find_map(|pointer| text(value, pointer));
    found.or_else(|| pointers.iter().find_map(|pointer| value.pointer(pointer).and_then(scalar)))
}

/// Reads each of several messages. One that cannot be read is set aside and does not take the others with it.
pub(super) fn each(
    items: &[Value],
    account: &str,
    read: impl Fn(&Value) -> Result<Vec<Signal>, Reason>,
) -> Vec<Signal> {
    let set_aside = |item: &Value, reason| vec![Unparsed::new(reason, item.to_string().as_bytes()).signal(account)];
    items.iter().flat_map(|item| read(item).unwrap_or_else(|reason| set_aside(item, reason))).collect()
}

/// A time that is written as in RFC 3339, without a colon in the zone, with a `+` that a form has made a space, or
/// as `2026-01-31 12:00:00` in UTC, with or without a fraction.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let zoned = |text: &str| {
        let without_colon = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
        Some(DateTime::parse_from_rfc3339(text).or_else(|_| without_colon()).ok()?.to_utc())
    };
    let bare = || Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?.and_utc());
    written(zoned(text).or_else(bare).or_else(|| zoned(&text.replace(' ', "+")))?)
}

/// A time in seconds since 1970.
pub(super) fn unix_seconds(text: &str) -> Option<String> {
    written(DateTime::from_timestamp(text.parse().ok()?, 0)?)
}

fn written(time: DateTime<Utc>) -> Option<String> {
    is_plausible(time).then(|| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Before there were such gateways there is only a clock that was never set. Such a time would put an opt-out before
/// every consent.
pub(super) fn is_plausible(time: DateTime<Utc>) -> bool {
    (2000..10_000).contains(&time.year())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_and_an_object_say_the_same() {
        for raw in ["id=7&a=&a=x&b=&c=2", r#" {"id": 7, "a": "", "b": "", "c": "2", "d": null, "e": []}"#] {
            let fields = Fields::read(raw.as_bytes(), &["id"]).unwrap();
            assert_eq!((fields.get(&["none", "b", "id"]), fields.get(&["b"])), (Some("7"), None), "{raw}");
            assert_eq!(fields.get_or_empty(&["none", "b"]), Some(""), "{raw}");
            assert_eq!(fields.get_or_empty(&["b", "c"]), Some("2"), "{raw}");
            assert_eq!((fields.get_or_empty(&["d", "e"]), fields.get(&["a"])), (None, None), "{raw}");
        }
        assert_eq!(Fields::read(b"id=7&id=8", &["id"]).err(), Some("one name, two values"));
        assert!(Fields::read(b"id=7&id=7&x=1&x=2", &["id"]).is_ok());
        assert!(Fields::read(b"{\"id\":", &[]).is_err());
    }

    #[test]
    fn a_value_is_found_however_it_is_written() {
        let value = json!({"a": 7, "b": "", "c": {"d": "x"}, "e": [1], "f": null});
        let found = ["/a", "/b", "/c/d", "/e", "/f", "/e/0", "/g"].map(|pointer| text(&value, pointer));
        let found = found.each_ref().map(Option::as_deref);
        assert_eq!(found, [Some("7"), None, Some("x"), None, None, Some("1"), None]);
        assert_eq!(first_text(&value, &["/f", "/b", "/c/d"]).as_deref(), Some("x"));
        assert_eq!(first_text(&value, &["/f", "/b", "/g"]).as_deref(), Some(""));
        assert_eq!(first_text(&value, &["/f", "/e", "/g"]), None);
    }

    #[test]
    fn a_time_is_read_or_left_out() {
        for (text, expected) in [
            ("2025-10-09T08:53:20Z", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09T08:53:20.797+0000", Some("2025-10-09T08:53:20.797Z")),
            ("2025-10-09T10:53:20+02:00", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09T08:53:20 00:00", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09 08:53:20", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09 08:53:20.123456", Some("2025-10-09T08:53:20.123456Z")),
            ("2025-10-09 10:53:20+02:00", Some("2025-10-09T08:53:20Z")),
            ("1970-01-01 00:00:00", None),
            ("2510090853", None),
            ("2025-13-09 08:53:20", None),
            ("2025-10-09T08:53:20.1234567Z", Some("2025-10-09T08:53:20.123456700Z")),
            ("1970-01-01T00:00:00Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("1760000000", Some("2025-10-09T08:53:20Z")),
            ("0", None),
            ("", None),
            ("1e9", None),
            ("999999999999999999", None),
        ] {
            assert_eq!(unix_seconds(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn one_bad_message_does_not_take_the_others_with_it() {
        let items = [json!({"id": "1", "from": "+14155550123"}), json!({"from": "+14155550177"}), json!({"id": "3"})];
        let read = |item: &Value| {
            let id = text(item, "/id").ok_or("no id")?;
            Ok(vec![Signal::read(json!({"type": "inbound_sms", "body": "x"}), id).map_err(|_| "too long")?])
        };
        let signals = each(&items, "main", read);
        assert_eq!((signals[0].dedupe_key.as_str(), signals[2].dedupe_key.as_str(), signals.len()), ("1", "3", 3));
        assert_eq!(signals[1].event.to_json().unwrap()["sender"], "+14155550177");
    }
}
