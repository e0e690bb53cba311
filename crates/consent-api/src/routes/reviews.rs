//! `/v1/reviews`: messages that a person has to read.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use consent_core::event::fault::Fault;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::{self, Caller};
use crate::body::Sent;
use crate::error::{Kind, Problem, ProblemBody};
use crate::reviews::{Desk, Page, Resolution};
use crate::server::Service;

/// Which page of what waits.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewsQuery {
    /// Only messages behind this position: `next` of the page in front.
    pub after: Option<u64>,
    /// Messages on a page: 1 to 200, 50 by default.
    pub limit: Option<usize>,
}

/// What a person found
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// `is_opt_out` or `is_not`.
    #[schema(example = "is_opt_out")]
    pub outcome: String,
    /// Who read the message; the name of the key, if absent.
    pub reviewer: Option<String>,
}

impl Service {
    fn reviews(&self) -> Desk<'_> {
        Desk { ledger: &self.ledger, rules: &self.rules, intake: &self.intake, deadline: self.event_deadline }
    }
}

/// List the messages that wait for a person
///
/// Marketing to the sender of each is held until somebody says what it is. Oldest first. Reading the list is itself
/// recorded, as `disclosure_made`.
#[utoipa::path(
    tag = "reviews",
    security(("api_key" = ["reviews"])),
    params(ReviewsQuery),
    responses(
        (status = 200, description = "A page of messages", body = Page),
        (status = 400, description = "A parameter is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "The ledger is damaged", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/v1/reviews")]
pub async fn list(
    caller: Caller<auth::Reviews>,
    request: HttpRequest,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let query = web::Query::<ReviewsQuery>::from_query(request.query_string());
    let query = query.map_err(|_| Problem::new(Kind::Malformed, "the parameters are after and limit"))?;
    let page = service.reviews().waiting(query.after, query.limit, caller.name()).await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Say what a message is
///
/// `is_opt_out` makes it an opt-out from the time it was sent on; `is_not` ends the hold. The same finding twice is
/// recorded once. Another finding than before is 409: an opt-out stays one, and one that is found late counts all the
/// same.
#[utoipa::path(
    tag = "reviews",
    security(("api_key" = ["reviews"])),
    params(("event_id" = String, Path, description = "Id of the message")),
    request_body = Resolve,
    responses(
        (status = 201, description = "Recorded", body = Resolution),
        (status = 200, description = "The same was found before", body = Resolution),
        (status = 400, description = "A field is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No message with this id has to be read by a person", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another outcome was found before", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "The ledger is damaged", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not recorded in time; sending it again is safe", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/reviews/{event_id}/resolve")]
pub async fn resolve(
    sent: Sent<Caller<auth::Reviews>, Resolve>,
    event_id: web::Path<String>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let (caller, Resolve { outcome, reviewer }) = (sent.caller.name(), sent.body);
    let finding = outcome.parse();
    let finding = finding.map_err(|_| Problem::fields(vec![Fault::new("/outcome", "must be is_opt_out or is_not")]))?;
    let reviewer = reviewer.as_deref().unwrap_or(caller);
    let resolution = service.reviews().resolve(&event_id, finding, reviewer, caller).await?;
    let mut response = if resolution.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.json(resolution))
}
