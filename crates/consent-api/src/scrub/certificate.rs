//! What a scrub can say about itself at its end: what went in, what came out and why, and on what it rests.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use consent_query::reason::{Answer, Reason};
use serde::{Deserialize, Serialize};

use super::answers::{Verdict, Verdicts};
use crate::limits;

/// The positions that answers were given at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Positions {
    smallest: u64,
    largest: u64,
}

/// What has been answered so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub(crate) rows: u64,
    pub(crate) allowed: u64,
    pub(crate) denied: u64,
    by_reason: ByReason,
    /// The first lines that could not be read, by their numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread_lines: Vec<u64>,
    /// Of the answers that the ledger was read for.
    position: Option<Positions>,
    rules_version: Option<String>,
    /// The earliest end of an allow: the list as a whole may not be relied on any longer.
    valid_until: Option<DateTime<Utc>>,
    /// Time of the oldest answer.
    decided_at: Option<DateTime<Utc>>,
}

/// Rows by reason, written as `{"CODE": rows}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, u64>", into = "BTreeMap<&'static str, u64>")]
struct ByReason([u64; Reason::ALL.len()]);

/// The end of a scrub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    input_sha256: String,
    #[serde(flatten)]
    tally: Tally,
}

impl Tally {
    /// Notes by which rules some rows were decided.
    pub(super) fn under(&mut self, verdicts: &Verdicts) {
        if verdicts.rows.is_empty() {
            return;
        }
        let rules = self.rules_version.get_or_insert_with(|| verdicts.rules_version.to_string());
        if !rules.split(", ").any(|version| version == &*verdicts.rules_version) {
            rules.push_str(", ");
            rules.push_str(&verdicts.rules_version);
        }
    }

    /// Counts the verdict about a line.
    pub(super) fn decided(&mut self, line: u64, verdict: &Verdict) {
        if verdict.reason == Reason::InvalidRequest {
            return self.unread(line);
        }
        self.count(verdict.reason);
        if verdict.reason != Reason::LedgerUnavailable && verdict.position > 0 {
            let at = verdict.position;
            let seen = self.position.get_or_insert(Positions { smallest: at, largest: at });
            *seen = Positions { smallest: seen.smallest.min(at), largest: seen.largest.max(at) };
        }
        if let Some(end) = verdict.valid_until {
            self.valid_until = Some(self.valid_until.map_or(end, |earliest| earliest.min(end)));
        }
    }

    /// Counts a line that is no question, or none that can be answered.
    pub(super) fn unread(&mut self, line: u64) {
        self.count(Reason::InvalidRequest);
        if self.unread_lines.len() < limits::SCRUB_UNREAD {
            self.unread_lines.push(line);
        }
    }

    /// Notes when some rows were answered.
    pub(crate) fn at(&mut self, now: DateTime<Utc>) {
        self.decided_at.get_or_insert(now);
    }

    fn count(&mut self, reason: Reason) {
        self.rows += 1;
        match reason.answer() {
            Answer::Allow => self.allowed += 1,
            Answer::Deny => self.denied += 1,
        }
        self.by_reason.add(reason, 1);
    }

    /// Until when all that was allowed holds.
    pub(crate) fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.valid_until
    }

    /// How many rows have this reason.
    pub(crate) fn of(&self, reason: Reason) -> u64 {
        self.by_reason.of(reason)
    }

    /// Each reason with its rows, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<(&str, u64)> {
        let mut reasons: Vec<_> = self.by_reason.named().into_iter().collect();
        reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        reasons
    }

    /// The certificate of a list with this hash.
    pub(crate) fn certificate(&self, input_sha256: String) -> Certificate {
        Certificate { input_sha256, tally: self.clone() }
    }
}

impl Default for ByReason {
    fn default() -> Self {
        Self([0; Reason::ALL.len()])
    }
}

impl ByReason {
    fn add(&mut self, reason: Reason, rows: u64) {
        if let Some(count) = self.0.get_mut(reason as usize) {
            *count += rows;
        }
    }

    fn of(&self, reason: Reason) -> u64 {
        self.0.get(reason as usize).copied().unwrap_or_default()
    }

    /// The reasons that occur, by name.
    fn named(&self) -> BTreeMap<&'static str, u64> {
        let reasons = Reason::ALL.iter().map(|reason| (reason.as_str(), self.of(*reason)));
        reasons.filter(|(_, rows)| *rows > 0).collect()
    }
}

impl From<ByReason> for BTreeMap<&'static str, u64> {
    fn from(counts: ByReason) -> Self {
        counts.named()
    }
}

impl TryFrom<BTreeMap<String, u64>> for ByReason {
    type Error = String;

    fn try_from(named: BTreeMap<String, u64>) -> Result<Self, String> {
        let mut counts = Self::default();
        for (name, rows) in named {
            let reason = Reason::ALL.iter().find(|reason| reason.as_str() == name);
            counts.add(*reason.ok_or_else(|| format!("{name} is not a known reason code"))?, rows);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(reason: Reason, position: u64, valid_until: Option<&str>) -> Verdict {
        let valid_until = valid_until.map(|time| time.parse().unwrap());
        Verdict { answer: reason.answer(), reason, valid_until, next_eligible_at: None, position }
    }

    #[test]
    fn a_certificate_counts_every_row_and_holds_as_long_as_its_shortest_allow() {
        let mut tally = Tally::default();
        for (reason, position, until) in [
            (Reason::ConsentExpress, 7, Some("2026-11-23T12:00:00Z")),
            (Reason::ConsentExpress, 9, Some("2026-11-23T11:00:00Z")),
            (Reason::OptedOutChannel, 8, None),
            (Reason::LedgerUnavailable, 0, None),
        ] {
            tally.decided(1, &verdict(reason, position, until));
        }
        tally.unread(7);
        let certificate = serde_json::to_value(tally.certificate("00".to_owned())).unwrap();
        for (field, expected) in [
            ("rows", "5"),
            ("allowed", "2"),
            ("denied", "3"),
            ("position", r#"{"largest":9,"smallest":7}"#),
            ("valid_until", r#""2026-11-23T11:00:00Z""#),
            ("input_sha256", r#""00""#),
            ("unread_lines", "[7]"),
        ] {
            assert_eq!(certificate[field].to_string(), expected, "{field}");
        }
        assert_eq!(certificate["by_reason"]["CONSENT_EXPRESS"], 2);
        assert_eq!((tally.of(Reason::InvalidRequest), tally.of(Reason::NoConsent)), (1, 0));
        assert_eq!(tally.reasons()[0], ("CONSENT_EXPRESS", 2));
    }

    #[test]
    fn a_certificate_names_each_edition_of_the_rules_once() {
        let mut tally = Tally::default();
        for version in ["", "1", "1", "2", "1"] {
            let rows = if version.is_empty() { Vec::new() } else { vec![verdict(Reason::NoConsent, 1, None)] };
            tally.under(&Verdicts { rows, rules_version: version.into() });
        }
        assert_eq!(tally.rules_version.as_deref(), Some("1, 2"));
    }

    #[test]
    fn a_tally_survives_being_kept() {
        let mut tally = Tally::default();
        tally.decided(1, &verdict(Reason::ConsentExpress, 7, Some("2026-11-23T12:00:00Z")));
        let kept = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&kept).unwrap(), tally);
    }
}
