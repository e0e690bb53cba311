//! The numbers and dates of `rules.toml`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use consent_core::scope::{Channel, Purpose};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::bases::BasesAbout;
use super::laws::Laws;
use super::reading;
use super::rows::{BasisRow, CapRow, Dated, ExemptionRow, HoursRow, LimitRow, Strictest};
use super::settings::{Settings, StateHours as StateHoursChoice};
use crate::hours::{Hours, StateHours, Window};
use crate::zones::{Candidates, State};

/// Whose law applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Jurisdiction {
    /// United States and territories.
    #[serde(rename = "US")]
    Us,
    /// Canada.
    #[serde(rename = "CA")]
    Ca,
    /// European Union and European Economic Area.
    #[serde(rename = "EU")]
    Eu,
    /// United Kingdom.
    #[serde(rename = "UK")]
    Uk,
    /// Nowhere we have rules for.
    #[serde(rename = "unknown")]
    Unknown,
}

/// A rules file that was read and found sound.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) version: SmolStr,
    pub(super) sellers: Vec<String>,
    pub(super) policies: Vec<String>,
    pub(super) bought_lists: Vec<Vec<String>>,
    pub(super) settings: Settings,
    pub(super) strictest: Strictest,
    pub(super) countries: BTreeMap<[u8; 2], Jurisdiction>,
    pub(super) bases: Vec<BasisRow>,
    pub(super) exemptions: Vec<ExemptionRow>,
    pub(super) limits: Vec<LimitRow>,
    pub(super) federal: Window,
    pub(super) hours: Vec<HoursRow>,
    pub(super) caps: Vec<CapRow>,
    /// Which of the bases are about a message, by its kind.
    pub(super) bases_about: BasesAbout,
    /// The times at which anything of it takes effect, in order.
    pub(super) changes: Vec<DateTime<Utc>>,
    /// The laws of states that hold hours together, as they are named in decisions.
    pub(super) laws: Laws,
    /// Everything above as it was written, by name.
    pub(super) entries: BTreeMap<String, Value>,
}

/// The kind of message for which a basis is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKind {
    /// The way to reach the person.
    pub channel: Channel,
    /// What the message is for.
    pub purpose: Purpose,
    /// Sent or dialled by a machine.
    pub automated: bool,
}

/// A rules file or a setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The file is wrong.
    #[error("rules, line {line}: {reason}")]
    File {
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A changed setting is wrong.
    #[error("settings: {0}")]
    Setting(String),
}

/// One thing in which two editions of the rules differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name, such as `settings max_ttl` or `basis us-text-marketing`.
    pub what: String,
    /// What the first edition says; nothing, if absent.
    pub before: Option<Value>,
    /// What the second says; nothing, if absent.
    pub after: Option<Value>,
}

impl Jurisdiction {
    /// Those that we have rules for.
    pub const KNOWN: &[Self] = &[Self::Us, Self::Ca, Self::Eu, Self::Uk];
}

impl Rules {
    /// The file this crate is shipped with.
    pub const TEXT: &str = include_str!("../../rules.toml");

    /// The rules this crate is shipped with.
    pub fn embedded() -> Result<Self, RulesError> {
        Self::parse(Self::TEXT)
    }

    /// Reads and checks a rules file (TOML, in the shape of the `rules.toml` of this crate).
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        reading::read(text)
    }

    /// Whether a text could be used as a rules file; its version, or the first thing that is wrong with it.
    pub fn check(text: &str) -> Result<String, RulesError> {
        Self::parse(text).map(|rules| rules.version.to_string())
    }

    /// In what two editions differ, by name.
    pub fn diff(before: &Self, after: &Self) -> Vec<Change> {
        let mut names: Vec<&String> = before.entries.keys().chain(after.entries.keys()).collect();
        names.sort();
        names.dedup();
        let change = |name: &&String| {
            let (before, after) = (before.entries.get(*name), after.entries.get(*name));
            let changed = before != after;
            changed.then(|| Change { what: (*name).clone(), before: before.cloned(), after: after.cloned() })
        };
        names.iter().filter_map(change).collect()
    }

    /// The same rules with some settings changed; unknown names are refused.
    pub fn with_settings(&self, changes: &Map<String, Value>) -> Result<Self, RulesError> {
        let wrong = |error: serde_json::Error| RulesError::Setting(error.to_string());
        let mut settings = serde_json::to_value(&self.settings).map_err(wrong)?;
        if let Value::Object(fields) = &mut settings {
            fields.extend(changes.clone());
        }
        let settings = serde_json::from_value(settings).map_err(wrong)?;
        reading::check_settings(&settings).map_err(RulesError::Setting)?;
        let mut rules = Self { settings, ..self.clone() };
        rules.note_changes();
        rules.entries.extend(changes.iter().map(|(name, value)| (format!("settings {name}"), value.clone())));
        Ok(rules)
    }

    /// Names this edition of the rules in every decision made under it.
    pub fn version(&self) -> &SmolStr {
        &self.version
    }

    /// What the deployment chose.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether a disclosure that names this seller is about us (policy P02).
    pub fn is_our_seller(&self, name: &str) -> bool {
        let name = name.trim().trim_end_matches('.');
        self.sellers.iter().any(|ours| ours.trim_end_matches('.').eq_ignore_ascii_case(name))
    }

    /// Whether this policy version was ever published (policy P01).
    pub fn knows_policy(&self, version: &str) -> bool {
        self.policies.iter().any(|known| known == version)
    }

    /// Whether a consent got in this way came from a list of somebody else's (policy P26, CTIA 5.1.4).
    pub fn is_bought_list(&self, how: &str) -> bool {
        let how = how.to_lowercase();
        let words: Vec<&str> = how.split(|c: char| !c.is_alphanumeric()).collect();
        self.bought_lists.iter().any(|list| list.iter().all(|word| words.contains(&word.as_str())))
    }

    /// The jurisdiction of an ISO 3166-1 alpha-2 country code, in any letter case.
    pub fn jurisdiction(&self, country: &str) -> Jurisdiction {
        let code = <[u8; 2]>::try_from(country.trim().as_bytes()).map(|code| code.map(|b| b.to_ascii_uppercase()));
        code.ok().and_then(|code| self.countries.get(&code)).copied().unwrap_or(Jurisdiction::Unknown)
    }

    /// When the next dated row takes effect: an allow must not outlive it.
    pub fn next_change(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.changes.get(self.changes.partition_point(|begins| *begins <= after)).copied()
    }

    /// Brings the times of changes up to date with rows and settings.
    pub(super) fn note_changes(&mut self) {
        let rows = self.bases.iter().map(Dated::begins);
        let rows = rows.chain(self.exemptions.iter().map(Dated::begins)).chain(self.limits.iter().map(Dated::begins));
        let rows = rows.chain(self.hours.iter().map(Dated::begins)).chain(self.caps.iter().map(Dated::begins));
        self.changes = rows.chain(self.settings.revoke_all_effective.begins()).collect();
        self.changes.sort_unstable();
        self.changes.dedup();
    }

    /// The hours in which such a message may go to somebody who may be in any of these places.
    pub(crate) fn hours(&self, message: MessageKind, whereabouts: &Candidates) -> Hours<'_> {
        let states = self.settings.state_quiet_hours == StateHoursChoice::StrictestCandidate;
        let rows = self.hours.iter().filter(|row| states && row.applies(message)).flat_map(|row| &row.states);
        Hours::new(self.federal, rows, whereabouts)
    }

    /// The laws that hold a window for somebody who may be in any of these states: the federal one, and theirs.
    pub(crate) fn hours_source(&self, message: MessageKind, candidates: &[State], at: DateTime<Utc>) -> SmolStr {
        let on = self.settings.state_quiet_hours == StateHoursChoice::StrictestCandidate;
        let concerns = |row: &&HoursRow| {
            on && row.begins() <= at
                && row.applies(message)
                && row.states.iter().any(|state: &StateHours| candidates.contains(&state.state))
        };
        self.laws.joined(&self.hours, concerns)
    }

    /// The limits on the number of messages where somebody may be in any of these states.
    pub(crate) fn caps(&self, candidates: &[State], at: DateTime<Utc>) -> impl Iterator<Item = &CapRow> {
        let on = self.settings.state_frequency_caps;
        let in_force = move |row: &CapRow| row.begins() <= at;
        let replaced = move |row: &CapRow| {
            let newer = |other: &CapRow| other.id == row.id && other.effective_from > row.effective_from;
            self.caps.iter().any(|other| newer(other) && in_force(other))
        };
        let concerns = move |row: &&CapRow| row.states.iter().any(|state| candidates.contains(state));
        self.caps.iter().filter(concerns).filter(move |row| on && in_force(row) && !replaced(row))
    }
}

#[cfg(test)]
mod tests;
