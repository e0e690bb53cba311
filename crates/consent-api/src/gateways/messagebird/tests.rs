mod proofs;

use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{account, posted};
use crate::gateways::verify as admit;
use proofs::signed as signed_request;

pub(in crate::gateways) use proofs::{LEGACY, TOKENS};

const KEY: &str = "PlLrKaqvZNRR5zAjm42ZT6q1SQxgbbGd";

fn form(body: &str) -> WebhookRequest {
    signed_request(posted("application/x-www-form-urlencoded", body, &[]))
}

fn get(query: &str) -> WebhookRequest {
    let mut request = posted("text/plain", "", &[]);
    (request.method, request.url) = ("GET".to_owned(), format!("{}?{query}", request.url));
    signed_request(request)
}

fn parse(request: &WebhookRequest) -> Result<Vec<Signal>, Unparsed> {
    let account = account("messagebird", &[KEY]);
    admit(request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of a request: its key, and its event as it would be written.
fn only(request: &WebhookRequest) -> (String, Value) {
    let signals = parse(request).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

#[test]
fn an_inbound_message_becomes_an_event_however_it_comes() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "e807",
    });
    let fields = "recipient=14155550100&originator=14155550123&createdDatetime=2025-10-09T08:53:20%2B00:00";
    let object = r#"{"id":"e807","recipient":14155550100,"originator":"14155550123","payload":"Stop",
                     "createdDatetime":"2025-10-09T08:53:20+00:00"}"#;
    for request in [
        form(&format!("id=e807&body=Stop&{fields}")),
        form(&format!("message_id=e807&message=Stop&{fields}")),
        form(&format!("id=e807&payload=Stop&body=&{fields}")),
        get(&format!("id=e807&body=Stop&{fields}")),
        form(object),
    ] {
        assert_eq!(only(&request), ("e807".to_owned(), expected.clone()), "{}", request.url);
    }
}

#[test]
fn what_a_message_brings_with_it() {
    for (body, name, expected) in [
        ("body=", "body", json!("")),
        ("media_urls=https://a/0,+https://a/1", "media", json!(["https://a/0", "https://a/1"])),
        ("mediaUrls=https://a", "body", json!("")),
        ("body=x&createdDatetime=2025-10-09T08:53:20+00:00", "at", json!("2025-10-09T08:53:20Z")),
        ("body=x&createdDatetime=soon", "at", json!(null)),
        ("body=x&channel=whatsapp", "source", json!("whatsapp")),
        ("body=x&channel=sms", "source", json!(null)),
        ("body=x&direction=mo", "body", json!("x")),
        ("body=x&status=received", "type", json!("inbound_sms")),
        ("body=x&body=x", "body", json!("x")),
    ] {
        let (_, event) = only(&form(&format!("id=7&originator=%2B14155550123&{body}")));
        assert_eq!(event.get(name).unwrap_or(&Value::Null), &expected, "{body}");
    }
}

#[test]
fn what_is_ours_is_no_message_to_us() {
    for way in ["mt", "out", "outgoing", "sent"] {
        let body = format!("id=7&originator=14155550100&recipient=14155550123&body=Reply+STOP&direction={way}");
        assert_eq!(parse(&form(&body)), Ok(vec![]), "{way}");
        let (_, event) = only(&form(&format!("{body}&status=delivered")));
        assert_eq!(event["type"], json!("delivery_reported"), "{way}");
    }
}

#[test]
fn a_status_report_becomes_an_outcome() {
    for (status, more, outcome, code) in [
        ("delivered", "", "delivered", "delivered"),
        ("delivered", "&statusErrorCode=0", "delivered", "delivered"),
        ("delivery_failed", "&statusErrorCode=103", "opted_out", "delivery_failed/103"),
        ("delivery_failed", "&statusErrorCode=1", "landline_or_invalid", "delivery_failed/1"),
        ("delivery_failed", "&statusReason=opted+out", "opted_out", "delivery_failed"),
        ("delivery_failed", "&statusErrorCode=34", "temporary", "delivery_failed/34"),
        ("failed", "&statusReason=carrier_rejected", "blocked_unknown", "failed"),
        ("expired", "", "temporary", "expired"),
    ] {
        let at = "statusDatetime=2025-10-09T08:53:21%2B00:00";
        let request = get(&format!("id=7&reference=FOO&recipient=14155550123&status={status}{more}&{at}&mccmnc=20408"));
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "phone": "+14155550123", "gateway": "main",
            "provider_message_id": "7", "outcome": outcome, "code": code,
        });
        assert_eq!(only(&request), (format!("7/{status}/14155550123"), expected), "{status} {more}");
    }
    let nobody = only(&get("id=7&status=delivery_failed&channel=RCS")).1;
    assert_eq!((nobody.get("phone"), &nobody["source"]), (None, &json!("rcs")));
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["scheduled", "sent", "buffered", "something_new"] {
        assert_eq!(parse(&get(&format!("id=7&recipient=14155550123&status={status}"))), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    for body in [
        "originator=14155550123&recipient=14155550100&body=Stop",
        "id=7&body=Stop+%2B14155550123",
        "id=7&recipient=14155550100&originator=14155550123",
        "id=7&originator=14155550123&body=Stop&body=Start",
        "originator=14155550123&status=delivered",
    ] {
        for request in [form(body), get(body)] {
            let unparsed = parse(&request).expect_err(body);
            assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+14155550123"), "{body}");
            assert_eq!(unparsed.raw, body.as_bytes());
        }
    }
    assert!(parse(&form("")).is_err());
}

#[test]
fn the_answer_is_200_without_a_word() {
    let account = account("messagebird", &[KEY]);
    let answer = admit(&form("id=7"), &account).unwrap().acknowledge();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}
