//! Bodies: requests as raw bytes, with a limit and a deadline, and as JSON whose faults are named by field; answers in JSON.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use consent_core::event::fault;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Kind, Problem};
use crate::limits;
use crate::routes::{HistoryQuestion, QuestionBody, Resolve};

/// Reads a body as it was sent. Nothing is decompressed: a signature is over the bytes on the wire.
pub async fn read(request: &HttpRequest, payload: web::Payload, limit: usize) -> Result<web::Bytes, Problem> {
    if request.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(Kind::Unsupported, "compressed bodies are not taken"));
    }
    let body = in_time(collect(payload, limit)).await;
    body.ok_or_else(|| Problem::new(Kind::Slow, "the body did not arrive in time"))?
}

/// Waits for a body. One that came with its head needs no timer: it is there at the second look, which comes at once.
async fn in_time<F: Future>(reading: F) -> Option<F::Output> {
    let (mut reading, mut looked) = (pin!(reading), false);
    let soon = poll_fn(|context| match reading.as_mut().poll(context) {
        Poll::Ready(body) => Poll::Ready(Some(body)),
        Poll::Pending if looked => Poll::Ready(None),
        Poll::Pending => {
            looked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    });
    match soon.await {
        Some(body) => Some(body),
        None => tokio::time::timeout(limits::BODY_DEADLINE, reading).await.ok(),
    }
}

async fn collect(mut payload: web::Payload, limit: usize) -> Result<web::Bytes, Problem> {
    let (mut first, mut body) = (web::Bytes::new(), Vec::new());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Kind::Malformed, "the body broke off").because(error))?;
        if first.len() + body.len() + chunk.len() > limit {
            return Err(Problem::new(Kind::TooLarge, format!("at most {limit} bytes are read")));
        }
        // What comes in one piece is not copied.
        if first.is_empty() && body.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.extend_from_slice(&std::mem::take(&mut first));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(if body.is_empty() { first } else { body.into() })
}

/// An answer whose JSON is written already.
pub fn written(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(body)
}

/// An answer that could not be written.
pub fn unwritten(error: serde_json::Error) -> Problem {
    Problem::new(Kind::Internal, "").because(error)
}

/// What can be read from the bytes of a JSON body.
pub trait FromBody: Sized + Send + 'static {
    /// Reads it, or says what is wrong with it.
    fn from_body(body: &[u8]) -> Result<Self, Problem>;
}

/// A body whose fields have names and types of their own: reading it refuses one that is there twice. JSON of any kind
/// in it is [`Parsed`](consent_core::event::unique::Parsed), never a [`Value`], in which the last one would count.
pub trait Fields: DeserializeOwned + Send + 'static {}

impl Fields for QuestionBody {}
impl Fields for HistoryQuestion {}
impl Fields for Resolve {}

impl FromBody for Value {
    fn from_body(body: &[u8]) -> Result<Self, Problem> {
        fault::json(body).map_err(|fault| Problem::fields(vec![fault]))
    }
}

impl<T: Fields> FromBody for T {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use futures_util::stream::{self, LocalBoxStream};

    use super::*;

    /// The payload of a request whose body comes in these pieces, and then does not end.
    fn arriving(pieces: &'static [&'static str], ends: bool) -> web::Payload {
        let pieces = stream::iter(pieces).map(|piece| Ok::<_, PayloadError>(web::Bytes::from_static(piece.as_bytes())));
        let rest = if ends { stream::empty().left_stream() } else { stream::pending().right_stream() };
        let pieces: LocalBoxStream<'static, Result<web::Bytes, PayloadError>> = Box::pin(pieces.chain(rest));
        let mut payload = dev::Payload::Stream { payload: pieces };
        web::Payload::from_request(&TestRequest::default().to_http_request(), &mut payload).into_inner().unwrap()
    }

    /// The pointers to what is wrong with a body that is read as this.
    fn faults<T: FromBody>(body: &str) -> Vec<String> {
        let problem = T::from_body(body.as_bytes()).err().unwrap();
        problem.body().errors.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_field_that_is_there_twice_is_at_fault_in_whatever_is_read() {
        let question = r#"{"phone":"1","phone":"2","channel":"sms","purpose":"updates"}"#;
        assert_eq!(faults::<QuestionBody>(question), ["/phone"]);
        assert_eq!(faults::<Value>(question), ["/phone"]);
        assert_eq!(faults::<Value>(r#"{"events":[{"type":"objection"},{"at":1,"at":1}]}"#), ["/events/1/at"]);
        assert_eq!(faults::<HistoryQuestion>(r#"{"phone":"1","phone":null}"#), ["/phone"]);
        assert_eq!(faults::<Resolve>(r#"{"outcome":"is_not","outcome":"is_opt_out"}"#), ["/outcome"]);
    }

    #[actix_web::test]
    async fn a_body_is_whole_in_however_many_pieces_it_comes() {
        for pieces in [&[][..], &["ab"], &["a", "b"], &["", "a", "", "b"]] {
            let whole = pieces.concat();
            assert_eq!(collect(arriving(pieces, true), 2).await.unwrap(), whole, "{pieces:?}");
            let short = whole.len().checked_sub(1);
            assert!(short.is_none() || collect(arriving(pieces, true), 1).await.is_err(), "{pieces:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_end_is_given_up() {
        for pieces in [&[][..], &["a"]] {
            let began = tokio::time::Instant::now();
            assert!(in_time(collect(arriving(pieces, false), 2)).await.is_none());
            assert!(began.elapsed() < limits::BODY_DEADLINE + Duration::from_secs(1));
        }
    }
}
