mod refusals;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::Digest;

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::{WebhookRequest, form, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "vonage_messages",
    proof: &["authorization"],
    covers: Covers { body: Body::Whole, url: false, time: false },
    vectors: include_str!("../../../../../tests/fixtures/vonage_messages/vectors.json"),
    account: |case| Some(account("vonage_messages", &[case["secret"].as_str()?])),
};

const SECRET: &str = "c4e2a1f0b3d5968778695a4b3c2d1e0f99887766";

/// The claims of a token for this body.
fn claims(body: &str) -> Value {
    let hash = form::hex(&sha2::Sha256::digest(body));
    json!({"iat": NOW.timestamp(), "jti": "j", "iss": "Vonage", "payload_hash": hash, "api_key": "a1b2c3d4"})
}

fn signed_by(algorithm: Algorithm, claims: &Value, body: &str) -> WebhookRequest {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap();
    WebhookRequest {
        method: "POST".to_owned(),
        url: "https://ledger.example.com/v1/webhooks/main".to_owned(),
        headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

fn signed(body: &str) -> WebhookRequest {
    signed_by(Algorithm::HS256, &claims(body), body)
}

fn parse(body: &str) -> Result<Vec<Signal>, Unparsed> {
    let account = account("vonage_messages", &[SECRET]);
    verify(&signed(body), &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of a message: its key, and its event as it would be written.
fn only(message: &Value) -> (String, Value) {
    let signals = parse(&message.to_string()).unwrap_or_else(|unparsed| panic!("{unparsed}: {message}"));
    let [signal] = signals.as_slice() else { panic!("{} signals: {message}", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

/// A text, with these fields in place of its own.
#[expect(clippy::needless_pass_by_value, reason = "callers write the fields in place")]
fn changed(fields: Value) -> Value {
    let mut message = json!({
        "message_uuid": "m1", "to": "14155550100", "from": "14155550123", "channel": "sms",
        "timestamp": "2025-10-09T08:53:20Z", "message_type": "text", "text": "Stop",
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "m1",
    });
    assert_eq!(only(&changed(json!({"sms": {"keyword": "STOP"}, "new": [1]}))), ("m1".to_owned(), expected.clone()));
    let old = json!({
        "message_uuid": "m1", "direction": "inbound", "timestamp": "2025-10-09T08:53:20.000Z",
        "from": {"type": "sms", "number": "14155550123"}, "to": {"type": "sms", "number": "14155550100"},
        "message": {"content": {"type": "text", "text": "Stop"}},
    });
    assert_eq!(only(&old), ("m1".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    for (fields, name, expected) in [
        (json!({"text": ""}), "body", json!("")),
        (json!({"text": " Arrêt 🛑\n"}), "body", json!(" Arrêt 🛑\n")),
        (json!({"text": null, "message_type": "reply", "reply": {"id": "1", "title": "STOP"}}), "body", json!("STOP")),
        (json!({"text": null, "message_type": "button", "button": {"text": "Stop"}}), "body", json!("Stop")),
        (
            json!({"text": null, "message_type": "image", "image": {"url": "https://a/0", "caption": "stop"}}),
            "body",
            json!("stop"),
        ),
        (
            json!({"text": null, "message_type": "image", "image": {"url": "https://a/0"}}),
            "media",
            json!(["https://a/0"]),
        ),
        (json!({"text": null, "message_type": "image", "image": {"url": "https://a/0"}}), "body", json!(null)),
        (json!({"text": null, "message_type": "unsupported"}), "body", json!(null)),
        (
            json!({"text": null, "content": [{"type": "image", "url": "https://a/0"}, {"type": "text", "text": "stop"}]}),
            "body",
            json!("stop"),
        ),
        (
            json!({"content": [{"url": "https://a/0"}, {"url": "https://a/1"}]}),
            "media",
            json!(["https://a/0", "https://a/1"]),
        ),
        (json!({"from": "+14155550123"}), "from", json!("+14155550123")),
        (json!({"from": 14155550123_u64}), "from", json!("14155550123")),
        (json!({"from": "12345"}), "from", json!("12345")),
        (json!({"from": "INFI"}), "from", json!("INFI")),
        (json!({"to": "12345"}), "to", json!("12345")),
        (json!({"to": null}), "to", json!(null)),
        (json!({"channel": "whatsapp"}), "source", json!("whatsapp")),
        (json!({"channel": "mms"}), "source", json!("mms")),
        (json!({"channel": "SMS"}), "source", json!(null)),
        (json!({"channel": "messenger", "from": "14155550123"}), "from", json!("messenger:14155550123")),
        (json!({"timestamp": "yesterday"}), "at", json!(null)),
        (json!({"status": "read"}), "body", json!("Stop")),
    ] {
        let (_, event) = only(&changed(fields.clone()));
        assert_eq!((&event["type"], &event[name]), (&json!("inbound_sms"), &expected), "{fields}");
    }
}

#[test]
fn a_status_becomes_an_outcome() {
    let error = |code: Value| json!({"type": "https://developer.vonage.com/api-errors/messages#1", "title": code});
    for (status, error, outcome, code) in [
        ("delivered", json!(null), "delivered", "delivered"),
        ("read", json!(null), "delivered", "read"),
        ("rejected", error(json!(1240)), "opted_out", "rejected/1240"),
        ("undeliverable", error(json!("1240")), "opted_out", "undeliverable/1240"),
        (
            "rejected",
            json!({"type": "https://x/messages#1240", "title": "Illegal Number"}),
            "opted_out",
            "rejected/1240",
        ),
        ("rejected", json!({"code": 1240, "reason": "Illegal Number"}), "opted_out", "rejected/1240"),
        ("rejected", error(json!(1190)), "deactivated", "rejected/1190"),
        ("rejected", error(json!(1170)), "landline_or_invalid", "rejected/1170"),
        ("rejected", error(json!(1050)), "blocked_unknown", "rejected/1050"),
        ("rejected", error(json!(1210)), "blocked_unknown", "rejected/1210"),
        ("rejected", error(json!(1280)), "blocked_unknown", "rejected/1280"),
        ("rejected", error(json!(1180)), "temporary", "rejected/1180"),
        ("rejected", json!({"title": "Bad gateway"}), "temporary", "rejected/Bad gateway"),
        ("undeliverable", json!(null), "temporary", "undeliverable"),
        ("submitted", error(json!(1240)), "opted_out", "submitted/1240"),
    ] {
        let report = json!({
            "message_uuid": "m2", "to": "14155550123", "from": "14155550100", "timestamp": "2025-10-09T08:53:21Z",
            "status": status, "error": error, "channel": "sms",
        });
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "gateway": "main", "phone": "+14155550123",
            "provider_message_id": "m2", "outcome": outcome, "code": code,
        });
        assert_eq!(only(&report), (format!("m2/{status}"), expected));
    }
    let old = json!({"message_uuid": "m2", "to": {"type": "whatsapp", "number": "14155550123"}, "status": "read"});
    let (_, event) = only(&old);
    assert_eq!((&event["phone"], &event["source"]), (&json!("+14155550123"), &json!("whatsapp")));
}

#[test]
fn what_is_under_way_or_our_own_is_no_news() {
    for status in ["submitted", "queued", "something_new"] {
        let report = json!({"message_uuid": "m2", "to": "14155550123", "status": status});
        assert_eq!(parse(&report.to_string()), Ok(vec![]), "{status}");
    }
    assert_eq!(parse(&changed(json!({"direction": "outbound"})).to_string()), Ok(vec![]));
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let sender = "+14155550123";
    let long = changed(json!({"text": "x".repeat(70_000)})).to_string();
    for (body, found) in [
        (changed(json!({"message_uuid": null})).to_string(), Some(sender)),
        (changed(json!({"from": null})).to_string(), None),
        (json!({"status": "rejected", "error": {"title": 1240}, "from": "14155550123"}).to_string(), Some(sender)),
        (json!({"status": "rejected", "message_uuid": "m2"}).to_string(), None),
        (r#"{"from":"14155550123","text":"STOP""#.to_owned(), Some(sender)),
        ("[]".to_owned(), None),
        ("7".to_owned(), None),
        (String::new(), None),
        (long, Some(sender)),
    ] {
        let unparsed = parse(&body).expect_err(&body);
        assert_eq!(unparsed.sender.as_ref().map(ToString::to_string).as_deref(), found, "{body}");
        assert_eq!(unparsed.raw, body.as_bytes());
    }
}
