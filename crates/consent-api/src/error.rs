//! Every error a caller can see: RFC 9457 problem details. HTTP statuses are chosen here and nowhere else.
//!
//! Which to use: what the caller can mend is 4xx and names the field; what only we can mend is 5xx and says whether to
//! try again. `detail` is for the caller and holds nothing personal; what an operator needs goes to the log, once,
//! where the request ends.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use consent_core::event::fault::{EventError, Fault};
use consent_store::{AppendError, Receipt, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::limits;

/// In how many seconds the same request may succeed.
const SOON: &str = "2";

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// No key, or one that does not work.
    Unauthenticated,
    /// A webhook that the gateway did not sign.
    Forged,
    /// The key does not allow this.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// The body did not arrive in time.
    Slow,
    /// The idempotency key names another event.
    Conflict,
    /// A person found otherwise before.
    Resolved,
    /// The body is larger than is read.
    TooLarge,
    /// The body is encoded or typed in a way that is not taken.
    Unsupported,
    /// The key has too much under way.
    TooMany,
    /// A fault of ours.
    Internal,
    /// What was read is not what was written.
    Corrupt,
    /// Not now.
    Unavailable,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::Forged => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict | Self::Resolved => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal | Self::Corrupt => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The last part of `type`, and the title.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Malformed => ("malformed", "The request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", "A valid API key is needed"),
            Self::Forged => ("forged", "The signature is not valid"),
            Self::Forbidden => ("forbidden", "The API key does not allow this"),
            Self::NotFound => ("not-found", "There is no such resource"),
            Self::MethodNotAllowed => ("method-not-allowed", "The resource does not take this method"),
            Self::Slow => ("slow", "The request did not arrive in time"),
            Self::Conflict => ("conflict", "The idempotency key names another event"),
            Self::Resolved => ("resolved", "The message was read before, with another outcome"),
            Self::TooLarge => ("too-large", "The request is too large"),
            Self::Unsupported => ("unsupported", "The request is encoded in a way that is not taken"),
            Self::TooMany => ("too-many", "The API key has too much under way"),
            Self::Internal => ("internal", "A fault on our side"),
            Self::Corrupt => ("corrupt", "The ledger is damaged"),
            Self::Unavailable => ("unavailable", "The ledger is not available"),
        }
    }
}

/// An error as a caller sees it. Boxed, because results that are mostly good should stay small.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: Kind,
    detail: String,
    faults: Vec<Fault>,
    receipt: Option<Receipt>,
    allow: Option<String>,
    request_id: Option<String>,
    /// For the log alone.
    cause: Option<String>,
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// JSON pointer (RFC 6901) into the body.
    #[schema(example = "/channels/0")]
    pub pointer: String,
    /// What is wrong with the field.
    #[schema(example = "must be a known channel")]
    pub detail: String,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind of problem it is, as a stable URI.
    #[schema(example = "urn:consent:problem:malformed")]
    pub r#type: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
    /// Id of the event that was recorded all the same, where an opt-out came under a key already in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Size of the ledger after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Id of this request in our log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (faults, receipt, allow, request_id, cause) = (Vec::new(), None, None, None, None);
        Self(Box::new(Parts { kind, detail, faults, receipt, allow, request_id, cause }))
    }

    /// A request whose fields are at fault.
    pub fn fields(faults: Vec<Fault>) -> Self {
        let mut problem = Self::new(Kind::Malformed, "");
        problem.0.faults = faults;
        problem
    }

    /// The path takes only these methods.
    pub fn method_not_allowed(allow: String) -> Self {
        let mut problem = Self::new(Kind::MethodNotAllowed, "");
        problem.0.allow = Some(allow);
        problem
    }

    /// The key names another event; what was recorded all the same.
    pub fn conflict(receipt: Option<Receipt>) -> Self {
        let detail = match receipt {
            Some(_) => "the opt-out was recorded all the same, under a new id",
            None => "nothing was recorded; use a new key for a new event",
        };
        Self::new(Kind::Conflict, detail).with_receipt(receipt)
    }

    /// Adds what was recorded all the same.
    pub fn with_receipt(mut self, receipt: Option<Receipt>) -> Self {
        self.0.receipt = receipt;
        self
    }

    /// Size of the ledger after what was recorded all the same.
    pub fn position(&self) -> Option<u64> {
        self.0.receipt.map(|receipt| receipt.position)
    }

    /// Whether the key names another event.
    pub fn is_conflict(&self) -> bool {
        self.0.kind == Kind::Conflict
    }

    /// Whether the same request may succeed later.
    pub fn is_unavailable(&self) -> bool {
        self.0.kind == Kind::Unavailable
    }

    /// Adds what only the log should say.
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Adds the id of the request.
    pub fn of_request(mut self, id: &str) -> Self {
        self.0.request_id = Some(id.to_owned());
        self
    }

    /// What only the log should say.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The problem as it is sent.
    pub fn body(&self) -> ProblemBody {
        let (name, title) = self.0.kind.names();
        let faults = self.0.faults.iter();
        ProblemBody {
            r#type: format!("urn:consent:problem:{name}"),
            title: title.to_owned(),
            status: self.0.kind.status().as_u16(),
            detail: self.0.detail.clone(),
            errors: faults.map(|f| FieldFault { pointer: f.pointer.clone(), detail: f.detail.clone() }).collect(),
            event_id: self.0.receipt.map(|receipt| receipt.event_id.to_string()),
            position: self.position(),
            request_id: self.0.request_id.clone(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.kind.names().1)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.kind.status());
        response.content_type("application/problem+json");
        match self.0.kind {
            Kind::Unavailable => response.insert_header((RETRY_AFTER, SOON)),
            Kind::TooMany => add_limit(&mut response),
            Kind::Unauthenticated => response.insert_header((WWW_AUTHENTICATE, "Bearer")),
            _ => &mut response,
        };
        if let Some(allow) = self.0.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            response.insert_header((ALLOW, allow));
        }
        response.body(serde_json::to_string(&self.body()).unwrap_or_default())
    }
}

/// How much a key may have under way, of which nothing is left, and when to look again.
fn add_limit(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((RETRY_AFTER, SOON))
        .insert_header(("ratelimit-limit", limits::LONG_WORK_A_KEY))
        .insert_header(("ratelimit-remaining", "0"))
        .insert_header(("ratelimit-reset", SOON))
}

impl From<EventError> for Problem {
    fn from(error: EventError) -> Self {
        Self::fields(error.faults)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Corrupt { .. } | StoreError::KeyMissing(_) | StoreError::Keys(_) => Kind::Corrupt,
            _ => Kind::Unavailable,
        };
        Self::new(kind, "").because(error)
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict(_) => Self::conflict(None),
            other => Self::new(Kind::Unavailable, "sending it again with the same key is safe").because(other),
        }
    }
}

#[cfg(test)]
mod tests;
