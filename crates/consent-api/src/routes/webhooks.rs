//! `/v1/webhooks/{account}`: what gateways post to us.
//!
//! Raw bytes, then the signature, then the meaning, then the commit, and only then the gateway's own acknowledgement.

use std::panic::AssertUnwindSafe;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, options, post, web};
use futures_util::future::join_all;

use crate::error::{Kind, Problem, ProblemBody};
use crate::gateways::{self, Account, Acknowledgement, Signal, Verified, WebhookRequest};
use crate::intake::{may_permit, named};
use crate::published::FetchError;
use crate::server::Service;
use crate::{body, clock, limits, missed};

/// Receive a message or a delivery report
///
/// The body, the signature and the answer are the gateway's own. An authentic message is recorded before it is
/// acknowledged; if that cannot be done in time the answer is 503 and the message is kept and recorded later. A message
/// that cannot be understood is kept too, and marketing to its sender waits until a person has read it.
#[utoipa::path(
    tag = "gateways",
    params(("account" = String, Path, description = "Name of a configured gateway account")),
    request_body(content = String, description = "As the gateway sends it", content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Recorded; the body is what the gateway expects"),
        (status = 204, description = "Recorded; the gateway expects no body"),
        (status = 401, description = "The signature is not valid; nothing was changed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Larger than any gateway sends", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Kept, and recorded later; sending it again is safe", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/webhooks/{account}")]
pub async fn receive_post(
    request: HttpRequest,
    account: web::Path<String>,
    payload: web::Payload,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    receive(&request, &account, payload, &service).await
}

/// Receive a message or a delivery report by GET
///
/// For gateways that are configured to call with GET; otherwise as POST.
#[utoipa::path(
    tag = "gateways",
    params(("account" = String, Path, description = "Name of a configured gateway account")),
    responses(
        (status = 200, description = "Recorded; the body is what the gateway expects"),
        (status = 204, description = "Recorded; the gateway expects no body"),
        (status = 401, description = "The signature is not valid; nothing was changed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Kept, and recorded later; sending it again is safe", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/v1/webhooks/{account}")]
pub async fn receive_get(
    request: HttpRequest,
    account: web::Path<String>,
    payload: web::Payload,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    receive(&request, &account, payload, &service).await
}

/// Agree to be called
///
/// Gateways that ask first (CloudEvents web hooks) are told that they may, if the account is of such a kind.
#[utoipa::path(
    tag = "gateways",
    params(("account" = String, Path, description = "Name of a configured gateway account")),
    responses(
        (status = 200, description = "The gateway may call; the headers say how often"),
        (status = 404, description = "No such account, or its gateway does not ask", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[options("/v1/webhooks/{account}")]
pub async fn greet(
    request: HttpRequest,
    account: web::Path<String>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let account = account_of(&account, &service)?;
    let raw = raw_request(&request, account, Vec::new());
    let answer = (account.kind.handshake.greet)(&raw, account);
    answer.map(acknowledged).ok_or_else(|| Problem::new(Kind::NotFound, "this gateway does not ask"))
}

fn account_of<'a>(name: &str, service: &'a Service) -> Result<&'a Account, Problem> {
    service.accounts.get(name).ok_or_else(|| Problem::new(Kind::NotFound, "no such gateway account"))
}

async fn receive(
    request: &HttpRequest,
    account: &str,
    payload: web::Payload,
    service: &Service,
) -> Result<HttpResponse, Problem> {
    let account = account_of(account, service)?;
    let body = body::read(request, payload, limits::WEBHOOK_BODY).await?;
    let mut raw = raw_request(request, account, body.into());
    raw.published_keys = published_keys(&raw, account, service).await?;
    let verified = gateways::verify(&raw, account).map_err(|why| {
        metrics::counter!("webhooks_forged_total", "account" => account.name.clone()).increment(1);
        service.refused.keep(&raw, account, why);
        Problem::new(Kind::Forged, "").because(why)
    })?;
    record(understand(&verified, account), account, service).await?;
    agree(&verified, account, service).await?;
    Ok(acknowledged(verified.acknowledge()))
}

/// Tries a request again that was refused when it came; `false` if it would be refused now as well.
///
/// What was recorded since, because the gateway sent it again, is only repeated, unless it may permit something. The
/// rest counts from when it came.
pub(crate) async fn reconsider(mut raw: WebhookRequest, account: &Account, service: &Service) -> Result<bool, Problem> {
    raw.published_keys = published_keys(&raw, account, service).await?;
    let Ok(verified) = gateways::verify(&raw, account) else { return Ok(false) };
    let mut signals = understand(&verified, account);
    for signal in &mut signals {
        let key = signal.key(account);
        if may_permit(&signal.event.kind) || !service.ledger.is_recorded(&key).await? {
            // By the name that it has as well if it is sent again.
            signal.event = named(signal.event.clone(), Some(&key), clock::new_id());
            signal.event.at.get_or_insert(raw.received);
        }
    }
    record(signals, account, service).await?;
    Ok(true)
}

/// The keys to check a request with, where the gateway publishes them. Only an answer that there are none speaks
/// against the request; all else is our trouble, and the gateway is asked to come again.
async fn published_keys(
    raw: &WebhookRequest,
    account: &Account,
    service: &Service,
) -> Result<Option<Vec<u8>>, Problem> {
    let Some(url) = (account.kind.handshake.keys_at)(raw, account) else { return Ok(None) };
    match service.published.at(&url).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FetchError::Status(400 | 403 | 404 | 410)) => Ok(None),
        Err(error) => Err(Problem::new(Kind::Unavailable, "the gateway's keys cannot be fetched").because(error)),
    }
}

/// Agrees to a subscription that the gateway wants confirmed.
async fn agree(verified: &Verified<'_>, account: &Account, service: &Service) -> Result<(), Problem> {
    let Some(url) = (account.kind.handshake.agree_at)(verified) else { return Ok(()) };
    let agreed = service.published.get(&url).await;
    agreed.map_err(|error| Problem::new(Kind::Unavailable, "the subscription is not confirmed yet").because(error))?;
    tracing::info!(account = account.name, "a subscription was confirmed");
    Ok(())
}

/// The request as it came. The URL is the configured one: `Host` is chosen by whoever sends the request.
fn raw_request(request: &HttpRequest, account: &Account, body: Vec<u8>) -> WebhookRequest {
    let raw_path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let headers = request.headers().iter();
    WebhookRequest {
        method: request.method().to_string(),
        url: account.url(raw_path),
        headers: headers
            .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect(),
        body,
        received: clock::now(),
        published_keys: None,
    }
}

/// Records everything a request says. All of it must be in the ledger before the gateway is told so.
async fn record(signals: Vec<Signal>, account: &Account, service: &Service) -> Result<(), Problem> {
    let deadline = service.webhook_deadline.min(account.kind.budget.saturating_sub(limits::ACKNOWLEDGE_MARGIN));
    // All are handed over at once: should the gateway hang up, those further back are not left out.
    let recording = signals.into_iter().map(|signal| {
        let (key, watched) = (signal.key(account), missed::is_opt_out(&signal.event));
        async move {
            let receipt = service.intake.record(signal.event, Some(key), deadline).await?;
            if watched {
                service.lookout.look_into(receipt, account);
            }
            Ok(())
        }
    });
    let recorded: Vec<Result<(), Problem>> = join_all(recording).await;
    recorded.into_iter().try_for_each(|result| result.or_else(repeated))
}

/// A message whose id is known but whose content differs is recorded a second time, and that is no error of the
/// gateway's: telling it so would only make it send again.
fn repeated(problem: Problem) -> Result<(), Problem> {
    if problem.is_conflict() { Ok(()) } else { Err(problem) }
}

/// The signals in a request; a request that makes no sense, or makes our parser fail, becomes one that says so.
fn understand(verified: &Verified<'_>, account: &Account) -> Vec<Signal> {
    let parsed = std::panic::catch_unwind(AssertUnwindSafe(|| verified.parse()));
    let unparsed = match parsed {
        Ok(Ok(signals)) => return signals,
        Ok(Err(unparsed)) => unparsed,
        Err(_) => verified.set_aside("the parser failed"),
    };
    tracing::warn!(account = account.name, why = unparsed.reason, "an authentic message was not understood");
    metrics::counter!("webhooks_unparsed_total", "account" => account.name.clone()).increment(1);
    vec![unparsed.signal(&account.name)]
}

fn acknowledged(answer: Acknowledgement) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if let Some(content_type) = answer.content_type {
        response.content_type(content_type);
    }
    for header in answer.headers {
        response.append_header(header);
    }
    response.body(answer.body)
}
