//! What should come out of a scenario.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use crate::decision::Decision;
use crate::reason::{Answer, Reason};

/// The expected answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    decision: Answer,
    reason: Option<Reason>,
    #[serde(default)]
    reason_also_ok: Vec<Reason>,
    valid_until_not_after: Option<DateTime<Utc>>,
    /// Absent says nothing, `null` says that waiting never helps.
    #[serde(default, deserialize_with = "present")]
    next_eligible_at: Option<Option<DateTime<Utc>>>,
}

fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl Expect {
    /// Whether a deny for this reason, about which nothing else is known, is one of the answers expected.
    pub(super) fn is_refusal(&self, reason: Reason) -> bool {
        let fits = self.reason.is_none_or(|expected| expected == reason) || self.reason_also_ok.contains(&reason);
        self.decision == Answer::Deny && fits && self.valid_until_not_after.is_none()
    }

    /// Whether the decision is one of those expected.
    pub(super) fn is_met_by(&self, decision: &Decision) -> bool {
        let reason = self.reason.is_none_or(|reason| reason == decision.reason);
        let lives = |limit| decision.valid_until.is_some_and(|until| until <= limit);
        self.decision == decision.decision
            && (reason || self.reason_also_ok.contains(&decision.reason))
            && self.valid_until_not_after.is_none_or(lives)
            && self.next_eligible_at.is_none_or(|next| next == decision.next_eligible_at)
    }
}
