//! Bodies: requests as raw bytes, with a limit and a deadline, and as JSON whose faults are named by field; answers in JSON.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use consent_core::event::fault;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Kind, Problem};
use crate::limits;

/// Reads a body as it was sent. Nothing is decompressed: a signature is over the bytes on the wire.
pub async fn read(request: &HttpRequest, payload: web::Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(Kind::Unsupported, "compressed bodies are not taken"));
    }
    let reading = tokio::time::timeout(limits::BODY_DEADLINE, collect(payload, limit));
    reading.await.map_err(|_| Problem::new(Kind::Slow, "the body did not arrive in time"))?
}

async fn collect(mut payload: web::Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut body: Vec<u8> = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Kind::Malformed, "the body broke off").because(error))?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::new(Kind::TooLarge, format!("at most {limit} bytes are read")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An answer in JSON.
pub fn json(answer: &impl Serialize) -> Result<HttpResponse, Problem> {
    let mut body = Vec::with_capacity(limits::ANSWER);
    serde_json::to_writer(&mut body, answer).map_err(|error| Problem::new(Kind::Internal, "").because(error))?;
    Ok(written(body))
}

/// An answer whose JSON is written already.
pub fn written(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(body)
}

/// What can be read from the bytes of a JSON body.
pub trait FromBody: Sized + Send + 'static {
    /// Reads it, or says what is wrong with it.
    fn from_body(body: &[u8]) -> Result<Self, Problem>;
}

impl<T: DeserializeOwned + Send + 'static> FromBody for T {
    fn from_body(body: &[u8]) -> Result<Self, Problem> {
        // The reader that names the field at fault costs twice as much as the one that does not.
        let read = serde_json::from_slice(body).or_else(|_| fault::from_slice(body));
        read.map_err(|fault| Problem::fields(vec![fault]))
    }
}

async fn read_json<T: FromBody>(request: &HttpRequest, payload: web::Payload) -> Result<T, Problem> {
    // A type that is plainly another is refused; none at all is taken for JSON.
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.is_empty() && media != "application/json" && !media.to_ascii_lowercase().contains("json") {
        return Err(Problem::new(Kind::Unsupported, "the body must be application/json"));
    }
    let body = read(request, payload, limits::JSON_BODY).await?;
    if body.len() <= limits::JSON_INLINE {
        return T::from_body(&body);
    }
    // Long bodies take milliseconds to read, and checks wait for this thread.
    let read = web::block(move || T::from_body(&body)).await;
    read.map_err(|error| Problem::new(Kind::Internal, "").because(error))?
}

/// A caller and what they sent. The body is not looked at before the caller is known.
pub struct Sent<C, T> {
    /// Who calls.
    pub caller: C,
    /// What they sent.
    pub body: T,
}

impl<C, T> FromRequest for Sent<C, T>
where
    C: FromRequest<Error = Problem> + 'static,
    T: FromBody,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = C::from_request(request, payload);
        let payload = web::Payload::from_request(request, payload).into_inner();
        let request = request.clone();
        Box::pin(async move {
            let caller = caller.await?;
            let payload = payload.map_err(|error| Problem::new(Kind::Internal, "").because(error))?;
            Ok(Self { caller, body: read_json(&request, payload).await? })
        })
    }
}
