//! `POST /v1/history`: the timeline of one person, newest first.

use actix_web::{HttpResponse, post, web};
use consent_core::address::{Email, Identity, Phone, SubjectId};
use consent_core::event::fault::Fault;
use consent_core::event::{Event, EventKind, kinds::DisclosureMade};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Caller, HistoryRead};
use crate::body::Sent;
use crate::error::{Kind, Problem, ProblemBody};
use crate::limits;
use crate::server::Service;

/// Whose history, and which page of it. At least one of `phone`, `email` and `subject` is needed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuestion {
    /// Phone number with country code.
    #[schema(example = "+12025550123")]
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The person, by INFI's own id.
    pub subject: Option<String>,
    /// Only events before this position: `next` of the page in front.
    pub before: Option<u64>,
    /// Events on a page: 1 to 200, 50 by default.
    pub limit: Option<usize>,
}

/// A page of a person's history
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// The events, newest first, each with `seq`, `event_id` and `received_at`.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// `before` of the next page; null on the last.
    pub next: Option<u64>,
    /// Size of the ledger when this was read.
    pub position: u64,
}

impl HistoryQuestion {
    /// Everybody the question names, or the fields at fault.
    pub fn identities(&self) -> Result<Vec<Identity>, Problem> {
        let mut faults = Vec::new();
        let mut identities = Vec::new();
        let mut read = |pointer: &str, parsed: Option<Result<Identity, String>>| match parsed {
            Some(Ok(identity)) => identities.push(identity),
            Some(Err(detail)) => faults.push(Fault::new(pointer, detail)),
            None => {}
        };
        let text = |error: consent_core::address::AddressError| error.to_string();
        read("/phone", self.phone.as_deref().map(|t| Phone::parse(t).map(Identity::Phone).map_err(text)));
        read("/email", self.email.as_deref().map(|t| Email::parse(t).map(Identity::Email).map_err(text)));
        read("/subject", self.subject.as_deref().map(|t| SubjectId::parse(t).map(Identity::Subject).map_err(text)));
        if identities.is_empty() && faults.is_empty() {
            faults.push(Fault::new("", "one of phone, email or subject is needed"));
        }
        let limit = self.limit.unwrap_or(limits::HISTORY_DEFAULT);
        if limit == 0 || limit > limits::HISTORY_PAGE {
            faults.push(Fault::new("/limit", format!("must be 1 to {}", limits::HISTORY_PAGE)));
        }
        if faults.is_empty() { Ok(identities) } else { Err(Problem::fields(faults)) }
    }

    /// The disclosure that showing this page is. Each page is one: nothing proves that whoever asks for what is older was
    /// shown what is newer.
    pub fn disclosure(&self, recipient: &str) -> Event {
        let kind = DisclosureMade { recipient: Some(recipient.to_owned()), what: Some("history".to_owned()) };
        let mut event = Event::new(EventKind::DisclosureMade(kind));
        event.phone = self.phone.as_deref().and_then(|text| Phone::parse(text).ok());
        event.email = self.email.as_deref().and_then(|text| Email::parse(text).ok());
        event.subject = self.subject.as_deref().and_then(|text| SubjectId::parse(text).ok());
        event.actor = Some(recipient.to_owned());
        event
    }

    /// Cuts the page out of everything that is recorded about the person.
    pub fn page(&self, person: &consent_store::Person) -> Result<History, Problem> {
        let before = self.before.unwrap_or(u64::MAX);
        let limit = self.limit.unwrap_or(limits::HISTORY_DEFAULT);
        let mut older = person.events.iter().rev().filter(|event| event.seq < before);
        let page: Vec<_> = older.by_ref().take(limit).collect();
        let next = page.last().map(|event| event.seq).filter(|_| older.next().is_some());
        let events = page.into_iter().map(consent_core::event::Recorded::to_json).collect::<Result<_, _>>();
        let events = events.map_err(|error| Problem::new(Kind::Internal, "").because(error))?;
        Ok(History { events, next, position: person.position })
    }
}

/// Read the history of a person
///
/// Everything recorded about the person and about the addresses linked to them, newest first. Reading a page is itself
/// recorded, as `disclosure_made`.
#[utoipa::path(
    tag = "audit",
    security(("api_key" = ["history:read"])),
    request_body = HistoryQuestion,
    responses(
        (status = 200, description = "A page of the history", body = History),
        (status = 400, description = "A field is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "The ledger is damaged", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/history")]
pub async fn history(
    sent: Sent<Caller<HistoryRead>, HistoryQuestion>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let (caller, question) = (sent.caller, sent.body);
    let person = service.ledger.person(&question.identities()?).await?;
    let page = question.page(&person)?;
    service.intake.record(question.disclosure(caller.name()), None, service.event_deadline).await?;
    Ok(HttpResponse::Ok().json(page))
}
