mod callers;

use std::sync::LazyLock;

use serde_json::Value;

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::{Forged, Signal, Unparsed, verify};

/// Requests with the secret in a header.
pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "azure_event_grid",
    proof: &["x-ledger-secret"],
    covers: Covers { body: Body::Open, url: false, time: false },
    vectors: VECTORS,
    account: |case| {
        let mut account = account("azure_event_grid", &[case["secret"].as_str()?]);
        account.settings.insert("secret_header".to_owned(), case["secret_header"].as_str()?.to_owned());
        Some(account)
    },
};

/// Requests with the secret in the query.
pub(in crate::gateways) const QUERY_FIXTURES: Fixtures = Fixtures {
    proof: &["?code"],
    account: |case| {
        let account = account("azure_event_grid", &[case["secret"].as_str()?]);
        case["secret_header"].is_null().then_some(account)
    },
    ..FIXTURES
};

const VECTORS: &str = include_str!("../../../../../tests/fixtures/azure_event_grid/vectors.json");
const SECRET: &str = "9d4f2c7be1a04c83b5d6f7a8";
const URL: &str = "https://ledger.example.com/v1/webhooks/main";

/// Requests as Azure documents them, with the answers that it expects.
pub(super) static RECORDED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors["recorded"].as_array().unwrap().clone()
});

fn ours(settings: &[(&str, &str)]) -> Account {
    let mut account = account("azure_event_grid", &[SECRET]);
    account.settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    account
}

fn posted(body: &str) -> WebhookRequest {
    WebhookRequest {
        method: "POST".to_owned(),
        url: format!("{URL}?code={SECRET}"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

fn recorded(name: &str) -> &'static Value {
    RECORDED.iter().find(|case| case["name"] == name).unwrap()
}

fn parse(body: &str) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (posted(body), ours(&[]));
    verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The signals of a body: their keys, and their events as they would be written.
fn said(body: &str) -> Vec<(String, Value)> {
    let signals = parse(body).unwrap();
    signals.iter().map(|signal| (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())).collect()
}

fn received(data: &Value) -> Value {
    let mut all = json!({
        "messageId": "Incoming_1", "from": "14155550123", "to": "14155550100", "message": "Stop",
        "receivedTimestamp": "2025-10-09T08:53:20.32Z", "segmentCount": 1,
    });
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({"id": "e1", "topic": "/t", "eventType": "Microsoft.Communication.SMSReceived", "data": all})
}

fn reported(data: &Value) -> Value {
    let mut all = json!({
        "messageId": "Outgoing_1", "from": "14155550100", "to": "+14155550123", "deliveryStatus": "Failed",
        "receivedTimestamp": "2025-10-09T08:53:22.2855749Z", "tag": "c1",
    });
    all.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({"id": "e1", "topic": "/t", "eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": all})
}

#[test]
fn every_recorded_request_gets_the_answer_that_azure_expects() {
    let mut tried = 0;
    for case in RECORDED.iter().filter(|case| case["direction"] != "outbound") {
        let mut request = posted(case["body"].as_str().unwrap());
        request.method = case["method"].as_str().unwrap().to_owned();
        let headers = case["headers"].as_object().unwrap().iter();
        request.headers = headers.map(|(n, v)| (n.to_lowercase(), v.as_str().unwrap().to_owned())).collect();
        let account = ours(&[]);
        let answer = match request.method.as_str() {
            "OPTIONS" => greet(&request, &account).unwrap(),
            _ => verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).acknowledge(),
        };
        assert_eq!(json!(answer.status), case["expected_status"], "{}", case["name"]);
        let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        assert_eq!(body, case["expected_response"], "{}", case["name"]);
        assert_eq!(answer.content_type.is_some(), !body.is_null(), "{}", case["name"]);
        for (name, value) in case["expected_headers"].as_object().into_iter().flatten() {
            let found = answer.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).unwrap();
            assert_eq!(json!(found.1), *value, "{name}");
        }
        tried += 1;
    }
    assert_eq!(tried, 5);
}

#[test]
fn a_text_becomes_an_event_in_either_schema() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20.320000Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "Incoming_20251009085320d29ebbea",
    });
    let expected = vec![("Incoming_20251009085320d29ebbea".to_owned(), expected)];
    let batch = recorded("cloudevents-batch-sms-received")["body"].as_str().unwrap();
    let single = serde_json::from_str::<Value>(batch).unwrap()[0].to_string();
    for body in [recorded("sms-received-stop")["body"].as_str().unwrap(), batch, &single] {
        assert_eq!(said(body), expected, "{body}");
    }
}

#[test]
fn a_text_is_read_however_odd_it_is() {
    for (data, name, expected) in [
        (json!({"message": " Arrêt 🛑\n"}), "body", json!(" Arrêt 🛑\n")),
        (json!({"message": ""}), "from", json!("14155550123")),
        (json!({"from": "+14155550123"}), "from", json!("+14155550123")),
        (json!({"from": 14_155_550_123_i64}), "from", json!("14155550123")),
        (json!({"to": "12345"}), "to", json!("12345")),
        (json!({"to": null}), "to", json!(null)),
        (json!({"messageId": 77}), "provider_message_id", json!("77")),
        (json!({"messageId": ""}), "provider_message_id", json!("e1")),
        (json!({"receivedTimestamp": "soon"}), "at", json!(null)),
        (json!({"receivedTimestamp": "2025-10-09T10:53:20+02:00"}), "at", json!("2025-10-09T08:53:20Z")),
        (json!({"something": {"new": []}}), "body", json!("Stop")),
    ] {
        let found = said(&json!([received(&data)]).to_string());
        let [(_, event)] = found.as_slice() else { panic!("{data}") };
        let found = event.get(name).cloned().unwrap_or_default();
        let found = if name == "at" { json!(found.as_str().map(|at| at.replace(".000000", ""))) } else { found };
        assert_eq!((&event["type"], found), (&json!("inbound_sms"), expected), "{data}");
    }
}

#[test]
fn a_report_says_what_became_of_a_text() {
    for (status, details, expected) in [
        ("Delivered", "Message delivered.", Some("delivered")),
        ("delivered", "", Some("delivered")),
        ("Failed", "Sender blocked for given recipient.", Some("opted_out")),
        ("Failed", "SENDER BLOCKED FOR GIVEN RECIPIENT", Some("opted_out")),
        ("Failed", "4006", Some("opted_out")),
        ("Failed", "The recipient has opted out.", Some("opted_out")),
        ("Blocked", "Sender blocked for given recipient.", Some("opted_out")),
        ("Failed", "Message blocked by the carrier as spam.", Some("blocked_unknown")),
        ("Failed", "Invalid phone number.", Some("landline_or_invalid")),
        ("Failed", "4001", Some("landline_or_invalid")),
        ("Failed", "Something new", Some("temporary")),
        ("Failed", "", Some("temporary")),
        ("Sent", "", None),
    ] {
        let data = json!({"deliveryStatus": status, "deliveryStatusDetails": details});
        let found = said(&json!([reported(&data)]).to_string());
        let outcome = found.first().map(|(_, event)| event["outcome"].as_str().unwrap());
        assert_eq!(outcome, expected, "{status} {details}");
    }
}

#[test]
fn a_report_names_the_text_the_number_and_the_time() {
    let expected = json!({
        "type": "delivery_reported", "at": "2025-10-09T08:53:22.285574Z", "phone": "+14155550123", "gateway": "main",
        "provider_message_id": "Outgoing_20251009085322", "outcome": "opted_out",
        "code": "Failed/Sender blocked for given recipient.",
    });
    let key = "Outgoing_20251009085322/14155550123/Failed".to_owned();
    assert_eq!(said(recorded("delivery-report-blocked")["body"].as_str().unwrap()), [(key, expected)]);
    let long = said(&reported(&json!({"deliveryStatusDetails": "ß".repeat(500)})).to_string());
    assert_eq!(long[0].1["code"].as_str().unwrap().chars().count(), "Failed/".len() + 100);
}

#[test]
fn an_event_that_is_not_understood_is_kept_and_takes_no_other_with_it() {
    for (event, sender) in [
        (received(&json!({"message": null})), Some("+14155550123")),
        (received(&json!({"message": "x".repeat(70_000)})), Some("+14155550123")),
        (reported(&json!({"deliveryStatus": null})), Some("+14155550123")),
        (
            json!({"eventType": "Microsoft.Communication.AdvancedMessageReceived", "data": {"from": "14155550123"}}),
            Some("+14155550123"),
        ),
        (json!({"eventType": 5}), None),
        (json!({"data": {}}), None),
        (json!("Stop"), None),
        (json!(null), None),
    ] {
        let found = said(&json!([event, received(&json!({}))]).to_string());
        let [(_, first), (key, second)] = found.as_slice() else { panic!("{event}") };
        assert_eq!((first["type"].as_str(), second["type"].as_str()), (Some("inbound_unparsed"), Some("inbound_sms")));
        assert_eq!((first.get("sender").and_then(Value::as_str), key.as_str()), (sender, "Incoming_1"), "{event}");
    }
    assert_eq!(parse("Stop").unwrap_err().reason, "not JSON");
    assert_eq!(parse("[]").unwrap(), []);
}

#[test]
fn what_event_grid_says_of_itself_is_no_news() {
    for kind in ["Microsoft.EventGrid.SubscriptionValidationEvent", "Microsoft.EventGrid.SubscriptionDeletedEvent"] {
        assert_eq!(parse(&json!([{"eventType": kind, "data": {}}]).to_string()).unwrap(), [], "{kind}");
    }
}

#[test]
fn only_event_grid_is_told_that_it_may_call() {
    let asked = |headers: &[(&str, &str)], account: &Account| {
        let mut request = posted("");
        request.headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        greet(&request, account).map(|answer| (answer.headers[0].1.clone(), answer.headers[1].1.clone()))
    };
    let may = |origin: &str, rate: &str| Some((origin.to_owned(), rate.to_owned()));
    let (origin, rate) = ("webhook-request-origin", "webhook-request-rate");
    let (usual, other) = (ours(&[]), ours(&[("origin", "events.example")]));
    assert_eq!(asked(&[(origin, ORIGIN), (rate, "120")], &usual), may(ORIGIN, "120"));
    assert_eq!(asked(&[(origin, ORIGIN)], &usual), may(ORIGIN, "*"));
    assert_eq!(asked(&[(origin, ORIGIN), (rate, "1\r\nx")], &usual), may(ORIGIN, "*"));
    assert_eq!(asked(&[(origin, "events.example")], &other), may("events.example", "*"));
    assert_eq!(asked(&[(origin, ORIGIN)], &other), None);
    assert_eq!(asked(&[(origin, "evil.example")], &usual), None);
    assert_eq!(asked(&[(origin, "eventgrid.azure.net.evil.example")], &usual), None);
    assert_eq!(asked(&[(origin, ORIGIN), (origin, ORIGIN)], &usual), None);
    assert_eq!(asked(&[], &usual), None);
}
