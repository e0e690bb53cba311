mod refusals;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::{WebhookRequest, form, verify};

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "vonage_sms",
    proof: &[],
    covers: Covers { body: Body::Whole, url: false, time: false },
    vectors: include_str!("../../../../../tests/fixtures/vonage_sms/vectors.json"),
    account: |case| Some(account_with_method(case["secret"].as_str()?, case["signature_method"].as_str()?)),
};

const SECRET: &str = "signing_secret_32chars_0123456789";

fn account_with_method(secret: &str, method: &str) -> Account {
    let mut account = account("vonage_sms", &[secret]);
    account.settings.insert("signature_method".to_owned(), method.to_owned());
    account
}

fn request(method: &str, media_type: &str, query: &str, body: &str) -> WebhookRequest {
    WebhookRequest {
        method: method.to_owned(),
        url: format!("https://ledger.example.com/v1/webhooks/main{query}"),
        headers: vec![("content-type".to_owned(), media_type.to_owned())],
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The signature of a text, in upper case.
fn sig(text: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text);
    form::hex(&mac.finalize().into_bytes()).to_uppercase()
}

/// A form that is signed for what it says now.
fn signed(fields: &str) -> WebhookRequest {
    let body = format!("{fields}&timestamp={}", NOW.timestamp());
    let text = Parameters::read(&request("POST", FORM, "", &body)).map(|read| read.signed_text()).unwrap_or_default();
    request("POST", FORM, "", &format!("{body}&sig={}", sig(&text)))
}

fn parse(request: &WebhookRequest) -> Result<Vec<Signal>, Unparsed> {
    let account = account("vonage_sms", &[SECRET]);
    verify(request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of a request: its key, and its event as it would be written.
fn only(request: &WebhookRequest) -> (String, Value) {
    let signals = parse(request).unwrap_or_else(|unparsed| panic!("{unparsed}"));
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

#[test]
fn an_inbound_text_becomes_an_event() {
    let body = "api-key=abcd1234&msisdn=447700900001&to=447700900000&messageId=0A1&text=Stop&type=text&keyword=STOP\
                &message-timestamp=2025-10-09+08%3A53%3A20&nonce=n";
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "447700900001",
        "to": "447700900000", "body": "Stop", "provider_message_id": "0A1",
    });
    assert_eq!(only(&signed(body)), ("0A1".to_owned(), expected));
}

#[test]
fn what_a_text_brings_with_it() {
    for (fields, name, expected) in [
        ("text=", "body", json!("")),
        ("text=+Arr%C3%AAt+%F0%9F%9B%91%0A", "body", json!(" Arrêt 🛑\n")),
        ("text=a%26b%3Dc", "body", json!("a&b=c")),
        ("text=%FFstop", "body", json!("\u{fffd}stop")),
        ("text=x&status=new", "body", json!("x")),
        ("text=x&text=x", "body", json!("x")),
        ("type=binary&data=53746f70&udh=", "body", json!(null)),
        ("text=x&to=12345", "to", json!("12345")),
        ("text=x&to=INFI", "to", json!("INFI")),
        ("text=x&to=", "to", json!(null)),
        ("text=x&message-timestamp=yesterday", "at", json!(null)),
        ("text=x&new=1", "from", json!("447700900001")),
    ] {
        let (_, event) = only(&signed(&format!("messageId=0A1&msisdn=447700900001&{fields}")));
        assert_eq!((&event["type"], &event[name]), (&json!("inbound_sms"), &expected), "{fields}");
    }
}

#[test]
fn a_part_of_a_long_text_says_which_it_is() {
    let all = json!({"reference": "08B5", "number": 2, "total": 3});
    for (fields, part, key) in [
        ("concat=true&concat-ref=08B5&concat-total=3&concat-part=2", all.clone(), "0A1/part/2"),
        ("concat-ref=08B5&concat-total=3&concat-part=2", all, "0A1/part/2"),
        ("concat=true&concat-ref=08B5&concat-part=two", json!({"reference": "08B5"}), "0A1/part/two"),
        ("concat=True", json!({}), "0A1"),
        ("concat=false&concat-ref=", json!(null), "0A1"),
    ] {
        let (found, event) = only(&signed(&format!("messageId=0A1&msisdn=447700900001&text=ting+me&{fields}")));
        assert_eq!((found.as_str(), &event["part"], &event["body"]), (key, &part, &json!("ting me")), "{fields}");
    }
}

#[test]
fn a_get_and_json_say_the_same_as_a_form() {
    let form = signed("messageId=0A1&msisdn=447700900001&text=Stop+now");
    let query = format!("?{}", String::from_utf8(form.body.clone()).unwrap());
    let get = request("GET", "", &query, "messageId=0A2&msisdn=447700900002&text=Start");
    assert_eq!(only(&get), only(&form));
    let now = NOW.timestamp();
    let text = format!("&flag=true&messageId=0A1&msisdn=447700900001&price=&text=Stop now&timestamp={now}");
    let body = json!({
        "messageId": "0A1", "msisdn": 447700900001_u64, "text": "Stop now", "timestamp": now, "flag": true,
        "price": null, "sig": sig(text.as_bytes()),
    });
    assert_eq!(only(&request("POST", "application/json", "", &body.to_string())), only(&form));
}

#[test]
fn a_receipt_becomes_an_outcome() {
    for (status, error, outcome) in [
        ("delivered", "0", "delivered"),
        ("delivered", "", "delivered"),
        ("failed", "9", "opted_out"),
        ("rejected", "9", "opted_out"),
        ("accepted", "9", "opted_out"),
        ("failed", "3", "deactivated"),
        ("failed", "12", "landline_or_invalid"),
        ("failed", "4", "blocked_unknown"),
        ("failed", "6", "blocked_unknown"),
        ("rejected", "14", "blocked_unknown"),
        ("rejected", "53", "blocked_unknown"),
        ("failed", "1", "temporary"),
        ("failed", "99", "temporary"),
        ("failed", "0", "temporary"),
        ("expired", "", "temporary"),
        ("rejected", "", "temporary"),
    ] {
        let fields = format!(
            "messageId=0B1&msisdn=447700900000&to=AcmeInc&status={status}&err-code={error}&scts=2510090853\
             &message-timestamp=2025-10-09+08%3A53%3A21&price=0.00000000"
        );
        let code = if error.is_empty() || error == "0" { status.to_owned() } else { format!("{status}/{error}") };
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "gateway": "main", "phone": "+447700900000",
            "provider_message_id": "0B1", "outcome": outcome, "code": code,
        });
        assert_eq!(only(&signed(&fields)), (format!("0B1/{status}"), expected));
    }
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["accepted", "buffered", "unknown", "something_new"] {
        let fields = format!("messageId=0B1&msisdn=447700900000&to=AcmeInc&status={status}&err-code=0");
        assert_eq!(parse(&signed(&fields)), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_is_kept_whole() {
    let long = format!("messageId=0A1&msisdn=447700900001&text={}", "x".repeat(70_000));
    for fields in
        ["msisdn=447700900001&text=STOP", "messageId=0A1&text=STOP", "text=STOP", "status=failed&err-code=9", &long]
    {
        let request = signed(fields);
        let unparsed = parse(&request).unwrap_err();
        assert_eq!(unparsed.raw, request.body, "{fields}");
    }
    let unparsed = parse(&signed("text=STOP&from=%2B447700900001")).unwrap_err();
    assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+447700900001"));
}
