mod refusals;
mod shakes;

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use consent_core::event::Event;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::verify;

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "aws_sns",
    proof: &[],
    covers: Covers { body: Body::Fields(signed_part), url: false, time: false },
    vectors: VECTORS,
    account: |_| Some(ours()),
};

/// What SNS signs of a body.
fn signed_part(request: &WebhookRequest) -> Vec<u8> {
    Envelope::read(&request.body).map_or_else(|_| request.body.clone(), |envelope| envelope.signed().into_bytes())
}

const VECTORS: &str = include_str!("../../../../../tests/fixtures/aws_sns/vectors.json");
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:two-way-sms";
const CERTIFICATE_URL: &str =
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";

/// The recorded requests.
static RECORDED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(VECTORS).unwrap());

/// Certificates by name, all but `another_key` for the key that signed the recorded requests.
pub(super) static CERTIFICATES: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../tests/fixtures/aws_sns/certificates.json")).unwrap()
});

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The account of the recorded requests, which trusts the certificate that they are signed with.
fn ours() -> Account {
    let mut account = account("aws_sns", &[TOPIC]);
    let certificate = RECORDED["cases"][0]["certificate_pem"].as_str().unwrap();
    account.settings.insert("trust_anchor".to_owned(), certificate.to_owned());
    account
}

/// A message, before it is signed.
fn notification(message: &str) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": "2025-10-09T08:53:20.655Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    })
}

fn confirmation(kind: &str) -> Value {
    let mut body = notification("You have chosen to subscribe.\nVisit the SubscribeURL.");
    body["Type"] = json!(kind);
    body["Token"] = json!("2336412f37f");
    body["SubscribeURL"] = json!("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37f");
    body
}

/// A request with this body, as it stands.
fn posted(body: &Value) -> WebhookRequest {
    WebhookRequest {
        method: "POST".to_owned(),
        url: "https://ledger.example.com/v1/webhooks/main".to_owned(),
        headers: vec![("content-type".to_owned(), "text/plain; charset=UTF-8".to_owned())],
        body: body.to_string().into_bytes(),
        received: NOW,
        published_keys: RECORDED["cases"][0]["certificate_pem"].as_str().map(|pem| pem.as_bytes().to_owned()),
    }
}

/// A request that SNS has signed, whatever it says.
fn signed(mut body: Value) -> WebhookRequest {
    let key = PrivatePkcs8KeyDer::from_pem_slice(RECORDED["signing_key_pem"].as_str().unwrap().as_bytes()).unwrap();
    let key = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let confirms = body["Type"] != "Notification";
    let names: &[&str] = match confirms {
        true => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
        false => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    };
    let line = |name: &&str| body[*name].as_str().map(|value| format!("{name}\n{value}\n"));
    let text: String = names.iter().filter_map(line).collect();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    body["Signature"] = json!(STANDARD.encode(signature));
    posted(&body)
}

fn parse(request: &WebhookRequest) -> Result<Vec<Signal>, Unparsed> {
    let account = ours();
    verify(request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The signals of a message: their keys, and their events as they would be written.
fn said(message: &Value) -> Vec<(String, Value)> {
    let signals = parse(&signed(notification(&message.to_string()))).unwrap();
    signals.iter().map(|signal| (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())).collect()
}

fn text(more: &Value) -> Value {
    let mut message = json!({
        "originationNumber": "+14155550123", "destinationNumber": "+14155550100", "messageKeyword": "keyword_1",
        "messageBody": "Stop", "inboundMessageId": "cae173d2", "previousPublishedMessageId": "x",
    });
    merge(&mut message, more);
    message
}

fn event(kind: &str, more: &Value) -> Value {
    let mut message = json!({
        "eventType": kind, "eventVersion": "1.0", "eventTimestamp": 1_760_000_000_470_i64, "isFinal": true,
        "originationPhoneNumber": "+14155550100", "destinationPhoneNumber": "+14155550123", "messageId": "862a8790",
        "messageStatusDescription": "x",
    });
    merge(&mut message, more);
    message
}

fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        into[name] = value.clone();
    }
}

#[test]
fn a_text_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20.655000Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "Stop", "provider_message_id": "cae173d2",
    });
    assert_eq!(said(&text(&json!({}))), [("cae173d2".to_owned(), expected)]);
}

#[test]
fn a_text_is_read_however_odd_it_is() {
    for (more, name, expected) in [
        (json!({"messageBody": ""}), "body", json!(null)),
        (json!({"messageBody": " Arrêt 🛑\n"}), "body", json!(" Arrêt 🛑\n")),
        (json!({"originationNumber": "14155550123"}), "from", json!("14155550123")),
        (json!({"originationNumber": 14_155_550_123_i64}), "from", json!("14155550123")),
        (json!({"destinationNumber": "12345"}), "to", json!("12345")),
        (json!({"destinationNumber": null}), "to", json!(null)),
        (json!({"inboundMessageId": ""}), "provider_message_id", json!("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")),
        (json!({"something": {"new": []}}), "body", json!("Stop")),
    ] {
        let found = said(&text(&more));
        let [(_, event)] = found.as_slice() else { panic!("{more}") };
        let value = event.get(name).filter(|value| *value != "").cloned().unwrap_or_default();
        assert_eq!((&event["type"], value), (&json!("inbound_sms"), expected), "{more}");
    }
}

#[test]
fn an_event_says_what_became_of_a_text() {
    let nothing = json!({});
    for (kind, more, expected) in [
        ("TEXT_DELIVERED", &nothing, Some("delivered")),
        ("TEXT_SUCCESSFUL", &nothing, Some("delivered")),
        ("TEXT_SUCCESSFUL", &json!({"isFinal": false}), None),
        ("TEXT_SENT", &nothing, None),
        ("TEXT_PENDING", &nothing, None),
        ("TEXT_QUEUED", &nothing, None),
        ("TEXT_INVALID", &nothing, Some("landline_or_invalid")),
        ("TEXT_INVALID_MESSAGE", &nothing, Some("temporary")),
        ("TEXT_UNREACHABLE", &nothing, Some("temporary")),
        ("TEXT_CARRIER_UNREACHABLE", &nothing, Some("temporary")),
        ("TEXT_TTL_EXPIRED", &nothing, Some("temporary")),
        ("TEXT_UNKNOWN", &nothing, Some("temporary")),
        ("TEXT_PROTECT_BLOCKED", &nothing, Some("temporary")),
        ("TEXT_SOMETHING_NEW", &nothing, Some("temporary")),
        ("TEXT_BLOCKED", &nothing, Some("blocked_unknown")),
        ("TEXT_CARRIER_BLOCKED", &nothing, Some("blocked_unknown")),
        ("TEXT_SPAM", &nothing, Some("blocked_unknown")),
        ("MEDIA_DELIVERED", &nothing, Some("delivered")),
        ("TEXT_BLOCKED", &json!({"messageStatusDescription": "Phone number is Opted Out"}), Some("opted_out")),
        ("VOICE_COMPLETED", &nothing, None),
    ] {
        let found = said(&event(kind, more));
        let outcome = found.first().map(|(_, event)| event["outcome"].as_str().unwrap());
        assert_eq!(outcome, expected, "{kind} {more}");
    }
}

#[test]
fn a_report_names_the_text_the_number_and_the_time() {
    let expected = json!({
        "type": "delivery_reported", "at": "2025-10-09T08:53:20.470000Z", "phone": "+14155550123", "gateway": "main",
        "provider_message_id": "862a8790", "outcome": "blocked_unknown", "code": "TEXT_BLOCKED",
    });
    assert_eq!(said(&event("TEXT_BLOCKED", &json!({}))), [("862a8790/TEXT_BLOCKED".to_owned(), expected)]);
    for odd in
        [json!("soon"), json!(null), json!(i64::MAX), json!(i64::MIN), json!(1.5), json!(-99_999_999_999_999_i64)]
    {
        let found = said(&event("TEXT_BLOCKED", &json!({"eventTimestamp": odd})));
        assert_eq!(found[0].1.get("at"), None, "{odd}");
    }
}

#[test]
fn what_is_not_understood_is_kept_with_its_sender() {
    let wrapped = |message: &Value| message.to_string();
    for (message, sender) in [
        ("line1\nline2 Arrêt 🛑".to_owned(), None),
        ("STOP, says +14155550123".to_owned(), Some("+14155550123")),
        ("\"+14155550123\"".to_owned(), Some("+14155550123")),
        ("[]".to_owned(), None),
        (wrapped(&text(&json!({"originationNumber": null}))), Some("+14155550100")),
        (wrapped(&text(&json!({"messageBody": null}))), Some("+14155550123")),
        (wrapped(&text(&json!({"messageBody": 5}))), Some("+14155550123")),
        (wrapped(&text(&json!({"messageBody": "x".repeat(70_000)}))), Some("+14155550123")),
        (wrapped(&event("RCS_SENT", &json!({}))), Some("+14155550123")),
        (wrapped(&event("TEXT_BLOCKED", &json!({"messageId": null}))), Some("+14155550123")),
    ] {
        let request = signed(notification(&message));
        let unparsed = parse(&request).unwrap_err();
        assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), sender, "{message}");
        assert_eq!(unparsed.raw, request.body);
    }
}

/// The fields that SNS does not sign may be changed by anybody, and nothing follows from them.
#[test]
fn every_flipped_byte_of_what_is_signed_is_noticed() {
    let account = ours();
    let mut refused = 0;
    for case in RECORDED["cases"].as_array().unwrap().iter().filter(|case| case["valid"] == true) {
        let mut request = posted(&serde_json::from_str(case["body"].as_str().unwrap()).unwrap());
        let meant = |request: &WebhookRequest| Envelope::read(&request.body).ok().map(|envelope| envelope.signed());
        let original = meant(&request);
        for at in 0..request.body.len() {
            request.body[at] ^= 1;
            match verify(&request, &account) {
                Ok(_) => assert_eq!(meant(&request), original, "{} at {at}", case["name"]),
                Err(_) => refused += 1,
            }
            request.body[at] ^= 1;
        }
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn the_recorded_messages_say_what_they_say() {
    for (name, expected) in [
        ("v1-inbound-stop", Some("inbound_sms")),
        ("v2-inbound-stop", Some("inbound_sms")),
        ("v2-with-subject", Some("inbound_sms")),
        ("v2-delivery-blocked", Some("delivery_reported")),
        ("v2-newline-and-utf8", None),
    ] {
        let cases = RECORDED["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let request = posted(&serde_json::from_str(case["body"].as_str().unwrap()).unwrap());
        let kind = parse(&request).ok().map(|signals| signals[0].event.kind.name());
        assert_eq!(kind, expected, "{name}");
    }
}

#[test]
fn what_is_recorded_can_be_read_back() {
    for (_, written) in [said(&text(&json!({}))), said(&event("TEXT_INVALID", &json!({})))].concat() {
        assert_eq!(Value::from(Event::from_json(written.clone()).unwrap().to_json().unwrap()), written);
    }
}
