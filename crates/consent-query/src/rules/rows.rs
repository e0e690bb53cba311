//! The dated rows of `rules.toml`, and how they are looked up.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, PurposeClass};
use serde::Deserialize;

use super::dated::{Jurisdiction, MessageKind, Rules};
use super::settings::Duration;
use crate::hours::StateHours;
use crate::standing::RelationKind;
use crate::zones::State;

/// What may take the place of an express consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// Consent that follows from a relationship (CASL s.10(9)-(10)).
    ImpliedConsent,
    /// Somebody who bought is told of similar products, and may refuse each time (PECR reg 22(3)).
    SoftOptIn,
    /// An established business relationship (47 CFR 64.1200(f)(5)).
    BusinessRelationship,
    /// A legitimate interest that nobody objected to (GDPR Art 6(1)(f)).
    LegitimateInterest,
}

/// A row that counts from a day on.
pub(super) trait Dated {
    fn effective_from(&self) -> NaiveDate;

    /// Dates begin at midnight UTC, which is never after they begin anywhere in America or Western Europe.
    fn begins(&self) -> DateTime<Utc> {
        midnight(self.effective_from())
    }
}

/// The first instant of a day, UTC.
pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

macro_rules! dated {
    ($($row:ty),*) => {$(impl Dated for $row {
        fn effective_from(&self) -> NaiveDate { self.effective_from }
    })*};
}
dated!(BasisRow, ExemptionRow, LimitRow, HoursRow, CapRow);

/// What is required where no row applies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strictest {
    pub(super) requires: Level,
    pub(super) source: String,
}

/// What must have been agreed to in these jurisdictions, on these channels, for these purposes.
#[derive(Debug, Clone)]
pub(super) struct BasisRow {
    pub(super) id: String,
    pub(super) effective_from: NaiveDate,
    pub(super) source: String,
    pub(super) jurisdictions: Vec<Jurisdiction>,
    pub(super) channels: Vec<Channel>,
    /// `None` applies to machines and people alike.
    pub(super) automated: Option<bool>,
    pub(super) classes: Vec<PurposeClass>,
    pub(super) requires: Level,
    pub(super) or: Vec<Exemption>,
}

/// For how long a relationship is good for an exemption.
#[derive(Debug, Clone)]
pub(crate) struct ExemptionRow {
    pub(super) effective_from: NaiveDate,
    pub(crate) source: String,
    pub(super) grants: Exemption,
    pub(super) relation: RelationKind,
    pub(super) jurisdictions: Vec<Jurisdiction>,
    pub(super) months: u32,
}

/// How old a fact may be.
#[derive(Debug, Clone)]
pub(super) struct LimitRow {
    pub(super) id: String,
    pub(super) effective_from: NaiveDate,
    pub(super) within: Duration,
}

/// The windows of some states; none are named for the federal one.
#[derive(Debug, Clone)]
pub(super) struct HoursRow {
    pub(super) effective_from: NaiveDate,
    pub(super) source: String,
    /// `None` applies to text and telephone alike.
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) automated: Option<bool>,
    pub(super) states: Vec<StateHours>,
}

/// How many messages on one subject may go out in a stretch of time.
#[derive(Debug, Clone)]
pub(crate) struct CapRow {
    pub(super) id: String,
    pub(super) effective_from: NaiveDate,
    pub(crate) source: String,
    pub(super) states: Vec<State>,
    pub(crate) messages: usize,
    pub(crate) within: Duration,
}

/// The least that must have been agreed to in one jurisdiction, what may take its place, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required<'a> {
    /// Whose law it is.
    pub jurisdiction: Jurisdiction,
    /// The least level of consent.
    pub level: Level,
    /// What may take the place of a consent.
    pub or: &'a [Exemption],
    /// Id of the row.
    pub id: &'a str,
    /// The law or design rule behind the row.
    pub source: &'a str,
}

impl Rules {
    /// What must have been agreed to before a message of this kind may go to somebody who may be in any of these
    /// jurisdictions: all of them must be satisfied; the strictest comes first. No jurisdiction is an unknown one.
    pub fn required(&self, places: &[Jurisdiction], message: MessageKind, at: DateTime<Utc>) -> Vec<Required<'_>> {
        let places = if places.is_empty() { &[Jurisdiction::Unknown] } else { places };
        let mut all: Vec<Required<'_>> = places.iter().map(|place| self.required_in(*place, message, at)).collect();
        all.sort_by_key(|required| (std::cmp::Reverse(required.level), required.or.len()));
        all
    }

    fn required_in(&self, jurisdiction: Jurisdiction, message: MessageKind, at: DateTime<Utc>) -> Required<'_> {
        let applies = |row: &&BasisRow| row.begins() <= at && row.applies(jurisdiction, message);
        let row = self.bases.iter().filter(applies).max_by_key(|row| row.effective_from);
        let Strictest { requires, source } = &self.strictest;
        match row {
            Some(row) => Required { jurisdiction, level: row.requires, or: &row.or, id: &row.id, source: &row.source },
            None => Required { jurisdiction, level: *requires, or: &[], id: "strictest", source },
        }
    }

    /// The newest row that says for how long a relationship of this kind is good for an exemption.
    pub(crate) fn exemption(
        &self,
        grants: Exemption,
        relation: RelationKind,
        jurisdiction: Jurisdiction,
        at: DateTime<Utc>,
    ) -> Option<&ExemptionRow> {
        let applies = |row: &&ExemptionRow| {
            let speaks = row.grants == grants && row.relation == relation && row.begins() <= at;
            speaks && row.jurisdictions.contains(&jurisdiction)
        };
        self.exemptions.iter().filter(applies).max_by_key(|row| row.effective_from)
    }

    /// How old a fact of this name may be; as old as it likes, if no row says.
    pub(crate) fn limit(&self, id: &str, at: DateTime<Utc>) -> Option<Duration> {
        let applies = |row: &&LimitRow| row.id == id && row.begins() <= at;
        self.limits.iter().filter(applies).max_by_key(|row| row.effective_from).map(|row| row.within)
    }
}

impl BasisRow {
    fn applies(&self, jurisdiction: Jurisdiction, message: MessageKind) -> bool {
        self.jurisdictions.contains(&jurisdiction)
            && self.channels.contains(&message.channel)
            && self.automated.is_none_or(|automated| automated == message.automated)
            && self.classes.contains(&message.purpose.class())
    }
}

impl ExemptionRow {
    /// When a relationship that began at this time no longer counts: before the day of that date, some months on,
    /// begins (UTC). The law counts days, and this is the most careful reading of it.
    pub(crate) fn ends(&self, begun: DateTime<Utc>) -> Option<DateTime<Utc>> {
        begun.date_naive().checked_add_months(Months::new(self.months)).map(midnight)
    }
}

impl HoursRow {
    pub(super) fn applies(&self, message: MessageKind) -> bool {
        self.channels.as_ref().is_none_or(|channels| channels.contains(&message.channel))
            && self.automated.is_none_or(|automated| automated == message.automated)
    }
}
