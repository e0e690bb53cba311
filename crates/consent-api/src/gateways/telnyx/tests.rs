use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account, posted};
use crate::gateways::{Account, Forged, WebhookRequest, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "telnyx",
    proof: &["telnyx-signature-ed25519", "telnyx-timestamp"],
    covers: Covers { body: Body::Whole, url: false, time: true },
    vectors: include_str!("../../../../../tests/fixtures/telnyx/vectors.json"),
    account: |case| Some(account("telnyx", &[case["public_key"].as_str()?])),
};

fn encode(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn ours() -> Account {
    account("telnyx", &[&encode(key().verifying_key().as_bytes())])
}

fn signed_at(time: &str, body: &str) -> WebhookRequest {
    let signature = encode(&key().sign(format!("{time}|{body}").as_bytes()).to_bytes());
    posted("application/json", body, &[("telnyx-timestamp", time), ("telnyx-signature-ed25519", &signature)])
}

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (signed_at("1760000000", &body.to_string()), ours());
    verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The signals of an event: their keys, and their events as they would be written.
fn read(body: &Value) -> Vec<(String, Value)> {
    let signals = parse(body).unwrap_or_else(|unparsed| panic!("{unparsed} {body}"));
    signals.into_iter().map(|signal| (signal.dedupe_key, signal.event.to_json().unwrap().into())).collect()
}

fn received(payload: &Value) -> Value {
    let mut whole = json!({"id": "m1", "direction": "inbound", "from": {"phone_number": "+14155550123"}, "text": "x"});
    payload.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
    json!({"data": {"event_type": "message.received", "id": "e1", "payload": whole}, "meta": {"attempt": 1}})
}

fn finalized(status: &str, codes: &[&str]) -> Value {
    let errors: Vec<_> = codes.iter().map(|code| json!({"code": code, "title": "x"})).collect();
    let to = json!([{"phone_number": "+14155550123", "status": status}]);
    let payload = json!({"id": "m1", "direction": "outbound", "to": to, "errors": errors, "type": "SMS"});
    json!({"data": {"event_type": "message.finalized", "id": "e1", "payload": payload}})
}

#[test]
fn a_message_becomes_an_event() {
    let payload = json!({
        "autoresponse_type": "STOP", "text": "Stop", "received_at": "2025-10-09T08:53:19.612+00:00", "type": "SMS",
        "to": [{"phone_number": "+14155550100", "status": "webhook_delivered"}], "media": [], "errors": [],
    });
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:19.612000Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "Stop", "provider_message_id": "m1", "opt_out_indicator": "STOP",
    });
    assert_eq!(read(&received(&payload)), [("e1".to_owned(), expected)]);
}

#[test]
fn what_a_message_brings_with_it() {
    let group = json!([{"phone_number": "+1", "status": "x"}, {"phone_number": "+2", "status": "webhook_delivered"}]);
    let media = json!([{"url": "https://a/0"}, {"size": 1}, {"url": "https://a/1"}]);
    for (payload, expected) in [
        (json!({"text": ""}), json!({"body": ""})),
        (json!({"text": "Arrêt 🛑"}), json!({"body": "Arrêt 🛑"})),
        (json!({"text": 7}), json!({"body": "7"})),
        (json!({"text": null, "media": media}), json!({"body": "", "media": ["https://a/0", "https://a/1"]})),
        (json!({"text": null, "autoresponse_type": "STOP"}), json!({"body": "", "opt_out_indicator": "STOP"})),
        (json!({"autoresponse_type": "stop"}), json!({"body": "x", "opt_out_indicator": "STOP"})),
        (json!({"autoresponse_type": "START"}), json!({"body": "x", "opt_out_indicator": "START"})),
        (json!({"autoresponse_type": "Pause"}), json!({"body": "x", "opt_out_indicator": "Pause"})),
        (json!({"autoresponse_type": null, "cc": [], "new_field": {"a": 1}}), json!({"body": "x"})),
        (json!({"to": [{"phone_number": "22395"}]}), json!({"body": "x", "to": "22395"})),
        (
            json!({"to": "+14155550100", "type": "WHATSAPP"}),
            json!({"body": "x", "to": "+14155550100", "source": "whatsapp"}),
        ),
        (json!({"to": group, "type": "MMS"}), json!({"body": "x", "to": "+2"})),
        (json!({"to": [], "type": "RCS"}), json!({"body": "x", "source": "rcs"})),
        (json!({"received_at": "now"}), json!({"body": "x"})),
        (json!({"from": "14155550123"}), json!({"body": "x", "from": "14155550123"})),
        (json!({"from": {"phone_number": "INFI"}}), json!({"body": "x", "from": "INFI"})),
        (json!({"id": 77}), json!({"body": "x", "provider_message_id": "77"})),
    ] {
        let mut whole = json!({
            "type": "inbound_sms", "gateway": "main", "from": "+14155550123", "provider_message_id": "m1",
        });
        expected.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
        assert_eq!(read(&received(&payload)), [("e1".to_owned(), whole)], "{payload}");
    }
}

#[test]
fn the_time_of_the_message_goes_before_that_of_the_event() {
    let mut event = received(&json!({}));
    event["data"]["occurred_at"] = json!("2025-10-09T08:53:19+00:00");
    assert_eq!(read(&event)[0].1["at"], "2025-10-09T08:53:19Z");
    event["data"]["payload"]["received_at"] = json!("2025-10-09T08:53:18+00:00");
    assert_eq!(read(&event)[0].1["at"], "2025-10-09T08:53:18Z");
}

#[test]
fn an_event_without_an_id_is_named_by_its_message() {
    let mut event = received(&json!({}));
    event["data"]["id"] = Value::Null;
    assert_eq!(read(&event)[0].0, "m1");
}

#[test]
fn a_message_of_our_own_is_not_an_answer() {
    assert_eq!(read(&received(&json!({"direction": "outbound", "text": "Reply STOP to opt out"}))), []);
}

#[test]
fn a_report_becomes_an_outcome() {
    for (status, codes, outcome, code) in [
        ("delivered", &[][..], "delivered", "delivered"),
        ("read", &[], "delivered", "read"),
        ("sending_failed", &["40300"], "opted_out", "sending_failed/40300"),
        ("delivery_failed", &["40008", "40300"], "opted_out", "delivery_failed/40300"),
        ("queued", &["40300"], "opted_out", "queued/40300"),
        ("delivery_failed", &["40001"], "landline_or_invalid", "delivery_failed/40001"),
        ("sending_failed", &["40012"], "landline_or_invalid", "sending_failed/40012"),
        ("sending_failed", &["10002"], "landline_or_invalid", "sending_failed/10002"),
        ("sending_failed", &["40310"], "landline_or_invalid", "sending_failed/40310"),
        ("delivery_failed", &["40002"], "blocked_unknown", "delivery_failed/40002"),
        ("delivery_failed", &["40003"], "blocked_unknown", "delivery_failed/40003"),
        ("delivery_failed", &["40015"], "blocked_unknown", "delivery_failed/40015"),
        ("delivery_failed", &["40004"], "temporary", "delivery_failed/40004"),
        ("delivery_failed", &["40008"], "temporary", "delivery_failed/40008"),
        ("sending_failed", &[], "temporary", "sending_failed"),
        ("expired", &["40005"], "temporary", "expired/40005"),
    ] {
        let expected = json!({
            "type": "delivery_reported", "gateway": "main", "phone": "+14155550123", "provider_message_id": "m1",
            "outcome": outcome, "code": code,
        });
        assert_eq!(read(&finalized(status, codes)), [(format!("m1/{status}/+14155550123"), expected)]);
    }
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["queued", "sending", "sent", "delivery_unconfirmed", "something_new"] {
        assert_eq!(read(&finalized(status, &[])), [], "{status}");
    }
    assert_eq!(read(&finalized("sent", &["40008"])), []);
}

#[test]
fn each_recipient_has_a_report_of_their_own() {
    let mut event = finalized("delivered", &["40300"]);
    event["data"]["occurred_at"] = json!("2025-10-09T08:53:19.148+00:00");
    event["data"]["payload"]["to"] = json!([
        {"phone_number": "+14155550123", "status": "delivered"},
        {"status": "delivery_failed", "carrier": "+14155550199"},
        {"phone_number": "14155550124", "status": "delivery_failed"},
        {"phone_number": "+14155550125", "status": "sent"},
    ]);
    let found = read(&event);
    let field = |at: usize, name: &str| found[at].1[name].clone();
    assert_eq!((field(0, "outcome"), field(0, "phone")), (json!("delivered"), json!("+14155550123")));
    assert_eq!(field(0, "at"), "2025-10-09T08:53:19.148000Z");
    assert_eq!((field(1, "type"), field(1, "sender")), (json!("inbound_unparsed"), json!("+14155550199")));
    assert_eq!((field(2, "outcome"), field(2, "phone")), (json!("opted_out"), json!("+14155550124")));
    assert_eq!((field(3, "outcome"), found.len()), (json!("opted_out"), 4));
}

#[test]
fn a_report_of_whatsapp_names_its_recipient_alone() {
    let payload = json!({"id": "m1", "to": "+14155550123", "status": "read", "type": "WHATSAPP", "errors": []});
    let event = json!({"data": {"event_type": "message.read", "id": "e1", "payload": payload}});
    let (key, report) = read(&event).remove(0);
    assert_eq!((key.as_str(), &report["source"]), ("m1/read/+14155550123", &json!("whatsapp")));
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let sender = Some("+14155550123");
    let other =
        |kind: &str| json!({"data": {"event_type": kind, "payload": {"from": {"phone_number": "+14155550123"}}}});
    for (event, found) in [
        (received(&json!({"text": null})), sender),
        (received(&json!({"text": {"body": "STOP"}})), sender),
        (received(&json!({"text": "x".repeat(70_000)})), sender),
        (received(&json!({"from": null})), None),
        (other("message.received"), sender),
        (other("message.something_new"), sender),
        (json!({"data": {"payload": {"from": "+14155550123"}}}), sender),
        (
            json!({"data": {"event_type": "message.finalized", "payload": {"id": "m1", "errors": [{"code": "40300"}]}}}),
            None,
        ),
        (json!([]), None),
        (json!("STOP +14155550123"), sender),
    ] {
        let unparsed = parse(&event).expect_err(&event.to_string());
        assert_eq!(unparsed.sender.as_ref().map(ToString::to_string).as_deref(), found, "{event}");
        assert_eq!(unparsed.raw, event.to_string().as_bytes());
    }
    let (request, account) = (signed_at("1760000000", "STOP"), ours());
    assert_eq!(verify(&request, &account).unwrap().parse().unwrap_err().reason, "not JSON");
}

#[test]
fn any_answer_that_is_a_success_will_do() {
    let (request, account) = (signed_at("1760000000", "{}"), ours());
    assert_eq!(verify(&request, &account).unwrap().acknowledge(), Acknowledgement::empty());
}

#[test]
fn a_refusal_says_why() {
    let refusal = |request: &WebhookRequest, account: &Account| verify(request, account).err();
    let good = || signed_at("1760000000", "{}");
    let change = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = good();
        change(&mut request);
        refusal(&request, &ours())
    };
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|request| request.headers.truncate(2)), Some(Forged::Unsigned));
    assert_eq!(change(&|request| request.headers[2].1 = "not base64".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.headers[2].1 = "AAAA".to_owned()), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.headers[1].1 = "now".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.headers[1].1 = "1760000001".to_owned()), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.body.push(b' ')), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.received = NOW + TimeDelta::seconds(300)), None);
    assert_eq!(change(&|request| request.received = NOW - TimeDelta::seconds(300)), None);
    assert_eq!(change(&|request| request.received = NOW + TimeDelta::seconds(301)), Some(Forged::Stale));
    assert_eq!(change(&|request| request.received = NOW - TimeDelta::seconds(301)), Some(Forged::Stale));
    assert_eq!(refusal(&good(), &account("telnyx", &[""])), Some(Forged::UnknownKey));
}

#[test]
fn a_configuration_that_cannot_work_is_refused_without_showing_it() {
    let key = encode(key().verifying_key().as_bytes());
    assert_eq!(signature::check(&account("telnyx", &[&key, &key])), Ok(()));
    for secrets in [&[][..], &[""], &["not base64"], &["c2hvcnQ="], &[&key, "c2hvcnQ="]] {
        let refusal = signature::check(&account("telnyx", secrets)).unwrap_err();
        assert!(refusal.contains("`secrets`") && !refusal.contains("c2hvcnQ"), "{refusal}");
    }
}
