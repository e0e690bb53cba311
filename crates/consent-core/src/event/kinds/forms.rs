//! Fields that may be written in more than one form.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, de};

use super::Indicator;
use crate::limits::YEARS;
use crate::scope::Lenient;

/// A time, or a day: its first instant in UTC.
pub(super) fn day_or_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let day = |text: &str| text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let time: Option<DateTime<Utc>> = text.parse().or_else(|_| day(&text)).ok();
    let time = time.filter(|time| YEARS.contains(&time.year()));
    let no_time = || de::Error::custom("neither a time in RFC 3339 form nor a day such as 2026-01-31");
    time.map(Some).ok_or_else(no_time)
}

/// What a gateway says it did: one of its words in any letter case, or `true` for an opt-out. Any other word is kept,
/// and a person reads the message.
pub(super) fn indicator<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Lenient<Indicator>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Flag(bool),
        Word(String),
    }
    Ok(match Option::<Said>::deserialize(from)? {
        None | Some(Said::Flag(false)) => None,
        Some(Said::Flag(true)) => Some(Lenient::Known(Indicator::Stop)),
        Some(Said::Word(word)) => Some(word.to_ascii_uppercase().parse().map_or(Lenient::Other(word), Lenient::Known)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::event::kinds::{ConsentGranted, InboundSms};

    #[test]
    fn a_year_of_five_digits_is_no_time() {
        for text in ["+10000-01-01T00:00:00Z", "+10000-01-01", "-0001-01-01"] {
            assert!(serde_json::from_value::<ConsentGranted>(json!({"expires_at": text})).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_is_its_first_instant() {
        let ends = |value: Value| serde_json::from_value::<ConsentGranted>(json!({"expires_at": value}));
        assert_eq!(
            ends(json!("2026-01-31")).unwrap().expires_at,
            ends(json!("2026-01-31T00:00:00Z")).unwrap().expires_at
        );
        assert_eq!(ends(Value::Null).unwrap().expires_at, None);
        assert!(ends(json!("31 January")).is_err());
    }

    #[test]
    fn an_indicator_is_a_word_in_any_case_or_a_flag() {
        let said = |value: Value| serde_json::from_value::<InboundSms>(json!({"opt_out_indicator": value})).unwrap();
        let stop = said(json!("STOP"));
        assert!(stop.opt_out_indicator.is_some());
        assert_eq!((said(json!("stop")), said(json!(true))), (stop.clone(), stop));
        assert_eq!(said(json!(false)), InboundSms::default());
        assert_eq!(serde_json::to_value(said(json!("Pause"))).unwrap(), json!({"opt_out_indicator": "Pause"}));
    }
}
