//! Requests that no route takes as they are.

use consent_tests::app::{TestApp, tell};
use consent_tests::caller::Ask;
use consent_tests::database::Kind;
use consent_tests::people::person;
use consent_tests::stories;
use reqwest::Method;
use serde_json::Value;

/// The routes that take a body.
const WITH_BODY: &[&str] =
    &["/v1/events", "/v1/check", "/v1/check/batch", "/v1/simulate", "/v1/history", "/v1/webhooks/twilio-main"];

/// Sends the beginning of a body, and waits for what the service says to that.
async fn send_slowly(app: &TestApp, path: &str) {
    let ask = Ask::text("application/json", "");
    let head = app.caller.head("POST", path, &ask, 100);
    let stream = app.caller.open(format!("{head}{{\"type\":").as_bytes()).await;
    let began = std::time::Instant::now();
    let answer = app.caller.read("POST", path, stream).await;
    assert_eq!(answer.status, 408, "{path}");
    assert!((9..14).contains(&began.elapsed().as_secs()), "{path}: {:?}", began.elapsed());
}

#[test]
fn a_body_that_does_not_arrive_in_ten_seconds_is_given_up() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let app = &*app;
        futures_util::future::join_all(WITH_BODY.iter().map(|path| send_slowly(app, path))).await;
        assert_eq!(app.decide(&person(1).question()).await, "deny NO_CONSENT", "others are served all the while");
    });
}

stories! {
    async fn what_is_not_there_is_not_found(app) {
        for path in ["/", "/v1", "/v2/check", "/v1/check/", "/v1/webhooks", "/v1/webhooks/", "/metrics", "/readyz", "/%00"] {
            let answer = app.caller.get(path).await.expect(404).json();
            assert_eq!(answer["type"], "urn:consent:problem:not-found", "{path}");
        }
    }

    async fn another_method_is_refused_with_the_list_of_those_that_are_taken(app) {
        for (method, path, allow) in [
            (Method::GET, "/v1/check", "POST"),
            (Method::PUT, "/v1/events", "POST"),
            (Method::DELETE, "/v1/history", "POST"),
            (Method::POST, "/v1/export", "GET"),
            (Method::DELETE, "/v1/webhooks/twilio-main", "GET, POST, OPTIONS"),
            (Method::PATCH, "/healthz", "GET"),
            (Method::POST, "/log/checkpoint", "GET"),
        ] {
            let answer = app.caller.send(method.clone(), path, Ask::default()).await.expect(405);
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }

    async fn a_body_that_is_too_large_is_refused(app) {
        for path in WITH_BODY {
            let large = vec![b' '; 2 * 1024 * 1024 + 1];
            app.caller.send(Method::POST, path, Ask::text("application/json", large)).await.expect(413);
        }
        assert_eq!(app.head().await.size, 1);
    }

    async fn a_compressed_or_foreign_body_is_refused(app) {
        for path in WITH_BODY {
            for encoding in ["gzip", "deflate", "br", "gzip, identity"] {
                let ask = Ask::json(&Value::Null).with("content-encoding", encoding);
                app.caller.send(Method::POST, path, ask).await.expect(415);
            }
        }
        for path in ["/v1/events", "/v1/check", "/v1/check/batch", "/v1/simulate", "/v1/history"] {
            for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
                app.caller.send(Method::POST, path, Ask::text(media, "{}")).await.expect(415);
            }
        }
    }

    async fn callers_that_go_away_in_the_middle_harm_nobody(app) {
        let pat = person(1);
        let body = pat.question().to_string();
        let ask = Ask::text("application/json", body.clone());
        let request = app.caller.head("POST", "/v1/check", &ask, body.len()) + &body;
        for length in (0..request.len()).step_by(7).chain([request.len(); 40]) {
            drop(app.caller.open(&request.as_bytes()[..length]).await);
        }
        assert_eq!(app.decide(&pat.question()).await, "deny NO_CONSENT");
        app.record(&pat.grant()).await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
    }
}
