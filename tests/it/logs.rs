//! Nothing personal and no secret is logged, however much is logged and whatever is sent.

use std::path::Path;
use std::sync::Arc;

use consent_api::{auth, server};
use consent_tests::app::runtime;
use consent_tests::caller::{Ask, Caller};
use consent_tests::carrier::Delivery;
use consent_tests::database::Kind;
use consent_tests::people::person;
use consent_tests::place::{Place, Setup};
use consent_tests::process::{Process, found_in};
use consent_tests::seen::Seen;
use reqwest::Method;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_consentd-under-test");

/// Words that occur in nothing but what is sent.
const CANARIES: &[&str] =
    &["2025550187", "wombat", "crm:canary", "hunter2", "4111111111111111", "idem-canary", "note-canary"];

/// Requests with canaries in every place that a caller can write to, good ones and bad ones.
async fn sing(caller: &Caller, place: &Place, key: &str) {
    let (phone, email, subject) = ("+12025550187", "wombat@example.com", "crm:canary");
    let pat = consent_tests::people::Person { phone: phone.into(), email: email.into(), subject: subject.into() };
    let mut grant = pat.grant();
    (grant["note"], grant["idempotency_key"]) = (json!("note-canary hunter2"), json!("idem-canary"));
    for event in [
        grant.clone(),
        grant,
        pat.text("STOP wombat hunter2 4111111111111111"),
        json!({"type": "withdrawal_request", "phone": phone, "at": "wombat", "text": "hunter2"}),
        json!({"type": "wombat", "phone": phone}),
        json!({"type": "consent_granted", "phone": "wombat", "channels": ["wombat"], "hunter2": "crm:canary"}),
        json!({"type": "consent_granted", "phone": phone, "expires_at": "wombat"}),
        json!({"type": "purchase", "email": email, "idempotency_key": "idem-canary"}),
        json!({"events": [pat.text("hunter2"), {"type": "hunter2"}, "wombat"]}),
        json!("wombat"),
    ] {
        caller.post("/v1/events", &event).await;
    }
    caller.send(Method::POST, "/v1/events", Ask::text("application/json", "{\"wombat\": \"hunter2")).await;
    for path in ["/v1/check", "/v1/history"] {
        for question in [pat.question(), pat.history(), json!({"phone": "hunter2"}), json!({"wombat": phone})] {
            caller.post(path, &question).await;
        }
    }
    let scenario =
        json!({"name": "wombat", "events": [pat.grant()], "query": {"at": "hunter2"}, "config": {"wombat": 1}});
    caller.post("/v1/simulate", &json!({"scenarios": [scenario]})).await.expect(200);
    caller.post("/v1/simulate", &json!({"scenarios": "hunter2", "wombat": phone})).await.expect(400);
    for path in
        ["/v1/check/+12025550187", "/wombat@example.com?hunter2", "/v1/webhooks/wombat", "/v1/export?from=hunter2"]
    {
        caller.get(path).await;
    }
    caller.with_key(&format!("{key}hunter2")).get("/v1/export").await.expect(401);
    caller.get("/v1/export").await.expect(200);
    let stop = place.carrier.text(phone, "STOP wombat hunter2");
    let unsigned = Delivery { signature: Some("wombat".into()), ..stop.clone() };
    let elsewhere = Delivery { path: format!("{}?From=%2B12025550187&x=hunter2", stop.path), ..stop.clone() };
    let broken = place.carrier.deliver("", &[("From", phone), ("wombat", "hunter2")]);
    let report = place.carrier.report(phone, "failed", "hunter2");
    for delivery in [unsigned, elsewhere, broken, report, stop.clone(), stop] {
        caller.deliver(&delivery).await;
    }
}

async fn drill(kind: Kind) {
    let (place, setup) = (Place::create(kind).await, Setup { log: "trace", ..Setup::default() });
    let ledger = server::prepare(&place.config(&setup)).await.unwrap();
    let (key, hash, text) = auth::make_key("drill", &["admin".to_owned()], None).unwrap();
    ledger.add_api_key(&key, hash).await.unwrap();
    drop(ledger);
    let log = place.path().join("log");
    let process = Process::start(Path::new(PROGRAM), &place.write(&setup), &log);
    let caller = Caller::new(&process.base, &Arc::new(Seen::default())).with_key(&text);
    sing(&caller, &place, &text).await;
    let metrics = reqwest::get(format!("{}/metrics", process.ops)).await.unwrap().text().await.unwrap();
    let ready = reqwest::get(format!("{}/readyz", process.ops)).await.unwrap();
    assert_eq!(ready.status(), 200);
    process.kill();

    let mut canaries: Vec<String> = CANARIES.iter().map(ToString::to_string).collect();
    canaries.extend([place.carrier.token().to_owned(), text, person(1).phone]);
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.iter().filter(|line| line["message"] == "request").count() > 30, "the log says too little:\n{log}");
    assert_eq!(found_in(&log, &canaries), Vec::<&str>::new());
    assert!(metrics.contains("http_requests_total") && metrics.contains("decisions_total"), "{metrics}");
    assert_eq!(found_in(&metrics, &canaries), Vec::<&str>::new());
    place.database.remove().await;
}

#[test]
fn nothing_that_callers_send_is_logged_sqlite() {
    runtime().block_on(drill(Kind::Sqlite));
}

#[test]
fn nothing_that_callers_send_is_logged_postgres() {
    runtime().block_on(drill(Kind::Postgres));
}
