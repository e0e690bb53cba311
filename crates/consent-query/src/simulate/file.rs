//! The shape of a scenario file.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use consent_core::limits::YEARS;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::expect::Expect;
use crate::deadlines::{Due, Kind, Start};
use crate::question::Question;
use crate::standing::View;

/// A whole file. Each scenario is read by itself, so that a fault in one leaves the others readable. What else stands
/// at the top, such as `meta`, is for its readers.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) scenarios: Option<Vec<Value>>,
    pub(super) deadlines: Option<Vec<Value>>,
}

/// A made-up history, what is asked of it, and what should come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    #[serde(rename = "name")]
    _name: String,
    pub(super) events: Vec<Value>,
    pub(super) query: Query,
    #[serde(default)]
    pub(super) config: Map<String, Value>,
    pub(super) expect: Option<Expect>,
    #[serde(rename = "source")]
    _source: Option<String>,
    #[serde(rename = "stability")]
    _stability: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// A question of a scenario. Who is asked about is `A`, unless it says otherwise; `null` asks about nobody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(deserialize_with = "moment")]
    pub(super) at: DateTime<Utc>,
    channel: String,
    purpose: String,
    sender: Option<String>,
    #[serde(default = "subject_a")]
    subject: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    product_line: Option<String>,
    subject_matter: Option<String>,
    automated: Option<bool>,
    opt_out_in_message: Option<bool>,
    known_at: Option<DateTime<Utc>>,
    as_of: Option<DateTime<Utc>>,
    #[serde(default)]
    explain: bool,
}

fn subject_a() -> Option<String> {
    Some("A".to_owned())
}

impl Query {
    pub(super) fn view(&self) -> View {
        View { as_of: Some(self.as_of.unwrap_or(self.at)), known_at: Some(self.known_at.unwrap_or(self.at)) }
    }

    pub(super) fn question(self, id: Uuid) -> Question {
        let View { as_of, known_at } = self.view();
        Question {
            id,
            phone: self.phone,
            email: self.email,
            subject: self.subject,
            channel: self.channel,
            purpose: self.purpose,
            sender: self.sender,
            subject_matter: self.subject_matter,
            product_line: self.product_line,
            automated: self.automated,
            opt_out_in_message: self.opt_out_in_message,
            as_of,
            known_at,
            explain: self.explain,
        }
    }
}

/// A deadline to be worked out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deadline {
    #[serde(rename = "name")]
    _name: String,
    pub(super) kind: Kind,
    #[serde(default, deserialize_with = "moment_or_none")]
    received_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "moment_or_none")]
    sent_at: Option<DateTime<Utc>>,
    pub(super) region: Option<String>,
    expect_due_on: Option<NaiveDate>,
    expect_due_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "day")]
    expect_not_before: Option<NaiveDate>,
    #[serde(rename = "calendar")]
    _calendar: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
    #[serde(rename = "stability")]
    _stability: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

impl Deadline {
    /// The instant from which it counts: the one its kind asks for or, if that is not given, the other.
    pub(super) fn start(&self) -> Option<DateTime<Utc>> {
        match self.kind.start() {
            Start::ReceivedAt => self.received_at.or(self.sent_at),
            Start::SentAt => self.sent_at.or(self.received_at),
        }
    }

    /// Whether this is what was expected, if something was.
    pub(super) fn expects(&self, due: Due) -> Option<bool> {
        let expected = [
            self.expect_due_on.map(|day| due == Due::DueOn(day)),
            self.expect_due_at.map(|time| due == Due::DueAt(time)),
            self.expect_not_before.map(|day| due == Due::NotBefore(day)),
        ];
        expected.into_iter().flatten().reduce(|a, b| a && b)
    }
}

/// A time in a year that can be asked about.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    let time = DateTime::<Utc>::deserialize(from)?;
    let too_far = || serde::de::Error::custom(format!("the year must be one of {} to {}", YEARS.start(), YEARS.end()));
    YEARS.contains(&time.year()).then_some(time).ok_or_else(too_far)
}

/// The same, if there is one.
fn moment_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    #[derive(Deserialize)]
    struct Moment(#[serde(deserialize_with = "moment")] DateTime<Utc>);
    Ok(Option::<Moment>::deserialize(from)?.map(|moment| moment.0))
}

/// A day, or the day of a time.
fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let time = || text.parse::<DateTime<Utc>>().map(|time| time.date_naive());
    text.parse().or_else(|_| time()).map(Some).map_err(|_| serde::de::Error::custom("not a day such as 2026-12-31"))
}
