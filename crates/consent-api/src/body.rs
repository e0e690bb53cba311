//! Reading request bodies: raw bytes, with a limit and a deadline, and JSON whose faults are named by field.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, dev, web};
use consent_core::event::fault;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
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
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Kind::Malformed, "the body broke off").because(error))?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::new(Kind::TooLarge, format!("at most {limit} bytes are read")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload).into_inner();
        Box::pin(async move {
            // A type that is plainly another is refused; none at all is taken for JSON.
            let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !media.is_empty() && !media.to_ascii_lowercase().contains("json") {
                return Err(Problem::new(Kind::Unsupported, "the body must be application/json"));
            }
            let payload = payload.map_err(|error| Problem::new(Kind::Internal, "").because(error))?;
            let body = read(&request, payload, limits::JSON_BODY).await?;
            fault::from_slice(&body).map(Json).map_err(|fault| Problem::fields(vec![fault]))
        })
    }
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
    T: DeserializeOwned + 'static,
{
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (caller, body) = (C::from_request(request, payload), Json::<T>::from_request(request, payload));
        Box::pin(async move {
            let caller = caller.await?;
            let Json(body) = body.await?;
            Ok(Self { caller, body })
        })
    }
}
