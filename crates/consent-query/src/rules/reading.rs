//! Reads `rules.toml` and finds what is wrong with it, by line.

mod checks;

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, PurposeClass};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::bases::BasesAbout;
use super::dated::{Jurisdiction, Rules, RulesError};
use super::laws::Laws;
use super::rows::{Exemption, Strictest};
use super::settings::{Duration, Settings};
use crate::hours::Week;
use crate::standing::RelationKind;
use crate::zones::State;
pub(super) use checks::check_settings;

/// Defines the shapes of the file: strict about unknown fields.
macro_rules! shapes {
    ($($name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name { $($field: $type),* }
    )*};
}

shapes! {
    File {
        version: Spanned<String>,
        seller: Spanned<String>,
        seller_names: Vec<String>,
        policies: Spanned<Vec<String>>,
        bought_lists: Spanned<Vec<Vec<String>>>,
        settings: Spanned<Settings>,
        strictest: Strictest,
        jurisdiction: Vec<JurisdictionShape>,
        basis: Vec<BasisShape>,
        exemption: Vec<ExemptionShape>,
        limit: Vec<LimitShape>,
        hours: Vec<HoursShape>,
        cap: Vec<CapShape>,
    }
    JurisdictionShape { id: Jurisdiction, countries: Vec<Spanned<String>> }
    BasisShape {
        id: Spanned<String>,
        effective_from: NaiveDate,
        source: String,
        jurisdictions: Vec<Jurisdiction>,
        states: Option<Vec<State>>,
        channels: Vec<Channel>,
        automated: Option<bool>,
        classes: Vec<PurposeClass>,
        requires: Level,
        or: Option<Vec<Exemption>>,
    }
    ExemptionShape {
        id: Spanned<String>,
        effective_from: NaiveDate,
        source: String,
        grants: Exemption,
        relation: RelationKind,
        jurisdictions: Vec<Jurisdiction>,
        states: Option<Vec<State>>,
        months: u32,
    }
    LimitShape { id: Spanned<String>, effective_from: NaiveDate, source: String, within: Duration }
    HoursShape {
        id: Spanned<String>,
        effective_from: NaiveDate,
        source: String,
        states: Option<Vec<State>>,
        channels: Option<Vec<Channel>>,
        automated: Option<bool>,
        hours: Week,
    }
    CapShape {
        id: Spanned<String>,
        effective_from: NaiveDate,
        source: String,
        states: Vec<State>,
        messages: usize,
        within: Duration,
        per_subject: bool,
        unless: Option<Exemption>,
    }
}

/// A fault and where it is: bytes of the text.
struct Wrong(Range<usize>, String);

impl Wrong {
    fn at<T>(what: &Spanned<T>, reason: impl Into<String>) -> Self {
        Self(what.span(), reason.into())
    }
}

pub(super) fn read(text: &str) -> Result<Rules, RulesError> {
    let parsed = toml::from_str::<File>(text)
        .map_err(|error| Wrong(error.span().unwrap_or_default(), error.message().to_owned()))
        .and_then(|file| check(file, entries(text)));
    parsed.map_err(|Wrong(span, reason)| RulesError::File { line: line_of(text, span.start), reason })
}

/// Number of the line, from 1, in which this byte lies.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

/// What the file says, by name: for telling editions apart.
fn entries(text: &str) -> BTreeMap<String, Value> {
    let file: BTreeMap<String, Value> = toml::from_str(text).unwrap_or_default();
    let named = |(section, value): (String, Value)| match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (format!("{section} {name}"), value)).collect(),
        Value::Array(rows) if rows.iter().all(Value::is_object) => {
            rows.into_iter().map(|row| named_row(&section, row)).collect()
        }
        value => vec![(section, value)],
    };
    file.into_iter().flat_map(named).collect()
}

/// A row goes by its id and, because a rule may have several versions, by its date.
fn named_row(section: &str, row: Value) -> (String, Value) {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{section} {} {}", text("id"), text("effective_from"));
    (name.trim_end().to_owned(), row)
}

fn check(file: File, entries: BTreeMap<String, Value>) -> Result<Rules, Wrong> {
    for name in [&file.version, &file.seller] {
        if name.get_ref().trim().is_empty() {
            return Err(Wrong::at(name, "must not be empty"));
        }
    }
    if file.policies.get_ref().is_empty() {
        return Err(Wrong::at(&file.policies, "names no policy, so no consent could ever be proven"));
    }
    if file.bought_lists.get_ref().iter().any(Vec::is_empty) {
        return Err(Wrong::at(&file.bought_lists, "an empty list would fit every consent"));
    }
    check_settings(file.settings.get_ref()).map_err(|reason| Wrong::at(&file.settings, reason))?;
    let (federal, hours) = checks::check_hours(file.hours)?;
    let bases = checks::check_bases(file.basis)?;
    let mut rules = Rules {
        version: file.version.into_inner().into(),
        sellers: std::iter::once(file.seller.into_inner()).chain(file.seller_names).collect(),
        policies: file.policies.into_inner(),
        bought_lists: file.bought_lists.into_inner(),
        settings: file.settings.into_inner(),
        strictest: file.strictest,
        countries: checks::check_countries(file.jurisdiction)?,
        bases_about: BasesAbout::of(&bases),
        bases,
        exemptions: checks::check_exemptions(file.exemption)?,
        limits: checks::check_limits(file.limit)?,
        federal,
        hours,
        caps: checks::check_caps(file.cap)?,
        changes: Vec::new(),
        laws: Laws::default(),
        entries,
    };
    rules.note_changes();
    Ok(rules)
}

#[cfg(test)]
mod tests;
