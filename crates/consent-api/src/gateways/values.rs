//! What gateways write in more than one way: numbers as texts, times in forms of their own.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde_json::Value;

/// A text, or a number as a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The RFC 3339 form of a moment that is written so, or as `2026-01-31 12:00:00` in UTC, with or without a fraction;
/// `None` if it is neither, for a message is not refused for its time.
pub(super) fn moment(text: &str) -> Option<String> {
    let zoned = || text.parse::<DateTime<Utc>>().ok();
    let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok().map(|time| time.and_utc());
    zoned().or_else(bare).map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_read_like_a_text() {
        assert_eq!(scalar(&json!("1240")), scalar(&json!(1240)));
        for value in [json!(null), json!(true), json!([1]), json!({})] {
            assert_eq!(scalar(&value), None, "{value}");
        }
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        for (text, expected) in [
            ("2025-10-09T08:53:20Z", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09T10:53:20.5+02:00", Some("2025-10-09T08:53:20.500Z")),
            ("2025-10-09 08:53:20", Some("2025-10-09T08:53:20Z")),
            ("2025-10-09 08:53:20.123456", Some("2025-10-09T08:53:20.123456Z")),
            ("2025-10-09 10:53:20+02:00", Some("2025-10-09T08:53:20Z")),
            ("2510090853", None),
            ("2025-13-09 08:53:20", None),
            ("", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }
}
