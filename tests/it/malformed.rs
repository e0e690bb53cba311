//! What cannot be read is refused, and the answer names the field.

use consent_tests::app::TestApp;
use consent_tests::caller::Ask;
use consent_tests::people::person;
use consent_tests::stories;
use reqwest::Method;
use serde_json::{Value, json};

/// A good event with one field changed.
fn grant_with(field: &str, value: Value) -> Value {
    let mut grant = person(1).grant();
    grant[field] = value;
    grant
}

/// A good event without one field.
fn grant_without(fields: &[&str]) -> Value {
    let mut grant = person(1).grant();
    grant.as_object_mut().unwrap().retain(|name, _| !fields.contains(&name.as_str()));
    grant
}

/// Bodies of `POST /v1/events`, and the fields at fault.
fn bad_events() -> Vec<(Value, &'static [&'static str])> {
    vec![
        (grant_with("colour", json!("red")), &["/colour"]),
        (grant_with("type", json!("consent_given")), &["/type"]),
        (grant_with("type", json!(7)), &["/type"]),
        (grant_without(&["type"]), &["/type"]),
        (grant_with("at", json!("yesterday")), &["/at"]),
        (grant_with("at", json!(1_767_225_600)), &["/at"]),
        (grant_with("phone", json!("2025550123")), &["/phone"]),
        (grant_with("phone", json!({"number": "+12025550123"})), &["/phone"]),
        (grant_with("email", json!("pat")), &["/email"]),
        (grant_with("subject", json!("a b")), &["/subject"]),
        (grant_with("subject", json!("x".repeat(129))), &["/subject"]),
        (grant_without(&["subject", "phone", "email"]), &["/subject"]),
        (grant_with("channels", json!(["sms", "fax"])), &["/channels/1"]),
        (grant_with("channels", json!("sms")), &["/channels"]),
        (grant_with("channels", json!([])), &["/channels"]),
        (grant_with("channels", json!(vec!["sms"; 101])), &["/channels"]),
        (grant_with("level", json!("very")), &["/level"]),
        (grant_with("affirmative_action", json!("true")), &["/affirmative_action"]),
        (grant_with("signature", json!({"colour": "blue"})), &["/signature/colour"]),
        (grant_with("expires_at", json!("never")), &["/expires_at"]),
        (grant_with("note", json!("x".repeat(65_537))), &["/note"]),
        (grant_with("idempotency_key", json!("x".repeat(256))), &["/idempotency_key"]),
        (grant_with("idempotency_key", json!("")), &["/idempotency_key"]),
        (grant_with("a/b~c", json!(1)), &["/a~1b~0c"]),
        (grant_without(&["level", "purposes"]), &["/purposes", "/level"]),
        (json!({"type": "message_sent", "phone": "+12025550123"}), &["/channel", "/purpose"]),
        (json!({"type": "policy_published"}), &["/version"]),
        (json!({"type": "event_compensated"}), &["/event_id"]),
        (json!({"type": "preference_set", "phone": "+12025550123", "on": ["everything"]}), &["/on/0"]),
        (json!({"type": "inbound_sms", "from": "+12025550123", "media": ["x".repeat(900_000)]}), &[""]),
        (json!({"type": "withdrawal_request", "at": {"when": "x".repeat(900_000)}}), &[""]),
        (json!({"events": {}}), &["/events"]),
        (json!({"events": vec![json!({}); 1001]}), &["/events"]),
        (json!({"events": [], "colour": "red"}), &["/colour"]),
        (json!([]), &[""]),
        (json!("STOP"), &[""]),
        (json!(null), &[""]),
    ]
}

/// Bodies that are no JSON.
const NO_JSON: &[&[u8]] =
    &[b"", b"{", b"STOP", b"{\"type\": \"\\ud800\"}", b"{\"note\": \"\xff\"}", b"\xef\xbb\xbf{}", b"{} {}"];

/// Posts a body and expects 400 and nothing recorded.
async fn refuse(app: &TestApp, path: &str, body: &[u8], fields: &[&str]) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    let answer = app.caller.send(Method::POST, path, Ask::text("application/json", body)).await;
    assert_eq!(answer.status, 400, "{path} {shown}");
    assert_eq!(answer.json()["type"], "urn:consent:problem:malformed", "{shown}");
    assert_eq!(answer.pointers(), fields, "{path} {shown}");
}

stories! {
    async fn what_is_wrong_with_an_event_is_named_by_its_field(app) {
        let head = app.head().await;
        for (event, fields) in bad_events() {
            refuse(app, "/v1/events", event.to_string().as_bytes(), fields).await;
        }
        assert_eq!(app.head().await, head);
    }

    async fn what_is_no_json_is_refused_everywhere(app) {
        let head = app.head().await;
        for path in ["/v1/events", "/v1/check", "/v1/check/batch", "/v1/simulate", "/v1/history"] {
            for body in NO_JSON {
                refuse(app, path, body, &[""]).await;
            }
        }
        assert_eq!(app.head().await, head);
    }

    async fn a_field_that_is_there_twice_is_refused_because_two_readers_could_go_by_different_ones(app) {
        let head = app.head().await;
        let twice = format!(r#""phone":"{}","phone":"{}""#, person(1).phone, person(2).phone);
        let stop = format!(r#"{{"type":"withdrawal_request",{twice}}}"#);
        let question = format!(r#"{{{twice},"channel":"sms","purpose":"updates"}}"#);
        for (path, body, field) in [
            ("/v1/events", stop.clone(), "/phone"),
            ("/v1/events", r#"{"events":[],"events":[{"type":"objection"}]}"#.to_owned(), "/events"),
            ("/v1/events", r#"{"type":"inbound_sms","part":{"index":1,"index":2}}"#.to_owned(), "/part/index"),
            ("/v1/check", question.clone(), "/phone"),
            ("/v1/check/batch", format!(r#"{{"defaults":{question},"questions":[]}}"#), "/defaults/phone"),
            ("/v1/simulate", format!(r#"{{"scenarios":[{{"events":[{stop}]}}]}}"#), "/scenarios/0/events/0/phone"),
            ("/v1/history", format!("{{{twice}}}"), "/phone"),
        ] {
            refuse(app, path, body.as_bytes(), &[field]).await;
        }
        assert_eq!(app.head().await, head);
    }

    async fn an_event_with_a_field_twice_keeps_none_beside_it_from_being_recorded(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let twice = r#"{"type":"purchase","subject":"A","note":"one","note":"two"}"#;
        let body = format!(r#"{{"events":[{twice},{}]}}"#, pat.text("STOP"));
        let answer = app.caller.send(Method::POST, "/v1/events", Ask::text("application/json", body)).await;
        let answer = answer.expect(200).json();
        assert_eq!(answer["results"][0]["error"]["errors"], json!([{"pointer": "/note", "detail": "is there twice"}]));
        assert!(answer["results"][1]["event_id"].is_string(), "{answer}");
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_question_of_a_batch_with_a_field_twice_is_refused_in_its_place(app) {
        let (pat, kim) = (person(1), person(2));
        app.record(&pat.grant()).await.expect(201);
        let one = format!(r#""phone":"{}""#, pat.phone);
        let both = format!(r#""phone":"{}",{one}"#, kim.phone);
        let defaults = r#"{"channel":"sms","purpose":"transactional"}"#;
        let body = format!(r#"{{"defaults":{defaults},"questions":[{{{one}}},{{{both}}},{{{one}}}]}}"#);
        let ask = Ask::text("application/json", body);
        let answer = app.caller.send(Method::POST, "/v1/check/batch", ask).await.expect(200).json();
        let results = answer["results"].as_array().unwrap();
        let decisions: Vec<_> = results.iter().map(|result| result["decision"].as_str()).collect();
        assert_eq!(decisions, [Some("allow"), None, Some("allow")]);
        let error = &results[1]["error"];
        assert_eq!(error["type"], "urn:consent:problem:malformed");
        assert_eq!(error["errors"], json!([{"pointer": "/phone", "detail": "is there twice"}]));
    }

    async fn a_stranger_is_told_nothing_about_the_body(app) {
        let stranger = app.caller.with_key("consent_000000000000_guess");
        for path in ["/v1/events", "/v1/check", "/v1/check/batch", "/v1/simulate", "/v1/history"] {
            let answer = stranger.send(Method::POST, path, Ask::text("application/json", "{not json")).await;
            assert_eq!(answer.status, 401, "{path}");
        }
    }

    async fn an_idempotency_key_that_is_none_is_refused_but_loses_no_opt_out(app) {
        let head = app.head().await;
        let pat = person(1);
        for key in ["", "\"\"", &"x".repeat(256)] {
            app.caller.post_once("/v1/events", key, &pat.grant()).await.expect(400);
        }
        assert_eq!(app.head().await, head);
        let stop = json!({"type": "withdrawal_request", "phone": pat.phone});
        let recorded = app.caller.post_once("/v1/events", "", &stop).await.expect(201);
        assert_eq!(recorded.json()["warnings"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_ALL");
    }

    async fn questions_with_unknown_or_missing_fields_are_refused(app) {
        for (path, question, fields) in [
            ("/v1/check", json!({"phone": "+12025550123", "chanel": "sms", "purpose": "updates"}), ["/chanel"]),
            ("/v1/check", json!({"phone": "+12025550123", "channel": "sms"}), ["/purpose"]),
            ("/v1/check", json!({"phone": 1, "channel": "sms", "purpose": "updates"}), ["/phone"]),
            ("/v1/check", json!({"phone": "+12025550123", "channel": "sms", "purpose": "updates", "as_of": "now"}), ["/as_of"]),
            ("/v1/check", json!({"phone": "+12025550123", "channel": "sms", "purpose": "updates", "min_position": -1}), ["/min_position"]),
            ("/v1/history", json!({}), [""]),
            ("/v1/history", json!({"phone": "12"}), ["/phone"]),
            ("/v1/history", json!({"email": "pat"}), ["/email"]),
            ("/v1/history", json!({"subject": "a b"}), ["/subject"]),
            ("/v1/history", json!({"phone": "+12025550123", "limit": 201}), ["/limit"]),
            ("/v1/history", json!({"phone": "+12025550123", "limit": 0}), ["/limit"]),
            ("/v1/history", json!({"phone": "+12025550123", "after": 1}), ["/after"]),
        ] {
            refuse(app, path, question.to_string().as_bytes(), &fields).await;
        }
    }

    async fn an_export_of_what_is_not_there_is_refused(app) {
        for query in ["from=1&to=0", "to=99", "from=99", "from=-1", "from=x", "format=csv", "colour=red"] {
            app.caller.get(&format!("/v1/export?{query}")).await.expect(400);
        }
    }
}
