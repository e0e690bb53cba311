//! What a deployment may change, and how a duration is written.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use consent_core::event::kinds::Level;
use serde::{Deserialize, Serialize};

/// The settings. Their defaults stand in `rules.toml`, beside the reasons for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which time of an event orders it.
    pub order_by: OrderBy,
    /// How far a STOP reaches beyond the number it came from.
    pub stop_scope: StopScope,
    /// A STOP ends every text message, not marketing alone (policy P18).
    pub stop_blocks_transactional_sms: bool,
    /// What a START gives back after a STOP.
    pub start_keyword_restores: Restores,
    /// What accepting the privacy policy is worth in the United States; elsewhere it is worth itself. Short of
    /// `express_written` it never counts for marketing (policy P03).
    pub policy_acceptance_level: Level,
    /// Going on under a new policy version adds its purposes to earlier consents to texts (policy P58).
    pub continued_use_extends_consent: bool,
    /// Which windows of the states count.
    pub state_quiet_hours: StateHours,
    /// The states' limits on the number of messages count.
    pub state_frequency_caps: bool,
    /// How long after an opt-out its confirmation may be sent (47 CFR 64.1200(a)(12)).
    pub optout_confirmation_max_delay: Duration,
    /// HELP is answered although the number is opted out.
    pub help_reply_after_stop: bool,
    /// An explicit consent given after an objection to marketing lifts it.
    pub explicit_consent_lifts_objection: bool,
    /// A request for erasure stops marketing before it is met, and before the identity behind it is checked.
    pub pending_erasure_stops_marketing: bool,
    /// How replies are read.
    pub free_text_classifier: Classifier,
    /// From this day on a STOP ends all robocalls and robotexts (64.1200(a)(10), as delayed by DA 26-12).
    pub revoke_all_effective: Day,
    /// When an opt-out ends by itself.
    pub suppression_expiry: Expiry,
    /// The longest an allow may be relied on.
    pub max_ttl: Duration,
}

/// Defines settings that are one word of a list.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}

choices! {
    /// Which time of an event orders it.
    OrderBy {
        /// When it happened, but never later than we learnt of it.
        OccurredAt,
        /// When we learnt of it.
        ReceivedAt,
    }

    /// How far a STOP reaches.
    StopScope {
        /// The number, everybody who shares it, and their other numbers (RCW 80.36.390 asks for as much).
        PersonAndNumber,
        /// The number it came from.
        #[serde(alias = "number_only")]
        Number,
    }

    /// What a START gives back.
    Restores {
        /// What the STOPs of the same number took, never what another withdrawal took.
        PriorScope,
        /// Nothing: a new consent is needed.
        #[serde(alias = "none")]
        Nothing,
    }

    /// Which windows of the states count beside the federal one.
    StateHours {
        /// Those of every state in which the person may be.
        StrictestCandidate,
        /// None.
        #[serde(alias = "none", alias = "off")]
        FederalOnly,
    }

    /// How replies are read.
    Classifier {
        /// By their keywords and, beyond them, as a reasonable person would (47 CFR 64.1200(a)(10)).
        ExactKeywordOrReasonablePerson,
        /// By their keywords; what a reasonable person would take for an opt-out waits until a person has read it.
        #[serde(alias = "exact_keyword_only")]
        ExactKeyword,
    }

    /// When an opt-out ends by itself.
    Expiry {
        /// Never: the periods of the law (five years, in Virginia ten) are floors.
        Never,
    }
}

/// The day on which something begins, if it ever does: `2027-01-31`, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "String")]
pub struct Day(Option<NaiveDate>);

impl Day {
    /// Its first instant (UTC); none, if it never comes.
    pub fn begins(self) -> Option<DateTime<Utc>> {
        self.0.map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }
}

impl TryFrom<Option<String>> for Day {
    type Error = &'static str;
    fn try_from(text: Option<String>) -> Result<Self, Self::Error> {
        match text.as_deref() {
            None | Some("never") => Ok(Self(None)),
            Some(day) => {
                day.parse().map(|day| Self(Some(day))).map_err(|_| "neither a day such as 2027-01-31 nor \"never\"")
            }
        }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0.map_or_else(|| "never".to_owned(), |day| day.to_string())
    }
}

/// A length of time in hours, minutes and seconds, written as in ISO 8601: `PT1H30M`, `PT15M`, `PT45S`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(TimeDelta);

impl Duration {
    /// The length of time.
    pub fn delta(self) -> TimeDelta {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix("PT")?;
        let mut total = TimeDelta::zero();
        for (unit, seconds) in [('H', 3600), ('M', 60), ('S', 1)] {
            if let Some((count, after)) = rest.split_once(unit) {
                let seconds = i64::from(count.parse::<u32>().ok()?).checked_mul(seconds)?;
                total = total.checked_add(&TimeDelta::try_seconds(seconds)?)?;
                rest = after;
            }
        }
        (rest.is_empty() && text.len() > 2).then_some(Self(total))
    }
}

impl TryFrom<String> for Duration {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a duration such as PT15M or PT1H30M")
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        format!("PT{}S", duration.0.num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        for (text, seconds) in [("PT15M", 900), ("PT1H30M", 5400), ("PT45S", 45), ("PT0S", 0), ("PT2H1S", 7201)] {
            assert_eq!(Duration::parse(text).unwrap().delta().num_seconds(), seconds, "{text}");
        }
        for text in ["", "PT", "15M", "P1D", "PT1", "PT-5M", "PT5M1H", "PTM", "PT5X"] {
            assert!(Duration::parse(text).is_none(), "{text}");
        }
    }
}
