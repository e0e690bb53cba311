mod refusals;

use consent_core::event::Event;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::verify;

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "twilio",
    proof: &["x-twilio-signature", "x-twilio-webhooks-signature-settings"],
    covers: Covers { body: Body::Whole, url: true, time: false },
    vectors: include_str!("../../../../../tests/fixtures/twilio/vectors.json"),
    account: |case| Some(account("twilio", &[case["secret"].as_str()?])),
};

const TOKEN: &str = "5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29";
const URL: &str = "https://ledger.example.com/v1/hooks/twilio";

/// A request that is signed for what it says: `signed` follows the URL.
fn signed(method: &str, url: &str, media_type: &str, body: &str, signed: &[u8]) -> WebhookRequest {
    signed_by(TOKEN, method, url, media_type, body, signed)
}

fn signed_by(key: &str, method: &str, url: &str, media_type: &str, body: &str, signed: &[u8]) -> WebhookRequest {
    use base64::Engine;
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    mac.update(signed);
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    WebhookRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: vec![header("content-type", media_type), header("x-twilio-signature", &signature)],
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

fn form(body: &str) -> WebhookRequest {
    let mut pairs: Vec<_> = Form::decode(body.as_bytes()).bytes().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
    pairs.sort();
    pairs.dedup();
    let parameters: Vec<u8> = pairs.into_iter().flat_map(|(name, value)| [name, value].concat()).collect();
    signed("POST", URL, "application/x-www-form-urlencoded", body, &parameters)
}

fn events(body: &Value) -> WebhookRequest {
    use sha2::Digest;
    let body = body.to_string();
    let url = format!("{URL}?bodySHA256={}", form::hex(&sha2::Sha256::digest(&body)));
    signed("POST", &url, "application/json", &body, b"")
}

fn parse(request: &WebhookRequest) -> Result<Vec<Signal>, Unparsed> {
    let account = account("twilio", &[TOKEN]);
    verify(request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

fn answer(request: &WebhookRequest) -> Acknowledgement {
    let account = account("twilio", &[TOKEN]);
    verify(request, &account).unwrap_or_else(|forged| panic!("{forged}")).acknowledge()
}

/// The one signal of a request: its key, and its event as it would be written.
fn only(request: &WebhookRequest) -> (String, Value) {
    let signals = parse(request).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let body = "ToCountry=US&ToCity=&NumMedia=0&OptOutType=STOP&SmsStatus=received&Body=Stop&To=%2B14155550100&MessageSid=SM2f\
                &From=%2B14155550123&ApiVersion=2010-04-01";
    let expected = json!({
        "type": "inbound_sms", "gateway": "main", "from": "+14155550123", "to": "+14155550100", "body": "Stop",
        "provider_message_id": "SM2f", "opt_out_indicator": "STOP",
    });
    assert_eq!(only(&form(body)), ("SM2f".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    for (body, expected) in [
        ("Body=", json!({"body": ""})),
        ("Body=+Stop+%F0%9F%9B%91%0A", json!({"body": " Stop 🛑\n"})),
        ("Body=%FFstop", json!({"body": "\u{fffd}stop"})),
        ("Body=4111+1111+1111+1111", json!({"body": "**** **** **** 1111"})),
        ("Body=x&OptOutType=stop", json!({"body": "x", "opt_out_indicator": "STOP"})),
        ("Body=x&OptOutType=Pause", json!({"body": "x", "opt_out_indicator": "Pause"})),
        ("Body=x&OptOutType=", json!({"body": "x"})),
        (
            "Body=x&MediaUrl0=https://a/0&MediaUrl1=https://a/1&MediaUrl3=n",
            json!({"body": "x", "media": ["https://a/0", "https://a/1"]}),
        ),
        ("Body=x&To=rcs:shop_agent", json!({"body": "x", "to": "shop_agent"})),
        ("Body=x&Body=x", json!({"body": "x"})),
        ("Body=x&SmsStatus=something_new", json!({"body": "x"})),
        ("Body=x&MessageStatus=received", json!({"body": "x"})),
    ] {
        let mut expected = expected;
        for (name, value) in
            [("type", "inbound_sms"), ("gateway", "main"), ("from", "+14155550123"), ("provider_message_id", "SM1")]
        {
            expected[name] = json!(value);
        }
        assert_eq!(only(&form(&format!("MessageSid=SM1&From=%2B14155550123&{body}"))).1, expected, "{body}");
    }
}

#[test]
fn the_sender_is_known_whatever_the_channel() {
    for (from, source, phone) in [
        ("%2B14155550123", None, Some("+14155550123")),
        ("14155550123", None, Some("+14155550123")),
        ("whatsapp:%2B14155550123", Some("whatsapp"), Some("+14155550123")),
        ("rcs:%2B14155550123", Some("rcs"), Some("+14155550123")),
        ("messenger:14155550123", None, None),
        ("12345", None, None),
        ("INFI", None, None),
    ] {
        let signals = parse(&form(&format!("MessageSid=SM1&Body=STOP&From={from}"))).unwrap();
        let event: &Event = &signals[0].event;
        assert_eq!(event.source.as_deref(), source, "{from}");
        assert_eq!(event.identities().first().map(|identity| identity.value().to_owned()).as_deref(), phone, "{from}");
    }
}

#[test]
fn a_delivery_report_becomes_an_outcome() {
    for (status, error, outcome) in [
        ("delivered", "", "delivered"),
        ("read", "0", "delivered"),
        ("failed", "21610", "opted_out"),
        ("undelivered", "63014", "opted_out"),
        ("undelivered", "30005", "deactivated"),
        ("undelivered", "30006", "landline_or_invalid"),
        ("failed", "21211", "landline_or_invalid"),
        ("failed", "21217", "landline_or_invalid"),
        ("failed", "21614", "landline_or_invalid"),
        ("failed", "21635", "landline_or_invalid"),
        ("undelivered", "30004", "blocked_unknown"),
        ("undelivered", "30007", "blocked_unknown"),
        ("undelivered", "30003", "temporary"),
        ("undelivered", "30008", "temporary"),
        ("failed", "30034", "temporary"),
        ("failed", "", "temporary"),
        ("undelivered", "", "temporary"),
        ("sent", "21610", "opted_out"),
    ] {
        let code = if error.len() > 1 { format!("{status}/{error}") } else { status.to_owned() };
        let body = format!(
            "MessageStatus={status}&SmsStatus={status}&MessageSid=SM1&To=%2B14155550123&From=22395&ErrorCode={error}"
        );
        let expected = json!({
            "type": "delivery_reported", "gateway": "main", "phone": "+14155550123", "provider_message_id": "SM1",
            "outcome": outcome, "code": code,
        });
        assert_eq!(only(&form(&body)), (format!("SM1/{status}"), expected));
    }
    let (_, channel) = only(&form("MessageStatus=read&MessageSid=SM1&To=whatsapp:%2B14155550123"));
    assert_eq!((&channel["phone"], &channel["source"]), (&json!("+14155550123"), &json!("whatsapp")));
    assert_eq!(only(&form("SmsStatus=delivered&MessageSid=SM1&To=%2B14155550123")).0, "SM1/delivered");
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["queued", "accepted", "scheduled", "sending", "sent", "canceled", "something_new"] {
        let request = form(&format!("MessageStatus={status}&MessageSid=SM1&To=%2B14155550123&From=%2B14155550100"));
        assert_eq!(parse(&request), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let sender = "+14155550123";
    for (body, found) in [
        ("From=%2B14155550123&Body=STOP", Some(sender)),
        ("From=&MessageSid=SM1&Body=STOP", None),
        ("MessageSid=SM1&Body=STOP+%2B14155550123", Some(sender)),
        ("MessageSid=SM1&From=%2B14155550123", Some(sender)),
        // Signed like a message that says Stop: a name ends nowhere.
        ("MessageSid=SM1&From=%2B14155550123&BodyStop=", Some(sender)),
        ("MessageSid=SM1&From=%2B14155550123&Body=STOP&Body=START", Some(sender)),
        ("MessageStatus=failed&ErrorCode=21610&To=%2B14155550123", Some(sender)),
        ("MessageStatus=failed&ErrorCode=21610&MessageSid=SM1", None),
        ("", None),
    ] {
        let unparsed = parse(&form(body)).expect_err(body);
        assert_eq!(unparsed.sender.as_ref().map(ToString::to_string).as_deref(), found, "{body}");
        assert_eq!(unparsed.raw, body.as_bytes(), "{body}");
    }
    let long = parse(&form(&format!("MessageSid=SM1&From=%2B14155550123&Body={}", "x".repeat(70_000)))).unwrap_err();
    assert_eq!(long.sender.map(|phone| phone.to_string()).as_deref(), Some(sender));
}

#[test]
fn a_get_is_read_from_its_query_alone() {
    let url = format!("{URL}?tenant&MessageSid=SM1&From=%2B14155550123&Body=STOP");
    let request = signed("GET", &url, "application/x-www-form-urlencoded", "MessageSid=SM2&Body=START", b"");
    let (key, event) = only(&request);
    assert_eq!((key.as_str(), &event["body"], &event["from"]), ("SM1", &json!("STOP"), &json!("+14155550123")));
    assert_eq!(answer(&request).status, 200);
}

#[test]
fn event_streams_bring_messages_and_reports() {
    let inbound = json!({
        "specversion": "1.0", "type": "com.twilio.messaging.inbound-message.received", "id": "EZ1",
        "data": {"messageSid": "SM1", "from": "+14155550123", "to": "+14155550100", "body": "STOP", "numMedia": 0,
                 "optOutType": "STOP", "timestamp": "2026-01-31T12:00:00Z", "messageStatus": "RECEIVED"},
    });
    let message = json!({
        "type": "inbound_sms", "at": "2026-01-31T12:00:00Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "STOP", "provider_message_id": "SM1", "opt_out_indicator": "STOP",
    });
    assert_eq!(only(&events(&inbound)), ("SM1".to_owned(), message.clone()));

    let failed = json!({
        "type": "com.twilio.messaging.message.undelivered",
        "data": {"messageSid": "SM2", "to": "+14155550123", "errorCode": 30005, "messageStatus": "UNDELIVERED"},
    });
    let sent = json!({"type": "com.twilio.messaging.message.sent", "data": {"messageSid": "SM3", "errorCode": null}});
    let broken = json!({"type": "com.twilio.messaging.inbound-message.received", "data": {"from": "+14155550177"}});
    let signals = parse(&events(&json!([sent, broken, failed, inbound]))).unwrap();
    let found: Vec<Value> = signals.iter().map(|signal| signal.event.to_json().unwrap().into()).collect();
    assert_eq!(found.len(), 3);
    assert_eq!((&found[0]["type"], &found[0]["sender"]), (&json!("inbound_unparsed"), &json!("+14155550177")));
    assert_eq!((&found[1]["code"], &found[1]["outcome"]), (&json!("undelivered/30005"), &json!("deactivated")));
    assert_eq!(found[2], message);
    assert_eq!(answer(&events(&inbound)), Acknowledgement::empty());
}

#[test]
fn other_json_is_set_aside() {
    for body in [
        json!({"type": "com.twilio.messaging.inbound-message.received", "data": {"body": "STOP", "from": "+14155550123"}}),
        json!({"type": "com.twilio.taskrouter.task.created", "data": {"from": "+14155550123"}}),
        json!({"data": {"from": "+14155550123"}}),
        json!("from: +14155550123"),
    ] {
        let unparsed = parse(&events(&body)).unwrap_err();
        assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+14155550123"), "{body}");
    }
    assert_eq!(parse(&events(&json!([]))), Ok(vec![]));
}

#[test]
fn a_message_is_answered_without_a_word_and_a_report_with_nothing() {
    let twiml = Acknowledgement {
        status: 200,
        content_type: Some("text/xml"),
        headers: Vec::new(),
        body: r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#.to_owned(),
    };
    for body in
        ["MessageSid=SM1&From=%2B14155550123&Body=STOP&SmsStatus=received", "Body=STOP", "Body=STOP&Body=START", ""]
    {
        assert_eq!(answer(&form(body)), twiml, "{body}");
    }
    for status in ["sent", "delivered", "failed"] {
        assert_eq!(answer(&form(&format!("MessageStatus={status}&MessageSid=SM1"))), Acknowledgement::empty());
    }
}
