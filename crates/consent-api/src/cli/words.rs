//! How times and durations are written at the command line.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

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

#[cfg(test)]
mod tests {
    use super::*;

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
