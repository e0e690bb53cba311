//! Reads `rules.toml` and finds what is wrong with it, by line.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, PurposeClass};
use serde::Deserialize;
use toml::Spanned;

use super::dated::{BasisRow, Jurisdiction, Rules, RulesError, Strictest};
use super::settings::Settings;

/// The longest life an allow may be given, in minutes: beyond it a STOP could go unseen for too long.
const MAX_TTL_MINUTES: i64 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<String>,
    seller: Spanned<String>,
    policies: Spanned<Vec<String>>,
    settings: Spanned<Settings>,
    strictest: Strictest,
    jurisdiction: Vec<JurisdictionRow>,
    basis: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JurisdictionRow {
    id: Jurisdiction,
    countries: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Spanned<String>,
    effective_from: NaiveDate,
    source: String,
    jurisdictions: Vec<Jurisdiction>,
    channels: Vec<Channel>,
    automated: Option<bool>,
    classes: Vec<PurposeClass>,
    requires: Level,
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
        .and_then(check);
    parsed.map_err(|Wrong(span, reason)| RulesError::File { line: line_of(text, span.start), reason })
}

/// Number of the line, from 1, in which this byte lies.
fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

fn check(file: File) -> Result<Rules, Wrong> {
    for name in [&file.version, &file.seller] {
        if name.get_ref().trim().is_empty() {
            return Err(Wrong::at(name, "must not be empty"));
        }
    }
    if file.policies.get_ref().is_empty() {
        return Err(Wrong::at(&file.policies, "names no policy, so no consent could ever be proven"));
    }
    check_settings(file.settings.get_ref()).map_err(|reason| Wrong::at(&file.settings, reason))?;
    let bases = check_rows(file.basis)?;
    Ok(Rules {
        version: file.version.into_inner(),
        seller: file.seller.into_inner(),
        policies: file.policies.into_inner(),
        settings: file.settings.into_inner(),
        strictest: file.strictest,
        countries: check_countries(file.jurisdiction)?,
        bases,
    })
}

/// What the type of a setting cannot express.
pub(super) fn check_settings(settings: &Settings) -> Result<(), String> {
    let minutes = settings.max_ttl.delta().num_seconds();
    if (1..=MAX_TTL_MINUTES * 60).contains(&minutes) {
        return Ok(());
    }
    Err(format!("max_ttl must be between one second and {MAX_TTL_MINUTES} minutes"))
}

fn check_countries(rows: Vec<JurisdictionRow>) -> Result<BTreeMap<String, Jurisdiction>, Wrong> {
    let mut countries = BTreeMap::new();
    for row in rows {
        for code in row.countries {
            if code.get_ref().len() != 2 || !code.get_ref().bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(Wrong::at(&code, "a country is two capital letters (ISO 3166-1)"));
            }
            if countries.insert(code.get_ref().clone(), row.id).is_some() {
                return Err(Wrong::at(&code, "this country was listed before"));
            }
        }
    }
    Ok(countries)
}

fn check_rows(rows: Vec<Row>) -> Result<Vec<BasisRow>, Wrong> {
    let mut bases: Vec<BasisRow> = Vec::new();
    for row in rows {
        if row.jurisdictions.is_empty() || row.channels.is_empty() || row.classes.is_empty() {
            return Err(Wrong::at(&row.id, "applies to nothing: a list is empty"));
        }
        if row.source.trim().is_empty() {
            return Err(Wrong::at(&row.id, "has no source"));
        }
        let span = row.id.span();
        let row = row.into_basis();
        if let Some(other) = bases.iter().find(|other| other.id == row.id || other.contradicts(&row)) {
            return Err(Wrong(span, format!("says the same as row `{}` from the same day on", other.id)));
        }
        bases.push(row);
    }
    Ok(bases)
}

impl Row {
    fn into_basis(self) -> BasisRow {
        BasisRow {
            id: self.id.into_inner(),
            effective_from: self.effective_from,
            source: self.source,
            jurisdictions: self.jurisdictions,
            channels: self.channels,
            automated: self.automated,
            classes: self.classes,
            requires: self.requires,
        }
    }
}

impl BasisRow {
    /// Whether both rows take effect on one day and speak about one message.
    fn contradicts(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.iter().any(|item| b.contains(item))
        }
        self.effective_from == other.effective_from
            && meet(&self.jurisdictions, &other.jurisdictions)
            && meet(&self.channels, &other.channels)
            && meet(&self.classes, &other.classes)
            && (self.automated.is_none() || other.automated.is_none() || self.automated == other.automated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = include_str!("../../rules.toml");

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        for (from, to, reason) in [
            ("version = \"2026", "verison = \"2026", "unknown field"),
            ("max_ttl = \"PT15M\"", "max_ttl = \"15 min\"", "not a duration"),
            ("max_ttl = \"PT15M\"", "max_ttl = \"PT2H\"", "max_ttl must be"),
            ("stop_scope = \"person_and_number\"", "stop_scope = \"person\"", "unknown variant"),
            ("seller = \"INFI USA, Inc.\"", "seller = \" \"", "must not be empty"),
            ("policies = [\"2024-03-20\"]", "policies = []", "names no policy"),
            ("countries = [\"CA\"]", "countries = [\"US\"]", "listed before"),
            ("countries = [\"GB\"]", "countries = [\"uk\"]", "two capital letters"),
            ("id = \"us-text-service\"", "id = \"us-text-marketing\"", "says the same"),
            ("channels = [\"email\"]", "channels = []", "applies to nothing"),
            ("channels = [\"email\"]", "channels = [\"fax\"]", "not a known channel"),
            ("effective_from = \"1992-12-20\"", "effective_from = \"1992-13-20\"", "input is out of range"),
            ("source = \"15 USC", "source = \"\" # ", "has no source"),
            ("automated = true\nclasses = [\"service\"]", "classes = [\"marketing\"]", "says the same"),
        ] {
            assert!(SOUND.contains(from), "{from}");
            // A date that two rows share is brought together, so that only the fault under test remains.
            let text = SOUND.replacen(from, to, 1).replace("1992-12-20", "2013-10-16");
            let text = if from.starts_with("effective") { SOUND.replacen(from, to, 1) } else { text };
            let Err(RulesError::File { line, reason: said }) = read(&text) else { panic!("accepted: {to}") };
            assert!(said.contains(reason), "{to}: {said}");
            assert!(line > 1, "{to}: line {line}");
        }
    }

    #[test]
    fn the_line_is_the_line_of_the_fault() {
        let text = SOUND.replace("countries = [\"CA\"]", "countries = [\"Canada\"]");
        let line = text.lines().position(|line| line.contains("Canada")).unwrap() + 1;
        let error = read(&text).unwrap_err();
        assert!(error.to_string().starts_with(&format!("rules, line {line}: ")), "{error}");
    }
}
