mod signatures;

use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, account, posted};
use crate::gateways::{WebhookRequest, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "standard_webhooks",
    // The ids first: what else stands in a list of signatures may change.
    proof: &["webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "svix-timestamp", "svix-signature"],
    covers: Covers { body: Body::Whole, url: false, time: true },
    vectors: include_str!("../../../../../tests/fixtures/standard_webhooks/vectors.json"),
    account: |case| {
        let key = case["secret"].as_str().or(case["public_key"].as_str());
        Some(account("standard_webhooks", &[key?]))
    },
};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn encode(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A request that is signed with the secret.
fn signed(body: &str) -> WebhookRequest {
    use hmac::{Hmac, KeyInit, Mac};
    let secret: Vec<u8> = (0..32).collect();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap();
    mac.update(format!("msg_1.1760000000.{body}").as_bytes());
    let signature = format!("v1,{}", encode(&mac.finalize().into_bytes()));
    let headers =
        [("webhook-id", "msg_1"), ("webhook-timestamp", "1760000000"), ("webhook-signature", signature.as_str())];
    posted("application/json", body, &headers)
}

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (signed(&body.to_string()), account("standard_webhooks", &[SECRET]));
    verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one event of a request, as it would be written.
fn only(body: &Value) -> Value {
    let signals = parse(body).unwrap_or_else(|unparsed| panic!("{unparsed} {body}"));
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    assert_eq!(signal.dedupe_key, "msg_1");
    signal.event.to_json().unwrap().into()
}

#[test]
fn an_event_is_taken_with_an_envelope_and_without() {
    let event = json!({
        "at": "2025-10-09T08:53:19Z", "from": "+14155550123", "to": "+14155550100", "body": "Arrêt 🛑",
        "provider_message_id": "7", "opt_out_indicator": "STOP", "media": ["https://a/0"],
    });
    let with = |name: &str, value: Value| {
        let mut event = event.clone();
        event[name] = value;
        event
    };
    let mut expected = with("type", json!("inbound_sms"));
    expected["gateway"] = json!("main");
    assert_eq!(only(&with("type", json!("inbound_sms"))), expected);
    let envelope = json!({"type": "inbound_sms", "timestamp": "2025-10-09T08:53:20Z", "data": event});
    assert_eq!(only(&envelope), expected);
    let with_both = json!({"type": "inbound_sms", "data": with("type", json!("consent_granted"))});
    assert_eq!(only(&with_both), expected);
}

#[test]
fn an_odd_field_loses_no_opt_out() {
    let event = |odd: Value| {
        let mut event = json!({"type": "inbound_sms", "from": "+14155550123", "body": "STOP"});
        odd.as_object().unwrap().iter().for_each(|(name, value)| event[name] = value.clone());
        event
    };
    let expected = |more: Value| {
        let mut expected = event(more);
        expected["gateway"] = json!("main");
        expected
    };
    for (odd, more) in [
        (json!({"text": "x", "a/b": 1, "c~d": {}, "data": []}), json!({})),
        (json!({"to": null, "media": null, "note": null}), json!({})),
        (
            json!({"from": 14155550123_u64, "provider_message_id": 7}),
            json!({"from": "14155550123", "provider_message_id": "7"}),
        ),
        (json!({"at": "yesterday"}), json!({})),
        (json!({"at": "yesterday", "timestamp": "2025-10-09T08:53:20Z"}), json!({"at": "2025-10-09T08:53:20Z"})),
        (json!({"at": "1970-01-01T00:00:00Z"}), json!({})),
        (json!({"opt_out_indicator": true}), json!({"opt_out_indicator": "STOP"})),
        (json!({"opt_out_indicator": "Pause"}), json!({"opt_out_indicator": "Pause"})),
        (json!({"from": "INFI"}), json!({"from": "INFI"})),
        (json!({"source": "whatsapp"}), json!({"source": "whatsapp"})),
    ] {
        assert_eq!(only(&event(odd.clone())), expected(more), "{odd}");
    }
}

#[test]
fn who_recorded_an_event_and_through_which_account_is_for_us_to_say() {
    let event = json!({
        "type": "inbound_sms", "from": "+14155550123", "body": "STOP", "gateway": "another", "actor": "admin",
        "idempotency_key": "1",
    });
    let expected = json!({"type": "inbound_sms", "from": "+14155550123", "body": "STOP", "gateway": "main"});
    assert_eq!(only(&event), expected);
    let request = json!({"type": "do_not_call_request", "phone": "+14155550123", "gateway": "another"});
    let expected = json!({"type": "do_not_call_request", "phone": "+14155550123", "source": "main"});
    assert_eq!(only(&request), expected);
}

#[test]
fn a_report_is_taken() {
    let data = json!({"phone": "14155550123", "outcome": "opted_out", "code": 40300, "provider_message_id": "7"});
    let expected = json!({
        "type": "delivery_reported", "phone": "+14155550123", "outcome": "opted_out", "code": "40300",
        "provider_message_id": "7", "gateway": "main", "at": "2025-10-09T08:53:20Z",
    });
    let report = json!({"type": "delivery_reported", "timestamp": "2025-10-09T08:53:20Z", "data": data});
    assert_eq!(only(&report), expected);
}

#[test]
fn whatever_only_takes_back_is_taken() {
    for event in [
        json!({"type": "withdrawal_request", "scope": "all", "from": "pat@example.com", "via": "chat"}),
        json!({"type": "withdrawal_request", "phone": "+14155550123"}),
        json!({"type": "email_unsubscribe", "address": "pat@example.com", "method": "link"}),
        json!({"type": "email_complaint", "address": "pat@example.com"}),
        json!({"type": "email_bounced", "address": "pat@example.com", "kind": "hard"}),
        json!({"type": "do_not_call_request", "phone": "+14155550123"}),
        json!({"type": "objection", "subject": "s1", "scope": "direct_marketing"}),
        json!({"type": "rights_request", "subject": "s1", "right": "erasure"}),
        json!({"type": "restriction_started", "subject": "s1"}),
        json!({"type": "number_deactivated", "phone": "+14155550123"}),
        json!({"type": "national_dnc_listed", "phone": "+14155550123"}),
        json!({"type": "preference_set", "subject": "s1", "channel": "sms", "off": ["special_offers"]}),
        json!({"type": "push_permission", "subject": "s1", "state": "denied"}),
    ] {
        let mut expected = event.clone();
        expected["source"] = json!("main");
        assert_eq!(only(&event), expected);
    }
}

#[test]
fn nothing_that_could_give_is_taken() {
    let about = |kind: &str, more: Value| {
        let mut event = json!({"type": kind, "phone": "+14155550123"});
        more.as_object().unwrap().iter().for_each(|(name, value)| event[name] = value.clone());
        event
    };
    let grant = json!({"channels": ["sms"], "purposes": ["special_offers"], "level": "express_written"});
    for event in [
        about("consent_granted", grant.clone()),
        about("consent_imported", grant),
        about("consent_confirmed", json!({})),
        about("optout_clarified", json!({"keep_purposes": ["special_offers"]})),
        about("preference_set", json!({"on": ["special_offers"]})),
        about("preference_set", json!({"on": ["special_offers"], "off": ["account_notices"]})),
        about("push_permission", json!({"state": "granted"})),
        about("national_dnc_unlisted", json!({})),
        about("restriction_lifted", json!({})),
        about("identity_linked", json!({"subject": "s1"})),
        about("erasure_completed", json!({})),
        about("event_compensated", json!({"event_id": "00000000-0000-7000-8000-000000000000"})),
        about("review_resolved", json!({"event_id": "00000000-0000-7000-8000-000000000000", "outcome": "is_not"})),
        about("sms.opted_out", json!({})),
    ] {
        let unparsed = parse(&event).expect_err(&event.to_string());
        assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+14155550123"), "{event}");
        let envelope = json!({"type": event["type"], "data": event});
        assert_eq!(parse(&envelope).unwrap_err().raw, envelope.to_string().as_bytes());
    }
}

#[test]
fn a_message_of_our_own_is_not_an_answer() {
    let event = json!({
        "type": "inbound_sms", "from": "+14155550100", "body": "Reply STOP to opt out", "direction": "outbound",
    });
    assert_eq!(parse(&event), Ok(vec![]));
}

#[test]
fn what_cannot_be_read_is_set_aside() {
    let many: serde_json::Map<_, _> = (0..200).map(|at| (format!("x{at}"), json!(at))).collect();
    for event in [
        json!({"test": 2432232314_u64}),
        json!({"type": 7, "from": "+14155550123"}),
        json!({"type": "inbound_sms", "body": "STOP"}),
        json!({"type": "inbound_sms", "from": "+14155550123", "body": "x".repeat(70_000)}),
        json!({"type": "inbound_sms", "from": {"number": "+14155550123"}, "body": "STOP"}),
        json!({"type": "withdrawal_request", "scope": "all"}),
        json!({"type": "delivery_reported", "phone": "12345", "outcome": "opted_out"}),
        json!({"type": "preference_set", "subject": "s1"}),
        json!({"type": "preference_set", "subject": "s1", "switched_off": ["special_offers"]}),
        json!({"type": "inbound_sms", "data": many}),
        json!([{"type": "inbound_sms", "from": "+14155550123"}]),
    ] {
        assert_eq!(parse(&event).expect_err(&event.to_string()).raw, event.to_string().as_bytes());
    }
    let (request, account) = (signed("STOP"), account("standard_webhooks", &[SECRET]));
    let verified = verify(&request, &account).unwrap();
    assert_eq!(verified.parse().unwrap_err().reason, "no JSON object");
    assert_eq!(verified.acknowledge(), Acknowledgement::empty());
}
