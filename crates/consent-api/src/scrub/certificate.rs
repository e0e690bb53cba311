//! What a scrub can say about itself at its end: what went in, what came out and why, and on what it rests.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use consent_query::decision::Decision;
use consent_query::reason::{Answer, Reason};
use serde::{Deserialize, Serialize};

/// The positions that answers were given at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Positions {
    smallest: u64,
    largest: u64,
}

/// What has been answered so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    pub(crate) allowed: u64,
    pub(crate) denied: u64,
    by_reason: BTreeMap<String, u64>,
    /// Of the answers that the ledger was read for.
    position: Option<Positions>,
    rules_version: Option<String>,
    /// The earliest end of an allow: the list as a whole may not be relied on any longer.
    valid_until: Option<DateTime<Utc>>,
    /// Time of the oldest answer.
    decided_at: Option<DateTime<Utc>>,
}

/// The end of a scrub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Certificate {
    input_sha256: String,
    #[serde(flatten)]
    tally: Tally,
}

impl Tally {
    /// Counts a decision.
    pub(crate) fn decided(&mut self, decision: &Decision) {
        self.count(decision.reason);
        let rules = self.rules_version.get_or_insert_with(|| decision.rule.version.to_string());
        if !rules.split(", ").any(|version| version == decision.rule.version) {
            rules.push_str(", ");
            rules.push_str(&decision.rule.version);
        }
        if decision.reason != Reason::LedgerUnavailable && decision.position > 0 {
            let at = decision.position;
            let seen = self.position.get_or_insert(Positions { smallest: at, largest: at });
            *seen = Positions { smallest: seen.smallest.min(at), largest: seen.largest.max(at) };
        }
        self.valid_until = [self.valid_until, decision.valid_until].into_iter().flatten().min();
    }

    /// Counts a row that is no question.
    pub(crate) fn unread(&mut self) {
        self.count(Reason::InvalidRequest);
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
        *self.by_reason.entry(reason.as_str().to_owned()).or_default() += 1;
    }

    /// How many rows have this reason.
    pub(crate) fn of(&self, reason: Reason) -> u64 {
        self.by_reason.get(reason.as_str()).copied().unwrap_or_default()
    }

    /// Each reason with its rows, the most frequent first.
    pub(crate) fn reasons(&self) -> Vec<(&str, u64)> {
        let mut reasons: Vec<_> = self.by_reason.iter().map(|(reason, rows)| (reason.as_str(), *rows)).collect();
        reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        reasons
    }

    /// The certificate of a list with this hash.
    pub(crate) fn certificate(&self, input_sha256: String) -> Certificate {
        Certificate { input_sha256, tally: self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use consent_query::decide::{Cause, Known, decide};
    use consent_query::question::Question;
    use consent_query::rules::Rules;

    use super::*;

    fn decision(reason: Reason, position: u64, valid_until: Option<&str>) -> Decision {
        let (rules, known) = (Rules::embedded().unwrap(), Known::Unavailable(Cause::Unreachable));
        let decision = decide(&Question::default(), &known, &rules, DateTime::UNIX_EPOCH, position);
        let valid_until = valid_until.map(|time| time.parse().unwrap());
        Decision { decision: reason.answer(), reason, valid_until, ..decision }
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
            tally.decided(&decision(reason, position, until));
        }
        tally.unread();
        let certificate = serde_json::to_value(tally.certificate("00".to_owned())).unwrap();
        for (field, expected) in [
            ("rows", "5"),
            ("allowed", "2"),
            ("denied", "3"),
            ("position", r#"{"largest":9,"smallest":7}"#),
            ("valid_until", r#""2026-11-23T11:00:00Z""#),
            ("input_sha256", r#""00""#),
        ] {
            assert_eq!(certificate[field].to_string(), expected, "{field}");
        }
        assert_eq!(certificate["by_reason"]["CONSENT_EXPRESS"], 2);
        assert_eq!((tally.of(Reason::InvalidRequest), tally.of(Reason::NoConsent)), (1, 0));
        assert_eq!(tally.reasons()[0], ("CONSENT_EXPRESS", 2));
    }

    #[test]
    fn a_tally_survives_being_kept() {
        let mut tally = Tally::default();
        tally.decided(&decision(Reason::ConsentExpress, 7, Some("2026-11-23T12:00:00Z")));
        let kept = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&kept).unwrap(), tally);
    }
}
