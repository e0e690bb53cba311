//! `POST /v1/check`: may we contact this person?

use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use consent_query::question::Question;
use consent_query::reader::Freshness;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use crate::auth::{Check, IfReachable};
use crate::body::{Sent, unwritten, written};
use crate::error::{Problem, ProblemBody};
use crate::server::Service;
use crate::{clock, limits};

/// One question. At least one of `phone`, `email` and `subject` is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody {
    /// Phone number with country code.
    #[schema(example = "+12025550123")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(example = "pat@example.com")]
    pub email: Option<String>,
    /// The person, by INFI's own id.
    #[schema(example = "crm:42")]
    pub subject: Option<String>,
    /// `sms mms voice email push whatsapp postal`
    #[schema(example = "sms")]
    pub channel: String,
    /// What the message is for, such as `special_offers`, `transactional` or `security`.
    #[schema(example = "special_offers")]
    pub purpose: String,
    /// The number or address the message would come from.
    pub sender: Option<String>,
    /// What the message is about.
    pub subject_matter: Option<String>,
    /// The line of products it advertises.
    pub product_line: Option<String>,
    /// Sent or dialled by a machine; true, unless said otherwise.
    pub automated: Option<bool>,
    /// The message itself offers a way to refuse more of them.
    pub opt_out_in_message: Option<bool>,
    /// Count what had happened by then. Without it, and without `known_at`, everything in the ledger counts.
    pub as_of: Option<DateTime<Utc>>,
    /// Count what the ledger had received by then.
    pub known_at: Option<DateTime<Utc>>,
    /// Deny unless the ledger has at least this many entries.
    pub min_position: Option<u64>,
    /// How long ago the state that is answered from may have been proved to be the present one, in milliseconds. Without
    /// it the answer is from the present head.
    pub max_staleness_ms: Option<u64>,
    /// Say for each rule what it found.
    #[serde(default)]
    pub explain: bool,
}

impl QuestionBody {
    /// The question for the engine, and how fresh the answer must be.
    pub fn into_question(self) -> (Question, Freshness) {
        let max_staleness = self.max_staleness_ms.map(Duration::from_millis);
        let fresh = Freshness { min_position: self.min_position.unwrap_or(0), max_staleness };
        let question = Question {
            id: clock::new_id(),
            phone: self.phone,
            email: self.email,
            subject: self.subject,
            channel: self.channel,
            purpose: self.purpose,
            sender: self.sender,
            subject_matter: self.subject_matter,
            product_line: self.product_line,
            automated: self.automated,
            opt_out_in_message: self.opt_out_in_message,
            as_of: self.as_of,
            known_at: self.known_at,
            explain: self.explain,
        };
        (question, fresh)
    }
}

/// Ask whether a person may be contacted
///
/// Answers 200 for every question that could be read, with `decision` `allow` or `deny`. If the ledger is not known to
/// be current within the deadline, the decision is a deny with the reason `LEDGER_UNAVAILABLE`. Treat any other
/// status, and no answer, as a deny.
#[utoipa::path(
    tag = "decisions",
    security(("api_key" = ["check"])),
    request_body = QuestionBody,
    responses(
        (status = 200, description = "The decision", body = inline(DecisionBody)),
        (status = 400, description = "A field is at fault", body = ProblemBody, content_type = "application/problem+json"),
        Refusals,
    )
)]
#[post("/v1/check")]
pub async fn check(
    sent: Sent<IfReachable<Check>, QuestionBody>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let (question, fresh) = sent.body.into_question();
    let (now, mut answer) = (clock::now(), Vec::with_capacity(limits::ANSWER));
    let told = match sent.caller.0 {
        Some(_) => service.reader.tell(&question, (now, fresh), &mut answer).await,
        None => service.reader.tell_unreachable(&question, now, &mut answer),
    };
    service.decided.count(told.map_err(unwritten)?, 1);
    Ok(written(answer))
}

/// What is answered to questions that are not looked at, by whichever route they came.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "stands for these answers in the OpenAPI document")]
pub enum Refusals {
    #[response(status = 401, description = "No valid key", content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    #[response(status = 403, description = "The key lacks the scope", content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    #[response(
        status = 408,
        description = "The body did not arrive in time",
        content_type = "application/problem+json"
    )]
    Slow(ProblemBody),
    #[response(status = 413, description = "Too large", content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    #[response(status = 415, description = "Not JSON, or compressed", content_type = "application/problem+json")]
    Unsupported(ProblemBody),
    #[response(status = 503, description = "Not now; treat it as a deny", content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// A decision with its reason and proof
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the decision in the OpenAPI document")]
pub struct DecisionBody {
    /// `allow` or `deny`
    #[schema(example = "deny")]
    decision: String,
    /// Why, as a code in capitals.
    #[schema(example = "OPTED_OUT_CHANNEL")]
    reason: String,
    /// Other reasons that would have denied it.
    also_blocking: Vec<String>,
    /// The rule that spoke.
    rule: RuleBody,
    /// The events it rests on.
    relied_on: Vec<EvidenceBody>,
    /// Time zones that were taken into account.
    zones: Vec<String>,
    /// Release of the time zone database by which they were read; null where none mattered.
    #[schema(example = "2026f")]
    tzdb: Option<String>,
    /// Until when an allow holds, if nothing new is recorded.
    valid_until: Option<DateTime<Utc>>,
    /// When a temporary deny ends by itself; null when waiting never helps.
    next_eligible_at: Option<DateTime<Utc>>,
    /// Size of the ledger the decision was made on.
    position: u64,
    /// Id of the decision.
    decision_id: String,
    /// What each rule found, if the question asked for it.
    explanation: Option<Vec<FindingBody>>,
}

/// The rule behind a decision
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for a part of the decision in the OpenAPI document")]
pub struct RuleBody {
    id: String,
    number: u8,
    /// Version of the rules.
    version: String,
    /// The law or promise it comes from.
    source: String,
}

/// An event a decision rests on
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for a part of the decision in the OpenAPI document")]
pub struct EvidenceBody {
    event_id: String,
    /// Its position in the ledger.
    seq: u64,
}

/// What one rule found
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for a part of the decision in the OpenAPI document")]
pub struct FindingBody {
    /// Name of the rule.
    rule: String,
    /// `silent`, `allow` or `deny`
    verdict: String,
    /// The same for people.
    words: String,
    /// The law or promise it comes from.
    source: String,
}
