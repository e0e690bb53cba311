use serde_json::json;

use super::*;
use crate::gateways::sinch::tests::signed;
use crate::gateways::tests::{Body, Covers, Fixtures, account, account_that_sends};
use crate::gateways::verify;

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "sinch_conversation",
    proof: &["x-sinch-webhook-signature", "x-sinch-webhook-signature-nonce", "x-sinch-webhook-signature-timestamp"],
    covers: Covers { body: Body::Whole, url: false, time: false },
    vectors: include_str!("../../../../../../tests/fixtures/sinch_conversation/vectors.json"),
    account: |case| Some(account("sinch_conversation", &[case["secret"].as_str()?])),
};

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (signed(&body.to_string()), account("sinch_conversation", &["secret"]));
    verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The signals of a callback: their keys, and their events as they would be written.
fn read(body: &Value) -> Vec<(String, Value)> {
    let signals = parse(body).unwrap_or_else(|unparsed| panic!("{unparsed} {body}"));
    signals.into_iter().map(|signal| (signal.dedupe_key, signal.event.to_json().unwrap().into())).collect()
}

fn envelope(name: &str, thing: &Value) -> Value {
    json!({
        "app_id": "a1", "project_id": "p", "accepted_time": "2025-10-09T08:53:20.724083Z",
        "event_time": "2025-10-09T08:53:20Z", "message_metadata": "", "correlation_id": "", name: thing,
    })
}

fn message(changes: &Value) -> Value {
    let mut whole = json!({
        "id": "m1", "direction": "TO_APP", "contact_message": {"text_message": {"text": "Stop"}},
        "channel_identity": {"channel": "SMS", "identity": "14155550123", "app_id": ""}, "sender_id": "14155550100",
        "accept_time": "2025-10-09T08:53:19.5Z", "contact_id": "c1", "processing_mode": "CONVERSATION",
    });
    changes.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
    envelope("message", &whole)
}

#[test]
fn a_message_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:19.500000Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "m1",
    });
    assert_eq!(read(&message(&json!({}))), [("m1".to_owned(), expected.clone())]);
    let redacted = envelope("message_redaction", &message(&json!({}))["message"]);
    assert_eq!(read(&redacted), [("m1".to_owned(), expected)]);
}

#[test]
fn a_message_may_be_written_chosen_or_shown() {
    let media = json!(["https://a/0"]);
    for (content, body, expected) in [
        (json!({"text_message": {"text": ""}}), "", Value::Null),
        (json!({"text_message": {"text": "Arrêt 🛑"}, "reply_to": {}}), "Arrêt 🛑", Value::Null),
        (json!({"choice_response_message": {"message_id": "x", "postback_data": "STOP"}}), "STOP", Value::Null),
        (json!({"media_message": {"url": "https://a/0"}}), "", media.clone()),
        (json!({"media_card_message": {"url": "https://a/0", "caption": "stop"}}), "stop", media),
    ] {
        let event = read(&message(&json!({"contact_message": content}))).remove(0).1;
        assert_eq!((&event["body"], &event["media"]), (&json!(body), &expected), "{content}");
    }
}

#[test]
fn the_sender_is_known_whatever_the_channel() {
    for (channel, identity, source, from, phone) in [
        ("SMS", "14155550123", Value::Null, "14155550123", Some("+14155550123")),
        ("SMS", "+14155550123", Value::Null, "+14155550123", Some("+14155550123")),
        ("MMS", "14155550123", Value::Null, "14155550123", Some("+14155550123")),
        ("WHATSAPP", "14155550123", json!("whatsapp"), "14155550123", Some("+14155550123")),
        ("RCS", "14155550123", json!("rcs"), "14155550123", Some("+14155550123")),
        ("VIBERBM", "14155550123", json!("viberbm"), "14155550123", Some("+14155550123")),
        ("MESSENGER", "14155550123", json!("messenger"), "messenger:14155550123", None),
        ("TELEGRAM", "14155550123", json!("telegram"), "telegram:14155550123", None),
        ("SMS", "12345", Value::Null, "12345", None),
    ] {
        let body = message(&json!({"channel_identity": {"channel": channel, "identity": identity}}));
        let event = read(&body).remove(0).1;
        assert_eq!((&event["source"], &event["from"]), (&source, &json!(from)), "{channel}");
        let signals = parse(&body).unwrap();
        let found = signals[0].event.identities().first().map(|identity| identity.value().to_owned());
        assert_eq!(found.as_deref(), phone, "{channel} {identity}");
    }
}

#[test]
fn a_message_of_our_own_is_not_an_answer() {
    let text = json!({"text_message": {"text": "Reply STOP to opt out"}});
    assert_eq!(read(&message(&json!({"direction": "TO_CONTACT", "contact_message": text}))), []);
    assert_eq!(read(&envelope("message_submit_notification", &json!({"submitted_message": text}))), []);
}

fn notification(kind: &str, changes: &Value) -> Value {
    let mut whole = json!({
        "request_id": "r1", "contact_id": "c1", "channel": "SMS", "identity": "14155550123",
        "status": format!("{}_SUCCEEDED", kind.to_uppercase()), "processing_mode": "CONVERSATION",
    });
    changes.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
    envelope(&format!("{kind}_notification"), &whole)
}

#[test]
fn an_opt_out_counts_whatever_sinch_made_of_it() {
    for (changes, source) in [
        (json!({}), Value::Null),
        (json!({"status": "OPT_OUT_FAILED", "error_details": {"description": "x"}}), Value::Null),
        (json!({"status": null}), Value::Null),
        (json!({"channel": null}), Value::Null),
        (json!({"channel": "WHATSAPP"}), json!("whatsapp")),
    ] {
        let mut expected = json!({
            "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "14155550123", "body": "",
            "provider_message_id": "r1", "opt_out_indicator": "STOP",
        });
        if !source.is_null() {
            expected["source"] = source;
        }
        assert_eq!(read(&notification("opt_out", &changes)), [("opt_out/r1".to_owned(), expected)], "{changes}");
    }
}

#[test]
fn an_opt_in_counts_if_it_was_by_text_and_succeeded() {
    let (key, event) = read(&notification("opt_in", &json!({}))).remove(0);
    assert_eq!((key.as_str(), &event["opt_out_indicator"], &event["body"]), ("opt_in/r1", &json!("START"), &json!("")));
    for changes in [
        json!({"status": "OPT_IN_FAILED"}),
        json!({"status": null}),
        json!({"channel": "WHATSAPP"}),
        json!({"channel": null}),
    ] {
        assert_eq!(read(&notification("opt_in", &changes)), [], "{changes}");
    }
}

fn report(status: &str, reason: Option<&str>) -> Value {
    let to = json!({"channel": "SMS", "identity": "14155550123", "app_id": ""});
    let report = json!({
        "message_id": "m1", "status": status, "channel_identity": to, "contact_id": "c1",
        "reason": reason.map(|code| json!({"code": code, "description": "x", "sub_code": "UNSPECIFIED_SUB_CODE"})),
    });
    envelope("message_delivery_report", &report)
}

#[test]
fn a_report_becomes_an_outcome() {
    for (status, reason, outcome) in [
        ("DELIVERED", None, "delivered"),
        ("READ", None, "delivered"),
        ("FAILED", Some("RECIPIENT_NOT_OPTED_IN"), "opted_out"),
        ("SWITCHING_CHANNEL", Some("RECIPIENT_NOT_OPTED_IN"), "opted_out"),
        ("FAILED", Some("RECIPIENT_INVALID_CHANNEL_IDENTITY"), "landline_or_invalid"),
        ("FAILED", Some("DELIVERY_REJECTED_DUE_TO_POLICY"), "blocked_unknown"),
        ("FAILED", Some("CHANNEL_REJECT"), "blocked_unknown"),
        ("FAILED", Some("RECIPIENT_NOT_REACHABLE"), "temporary"),
        ("FAILED", None, "temporary"),
    ] {
        let code = reason.map_or_else(|| status.to_owned(), |reason| format!("{status}/{reason}"));
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:20Z", "gateway": "main", "phone": "+14155550123",
            "provider_message_id": "m1", "outcome": outcome, "code": code,
        });
        assert_eq!(read(&report(status, reason)), [(format!("m1/SMS/{status}"), expected)]);
    }
}

#[test]
fn what_says_nothing_about_consent_is_no_news() {
    for status in ["QUEUED_ON_CHANNEL", "SWITCHING_CHANNEL", "SOMETHING_NEW"] {
        assert_eq!(read(&report(status, None)), [], "{status}");
    }
    for name in ["contact_create_notification", "conversation_start_notification", "event", "capability_notification"] {
        assert_eq!(read(&envelope(name, &json!({"contact": {"id": "c1"}}))), [], "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_set_aside() {
    for body in [
        message(&json!({"id": ""})),
        message(&json!({"channel_identity": {"channel": "SMS"}})),
        message(&json!({"contact_message": {"location_message": {"title": "here"}}})),
        message(&json!({"contact_message": {"fallback_message": {"raw_message": "from: +14155550123 STOP"}}})),
        message(&json!({"contact_message": {"text_message": {"text": "x".repeat(70_000)}}})),
        notification("opt_out", &json!({"request_id": null})),
        notification("opt_out", &json!({"identity": ""})),
        envelope("message_delivery_report", &json!({"message_id": "m1", "status": "FAILED"})),
        envelope("unsupported_callback", &json!({"channel": "SMS", "payload": "STOP"})),
        envelope("message", &Value::Null),
        json!([]),
    ] {
        assert_eq!(parse(&body).expect_err(&body.to_string()).raw, body.to_string().as_bytes());
    }
    let (request, account) = (signed("STOP"), account("sinch_conversation", &["secret"]));
    let verified = verify(&request, &account).unwrap();
    assert_eq!(verified.parse().unwrap_err().reason, "not JSON");
    assert_eq!(verified.acknowledge(), Acknowledgement::empty());
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let refusal = |settings: &[(&str, &str)], credentials: &[(&str, &str)]| {
        check(&account_that_sends("sinch_conversation", settings, credentials)).err().unwrap_or_default()
    };
    let key = [("key_id", "k"), ("key_secret", "hidden")];
    assert_eq!(refusal(&[], &[]), "");
    assert_eq!(refusal(&[("project_id", "p"), ("app_id", "a")], &key), "");
    for (settings, credentials, named) in [
        (&[("region", "EU")][..], &[][..], "`region`"),
        (&[("signature_window", "299")], &[], "`signature_window`"),
        (&[], &key[..1], "key_secret"),
        (&[], &key[1..], "key_id"),
        (&[], &key, "project_id"),
        (&[("project_id", "p")], &key, "app_id"),
    ] {
        let refusal = refusal(settings, credentials);
        assert!(refusal.contains(named) && !refusal.contains("hidden"), "{named}: {refusal}");
    }
    assert!(check(&account("sinch_conversation", &[""])).unwrap_err().contains("`secrets`"));
}
