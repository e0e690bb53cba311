//! The numbers and dates of `rules.toml`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, Purpose, PurposeClass};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::reading;
use super::settings::Settings;

/// The file as it is shipped.
const EMBEDDED: &str = include_str!("../../rules.toml");

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
    pub(super) version: String,
    pub(super) seller: String,
    pub(super) policies: Vec<String>,
    pub(super) settings: Settings,
    pub(super) strictest: Strictest,
    pub(super) countries: BTreeMap<String, Jurisdiction>,
    pub(super) bases: Vec<BasisRow>,
}

/// What is required where no row applies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strictest {
    pub(super) requires: Level,
    pub(super) source: String,
}

/// A dated row: what must have been agreed to in these jurisdictions, on these channels, for these purposes.
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

/// The least that must have been agreed to, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required<'a> {
    /// The least level of consent.
    pub level: Level,
    /// Id of the row.
    pub id: &'a str,
    /// The law or design rule behind the row.
    pub source: &'a str,
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

impl Rules {
    /// The rules this crate is shipped with.
    pub fn embedded() -> Result<Self, RulesError> {
        Self::parse(EMBEDDED)
    }

    /// Reads and checks a rules file (TOML, in the shape of the `rules.toml` of this crate).
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        reading::read(text)
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
        Ok(Self { settings, ..self.clone() })
    }

    /// Names this edition of the rules in every decision made under it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the deployment chose.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether a disclosure that names this seller is about us (policy P02).
    pub fn is_our_seller(&self, name: &str) -> bool {
        name.trim() == self.seller
    }

    /// Whether this policy version was ever published (policy P01).
    pub fn knows_policy(&self, version: &str) -> bool {
        self.policies.iter().any(|known| known == version)
    }

    /// The jurisdiction of an ISO 3166-1 alpha-2 country code, in any letter case.
    pub fn jurisdiction(&self, country: &str) -> Jurisdiction {
        let code = country.trim().to_ascii_uppercase();
        self.countries.get(&code).copied().unwrap_or(Jurisdiction::Unknown)
    }

    /// What must have been agreed to before a message of this kind may go to somebody who may be in any of these
    /// jurisdictions: the strictest of them. No jurisdiction at all is an unknown one.
    pub fn required(&self, jurisdictions: &[Jurisdiction], message: MessageKind, at: DateTime<Utc>) -> Required<'_> {
        let strictest = || Required { level: self.strictest.requires, id: "strictest", source: &self.strictest.source };
        let of = |&jurisdiction| self.row(jurisdiction, message, at).map_or_else(strictest, BasisRow::required);
        jurisdictions
            .iter()
            .map(of)
            .max_by_key(|required| required.level)
            .unwrap_or_else(|| self.row(Jurisdiction::Unknown, message, at).map_or_else(strictest, BasisRow::required))
    }

    /// The newest row in force.
    fn row(&self, jurisdiction: Jurisdiction, message: MessageKind, at: DateTime<Utc>) -> Option<&BasisRow> {
        let applies = |row: &&BasisRow| row.begins() <= at && row.applies(jurisdiction, message);
        self.bases.iter().filter(applies).max_by_key(|row| row.effective_from)
    }

    /// When the next dated row takes effect: an allow must not outlive it.
    pub fn next_change(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.bases.iter().map(BasisRow::begins).filter(|begins| *begins > after).min()
    }
}

impl BasisRow {
    /// Dates begin at midnight UTC, which is never after they begin anywhere in America or Western Europe.
    fn begins(&self) -> DateTime<Utc> {
        self.effective_from.and_time(NaiveTime::MIN).and_utc()
    }

    fn applies(&self, jurisdiction: Jurisdiction, message: MessageKind) -> bool {
        self.jurisdictions.contains(&jurisdiction)
            && self.channels.contains(&message.channel)
            && self.automated.is_none_or(|automated| automated == message.automated)
            && self.classes.contains(&message.purpose.class())
    }

    fn required(&self) -> Required<'_> {
        Required { level: self.requires, id: &self.id, source: &self.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_required_basis_follows_jurisdiction_channel_and_class() {
        use Channel::*;
        use Jurisdiction::*;
        use Level::*;
        let rules = Rules::embedded().unwrap();
        let at = "2026-12-02T17:00:00Z".parse().unwrap();
        for (places, channel, purpose, automated, level) in [
            (&[Us][..], Sms, Purpose::Updates, true, ExpressWritten),
            (&[Us], Mms, Purpose::Services, true, ExpressWritten),
            (&[Us], Whatsapp, Purpose::SpecialOffers, true, ExpressWritten),
            (&[Us], Voice, Purpose::SpecialOffers, true, ExpressWritten),
            (&[Us], Voice, Purpose::SpecialOffers, false, ExpressWritten),
            (&[Us], Sms, Purpose::Transactional, true, Express),
            (&[Us], Email, Purpose::Updates, true, PolicyAcceptance),
            (&[Ca], Sms, Purpose::Updates, true, Express),
            (&[Eu], Email, Purpose::Updates, true, Express),
            (&[Uk], Email, Purpose::Updates, true, Express),
            (&[Eu], Postal, Purpose::Updates, true, ExpressWritten),
            (&[Unknown], Email, Purpose::Updates, true, ExpressWritten),
            (&[Unknown], Sms, Purpose::Support, true, ExpressWritten),
            (&[], Sms, Purpose::Support, true, ExpressWritten),
            (&[], Push, Purpose::Updates, true, Express),
            (&[Ca, Us], Sms, Purpose::Updates, true, ExpressWritten),
            (&[Us, Eu], Email, Purpose::Updates, true, Express),
        ] {
            let required = rules.required(places, MessageKind { channel, purpose, automated }, at);
            assert_eq!(required.level, level, "{places:?} {channel} {purpose} {automated}: {}", required.id);
        }
    }

    #[test]
    fn a_row_counts_from_its_date_on() {
        let rules = Rules::embedded().unwrap();
        let mail = MessageKind { channel: Channel::Email, purpose: Purpose::Updates, automated: true };
        let before = "2014-06-30T23:59:59Z".parse().unwrap();
        let from = "2014-07-01T00:00:00Z".parse().unwrap();
        assert_eq!(rules.required(&[Jurisdiction::Ca], mail, before).id, "strictest");
        assert_eq!(rules.required(&[Jurisdiction::Ca], mail, from).id, "ca-electronic");
        assert_eq!(rules.next_change(before), Some(from));
    }

    #[test]
    fn countries_are_read_in_any_letter_case() {
        let rules = Rules::embedded().unwrap();
        assert_eq!(rules.jurisdiction("us"), Jurisdiction::Us);
        assert_eq!(rules.jurisdiction(" DE "), Jurisdiction::Eu);
        assert_eq!(rules.jurisdiction("JP"), Jurisdiction::Unknown);
    }

    #[test]
    fn settings_change_one_by_one_and_unknown_ones_are_refused() {
        let rules = Rules::embedded().unwrap();
        let change = |json: Value| rules.with_settings(json.as_object().unwrap());
        let changed = change(serde_json::json!({"max_ttl": "PT5M"})).unwrap();
        assert_eq!(changed.settings().max_ttl.delta().num_minutes(), 5);
        assert_eq!(changed.settings().stop_scope, rules.settings().stop_scope);
        assert!(change(serde_json::json!({"max_tll": "PT5M"})).is_err());
        assert!(change(serde_json::json!({"max_ttl": "PT0S"})).is_err());
        assert!(change(serde_json::json!({"stop_scope": "nobody"})).is_err());
    }
}
