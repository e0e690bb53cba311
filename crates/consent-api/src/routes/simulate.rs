//! `POST /v1/simulate`: questions about made-up histories. Nothing of it touches the ledger.

mod shapes;

use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use consent_core::event::fault::Fault;
use consent_query::simulate::Outcome;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Caller, Check};
use crate::body::Sent;
use crate::error::{Kind, Problem, ProblemBody};
use crate::limits;
use crate::server::Service;
use shapes::{Answered, ScenarioFile};

/// What became of the scenarios and then of the deadlines, in their order
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulated {
    /// One for each.
    #[schema(value_type = Vec<Answered>)]
    results: Vec<Outcome>,
}

/// Ask about made-up histories
///
/// Answers scenarios and deadlines as `consentd simulate` does: by the rules that `POST /v1/check` goes by, with the
/// settings that a scenario changes in its `config`, and without touching the ledger. At most 1,000 scenarios with
/// up to 1,000 events each, and 1,000 deadlines. What is wrong with one of them is said in its own result, and the
/// others are answered all the same.
#[utoipa::path(
    tag = "decisions",
    security(("api_key" = ["check"])),
    request_body(content = ScenarioFile, content_type = "application/json"),
    responses(
        (status = 200, description = "The answers", body = Simulated),
        (status = 400, description = "The file as a whole cannot be read, or is too long", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "A fault on our side", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The key cannot be looked up now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/simulate")]
pub async fn simulate(sent: Sent<Caller<Check>, Value>, service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let (file, rules) = (sent.body, Arc::clone(&service.rules));
    check_size(&file)?;
    let internal = |error: &dyn std::fmt::Display| Problem::new(Kind::Internal, "").because(error);
    let leave = Arc::clone(&service.simulations).acquire_owned().await.map_err(|error| internal(&error))?;
    // It may take seconds, for which no other caller of this worker should wait.
    let answering = tokio::task::spawn_blocking(move || {
        // Kept to the end of the work, whether or not the caller waits for it.
        let _leave = leave;
        consent_query::simulate::run(&file.to_string(), &rules)
    });
    let answered = answering.await.map_err(|error| internal(&error))?;
    let results = answered.map_err(|fault| Problem::fields(vec![Fault::new(fault.pointer, fault.detail)]))?;
    Ok(HttpResponse::Ok().json(Simulated { results }))
}

/// Refuses a file that would take too long: too many scenarios or deadlines, or too long a history.
fn check_size(file: &Value) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let mut check = |pointer: String, limit: usize| {
        let list = file.pointer(&pointer).and_then(Value::as_array);
        if list.is_some_and(|items| items.len() > limit) {
            faults.push(Fault::new(pointer, format!("has more than {limit} items")));
        }
        list.map_or(0, Vec::len)
    };
    let scenarios = check("/scenarios".to_owned(), limits::SCENARIOS);
    check("/deadlines".to_owned(), limits::SCENARIOS);
    for at in 0..scenarios {
        check(format!("/scenarios/{at}/events"), limits::SCENARIO_EVENTS);
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::fields(faults)) }
}
