use serde_json::json;

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, account, posted};
use crate::gateways::{Forged, WebhookRequest, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "bandwidth",
    proof: &["authorization"],
    covers: Covers { body: Body::Open, url: false, time: false },
    vectors: include_str!("../../../../../tests/fixtures/bandwidth/vectors.json"),
    account: |case| {
        let login = format!("{}:{}", case["user"].as_str()?, case["password"].as_str()?);
        Some(account("bandwidth", &[&login]))
    },
};

fn request(body: &str) -> WebhookRequest {
    posted("application/json", body, &[("authorization", "Basic dXNlcjpwYXNz")])
}

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let account = account("bandwidth", &["user:pass"]);
    verify(&request(&body.to_string()), &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of an event: its key, and its event as it would be written.
fn only(event: &Value) -> (String, Value) {
    let signals = parse(&json!([event])).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

/// A message to us, with some of its fields changed.
fn message(changed: &Value) -> Value {
    let mut message = json!({
        "id": "m1", "owner": "+14155550100", "applicationId": "93de", "time": "2025-10-09T08:53:20.000Z",
        "segmentCount": 1, "direction": "in", "to": ["+14155550100"], "from": "+14155550123", "text": "Stop",
    });
    for (name, value) in changed.as_object().unwrap() {
        message[name] = value.clone();
    }
    json!({"time": "2025-10-09T08:53:21.000Z", "type": "message-received", "to": "+14155550100", "message": message})
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "Stop", "provider_message_id": "m1",
    });
    assert_eq!(only(&message(&json!({}))), ("m1/message-received/+14155550100".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    for (changed, expected) in [
        (json!({"text": ""}), json!({"body": ""})),
        (
            json!({"text": null, "media": ["https://a/0", "https://a/1"]}),
            json!({"body": "", "media": ["https://a/0", "https://a/1"]}),
        ),
        (json!({"text": null, "content": {"text": "Stop it"}}), json!({"body": "Stop it"})),
        (json!({"text": "", "content": {"suggestionResponse": {"text": "Stop"}}}), json!({"body": "Stop"})),
        (json!({"text": "", "content": {"suggestion": {"text": "Stop"}}}), json!({"body": "Stop"})),
        (
            json!({"channel": "RCS", "text": null, "content": {"media": {"fileUrl": "https://a"}}}),
            json!({"body": "", "source": "rcs", "media": ["https://a"]}),
        ),
        (json!({"channel": "MMS"}), json!({"body": "Stop", "source": null})),
        (json!({"from": "14155550123"}), json!({"from": "14155550123"})),
        (json!({"from": "22395"}), json!({"from": "22395"})),
        (json!({"id": 7}), json!({"provider_message_id": "7"})),
        (json!({"owner": null}), json!({"to": "+14155550100"})),
        (json!({"time": "yesterday"}), json!({"at": "2025-10-09T08:53:21Z"})),
        (json!({"direction": null}), json!({"body": "Stop"})),
        (json!({"something": {"new": 1}}), json!({"body": "Stop"})),
    ] {
        let (_, event) = only(&message(&changed));
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(event.get(name).unwrap_or(&Value::Null), value, "{changed} {name}");
        }
    }
    let mut tapped = message(&json!({"text": "Stop"}));
    tapped["type"] = json!("suggestion-response");
    assert_eq!(only(&tapped).0, "m1/suggestion-response/+14155550100");
}

#[test]
fn what_is_ours_is_no_message_to_us() {
    for kind in ["message-received", "suggestion-response"] {
        let mut event = message(&json!({"direction": "out", "from": "+14155550100", "text": "Reply STOP to opt out"}));
        event["type"] = json!(kind);
        assert_eq!(parse(&json!([event])), Ok(vec![]), "{kind}");
    }
}

#[test]
fn a_delivery_report_becomes_an_outcome() {
    for (kind, error, outcome) in [
        ("message-delivered", json!(null), "delivered"),
        ("message-read", json!(null), "delivered"),
        ("message-failed", json!(4775), "opted_out"),
        ("message-failed", json!("4775"), "opted_out"),
        ("message-failed", json!(4721), "deactivated"),
        ("message-failed", json!(4720), "landline_or_invalid"),
        ("message-failed", json!(4303), "landline_or_invalid"),
        ("message-failed", json!(4350), "landline_or_invalid"),
        ("message-failed", json!(4404), "landline_or_invalid"),
        ("message-failed", json!(4406), "landline_or_invalid"),
        ("message-failed", json!(4408), "landline_or_invalid"),
        ("message-failed", json!(4482), "blocked_unknown"),
        ("message-failed", json!(4750), "blocked_unknown"),
        ("message-failed", json!(4753), "blocked_unknown"),
        ("message-failed", json!(4772), "blocked_unknown"),
        ("message-failed", json!(4790), "blocked_unknown"),
        ("message-failed", json!(4770), "temporary"),
        ("message-failed", json!(9902), "temporary"),
        ("message-failed", json!(0), "temporary"),
        ("message-failed", json!(null), "temporary"),
    ] {
        let mut event = message(&json!({"direction": "out", "from": "+14155550100", "text": ""}));
        (event["type"], event["to"], event["errorCode"]) = (json!(kind), json!("+14155550123"), error.clone());
        let code = match error.to_string().trim_matches('"') {
            "null" | "0" => kind.to_owned(),
            code => format!("{kind}/{code}"),
        };
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "phone": "+14155550123", "gateway": "main",
            "provider_message_id": "m1", "outcome": outcome, "code": code,
        });
        assert_eq!(only(&event), (format!("m1/{kind}/+14155550123"), expected), "{kind} {error}");
    }
    let failed = json!({"type": "message-failed", "message": {"id": "m1", "to": ["+14155550177"], "channel": "RBM"}});
    let (key, event) = only(&failed);
    assert_eq!((key.as_str(), &event["source"]), ("m1/message-failed/+14155550177", &json!("rbm")));
}

#[test]
fn a_message_under_way_is_no_news() {
    for kind in ["message-sending", "message-sent", "requested-location-response"] {
        let mut event = message(&json!({"direction": "out"}));
        event["type"] = json!(kind);
        assert_eq!(parse(&json!([event])), Ok(vec![]), "{kind}");
    }
    assert_eq!(parse(&json!([])), Ok(vec![]));
}

#[test]
fn what_cannot_be_read_keeps_its_sender_and_leaves_the_others() {
    let unread = [
        message(&json!({"id": null})),
        message(&json!({"text": null})),
        json!({"message": {"from": "+14155550123"}}),
        json!({"type": "message-eaten", "message": {"from": "+14155550123"}}),
        json!({"type": "message-failed", "to": "+14155550123"}),
        json!({"type": "message-failed", "message": {"id": "m1", "from": "+14155550123"}}),
    ];
    for event in unread {
        let signals = parse(&json!([event, message(&json!({}))])).unwrap();
        let found: Value = signals[0].event.to_json().unwrap().into();
        assert_eq!((&found["type"], &found["sender"]), (&json!("inbound_unparsed"), &json!("+14155550123")), "{event}");
        assert_eq!((signals.len(), signals[1].dedupe_key.as_str()), (2, "m1/message-received/+14155550100"));
        // Alone it is set aside as it came.
        assert_eq!(parse(&event).unwrap_err().raw, event.to_string().as_bytes());
    }
    assert_eq!(parse(&message(&json!({}))).unwrap().len(), 1);
    let account = account("bandwidth", &["user:pass"]);
    assert!(verify(&request("[{"), &account).unwrap().parse().is_err());
    let nobody = message(&json!({"from": null, "owner": null, "to": []}));
    assert_eq!(parse(&nobody).unwrap_err().reason, "no sender");
}

#[test]
fn the_answer_has_no_words() {
    let account = account("bandwidth", &["user:pass"]);
    assert_eq!(verify(&request("[]"), &account).unwrap().acknowledge(), Acknowledgement::empty());
}

#[test]
fn a_refusal_says_why() {
    let account = account("bandwidth", &["user:pass", "user:", ":pass", ":"]);
    for (authorization, why) in [
        ("Bearer dXNlcjpwYXNz", Forged::Malformed),
        ("dXNlcjpwYXNz", Forged::Malformed),
        ("Basic user:pass", Forged::Malformed),
        ("Basic dXNlcjpwYXNzIQ==", Forged::Mismatch),
        // What is left of an unfinished entry is nobody's password.
        ("Basic dXNlcjo=", Forged::Mismatch),
        ("Basic OnBhc3M=", Forged::Mismatch),
        ("Basic Og==", Forged::Mismatch),
    ] {
        let request = posted("application/json", "[]", &[("authorization", authorization)]);
        assert_eq!(verify(&request, &account).err(), Some(why), "{authorization}");
    }
    assert_eq!(verify(&posted("application/json", "[]", &[]), &account).err(), Some(Forged::Unsigned));
}

#[test]
fn a_secret_without_user_or_password_is_refused_at_start() {
    let check = |secrets: &[&str]| (GATEWAY.check)(&account("bandwidth", secrets));
    assert_eq!(check(&["user:pass", "bw-user:s3cr:et€"]), Ok(()));
    for secrets in [&["secret"][..], &["user:"], &[":pass"], &[""], &[], &["user:pass", "secret"]] {
        let refused = check(secrets).unwrap_err();
        assert!(refused.contains("secrets") && !refused.contains("secret "), "{refused}");
    }
}
