use serde_json::json;

use super::*;
use crate::gateways::sinch::tests::signed;
use crate::gateways::tests::{Body, Covers, Fixtures, account, account_that_sends, posted};
use crate::gateways::verify;

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "sinch_sms",
    proof: &["x-sinch-webhook-signature", "x-sinch-webhook-signature-nonce", "x-sinch-webhook-signature-timestamp"],
    covers: Covers { body: Body::Whole, url: false, time: false },
    vectors: include_str!("../../../../../../tests/fixtures/sinch_sms/vectors.json"),
    account: |case| Some(account("sinch_sms", &[case["secret"].as_str()?])),
};

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (signed(&body.to_string()), account("sinch_sms", &["secret"]));
    verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The signals of a callback: their keys, and their events as they would be written.
fn read(body: &Value) -> Vec<(String, Value)> {
    let signals = parse(body).unwrap_or_else(|unparsed| panic!("{unparsed} {body}"));
    signals.into_iter().map(|signal| (signal.dedupe_key, signal.event.to_json().unwrap().into())).collect()
}

fn received(changes: &Value) -> Value {
    let mut whole = json!({"type": "mo_text", "id": "m1", "from": "14155550123", "body": "x"});
    changes.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
    whole
}

#[test]
fn a_message_becomes_an_event() {
    let body = json!({
        "type": "mo_text", "id": "01FC", "from": "14155550123", "to": "14155550100", "body": "Stop",
        "received_at": "2025-10-09T08:53:20.612Z", "sent_at": "2025-10-09T08:53:19Z", "operator_id": "310260",
    });
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20.612000Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "01FC",
    });
    assert_eq!(read(&body), [("01FC".to_owned(), expected)]);
    assert_eq!(parse(&body).unwrap()[0].event.identities()[0].value(), "+14155550123");
}

#[test]
fn what_a_message_brings_with_it() {
    let media = json!([{"url": "https://a/0", "status": "Uploaded"}, {"code": 1}]);
    let mms = |body: Value| json!({"type": "mo_media", "body": body});
    for (changes, expected) in [
        (json!({"body": ""}), json!({"body": ""})),
        (json!({"body": "Arrêt 🛑", "to": "3312345"}), json!({"body": "Arrêt 🛑", "to": "3312345"})),
        (json!({"body": 7, "udh": null, "new": {}}), json!({"body": "7"})),
        (json!({"from": "INFI"}), json!({"body": "x", "from": "INFI"})),
        (json!({"from": "+14155550123"}), json!({"body": "x", "from": "+14155550123"})),
        (
            json!({"sent_at": "2025-10-09T08:53:19Z", "received_at": "?"}),
            json!({"body": "x", "at": "2025-10-09T08:53:19Z"}),
        ),
        (mms(json!({"message": "stop", "media": media})), json!({"body": "stop", "media": ["https://a/0"]})),
        (mms(json!({"subject": "STOP", "message": "", "media": []})), json!({"body": "STOP"})),
        (mms(json!({"subject": "hi", "message": "stop"})), json!({"body": "stop\nhi"})),
        (mms(json!({"media": media})), json!({"body": "", "media": ["https://a/0"]})),
        (mms(json!({"message": ""})), json!({"body": ""})),
    ] {
        let mut whole =
            json!({"type": "inbound_sms", "gateway": "main", "from": "14155550123", "provider_message_id": "m1"});
        expected.as_object().unwrap().iter().for_each(|(name, value)| whole[name] = value.clone());
        assert_eq!(read(&received(&changes)), [("m1".to_owned(), whole)], "{changes}");
    }
}

/// Whether a STOP is found next to a subject is decided elsewhere; here it is only kept where it can be found.
#[test]
fn a_stop_is_found_beside_a_subject() {
    use consent_core::keywords::{Meaning, classify};
    for body in [json!({"subject": "NoSubject", "message": "STOP"}), json!({"subject": "STOP", "message": "thanks"})] {
        let (_, event) = read(&received(&json!({"type": "mo_media", "body": body}))).remove(0);
        assert_ne!(classify(event["body"].as_str().unwrap(), None), Meaning::Ordinary, "{body}");
    }
}

#[test]
fn a_message_of_our_own_is_not_an_answer() {
    assert_eq!(read(&received(&json!({"type": "mt_text", "body": "Reply STOP to opt out"}))), []);
}

#[test]
fn a_report_becomes_an_outcome() {
    for (status, code, outcome) in [
        ("Delivered", json!(0), "delivered"),
        ("delivered", json!("0"), "delivered"),
        ("Failed", json!(300), "landline_or_invalid"),
        ("Rejected", json!(15), "blocked_unknown"),
        ("Rejected", json!(61), "blocked_unknown"),
        ("Rejected", json!(62), "blocked_unknown"),
        ("Failed", json!(321), "blocked_unknown"),
        ("Unknown", json!(300), "landline_or_invalid"),
        ("Failed", json!(404), "temporary"),
        ("Aborted", json!(402), "temporary"),
        ("Deleted", json!(406), "temporary"),
        ("Expired", json!(406), "temporary"),
    ] {
        let body = json!({
            "type": "recipient_delivery_report_sms", "batch_id": "b1", "recipient": "14155550123", "status": status,
            "code": code, "at": "2025-01-13T09:22:40.914Z", "client_reference": "",
        });
        let code = format!("{status}/{}", code.to_string().trim_matches('"'));
        let expected = json!({
            "type": "delivery_reported", "at": "2025-01-13T09:22:40.914000Z", "gateway": "main", "phone": "+14155550123",
            "provider_message_id": "b1", "outcome": outcome, "code": code,
        });
        assert_eq!(read(&body), [(format!("b1/14155550123/{code}"), expected)]);
    }
}

#[test]
fn a_message_under_way_or_taken_back_is_no_news() {
    for status in ["Queued", "Dispatched", "Cancelled", "Unknown", "something_new"] {
        let body = json!({
            "type": "recipient_delivery_report_mms", "batch_id": "b1", "recipient": "14155550123", "status": status,
            "code": 400,
        });
        assert_eq!(read(&body), [], "{status}");
    }
}

#[test]
fn a_batch_has_a_report_for_each_number_that_it_names() {
    let body = json!({"type": "delivery_report_sms", "batch_id": "b1", "total_message_count": 5, "statuses": [
        {"code": 0, "status": "Delivered", "count": 1, "recipients": ["14155550123"]},
        {"code": 300, "status": "Failed", "count": 2, "recipients": [null, 14155550124_u64]},
        {"code": 401, "status": "Dispatched", "count": 1, "recipients": ["14155550125"]},
        {"code": 404, "status": "Failed", "count": 1},
    ]});
    let found = read(&body);
    let field = |at: usize, name: &str| found[at].1[name].as_str().unwrap().to_owned();
    assert_eq!((field(0, "phone"), field(0, "outcome")), ("+14155550123".to_owned(), "delivered".to_owned()));
    assert_eq!(field(1, "type"), "inbound_unparsed");
    assert_eq!((field(2, "phone"), field(2, "outcome")), ("+14155550124".to_owned(), "landline_or_invalid".to_owned()));
    assert_eq!((found.len(), found[2].0.as_str()), (3, "b1/14155550124/Failed/300"));
    assert_eq!(read(&json!({"type": "delivery_report_mms", "batch_id": "b1", "statuses": null})), []);
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let sender = Some("+14155550123");
    let report = json!({"type": "recipient_delivery_report_sms", "recipient": "14155550123", "status": "Failed"});
    for (body, found) in [
        (received(&json!({"type": "mo_binary", "body": "AAAA", "udh": "05"})), sender),
        (received(&json!({"type": "something_new"})), sender),
        (received(&json!({"type": null})), sender),
        (received(&json!({"id": null})), sender),
        (received(&json!({"from": ""})), None),
        (received(&json!({"body": null})), sender),
        (received(&json!({"type": "mo_media", "body": {"media": []}})), sender),
        (received(&json!({"body": "x".repeat(70_000)})), sender),
        (report, None),
        (json!([received(&json!({}))]), sender),
    ] {
        let unparsed = parse(&body).expect_err(&body.to_string());
        assert_eq!(unparsed.sender.as_ref().map(ToString::to_string).as_deref(), found, "{body}");
        assert_eq!(unparsed.raw, body.to_string().as_bytes());
    }
    let (request, account) = (signed("STOP"), account("sinch_sms", &["secret"]));
    let verified = verify(&request, &account).unwrap();
    assert_eq!(verified.parse().unwrap_err().reason, "not JSON");
    assert_eq!(verified.acknowledge(), Acknowledgement::empty());
}

#[test]
fn a_password_proves_the_sender_where_it_is_agreed_on() {
    let account = |secret: &str| {
        let mut account = account("sinch_sms", &[secret]);
        account.settings.insert("auth".to_owned(), "basic".to_owned());
        account
    };
    let request = |login: &str| posted("application/json", "{}", &[("authorization", login)]);
    // user:pass
    let good = request("Basic dXNlcjpwYXNz");
    assert_eq!(verify(&good, &account("user:pass")).err(), None);
    assert_eq!(verify(&good, &account("user:past")).err(), Some(Forged::Mismatch));
    assert_eq!(verify(&request("Bearer dXNlcjpwYXNz"), &account("user:pass")).err(), Some(Forged::Malformed));
    assert_eq!(verify(&signed("{}"), &account("secret")).err(), Some(Forged::Unsigned));
    assert!((GATEWAY.weak)(&account("user:pass")).is_some());
    // A request does not choose how it is proved.
    let by_signature = crate::gateways::tests::account("sinch_sms", &["user:pass"]);
    assert_eq!(verify(&good, &by_signature).err(), Some(Forged::Unsigned));
    assert_eq!((GATEWAY.weak)(&by_signature), None);
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let refusal = |secret: &str, settings: &[(&str, &str)], credentials: &[(&str, &str)]| {
        let sends = account_that_sends("sinch_sms", settings, credentials);
        check(&Account { secrets: vec![secret.to_owned().into()], ..sends }).err().unwrap_or_default()
    };
    let token = [("api_token", "T1")];
    for (settings, credentials) in [
        (&[][..], &[][..]),
        (&[("auth", "signature"), ("region", "eu"), ("signature_window", "86400")], &[]),
        (&[("service_plan_id", "p")], &token),
    ] {
        assert_eq!(refusal("secret", settings, credentials), "");
    }
    assert_eq!(refusal("user:pass", &[("auth", "basic")], &[]), "");
    for (secret, settings, credentials, named) in [
        ("", &[][..], &[][..], "`secrets`"),
        ("hidden", &[("auth", "basic")], &[], "`secrets`"),
        (":hidden", &[("auth", "basic")], &[], "`secrets`"),
        ("hidden", &[("auth", "none")], &[], "`auth`"),
        ("hidden", &[("region", "evil.example/")], &[], "`region`"),
        ("hidden", &[("signature_window", "0")], &[], "`signature_window`"),
        ("hidden", &[("signature_window", "86401")], &[], "`signature_window`"),
        ("hidden", &[("signature_window", "long")], &[], "`signature_window`"),
        ("hidden", &[], &token, "service_plan_id"),
    ] {
        let refusal = refusal(secret, settings, credentials);
        assert!(refusal.contains(named) && !refusal.contains("hidden"), "{named}: {refusal}");
    }
}
