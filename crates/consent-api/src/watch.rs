//! What surrounds every request: its id, the last-resort guard against panics, one line of log, the metrics.

mod series;

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use futures_util::FutureExt;
use uuid::Uuid;

use crate::error::{Kind, Problem};
use crate::{clock, limits};

/// The header that carries the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request. Its id is made here; what a caller sends under the same name is not believed.
pub async fn watch<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let mut text = Uuid::encode_buffer();
    let id: &str = clock::new_id().hyphenated().encode_lower(&mut text);
    let method = series::word(request.method());
    let started = Instant::now();
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let result = outcome.unwrap_or_else(|_| Err(Problem::new(Kind::Internal, "").because("a panic").into()));
    let mut response = match result {
        Ok(response) => with_request_id(response, id),
        Err(error) => {
            // No request is left to answer to; the web server turns the error into the response.
            let problem = problem_of(&error).of_request(id);
            log(id, method, "unmatched", &problem.error_response(), Some(&problem), started);
            return Err(problem.into());
        }
    };
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>()).cloned();
    let request = response.request();
    // To find the pattern of a path takes longer than to answer a check; most paths are their own pattern.
    match series::known(request.path()) {
        Some(route) => log(id, method, &route, response.response(), problem.as_ref(), started),
        None => {
            let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
            log(id, method, &route, response.response(), problem.as_ref(), started);
        }
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

/// Gives an error response its final form: problem details with the id of the request.
fn with_request_id<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    id: &str,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    match response.response().error() {
        Some(error) => {
            let problem = problem_of(error).of_request(id);
            let (request, _) = response.into_parts();
            ServiceResponse::from_err(problem, request).map_into_right_body()
        }
        None => response.map_into_left_body(),
    }
}

fn problem_of(error: &Error) -> Problem {
    error.as_error::<Problem>().cloned().unwrap_or_else(|| {
        let client = error.as_response_error().status_code().is_client_error();
        Problem::new(if client { Kind::Malformed } else { Kind::Internal }, "").because(error)
    })
}

/// Counts a request at its end, and has one line about it in the log: a matter for `debug` if it was answered well and
/// soon. The route is the pattern, never the path: a path could hold anything.
fn log<B>(
    id: &str,
    method: &'static str,
    route: &str,
    response: &actix_web::HttpResponse<B>,
    problem: Option<&Problem>,
    started: Instant,
) {
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    let cause = problem.and_then(Problem::cause);
    series::count(method, route, status, elapsed);
    let elapsed_us = elapsed.as_micros() as u64;
    if status >= 500 {
        tracing::error!(request_id = id, method, route, status, elapsed_us, cause, "request");
    } else if status < 400 && elapsed < limits::SLOW_REQUEST {
        tracing::debug!(request_id = id, method, route, status, elapsed_us, cause, "request");
    } else {
        tracing::info!(request_id = id, method, route, status, elapsed_us, cause, "request");
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, test, web};

    use super::*;

    async fn fails() -> HttpResponse {
        panic!("on purpose")
    }

    async fn refuses() -> Result<HttpResponse, Problem> {
        Err(Problem::new(Kind::Conflict, "").because("a secret cause"))
    }

    #[actix_web::test]
    async fn a_panic_is_answered_with_a_problem_and_the_service_lives_on() {
        let app = App::new()
            .wrap(from_fn(watch))
            .route("/fails", web::get().to(fails))
            .route("/works", web::get().to(HttpResponse::Ok));
        let app = test::init_service(app).await;
        let failed = test::try_call_service(&app, test::TestRequest::get().uri("/fails").to_request()).await;
        let response = failed.expect_err("a panic is no answer").error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        let works = test::call_service(&app, test::TestRequest::get().uri("/works").to_request()).await;
        assert_eq!(works.status(), StatusCode::OK);
    }

    #[actix_web::test]
    async fn every_answer_carries_the_id_of_its_request_and_no_cause() {
        let app = App::new().wrap(from_fn(watch)).route("/refuses", web::get().to(refuses));
        let app = test::init_service(app).await;
        let response = test::call_service(&app, test::TestRequest::get().uri("/refuses").to_request()).await;
        let id = response.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
        let body = test::read_body(response).await;
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["request_id"], id.as_str());
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
