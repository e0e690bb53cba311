//! The dated rows of `rules.toml`, and how they are looked up.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, PurposeClass};
use serde::Deserialize;
use smallvec::SmallVec;
use smol_str::SmolStr;

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
    /// They wrote first, and are answered where they wrote from (policy P24).
    AskedByText,
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
    pub(super) source: SmolStr,
}

/// What must have been agreed to in these jurisdictions, on these channels, for these purposes.
#[derive(Debug, Clone)]
pub(super) struct BasisRow {
    pub(super) id: SmolStr,
    pub(super) effective_from: NaiveDate,
    pub(super) source: SmolStr,
    pub(super) jurisdictions: Vec<Jurisdiction>,
    /// States of it that ask for more than the rest; empty is all of it.
    pub(super) states: Vec<State>,
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
    pub(super) id: SmolStr,
    pub(super) effective_from: NaiveDate,
    pub(super) source: SmolStr,
    pub(super) grants: Exemption,
    pub(super) relation: RelationKind,
    pub(super) jurisdictions: Vec<Jurisdiction>,
    /// States of it where it ends earlier; empty is all of it.
    pub(super) states: Vec<State>,
    pub(super) months: u32,
}

/// Until when a relationship is good for an exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term<'a> {
    anniversary: DateTime<Utc>,
    /// The law that says so.
    pub(crate) source: &'a SmolStr,
}

impl Term<'_> {
    /// The first instant at which it no longer counts: the law counts whole days back from the day of the message, so
    /// that the day of the same date counts. Days are those of UTC.
    pub(crate) fn end(&self) -> Option<DateTime<Utc>> {
        self.anniversary.date_naive().succ_opt().map(midnight)
    }

    /// Until when an allow may promise so. What of the last day counts is disputed: a permission is carried neither into
    /// that day nor over the hour at which it began.
    pub(crate) fn assured(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let steps = [midnight(self.anniversary.date_naive()), self.anniversary];
        steps.into_iter().find(|step| now < *step).or_else(|| self.end())
    }
}

/// How old a fact may be.
#[derive(Debug, Clone)]
pub(super) struct LimitRow {
    pub(super) id: SmolStr,
    pub(super) effective_from: NaiveDate,
    pub(super) within: Duration,
}

/// The windows of some states; none are named for the federal one.
#[derive(Debug, Clone)]
pub(super) struct HoursRow {
    pub(super) effective_from: NaiveDate,
    pub(super) source: SmolStr,
    /// `None` applies to text and telephone alike.
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) automated: Option<bool>,
    pub(super) states: Vec<StateHours>,
}

/// How many messages may go out in a stretch of time.
#[derive(Debug, Clone)]
pub(crate) struct CapRow {
    pub(crate) id: SmolStr,
    pub(super) effective_from: NaiveDate,
    pub(crate) source: SmolStr,
    pub(super) states: Vec<State>,
    pub(crate) messages: usize,
    pub(crate) within: Duration,
    /// It counts messages on one subject; else all of them.
    pub(crate) per_subject: bool,
    /// It does not bind whoever has an established business relationship.
    pub(crate) spares_relationship: bool,
}

/// What several jurisdictions and states ask for: seldom more than two.
pub type Requirements<'a> = SmallVec<[Required<'a>; 2]>;

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
    pub source: &'a SmolStr,
}

impl Rules {
    /// Until when a relationship of this kind is good for an exemption in a jurisdiction: by the newest row for the
    /// whole of it, or by that of a state where it ends earlier.
    pub(crate) fn term(
        &self,
        grants: Exemption,
        relation: (RelationKind, DateTime<Utc>),
        place: (Jurisdiction, &[State]),
        at: DateTime<Utc>,
    ) -> Option<Term<'_>> {
        let ((kind, begun), (jurisdiction, states)) = (relation, place);
        let applies = |row: &&ExemptionRow| {
            let speaks = row.grants == grants && row.relation == kind && row.begins() <= at;
            speaks && row.jurisdictions.contains(&jurisdiction)
        };
        let rows = || self.exemptions.iter().filter(applies);
        let whole = rows().filter(|row| row.states.is_empty()).max_by_key(|row| row.effective_from)?;
        let here = rows().filter(|row| row.states.iter().any(|state| states.contains(state)));
        let terms = newest(here, |row| &row.id).into_iter().chain([whole]).filter_map(|row| row.term(begun));
        terms.min_by_key(|term| term.anniversary)
    }

    /// How old a fact of this name may be; as old as it likes, if no row says.
    pub(crate) fn limit(&self, id: &str, at: DateTime<Utc>) -> Option<Duration> {
        let applies = |row: &&LimitRow| row.id == id && row.begins() <= at;
        self.limits.iter().filter(applies).max_by_key(|row| row.effective_from).map(|row| row.within)
    }
}

/// Of rows with one id the newest.
pub(super) fn newest<'a, R: Dated>(rows: impl Iterator<Item = &'a R>, id: impl Fn(&R) -> &str) -> SmallVec<[&'a R; 4]> {
    let mut newest: SmallVec<[&R; 4]> = SmallVec::new();
    for row in rows {
        match newest.iter_mut().find(|known| id(known) == id(row)) {
            Some(known) if known.effective_from() < row.effective_from() => *known = row,
            Some(_) => {}
            None => newest.push(row),
        }
    }
    newest
}

impl BasisRow {
    pub(super) fn required(&self, jurisdiction: Jurisdiction) -> Required<'_> {
        let Self { requires, or, id, source, .. } = self;
        Required { jurisdiction, level: *requires, or, id, source }
    }

    pub(super) fn is_about(&self, message: MessageKind) -> bool {
        self.channels.contains(&message.channel)
            && self.automated.is_none_or(|automated| automated == message.automated)
            && self.classes.contains(&message.purpose.class())
    }
}

impl ExemptionRow {
    fn term(&self, begun: DateTime<Utc>) -> Option<Term<'_>> {
        let anniversary = begun.checked_add_months(Months::new(self.months))?;
        Some(Term { anniversary, source: &self.source })
    }
}

impl HoursRow {
    pub(super) fn applies(&self, message: MessageKind) -> bool {
        self.channels.as_ref().is_none_or(|channels| channels.contains(&message.channel))
            && self.automated.is_none_or(|automated| automated == message.automated)
    }
}
