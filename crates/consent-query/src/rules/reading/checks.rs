//! What the shapes of the file cannot express.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::Spanned;

use super::{BasisShape, CapShape, ExemptionShape, HoursShape, JurisdictionShape, LimitShape, Wrong};
use crate::hours::{Day, StateHours, Week, Window};
use crate::rules::dated::Jurisdiction;
use crate::rules::rows::{BasisRow, CapRow, Exemption, ExemptionRow, HoursRow, LimitRow};
use crate::rules::settings::Settings;

/// The longest life an allow may be given, in minutes: beyond it a STOP could go unseen for too long.
const MAX_TTL_MINUTES: i64 = 60;

/// What the type of a setting cannot express.
pub(crate) fn check_settings(settings: &Settings) -> Result<(), String> {
    for (name, duration) in
        [("max_ttl", settings.max_ttl), ("optout_confirmation_max_delay", settings.optout_confirmation_max_delay)]
    {
        if !(1..=MAX_TTL_MINUTES * 60).contains(&duration.delta().num_seconds()) {
            return Err(format!("{name} must be between one second and {MAX_TTL_MINUTES} minutes"));
        }
    }
    Ok(())
}

pub(super) fn check_countries(rows: Vec<JurisdictionShape>) -> Result<BTreeMap<[u8; 2], Jurisdiction>, Wrong> {
    let mut countries = BTreeMap::new();
    for row in rows {
        for code in row.countries {
            let letters = <[u8; 2]>::try_from(code.get_ref().as_bytes()).ok();
            let Some(letters) = letters.filter(|letters| letters.iter().all(u8::is_ascii_uppercase)) else {
                return Err(Wrong::at(&code, "a country is two capital letters (ISO 3166-1)"));
            };
            if countries.insert(letters, row.id).is_some() {
                return Err(Wrong::at(&code, "this country was listed before"));
            }
        }
    }
    Ok(countries)
}

pub(super) fn check_bases(rows: Vec<BasisShape>) -> Result<Vec<BasisRow>, Wrong> {
    let mut bases: Vec<BasisRow> = Vec::new();
    for row in rows {
        if is_given_and_empty(&row.states)
            || row.jurisdictions.is_empty()
            || row.channels.is_empty()
            || row.classes.is_empty()
        {
            return Err(Wrong::at(&row.id, "applies to nothing: a list is empty"));
        }
        check_source(&row.id, &row.source)?;
        let span = row.id.span();
        let row = row.into_row();
        let versions = |other: &BasisRow| other.id == row.id && other.effective_from == row.effective_from;
        if let Some(other) = bases.iter().find(|other| versions(other) || other.contradicts(&row)) {
            return Err(Wrong(span, format!("says the same as row `{}` from the same day on", other.id)));
        }
        bases.push(row);
    }
    Ok(bases)
}

impl BasisShape {
    fn into_row(self) -> BasisRow {
        BasisRow {
            id: self.id.into_inner().into(),
            effective_from: self.effective_from,
            source: self.source.into(),
            jurisdictions: self.jurisdictions,
            states: self.states.unwrap_or_default(),
            channels: self.channels,
            automated: self.automated,
            classes: self.classes,
            requires: self.requires,
            or: self.or.unwrap_or_default(),
        }
    }
}

fn is_given_and_empty<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_some_and(Vec::is_empty)
}

fn check_source(id: &Spanned<String>, source: &str) -> Result<(), Wrong> {
    if source.trim().is_empty() { Err(Wrong::at(id, "has no source")) } else { Ok(()) }
}

/// Two versions of one row may not begin on one day.
fn check_once<'a>(rows: impl Iterator<Item = (&'a Spanned<String>, NaiveDate)>) -> Result<(), Wrong> {
    let mut seen = Vec::new();
    for (id, from) in rows {
        if seen.contains(&(id.get_ref(), from)) {
            return Err(Wrong::at(id, "says the same as another row from the same day on"));
        }
        seen.push((id.get_ref(), from));
    }
    Ok(())
}

pub(super) fn check_exemptions(rows: Vec<ExemptionShape>) -> Result<Vec<ExemptionRow>, Wrong> {
    check_once(rows.iter().map(|row| (&row.id, row.effective_from)))?;
    let check = |row: ExemptionShape| {
        check_source(&row.id, &row.source)?;
        let rests_on_relation = !matches!(row.grants, Exemption::LegitimateInterest | Exemption::AskedByText);
        let empty = is_given_and_empty(&row.states) || row.jurisdictions.is_empty();
        if !rests_on_relation || row.months == 0 || empty {
            return Err(Wrong::at(&row.id, "grants nothing that a relationship could"));
        }
        let ExemptionShape { id, effective_from, source, grants, relation, jurisdictions, states, months } = row;
        let (id, source, states) = (id.into_inner().into(), source.into(), states.unwrap_or_default());
        Ok(ExemptionRow { id, effective_from, source, grants, relation, jurisdictions, states, months })
    };
    rows.into_iter().map(check).collect()
}

pub(super) fn check_limits(rows: Vec<LimitShape>) -> Result<Vec<LimitRow>, Wrong> {
    check_once(rows.iter().map(|row| (&row.id, row.effective_from)))?;
    let check = |row: LimitShape| {
        check_source(&row.id, &row.source)?;
        Ok(LimitRow { id: row.id.into_inner().into(), effective_from: row.effective_from, within: row.within })
    };
    rows.into_iter().map(check).collect()
}

pub(super) fn check_caps(rows: Vec<CapShape>) -> Result<Vec<CapRow>, Wrong> {
    check_once(rows.iter().map(|row| (&row.id, row.effective_from)))?;
    let check = |row: CapShape| {
        check_source(&row.id, &row.source)?;
        if row.states.is_empty() || row.messages == 0 {
            return Err(Wrong::at(&row.id, "limits nothing, or everything"));
        }
        let spares_relationship = match row.unless {
            None => false,
            Some(Exemption::BusinessRelationship) => true,
            Some(_) => return Err(Wrong::at(&row.id, "only a business_relationship lifts a cap")),
        };
        let CapShape { id, effective_from, source, states, messages, within, per_subject, .. } = row;
        let (id, source) = (id.into_inner().into(), source.into());
        Ok(CapRow { id, effective_from, source, states, messages, within, per_subject, spares_relationship })
    };
    rows.into_iter().map(check).collect()
}

/// The federal window, which is the row without states, and those of the states.
pub(super) fn check_hours(rows: Vec<HoursShape>) -> Result<(Window, Vec<HoursRow>), Wrong> {
    check_once(rows.iter().map(|row| (&row.id, row.effective_from)))?;
    let (federal, states): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.states.is_none());
    let window = match federal.as_slice() {
        [row] => match row.hours {
            week if week == Week::daily(row.window()?) => row.window()?,
            _ => return Err(Wrong::at(&row.id, "the federal window is the same every day")),
        },
        [_, second, ..] => return Err(Wrong::at(&second.id, "there is one federal window; name the states")),
        [] => return Err(Wrong(0..0, "no row of [[hours]] is without states: the federal window is missing".into())),
    };
    let rows: Result<Vec<HoursRow>, Wrong> = states.into_iter().map(HoursShape::into_row).collect();
    Ok((window, rows?))
}

impl HoursShape {
    fn window(&self) -> Result<Window, Wrong> {
        match self.hours.daily {
            Day::Open(window) => Ok(window),
            Day::Closed => Err(Wrong::at(&self.id, "is never open")),
        }
    }

    fn into_row(self) -> Result<HoursRow, Wrong> {
        check_source(&self.id, &self.source)?;
        let Self { effective_from, source, channels, automated, hours, .. } = self;
        let of =
            |state| StateHours { id: self.id.get_ref().clone(), state, effective_from, source: source.clone(), hours };
        let states = self.states.unwrap_or_default().into_iter().map(of).collect();
        Ok(HoursRow { effective_from, source: source.into(), channels, automated, states })
    }
}

impl BasisRow {
    /// Whether both rows take effect on one day and speak about one message.
    fn contradicts(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.iter().any(|item| b.contains(item))
        }
        let one_place = match (self.states.is_empty(), other.states.is_empty()) {
            (false, false) => meet(&self.states, &other.states),
            (one, other) => one == other,
        };
        self.effective_from == other.effective_from
            && one_place
            && meet(&self.jurisdictions, &other.jurisdictions)
            && meet(&self.channels, &other.channels)
            && meet(&self.classes, &other.classes)
            && (self.automated.is_none() || other.automated.is_none() || self.automated == other.automated)
    }
}
