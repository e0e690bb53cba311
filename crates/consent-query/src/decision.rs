//! The answer, and everything needed to check it later.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;
use uuid::Uuid;

use crate::reason::{Answer, Reason};
use crate::standing::Cited;
use crate::zones::Zones;

/// The events that something rests on: seldom more than a consent, its confirmation and an act that took back a STOP.
pub type Evidence = SmallVec<[Cited; 3]>;

/// A decision. It holds no address and no text: those who may see them find them through `relied_on`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Yes or no.
    pub decision: Answer,
    /// Why.
    pub reason: Reason,
    /// What else would deny, in the order of the rules; empty for an allow.
    pub also_blocking: SmallVec<[Reason; 8]>,
    /// The rule that gave the reason.
    pub rule: DecidedBy,
    /// The events the reason rests on.
    pub relied_on: Evidence,
    /// IANA time zones in which the person may be, where local time mattered.
    pub zones: Zones,
    /// Release of the IANA time zone database by which those zones were read; `null` where none mattered.
    pub tzdb: Option<Cow<'static, str>>,
    /// An allow may be relied on before this time; newer events void it all the same. `null` for a deny.
    pub valid_until: Option<DateTime<Utc>>,
    /// When asking again may help; `null` if waiting never does.
    pub next_eligible_at: Option<DateTime<Utc>>,
    /// Number of ledger entries that were taken into account.
    pub position: u64,
    /// The id that the caller gave.
    pub decision_id: Uuid,
    /// What each rule found, if the question asked for it: every rule up to and including one that allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Vec<Finding>>,
}

/// The rule behind a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedBy {
    /// Its name.
    pub id: Cow<'static, str>,
    /// Its place in the order of rules.
    pub number: u8,
    /// Edition of the rules.
    pub version: SmolStr,
    /// The law or design rule behind it.
    pub source: SmolStr,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Name of the rule.
    pub rule: Cow<'static, str>,
    /// What it said.
    pub verdict: Found,
    /// The same for people.
    pub words: Cow<'static, str>,
    /// The law or design rule behind it.
    pub source: SmolStr,
}

/// What a rule said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// Nothing.
    Silent,
    /// Yes.
    Allow,
    /// No.
    Deny,
}
