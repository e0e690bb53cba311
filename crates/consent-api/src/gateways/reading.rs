//! The tools of reading: values of JSON however they are written, and times.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde_json::Value;

use super::{Signal, Unparsed};

/// What cannot be read in a message, for the log.
pub(super) type Reason = &'static str;

/// A text, or a number as text.
fn scalar(value: &Value) -> Option<String> {
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

/// A time that is written as in RFC 3339, without a colon in the zone, or with a `+` that a form has made a space.
pub(super) fn rfc3339(text: &str) -> Option<String> {
    let read = |text: &str| {
        let without_colon = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
        DateTime::parse_from_rfc3339(text).or_else(|_| without_colon()).ok()
    };
    written(read(text).or_else(|| read(&text.replace(' ', "+")))?.to_utc())
}

/// Before there were such gateways there is only a clock that was never set. Such a time would put an opt-out before
/// every consent.
fn written(time: DateTime<Utc>) -> Option<String> {
    (2000..10_000).contains(&time.year()).then(|| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            ("2025-10-09T08:53:20.1234567Z", Some("2025-10-09T08:53:20.123456700Z")),
            ("1970-01-01T00:00:00Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text).as_deref(), expected, "{text}");
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
