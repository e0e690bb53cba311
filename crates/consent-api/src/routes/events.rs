//! `POST /v1/events`: one event, or many.

mod keys;

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, post, web};
use consent_core::event::Event;
use consent_core::event::fault::{self, Fault};
use consent_core::event::unique::Parsed;
use consent_query::reader::Rests;
use consent_store::Receipt;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use self::keys::item_key;
use self::keys::{sent_key, source_key};
use crate::auth::{Caller, EventsWrite, Share};
use crate::body::{FromBody, Sent};
use crate::error::{FieldFault, Problem, ProblemBody};
use crate::intake::Intake;
use crate::limits;
use crate::server::Service;

/// Proof that one event is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recorded {
    /// Id of the event; of the first one, if it was a repeat.
    #[schema(example = "019aab00-0000-7000-8000-000000000000")]
    event_id: String,
    /// Size of the ledger after it.
    #[schema(example = 42)]
    position: u64,
    /// What was recorded but could not be read, so that it binds nobody by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldFault>,
}

/// What became of one of many events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Outcome {
    /// It is recorded.
    Recorded(Recorded),
    /// It is not.
    Refused {
        /// Why.
        error: ProblemBody,
    },
}

/// What became of many events, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcomes {
    /// One for each event.
    results: Vec<Outcome>,
    /// Size of the ledger after all of them.
    position: u64,
}

/// An event that was recorded before, or what became of many
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "stands for the answer in the OpenAPI document")]
pub enum RecordedOrOutcomes {
    /// There was one.
    One(Recorded),
    /// There were many.
    Many(Outcomes),
}

/// An event, or `{"events": [...]}` with up to 1,000 of them
#[derive(ToSchema)]
#[schema(as = EventOrEvents, value_type = Object, example = json!({
    "type": "consent_granted", "subject": "crm:42", "phone": "+12025550123", "channels": ["sms"],
    "purposes": ["special_offers"], "level": "express_written", "policy_version": "2024-03-20",
    "affirmative_action": true, "condition_of_purchase": false, "evidence_ref": "form-7/2026-11-22"
}))]
#[expect(dead_code, reason = "stands for the body in the OpenAPI document")]
pub struct EventBody(Value);

/// Record one event or many
///
/// An event that widens consent is read strictly. One that narrows it is recorded even if parts are missing or cannot
/// be read, and binds whoever can be identified. With `Idempotency-Key` (or `idempotency_key` in the event) the same
/// event is recorded once, for ever; another event under the same key is 409, but an opt-out in it still counts.
///
/// A body with more than 16 events is long work, of which a key may have four pieces under way on a node. One with an
/// opt-out is never refused for that.
#[utoipa::path(
    tag = "events",
    security(("api_key" = ["events:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's name for this request, 1 to 255 bytes")),
    request_body(content = EventBody, content_type = "application/json"),
    responses(
        (status = 201, description = "Recorded", body = Recorded),
        (status = 200, description = "One event that was already recorded, or the results of many", body = RecordedOrOutcomes),
        (status = 400, description = "A field is at fault", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key names another event", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key has too much long work under way; nothing was recorded", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not recorded in time; sending it again with the same key is safe", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/events")]
pub async fn record(
    request: HttpRequest,
    sent: Sent<Caller<EventsWrite>, Events>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let key = sent_key(request.headers());
    let caller = sent.caller;
    match sent.body {
        Events::Many(events) => {
            let _share = share(&events, &caller, &service)?;
            record_many(events, key, caller.name(), &service).await
        }
        Events::One(event) => {
            let (receipt, recorded) =
                record_one(event, key, caller.name(), &service.intake, service.event_deadline).await?;
            let mut response = if receipt.repeated { HttpResponse::Ok() } else { HttpResponse::Created() };
            Ok(response.json(recorded))
        }
    }
}

/// What was sent.
enum Events {
    One(Value),
    /// Each as it was read, or what is wrong with it.
    Many(Vec<Result<Value, Fault>>),
}

/// A body in which a field is there twice: if in one of its events, the others can be recorded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doubled {
    events: Vec<Parsed>,
}

impl FromBody for Events {
    fn from_body(body: &[u8]) -> Result<Self, Problem> {
        let fault = |fault| Problem::fields(vec![fault]);
        match fault::json(body) {
            Ok(body) => Self::of(body).map_err(fault),
            Err(twice) => match serde_json::from_slice::<Doubled>(body) {
                Ok(body) => Self::many(body.events.into_iter().map(Parsed::value)).map_err(fault),
                Err(_) => Err(fault(twice)),
            },
        }
    }
}

impl Events {
    fn of(body: Value) -> Result<Self, Fault> {
        let Value::Object(mut fields) = body else {
            return Err(Fault::new("", "must be an event or an object with events"));
        };
        let Some(events) = fields.remove("events") else { return Ok(Self::One(Value::Object(fields))) };
        if let Some(unknown) = fields.keys().next() {
            return Err(Fault::new(format!("/{unknown}"), "is not a known field"));
        }
        match events {
            Value::Array(events) => Self::many(events.into_iter().map(Ok)),
            _ => Err(Fault::new("/events", "must be a list")),
        }
    }

    fn many(events: impl ExactSizeIterator<Item = Result<Value, Fault>>) -> Result<Self, Fault> {
        match events.len() <= limits::EVENTS {
            true => Ok(Self::Many(events.collect())),
            false => Err(Fault::new("/events", format!("has more than {} items", limits::EVENTS))),
        }
    }
}

/// Leave to record many events, which no opt-out has to wait for: a body with one goes on without.
fn share(
    events: &[Result<Value, Fault>],
    caller: &Caller<EventsWrite>,
    service: &Service,
) -> Result<Option<Share>, Problem> {
    // What is one lot is not long.
    if events.len() <= limits::EVENTS_BESIDE_QUESTIONS {
        return Ok(None);
    }
    let forbids = |event: &Value| Event::from_json(event.clone()).is_ok_and(|event| event.kind.forbids());
    match caller.share(&service.shares) {
        Err(_) if events.iter().flatten().any(forbids) => Ok(None),
        share => share.map(Some),
    }
}

async fn record_many(
    events: Vec<Result<Value, Fault>>,
    key: Option<String>,
    caller: &str,
    service: &Service,
) -> Result<HttpResponse, Problem> {
    // Handed over in order, so that they get their positions in order; each waits for its own commit.
    let mut recording = events.into_iter().enumerate().map(|(at, event)| {
        let key = key.as_deref().map(|key| item_key(key, at as u64));
        async move {
            let event = event.map_err(|fault| Problem::fields(vec![fault]))?;
            record_one(event, key, caller, &service.intake, service.event_deadline).await
        }
    });
    let (mut outcomes, mut rests) = (Vec::with_capacity(recording.len()), Rests::default());
    let mut at_once = limits::EVENTS_BESIDE_QUESTIONS;
    loop {
        let began = Instant::now();
        let piece = stream::iter(recording.by_ref().take(at_once)).buffered(at_once);
        outcomes.extend(piece.collect::<Vec<_>>().await);
        if recording.len() == 0 {
            break;
        }
        let asked = rests.behind(began.elapsed()).await;
        at_once = if asked { limits::EVENTS_BESIDE_QUESTIONS } else { limits::EVENTS_AT_ONCE };
    }
    // An opt-out under a name that another event has is refused, and recorded all the same.
    let positions = outcomes.iter().filter_map(|outcome| match outcome {
        Ok((receipt, _)) => Some(receipt.position),
        Err(problem) => problem.position(),
    });
    let position = match positions.max() {
        Some(position) => position,
        None => service.ledger.head().await?.size,
    };
    let results = outcomes.into_iter().map(|outcome| match outcome {
        Ok((_, recorded)) => Outcome::Recorded(recorded),
        Err(problem) => Outcome::Refused { error: problem.body() },
    });
    Ok(HttpResponse::Ok().json(Outcomes { results: results.collect(), position }))
}

/// Records one event of this caller. A key within the event goes before the other.
pub async fn record_one(
    event: Value,
    key: Option<String>,
    caller: &str,
    intake: &Intake,
    deadline: Duration,
) -> Result<(Receipt, Recorded), Problem> {
    let mut event = Event::from_json(event)?;
    event.actor.get_or_insert_with(|| caller.to_owned());
    let mut warnings = warnings(&event);
    let pointer = if event.idempotency_key.is_some() { "/idempotency_key" } else { "" };
    let key = match source_key(caller, event.idempotency_key.clone().or(key), pointer) {
        Ok(key) => key,
        // An opt-out is recorded without it: at worst twice, never not at all.
        Err(Fault { pointer, detail }) if event.kind.forbids() => {
            warnings.push(FieldFault { pointer, detail });
            None
        }
        Err(fault) => return Err(Problem::fields(vec![fault])),
    };
    let receipt = intake.record(event, key, deadline).await?;
    let recorded = Recorded { event_id: receipt.event_id.to_string(), position: receipt.position, warnings };
    Ok((receipt, recorded))
}

/// What a narrowing event leaves open. It is recorded all the same, but whoever sent it should know.
fn warnings(event: &Event) -> Vec<FieldFault> {
    let warning = |pointer: String, detail: &str| FieldFault { pointer, detail: detail.to_owned() };
    let unread =
        event.unread.iter().map(|(name, _)| warning(format!("/{name}"), "recorded as it is, but cannot be read"));
    let mut warnings: Vec<_> = unread.collect();
    if event.kind.narrows() && event.identities().is_empty() {
        warnings.push(warning(String::new(), "recorded, but it names nobody, so it binds nobody"));
    }
    warnings
}
