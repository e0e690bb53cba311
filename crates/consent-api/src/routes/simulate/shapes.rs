//! The scenario file and the answers to it, as the OpenAPI document shows them. `consent_query::simulate` reads the one
//! and writes the other; a story holds both against these shapes.

#![expect(dead_code, reason = "these stand for the shapes of another crate in the OpenAPI document")]

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::FieldFault;
use crate::routes::check::DecisionBody;

/// Made-up histories with a question about each, and deadlines to be worked out. One of the two lists is needed; what
/// else stands beside them is not looked at
#[derive(ToSchema)]
#[schema(example = json!({"scenarios": [{
    "name": "stop",
    "events": [
        {"type": "profile_recorded", "at": "2026-11-01T12:00:00Z", "phone": "+12025550123", "country": "US"},
        {"type": "inbound_sms", "at": "2026-12-01T15:00:00Z", "from": "+12025550123", "body": "STOP"}
    ],
    "query": {"at": "2026-12-02T17:00:00Z", "channel": "sms", "purpose": "updates"},
    "expect": {"decision": "deny", "reason": "OPTED_OUT_CHANNEL"}
}]}))]
pub struct ScenarioFile {
    /// Answered first.
    #[serde(default)]
    #[schema(max_items = 1000)]
    scenarios: Vec<Scenario>,
    /// Answered after them.
    #[serde(default)]
    #[schema(max_items = 1000)]
    deadlines: Vec<Deadline>,
}

/// A made-up history, what is asked of it, and what should come out
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Stands in its answer.
    name: String,
    /// As in `POST /v1/events`, but each needs `at`, may have the `received_at` (by default `at`) at which the ledger
    /// would have learnt of it, and is about the subject `A` unless it says otherwise (`null` is nobody) or is a text
    /// message. Where an event names another, it may do so by its place in this list, from 0, or by the other's
    /// `id`, `event_id`, `provider_message_id`, `idempotency_key` or `evidence_ref`.
    #[schema(value_type = Vec<Object>, max_items = 1000)]
    events: Vec<Map<String, Value>>,
    query: ScenarioQuestion,
    /// Settings of the rules that are others than the server's.
    #[serde(default)]
    #[schema(value_type = Object)]
    config: Map<String, Value>,
    expect: Option<Expectation>,
    /// Not looked at.
    source: Option<String>,
    /// Not looked at.
    stability: Option<String>,
    /// Not looked at.
    note: Option<String>,
}

/// A question about a made-up history; the fields are those of `POST /v1/check`
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioQuestion {
    /// When the message would be sent.
    at: DateTime<Utc>,
    #[schema(example = "sms")]
    channel: String,
    #[schema(example = "updates")]
    purpose: String,
    sender: Option<String>,
    /// `A`, unless said otherwise; `null` asks about nobody by id.
    subject: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    product_line: Option<String>,
    subject_matter: Option<String>,
    /// True, unless said otherwise.
    automated: Option<bool>,
    opt_out_in_message: Option<bool>,
    /// `at`, unless said otherwise.
    known_at: Option<DateTime<Utc>>,
    /// `at`, unless said otherwise.
    as_of: Option<DateTime<Utc>>,
    #[serde(default)]
    explain: bool,
}

/// What should come out of a scenario
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// `allow` or `deny`
    #[schema(example = "deny")]
    decision: String,
    /// The reason code; any, if absent.
    reason: Option<String>,
    /// Other reason codes that would do as well.
    #[serde(default)]
    reason_also_ok: Vec<String>,
    /// It must be an allow that holds no longer than this.
    valid_until_not_after: Option<DateTime<Utc>>,
    /// When a temporary deny must end; `null` says that waiting never helps.
    next_eligible_at: Option<DateTime<Utc>>,
}

/// A deadline to be worked out. One of `received_at` and `sent_at` is needed
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// Stands in its answer.
    name: String,
    kind: DeadlineKind,
    /// When the request came.
    received_at: Option<DateTime<Utc>>,
    /// When the message went.
    sent_at: Option<DateTime<Utc>>,
    /// A country, or a state of the US, whose working days and periods count.
    #[schema(example = "US-VA")]
    region: Option<String>,
    expect_due_on: Option<NaiveDate>,
    expect_due_at: Option<DateTime<Utc>>,
    /// A day or a time.
    expect_not_before: Option<String>,
    /// Not looked at.
    calendar: Option<String>,
    /// Not looked at.
    source: Option<String>,
    /// Not looked at.
    stability: Option<String>,
    /// Not looked at.
    note: Option<String>,
}

/// What runs out
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    TcpaRevocationHonorBy,
    #[serde(rename = "gdpr_art12_3")]
    GdprArt12_3,
    #[serde(rename = "gdpr_art12_3_extended")]
    GdprArt12_3Extended,
    UnsubscribeMechanismAliveUntil,
    CaslMechanismAliveUntil,
    OptoutConfirmationUntil,
    DncRecordKeepUntil,
}

/// What became of one scenario or deadline
#[derive(ToSchema)]
#[serde(untagged)]
pub enum Answered {
    /// A scenario was decided.
    Decided(Box<Decided>),
    /// A deadline was worked out.
    Due(Due),
    /// It cannot be read.
    Unread(Unread),
}

/// The decision of a scenario
#[derive(ToSchema)]
pub struct Decided {
    /// Name of the scenario.
    name: String,
    /// `position` is the number of its events.
    #[serde(flatten)]
    decision: DecisionBody,
    /// Whether the decision is the expected one; absent, if none is.
    #[schema(nullable = false)]
    pass: Option<bool>,
}

/// A deadline, as one of `due_on`, `due_at` and `not_before`
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Name of the deadline.
    name: String,
    /// Done on this day at the latest.
    #[schema(nullable = false)]
    due_on: Option<NaiveDate>,
    /// Done at this instant at the latest.
    #[schema(nullable = false)]
    due_at: Option<DateTime<Utc>>,
    /// Kept through this day at least.
    #[schema(nullable = false)]
    not_before: Option<NaiveDate>,
    /// Whether it is the expected one; absent, if none is.
    #[schema(nullable = false)]
    pass: Option<bool>,
}

/// A scenario or deadline that cannot be read, which is answered with no
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// Its name; empty if it has none that could be read.
    name: String,
    /// Always `deny`
    #[schema(example = "deny")]
    decision: String,
    /// Always `INVALID_REQUEST`
    #[schema(example = "INVALID_REQUEST")]
    reason: String,
    /// The first fault, with a pointer into the whole file.
    error: FieldFault,
    /// Whether a deny for this reason is expected, where an event is at fault; `false` for any other fault.
    #[schema(nullable = false)]
    pass: Option<bool>,
}
