//! Who may do what: every route with every kind of key.

use consent_api::limits;
use consent_tests::app::{PATIENCE, TestApp};
use consent_tests::caller::{Ask, Caller};
use consent_tests::people::person;
use consent_tests::{seen, stories};
use reqwest::Method;
use serde_json::{Value, json};

/// A route with a request that is good but for the key.
struct Route {
    method: Method,
    /// As in `openapi.yaml`.
    template: &'static str,
    /// The scope it asks for; none, if anybody may call it.
    scope: Option<&'static str>,
    /// What a caller who may call it is answered.
    answer: u16,
    /// Path and query, and the request.
    ask: fn(&TestApp) -> (String, Ask),
}

fn plain(path: &str, ask: Ask) -> (String, Ask) {
    (path.to_owned(), ask)
}

/// A text, as each gateway sends it.
fn text(app: &TestApp) -> (String, Ask) {
    let delivery = app.carrier().text(&person(1).phone, "Hello");
    (delivery.path.clone(), Ask { headers: delivery.headers(), body: delivery.body.into_bytes() })
}

fn text_by_get(app: &TestApp) -> (String, Ask) {
    let path = format!("{}?MessageSid=SM9&From=%2B12025550123&Body=Hello", app.carrier().path());
    let ask = Ask::default().with("x-twilio-signature", &app.carrier().sign(&path, &[]));
    (path, ask)
}

/// Every route. One that is missing here fails the story.
fn routes() -> Vec<Route> {
    let route = |method: Method, template, scope, answer, ask| Route { method, template, scope, answer, ask };
    let (get, post) = (|| Method::GET, || Method::POST);
    vec![
        route(post(), "/v1/events", Some("events:write"), 201, |_| {
            plain("/v1/events", Ask::json(&person(1).text("Hi")))
        }),
        route(post(), "/v1/check", Some("check"), 200, |_| plain("/v1/check", Ask::json(&person(1).question()))),
        route(post(), "/v1/check/batch", Some("check"), 200, |_| {
            plain("/v1/check/batch", Ask::json(&json!({"questions": [person(1).question()]})))
        }),
        route(post(), "/v1/scrub", Some("check"), 200, |_| {
            plain("/v1/scrub?channel=sms&purpose=updates", Ask::text("text/plain", "+12025550123\n"))
        }),
        route(post(), "/v1/simulate", Some("check"), 200, |_| {
            plain("/v1/simulate", Ask::json(&json!({"scenarios": []})))
        }),
        route(post(), "/v1/history", Some("history:read"), 200, |_| {
            plain("/v1/history", Ask::json(&person(1).history()))
        }),
        route(get(), "/v1/reviews", Some("reviews"), 200, |_| plain("/v1/reviews", Ask::default())),
        route(post(), "/v1/reviews/{event_id}/resolve", Some("reviews"), 404, |_| {
            let path = "/v1/reviews/019aab00-0000-7000-8000-000000000000/resolve";
            plain(path, Ask::json(&json!({"outcome": "is_not"})))
        }),
        route(get(), "/v1/export", Some("export"), 200, |_| plain("/v1/export", Ask::default())),
        route(post(), "/v1/webhooks/{account}", None, 200, text),
        route(get(), "/v1/webhooks/{account}", None, 200, text_by_get),
        route(get(), "/log/checkpoint", None, 200, |_| plain("/log/checkpoint", Ask::default())),
        route(get(), "/log/key", None, 200, |_| plain("/log/key", Ask::default())),
        route(get(), "/healthz", None, 200, |_| plain("/healthz", Ask::default())),
        route(get(), "/openapi.yaml", None, 200, |_| plain("/openapi.yaml", Ask::default())),
    ]
}

/// What the keys of a path in the document are, where they are methods.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Every operation of the OpenAPI document: method, template, scope.
fn operations() -> Vec<(String, String, Option<String>)> {
    let document = seen::document();
    let paths = document["paths"].as_object().unwrap();
    let scope = |operation: &Value| operation["security"][0]["api_key"][0].as_str().map(ToOwned::to_owned);
    let of = |(template, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().clone().into_iter();
        let operations = operations.filter(|(name, _)| METHODS.contains(&name.as_str()));
        let template = template.clone();
        operations.map(move |(method, operation)| (method.to_uppercase(), template.clone(), scope(&operation)))
    };
    paths.iter().flat_map(of).collect()
}

/// A caller for each kind of key, with what a route that wants a key answers it; `None` is the answer of success.
async fn callers(app: &TestApp, scope: &str) -> Vec<(&'static str, Caller, Option<u16>)> {
    let now = consent_api::clock::now();
    let (revoked, revoked_caller) = app.caller_until(&[scope], None).await;
    assert!(app.ledger().revoke_api_key(&revoked, now).await.unwrap());
    let minute = chrono::Duration::minutes(1);
    let right = app.caller_with(&[scope]).await;
    let garbled = format!("{}x", right.key().unwrap());
    vec![
        ("no key", app.caller.without_key(), Some(401)),
        ("a garbage key", app.caller.with_key("garbage"), Some(401)),
        ("a key with a letter more", app.caller.with_key(&garbled), Some(401)),
        ("a key that is too long", app.caller.with_key(&"x".repeat(10_000)), Some(401)),
        ("the wrong scope", app.caller_with(&["reports", "receipts"]).await, Some(403)),
        ("a revoked key", revoked_caller, Some(401)),
        ("an expired key", app.caller_until(&[scope], Some(now - minute)).await.1, Some(401)),
        ("a key that still works", app.caller_until(&[scope], Some(now + minute)).await.1, None),
        ("the right scope", right, None),
        ("the right scope among others", app.caller_with(&["reports", scope]).await, None),
        ("admin", app.caller_with(&["admin"]).await, None),
    ]
}

stories! {
    async fn every_route_answers_every_kind_of_key_as_documented(app) {
        let routes = routes();
        for (method, template, scope) in operations() {
            let known = routes.iter().find(|route| route.method.as_str() == method && route.template == template);
            let Some(route) = known else { panic!("{method} {template} is missing from the table of this story") };
            assert_eq!(route.scope, scope.as_deref(), "{method} {template}: the documented scope is another");
            for (what, caller, refused) in callers(app, route.scope.unwrap_or("check")).await {
                let (path, ask) = (route.ask)(app);
                let head = app.head().await;
                let answer = caller.send(route.method.clone(), &path, ask).await;
                let expected = refused.filter(|_| route.scope.is_some()).unwrap_or(route.answer);
                assert_eq!(answer.status, expected, "{method} {template} with {what}: {}", answer.text());
                if expected >= 400 {
                    assert_eq!(app.head().await, head, "{method} {template} with {what} recorded something");
                }
                assert_eq!(answer.header("www-authenticate"), if expected == 401 { "Bearer" } else { "" });
            }
        }
        assert_eq!(routes.len(), operations().len(), "the table of this story has a route that is not documented");
    }

    async fn a_key_that_was_used_a_moment_ago_is_refused_a_second_after_its_end(app) {
        let question = person(1).question();
        let (revoked, caller) = app.caller_until(&["check"], None).await;
        let end = consent_api::clock::now() + limits::KEY_BELIEVED;
        let (_, expiring) = app.caller_until(&["check"], Some(end)).await;
        for caller in [&caller, &expiring] {
            caller.post("/v1/check", &question).await.expect(200);
        }
        assert!(app.ledger().revoke_api_key(&revoked, consent_api::clock::now()).await.unwrap());
        tokio::time::sleep(limits::KEY_BELIEVED).await;
        for caller in [&caller, &expiring] {
            caller.post("/v1/check", &question).await.expect(401);
        }
    }

    async fn a_key_may_have_so_much_long_work_under_way(app) {
        let (caller, other) = (app.caller_with(&["check", "export"]).await, app.caller_with(&["check"]).await);
        let path = "/v1/scrub?channel=sms&purpose=transactional";
        let (empty, batch) = (Ask::text("text/plain", ""), json!({"questions": []}));
        let head = caller.head("POST", path, &empty, 1_000);
        let mut lists = Vec::new();
        for _ in 0..limits::LONG_WORK_A_KEY {
            lists.push(caller.open(head.as_bytes()).await);
        }
        let end = std::time::Instant::now() + PATIENCE;
        while caller.post("/v1/check/batch", &batch).await.status != 429 {
            assert!(std::time::Instant::now() < end, "no list more is refused");
        }
        for refused in [
            caller.send(Method::POST, path, empty.clone()).await,
            caller.get("/v1/export").await,
            caller.post("/v1/check/batch", &batch).await,
        ] {
            assert_eq!((refused.status, refused.header("retry-after")), (429, "2"));
            assert_eq!(refused.json()["type"], "urn:consent:problem:too-many");
        }
        caller.post("/v1/check", &person(1).question()).await.expect(200);
        other.send(Method::POST, path, empty.clone()).await.expect(200);
        drop(lists);
        while caller.send(Method::POST, path, empty.clone()).await.status != 200 {
            assert!(std::time::Instant::now() < end, "a list that was broken off stays in the way");
        }
    }

    async fn a_key_works_in_its_header_alone(app) {
        let key = app.caller.key().unwrap().to_owned();
        let nobody = app.caller.without_key();
        let body = person(1).question();
        for (header, value, status) in [
            ("authorization", format!("Bearer {key}"), 200),
            ("authorization", format!("bearer {key}"), 200),
            ("authorization", format!("Basic {key}"), 401),
            ("authorization", key.clone(), 401),
            ("authorization", "Bearer ".to_owned(), 401),
            ("x-api-key", key.clone(), 401),
            ("cookie", format!("key={key}"), 401),
        ] {
            let answer = nobody.send(Method::POST, "/v1/check", Ask::json(&body).with(header, &value)).await;
            assert_eq!(answer.status, status, "{header}");
        }
        nobody.post(&format!("/v1/check?key={key}"), &body).await.expect(401);
    }

    async fn who_recorded_an_event_is_kept_with_it(app) {
        app.caller_with(&["events:write"]).await.post("/v1/events", &person(1).text("Hello")).await.expect(201);
        let event = &app.history(&person(1).history()).await[0];
        assert_eq!(event["actor"], json!("crm"));
    }
}
