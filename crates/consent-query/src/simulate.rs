//! Questions about made-up histories, answered by the same fold and decide as real ones.
//!
//! A scenario file (`docs/scenarios.md`) is a JSON object with `scenarios` and `deadlines`. Nothing in it touches a
//! ledger. Reading is strict: a field that nobody knows is named by JSON pointer, and its scenario fails; the others
//! are answered all the same.
//!
//! ```
//! use consent_query::rules::Rules;
//!
//! let file = r#"{"scenarios": [{
//!     "name": "stop",
//!     "events": [{"type": "profile_recorded", "at": "2026-11-01T12:00:00Z", "phone": "+12025550123", "country": "US"},
//!                {"type": "inbound_sms", "at": "2026-12-01T15:00:00Z", "from": "+12025550123", "body": "STOP"}],
//!     "query": {"at": "2026-12-02T17:00:00Z", "channel": "sms", "purpose": "updates"},
//!     "expect": {"decision": "deny", "reason": "OPTED_OUT_CHANNEL"}
//! }]}"#;
//! let outcomes = consent_query::simulate::run(file, &Rules::embedded()?)?;
//! assert_eq!(outcomes[0].pass, Some(true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod events;
mod expect;
mod file;

use consent_core::event::fault::{self, Fault};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::deadlines::Due;
use crate::decide::{Known, decide};
use crate::decision::Decision;
use crate::reason::{Answer as Verdict, Reason};
use crate::rules::Rules;
use crate::standing::fold;
use file::{Deadline, File, Scenario};

/// What became of one scenario or deadline: one line of output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Its name; empty if it has none that could be read.
    pub name: String,
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
    /// Whether the answer is the expected one, if one is; for what could not be read, whether that was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<bool>,
}

/// The answer to a scenario or deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The decision of a scenario.
    Decision(Box<Decision>),
    /// A deadline.
    Due(Due),
    /// What is wrong with it. What cannot be read is answered with no.
    Unreadable {
        /// Always `deny`.
        decision: Verdict,
        /// Always `INVALID_REQUEST`.
        reason: Reason,
        /// The first fault found.
        error: ScenarioError,
    },
}

/// A scenario, or a whole file, that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct ScenarioError {
    /// JSON pointer (RFC 6901) to the place in the file.
    pub pointer: String,
    /// What is wrong there. The value is not repeated.
    pub detail: String,
}

/// Answers every scenario and then every deadline of a file, in their order.
///
/// Fails only where the file as a whole cannot be read; what is wrong with one scenario is its [`Outcome`]. A history
/// with an event that a ledger would refuse, such as one with half a number, is answered `INVALID_REQUEST`.
pub fn run(text: &str, rules: &Rules) -> Result<Vec<Outcome>, ScenarioError> {
    let file: File = fault::from_slice(text.as_bytes()).map_err(|fault| at("", fault))?;
    if file.scenarios.is_none() && file.deadlines.is_none() {
        return Err(at("", Fault::new("", "has neither scenarios nor deadlines")));
    }
    let (scenarios, deadlines) = (file.scenarios.unwrap_or_default(), file.deadlines.unwrap_or_default());
    let scenarios = scenarios.iter().enumerate();
    let scenarios = scenarios.map(|(index, value)| {
        outcome(value, &format!("/scenarios/{index}"), |value, place| scenario(value, place, index, rules))
    });
    let deadlines = deadlines.iter().enumerate();
    let deadlines = deadlines.map(|(index, value)| outcome(value, &format!("/deadlines/{index}"), deadline));
    Ok(scenarios.chain(deadlines).collect())
}

type Answered = Result<(Answer, Option<bool>), ScenarioError>;

fn outcome(value: &Value, place: &str, answer: impl Fn(&Value, &str) -> Answered) -> Outcome {
    let name = value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (answer, pass) = answer(value, place).unwrap_or_else(|error| (unreadable(error), Some(false)));
    Outcome { name, answer, pass }
}

fn unreadable(error: ScenarioError) -> Answer {
    Answer::Unreadable { decision: Verdict::Deny, reason: Reason::InvalidRequest, error }
}

fn scenario(value: &Value, place: &str, index: usize, rules: &Rules) -> Answered {
    let scenario: Scenario = fault::from_value(value).map_err(|fault| at(place, fault))?;
    let rules = rules
        .with_settings(&scenario.config)
        .map_err(|error| ScenarioError { pointer: format!("{place}/config"), detail: error.to_string() })?;
    let events = match events::read(&scenario.events) {
        Ok(events) => events,
        Err(fault) => {
            let expected = scenario.expect.is_some_and(|expect| expect.is_refusal(Reason::InvalidRequest));
            return Ok((unreadable(at(&format!("{place}/events"), fault)), Some(expected)));
        }
    };
    let (view, now) = (scenario.query.view(), scenario.query.at);
    let question = scenario.query.question(Uuid::from_u128(index as u128 + 1));
    let standing = fold(&events, view, &rules);
    let decision = decide(&question, &Known::Standing(standing), &rules, now, events.len() as u64);
    let pass = scenario.expect.map(|expect| expect.is_met_by(&decision));
    Ok((Answer::Decision(Box::new(decision)), pass))
}

fn deadline(value: &Value, place: &str) -> Answered {
    let deadline: Deadline = fault::from_value(value).map_err(|fault| at(place, fault))?;
    let missing = || at(place, Fault::new("/received_at", "one of received_at and sent_at is needed"));
    let start = deadline.start().ok_or_else(missing)?;
    let too_far = || at(place, Fault::new("/received_at", "the calendar ends before the deadline"));
    let due = deadline.kind.due(start, deadline.region.as_deref()).ok_or_else(too_far)?;
    Ok((Answer::Due(due), deadline.expects(due)))
}

/// A fault found inside of this place.
fn at(place: &str, fault: Fault) -> ScenarioError {
    ScenarioError { pointer: format!("{place}{}", fault.pointer), detail: fault.detail }
}

#[cfg(test)]
mod tests;
