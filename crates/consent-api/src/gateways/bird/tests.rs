use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account, posted};
use crate::gateways::{Forged, WebhookRequest, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "bird",
    proof: &["messagebird-signature", "messagebird-request-timestamp"],
    covers: Covers { body: Body::Whole, url: true, time: true },
    vectors: include_str!("../../../../../tests/fixtures/bird/vectors.json"),
    account: |case| Some(account("bird", &[case["secret"].as_str()?])),
};

const KEY: &str = "secureSigningKey";

fn signed(body: &str) -> WebhookRequest {
    let mut request = posted("application/json", body, &[]);
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(format!("{}\n{}\n", NOW.timestamp(), request.url).as_bytes());
    mac.update(&Sha256::digest(body));
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    request.headers.push(("messagebird-signature".to_owned(), signature));
    request.headers.push(("messagebird-request-timestamp".to_owned(), NOW.timestamp().to_string()));
    request
}

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let account = account("bird", &[KEY]);
    verify(&signed(&body.to_string()), &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of an event: its key, and its event as it would be written.
fn only(event: &Value) -> (String, Value) {
    let signals = parse(event).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

/// An event with some fields of its payload changed.
fn with(kind: &str, mut payload: Value, changed: &Value) -> Value {
    for (name, value) in changed.as_object().unwrap() {
        payload[name] = value.clone();
    }
    json!({"service": "channels", "event": kind, "payload": payload})
}

fn inbound(changed: &Value) -> Value {
    let payload = json!({
        "id": "96a0", "channelId": "6142", "status": "delivered", "direction": "incoming",
        "sender": {"contact": {"id": "32cf", "identifierKey": "phonenumber", "identifierValue": "+14155550123"}},
        "receiver": {"connector": {"id": "86cc", "identifierValue": "+14155550100"}},
        "body": {"type": "text", "text": {"text": "Stop"}}, "createdAt": "2025-10-09T08:53:20.736Z",
    });
    with("sms.inbound", payload, changed)
}

fn outbound(changed: &Value) -> Value {
    let payload = json!({
        "id": "97b1", "direction": "outgoing", "lastStatusAt": "2025-10-09T08:53:21Z",
        "sender": {"connector": {"identifierValue": "+14155550100"}},
        "receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": "+14155550123"}]},
        "body": {"type": "text", "text": {"text": "Reply STOP to opt out"}},
    });
    with("sms.outbound", payload, changed)
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20.736000Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "Stop", "provider_message_id": "96a0",
    });
    assert_eq!(only(&inbound(&json!({}))), ("96a0".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    let picture = json!({"type": "image", "image": {"images": [{"mediaUrl": "https://a"}, {"altText": "x"}]}});
    let below = json!({"type": "image", "image": {"text": "Stop", "images": [{"mediaUrl": "https://a"}]}});
    let file = json!({"type": "file", "file": {"files": [{"mediaUrl": "https://f", "contentType": "text/vcard"}]}});
    for (changed, name, expected) in [
        (json!({"body": {"type": "text", "text": {"text": ""}}}), "body", json!("")),
        (json!({"body": picture}), "body", json!("")),
        (json!({"body": picture}), "media", json!(["https://a"])),
        (json!({"body": below}), "body", json!("Stop")),
        (json!({"body": file}), "media", json!(["https://f"])),
        (json!({"receiver": {"connector": {"id": "86cc"}}}), "to", json!(null)),
        (json!({"createdAt": "soon"}), "at", json!(null)),
        (json!({"direction": null}), "body", json!("Stop")),
        (json!({"id": 7, "meta": {"new": []}}), "provider_message_id", json!("7")),
    ] {
        let (_, event) = only(&inbound(&changed));
        assert_eq!(event.get(name).unwrap_or(&Value::Null), &expected, "{changed}");
    }
}

#[test]
fn the_channel_is_said_unless_it_is_the_one_for_texts() {
    for (kind, source) in [("sms", None), ("mms", None), ("whatsapp", Some("whatsapp")), ("rcs", Some("rcs"))] {
        let mut event = inbound(&json!({}));
        event["event"] = json!(format!("{kind}.inbound"));
        assert_eq!(parse(&event).unwrap()[0].event.source.as_deref(), source, "{kind}");
        let mut event = outbound(&json!({"status": "delivered"}));
        event["event"] = json!(format!("{kind}.outbound"));
        assert_eq!(parse(&event).unwrap()[0].event.source.as_deref(), source, "{kind}");
    }
}

#[test]
fn what_is_ours_is_no_message_to_us() {
    let mut event = outbound(&json!({"status": "delivered"}));
    event["event"] = json!("sms.inbound");
    assert_eq!(only(&event).1["type"], json!("delivery_reported"));
    let mut event = inbound(&json!({}));
    event["event"] = json!("sms.outbound");
    assert!(parse(&event).is_err());
}

#[test]
fn a_status_becomes_an_outcome() {
    let failure = |code: &str| json!({"code": 15001, "source": {"name": "sms-messagebird", "code": code}});
    for (changed, outcome, code) in [
        (json!({"status": "delivered"}), "delivered", "delivered"),
        (json!({"status": "read"}), "delivered", "read"),
        (json!({"status": "delivery_failed", "failure": failure("103")}), "opted_out", "delivery_failed/103"),
        (json!({"status": "delivery_failed", "failure": failure("1")}), "landline_or_invalid", "delivery_failed/1"),
        (json!({"status": "delivery_failed", "failure": failure("34")}), "temporary", "delivery_failed/34"),
        (
            json!({"status": "delivery_failed", "reason": "details: opted out; reason: opted_out"}),
            "opted_out",
            "delivery_failed",
        ),
        (json!({"status": "sending_failed", "details": "carrier_rejected"}), "blocked_unknown", "sending_failed"),
        (json!({"status": "rejected", "failure": {"code": 15001}}), "temporary", "rejected/15001"),
        (json!({"status": "skipped", "reason": "unknown_subscriber"}), "landline_or_invalid", "skipped"),
        (json!({"status": "failed"}), "temporary", "failed"),
    ] {
        let status = changed["status"].as_str().unwrap();
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "phone": "+14155550123", "gateway": "main",
            "provider_message_id": "97b1", "outcome": outcome, "code": code,
        });
        assert_eq!(only(&outbound(&changed)), (format!("97b1/{status}/+14155550123"), expected), "{changed}");
    }
}

#[test]
fn every_recipient_has_a_report() {
    let contacts = json!([{"identifierValue": "+14155550123"}, {"id": "x"}, {"identifierValue": "+14155550177"}]);
    let event = outbound(&json!({"status": "delivered", "receiver": {"contacts": contacts}}));
    let keys: Vec<_> = parse(&event).unwrap().into_iter().map(|signal| signal.dedupe_key).collect();
    assert_eq!(keys, ["97b1/delivered/+14155550123", "97b1/delivered/+14155550177"]);
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in [json!("accepted"), json!("processing"), json!("sent"), json!("something_new"), json!(null)] {
        assert_eq!(parse(&outbound(&json!({"status": status}))), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let mut other = inbound(&json!({}));
    other["event"] = json!("email.inbound");
    let mut unnamed = inbound(&json!({}));
    unnamed["event"] = json!(null);
    for event in [
        inbound(&json!({"id": null})),
        inbound(&json!({"body": {"type": "location", "location": {"latitude": 1.5}}})),
        inbound(&json!({"body": null})),
        inbound(&json!({"direction": "sideways"})),
        other,
        unnamed,
    ] {
        let unparsed = parse(&event).unwrap_err();
        assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+14155550123"), "{event}");
        assert_eq!(unparsed.raw, event.to_string().as_bytes());
    }
    assert!(parse(&inbound(&json!({"sender": {}}))).is_err());
    for changed in [json!({"id": null}), json!({"receiver": {"contacts": []}}), json!({"receiver": null})] {
        let mut changed = changed;
        changed["status"] = json!("delivery_failed");
        assert!(parse(&outbound(&changed)).is_err(), "{changed}");
    }
    let account = account("bird", &[KEY]);
    assert!(verify(&signed("{"), &account).unwrap().parse().is_err());
    assert!(parse(&json!([])).is_err());
}

#[test]
fn a_refusal_says_why() {
    let account = account("bird", &[KEY]);
    let changed = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = signed("{}");
        change(&mut request);
        verify(&request, &account).err()
    };
    let seconds = |seconds| chrono::TimeDelta::seconds(seconds);
    assert_eq!(changed(&|_| ()), None);
    assert_eq!(changed(&|request| drop(request.headers.remove(1))), Some(Forged::Unsigned));
    assert_eq!(changed(&|request| drop(request.headers.remove(2))), Some(Forged::Unsigned));
    assert_eq!(changed(&|request| request.headers[1].1 = "no base64".to_owned()), Some(Forged::Malformed));
    assert_eq!(changed(&|request| request.headers[2].1 = "today".to_owned()), Some(Forged::Malformed));
    assert_eq!(changed(&|request| request.headers[2].1 = "1760000001".to_owned()), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.url += "/"), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.body.push(b' ')), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.received += seconds(300)), None);
    assert_eq!(changed(&|request| request.received += seconds(301)), Some(Forged::Stale));
    assert_eq!(changed(&|request| request.received -= seconds(301)), Some(Forged::Stale));
    let nobody = crate::gateways::tests::account("bird", &[""]);
    assert_eq!(verify(&signed("{}"), &nobody).err(), Some(Forged::UnknownKey));
    assert!((GATEWAY.check)(&nobody).unwrap_err().contains("`secrets`"));
    assert_eq!((GATEWAY.check)(&account), Ok(()));
}

#[test]
fn the_answer_is_200_without_a_word() {
    let account = account("bird", &[KEY]);
    let answer = verify(&signed("{}"), &account).unwrap().acknowledge();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}
