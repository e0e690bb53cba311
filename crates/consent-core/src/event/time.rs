//! Times as events have them: RFC 3339.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// RFC 3339 in UTC, to the microsecond where it matters.
pub(super) fn format(time: DateTime<Utc>) -> String {
    let whole_second = time.timestamp_subsec_micros() == 0;
    time.to_rfc3339_opts(if whole_second { SecondsFormat::Secs } else { SecondsFormat::Micros }, true)
}

/// Reads what [`format`] writes, and anything else that is RFC 3339.
pub(super) fn read(text: &str) -> Option<DateTime<Utc>> {
    read_canonical(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()))
}

/// Reads digits where they stand in the form that we write; nothing, should anything else stand there.
fn read_canonical(text: &[u8]) -> Option<DateTime<Utc>> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, rest @ ..] = text else {
        return None;
    };
    let micros = match rest {
        [b'Z'] => 0,
        [b'.', digits @ .., b'Z'] if digits.len() == 6 => number(digits)?,
        _ => return None,
    };
    let date =
        NaiveDate::from_ymd_opt(number(&[*y0, *y1, *y2, *y3])? as i32, number(&[*m0, *m1])?, number(&[*d0, *d1])?)?;
    let time = date.and_hms_micro_opt(number(&[*h0, *h1])?, number(&[*n0, *n1])?, number(&[*s0, *s1])?, micros)?;
    Some(time.and_utc())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_is_read_as_the_library_reads_it(micros in 0_i64..253_402_300_800_000_000, digit in 0_usize..27, new in "[0-9:.TZtz+ -]") {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            for time in [time, DateTime::from_timestamp(micros / 1_000_000, 0).unwrap()] {
                let mut text = format(time);
                prop_assert_eq!(read_canonical(text.as_bytes()), Some(time));
                let at = digit % text.len();
                text.replace_range(at..=at, &new);
                let library = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc());
                prop_assert_eq!(read(&text), library, "{}", text);
            }
        }
    }
}
