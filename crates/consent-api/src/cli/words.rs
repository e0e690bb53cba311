//! How things are written at the command line: times, durations, numbers, values, problems.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

/// A time as people and programs read it.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads `30m`, `12h`, `90d` or `1y` (365 days).
pub(super) fn duration(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "give a number and m, h, d or y, such as 90d".to_owned();
    let split = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let number = Some(number).filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let number: i64 = number.and_then(|number| number.parse().ok()).filter(|&n| n > 0).ok_or_else(wrong)?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "y" => 365 * 24 * 60,
        _ => return Err(wrong()),
    };
    let hundred_years = 100 * 365 * 24 * 60;
    let whole = number.checked_mul(minutes).filter(|&whole| whole <= hundred_years);
    whole.map(TimeDelta::minutes).ok_or_else(|| "at most 100y".to_owned())
}

/// `1 entry`, `2 entries`, `3 keys`.
pub(super) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    match (number, noun.strip_suffix('y').filter(|stem| !stem.ends_with('e'))) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// A value in one line. Texts come from anywhere, so control characters are shown and not obeyed.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().flat_map(visible).collect(),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn visible(c: char) -> Vec<char> {
    // Marks that turn the direction of writing could make one text look like another.
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { c.escape_default().collect() } else { vec![c] }
}

/// A field at fault: its pointer and what is wrong.
pub(super) fn fault_line(fault: &Value) -> String {
    let (pointer, detail) =
        (fault["pointer"].as_str().unwrap_or_default(), fault["detail"].as_str().unwrap_or_default());
    if pointer.is_empty() { format!("    {detail}") } else { format!("    {pointer:<19} {detail}") }
}

/// Problem details in words, one line for each field at fault.
pub(super) fn problem(problem: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut words = text(&problem["title"]);
    if problem["detail"].is_string() {
        words = format!("{words}: {}", text(&problem["detail"]));
    }
    for fault in problem["errors"].as_array().into_iter().flatten() {
        words = format!("{words}\n{}", fault_line(fault));
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(1_u64, "entry"), "1 entry");
        assert_eq!(count(0_u64, "entry"), "0 entries");
        assert_eq!(count(2_usize, "event"), "2 events");
        assert_eq!(count(3_u64, "key"), "3 keys");
    }

    #[test]
    fn a_text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(value(&json!("STOP\u{1b}[2J\nok \u{202e}x")), "STOP\\u{1b}[2J\\nok \\u{202e}x");
        assert_eq!(value(&json!(["sms", 1, null])), "sms 1 null");
    }

    #[test]
    fn a_problem_names_every_field_at_fault() {
        let shown = problem(&json!({"title": "No", "errors": [{"pointer": "/a", "detail": "is missing"}]}));
        assert_eq!(shown, format!("No\n    {:20}is missing", "/a"));
        assert_eq!(problem(&json!({"title": "No", "detail": "not now"})), "No: not now");
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for (text, hours) in [("60m", 1), ("12h", 12), ("90d", 90 * 24), ("1y", 365 * 24)] {
            assert_eq!(duration(text), Ok(TimeDelta::hours(hours)), "{text}");
        }
        for text in ["", "d", "90", "0d", "-1d", "+1d", "1.5h", "1w", "1 d", "90é", "101y", "99999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
