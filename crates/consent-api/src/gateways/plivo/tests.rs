mod refusals;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW, account};
use crate::gateways::verify;

const VECTORS: &str = include_str!("../../../../../tests/fixtures/plivo/vectors.json");

/// Requests of which every byte is signed.
pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "plivo",
    proof: &["x-plivo-signature-v3", "x-plivo-signature-v3-nonce"],
    covers: Covers { body: Body::Whole, url: true, time: false },
    vectors: VECTORS,
    account: |case| (!is_loose(case)).then(|| account_of(case)).flatten(),
};

/// Requests that can be spelt in another way and mean the same: a list of signatures, and a query with escapes in it.
pub(in crate::gateways) const LOOSE_FIXTURES: Fixtures = Fixtures {
    covers: Covers { body: Body::Fields(|request| request.body.clone()), url: false, time: false },
    account: |case| (is_loose(case) && case["version"] != "v2").then(|| account_of(case)).flatten(),
    ..FIXTURES
};

/// Requests that version 2 signs.
pub(in crate::gateways) const V2_FIXTURES: Fixtures = Fixtures {
    proof: &["x-plivo-signature-v2", "x-plivo-signature-ma-v2", "x-plivo-signature-v2-nonce"],
    covers: Covers { body: Body::Open, url: false, time: false },
    account: |case| (case["version"] == "v2").then(|| account_of(case)).flatten(),
    ..FIXTURES
};

fn is_loose(case: &Value) -> bool {
    let list = case["headers"]["X-Plivo-Signature-V3"].as_str().is_some_and(|header| header.contains(','));
    list || case["version"] == "v2" || case["url"].as_str().is_some_and(|url| url.contains('%'))
}

fn account_of(case: &Value) -> Option<Account> {
    Some(account_with_version(case["secret"].as_str()?, case["version"].as_str()?))
}

fn account_with_version(secret: &str, version: &str) -> Account {
    let mut account = account("plivo", &[secret]);
    account.settings.insert("signature_version".to_owned(), version.to_owned());
    account
}

const TOKEN: &str = "MDJkN2UzYWI0YTQ5ZjQ3MmEwZmU3ZjQ0ZjRkNTI0";
const URL: &str = "https://ledger.example.com/v1/webhooks/main";

/// The signature of a text and the nonce `1`.
fn mac(text: &[u8]) -> String {
    use base64::Engine;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text);
    mac.update(b"1");
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// A request with the signature of this text in it.
fn signed(method: &str, url: &str, body: &str, text: &[u8]) -> WebhookRequest {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    WebhookRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: vec![
            header("content-type", "application/x-www-form-urlencoded"),
            header("x-plivo-signature-v3", &mac(text)),
            header("x-plivo-signature-v3-nonce", "1"),
        ],
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

fn form(body: &str) -> WebhookRequest {
    let form = Form::decode(body.as_bytes());
    let mut pairs: Vec<Vec<u8>> = form.bytes().map(|(name, value)| [name, b"\0", value].concat()).collect();
    pairs.sort();
    let parameters: Vec<u8> = pairs.concat().into_iter().filter(|&byte| byte != 0).collect();
    signed("POST", URL, body, &[URL.as_bytes(), b"?", &parameters, b"."].concat())
}

fn verified<T>(request: &WebhookRequest, read: impl Fn(&Verified) -> T) -> T {
    let account = account("plivo", &[TOKEN]);
    read(&verify(request, &account).unwrap_or_else(|forged| panic!("{forged}")))
}

fn parse(request: &WebhookRequest) -> Result<Vec<Signal>, Unparsed> {
    verified(request, |verified| verified.parse())
}

/// The one signal of a request: its key, and its event as it would be written.
fn only(request: &WebhookRequest) -> (String, Value) {
    let signals = parse(request).unwrap_or_else(|unparsed| panic!("{unparsed}"));
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let body = "From=14155550123&MessageIntent=optout&MessageUUID=ff25&PowerpackUUID=&Text=Stop&To=14155550100\
                &TotalAmount=0&TotalRate=0&Type=sms&Units=1";
    let expected = json!({
        "type": "inbound_sms", "gateway": "main", "from": "14155550123", "to": "14155550100", "body": "Stop",
        "provider_message_id": "ff25", "opt_out_indicator": "STOP",
    });
    assert_eq!(only(&form(body)), ("ff25".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    for (fields, name, expected) in [
        ("Text=", "body", json!("")),
        ("Text=+Arr%C3%AAt+%F0%9F%9B%91%0A", "body", json!(" Arrêt 🛑\n")),
        ("Text=%FFstop", "body", json!("\u{fffd}stop")),
        ("Text=x&Text=x", "body", json!("x")),
        ("Body=stop&Type=mms", "body", json!("stop")),
        ("Body=stop&Type=mms", "source", json!("mms")),
        ("Body=stop&Type=whatsapp", "source", json!("whatsapp")),
        ("Text=x&Type=sms", "source", json!(null)),
        ("Body=&MediaCount=2&Media0=https://a/0&Media1=https://a/1", "media", json!(["https://a/0", "https://a/1"])),
        ("Text=x&MessageIntent=optin", "opt_out_indicator", json!("START")),
        ("Text=x&MessageIntent=help", "opt_out_indicator", json!("HELP")),
        ("Text=x&MessageIntent=OptOut", "opt_out_indicator", json!("STOP")),
        ("Text=x&MessageIntent=pause", "opt_out_indicator", json!("pause")),
        ("Text=x&MessageIntent=", "opt_out_indicator", json!(null)),
        ("Text=x&Status=received", "body", json!("x")),
        ("Text=x&Status=", "body", json!("x")),
    ] {
        let (_, event) = only(&form(&format!("MessageUUID=ff25&From=14155550123&To=14155550100&{fields}")));
        assert_eq!((&event["type"], &event[name]), (&json!("inbound_sms"), &expected), "{fields}");
    }
    for from in ["+14155550123", "12345", "INFI"] {
        let text = form::encode(&[("MessageUUID", "ff25"), ("From", from), ("To", "12345"), ("Text", "x")]);
        assert_eq!(only(&form(&text)).1["from"], json!(from));
    }
}

#[test]
fn a_status_becomes_an_outcome() {
    for (status, error, outcome) in [
        ("delivered", "", "delivered"),
        ("delivered", "000", "delivered"),
        ("read", "", "delivered"),
        ("failed", "200", "opted_out"),
        ("undelivered", "200", "opted_out"),
        ("undelivered", "70", "deactivated"),
        ("undelivered", "50", "landline_or_invalid"),
        ("undelivered", "30", "blocked_unknown"),
        ("undelivered", "100", "blocked_unknown"),
        ("failed", "201", "blocked_unknown"),
        ("undelivered", "80", "temporary"),
        ("undelivered", "90", "temporary"),
        ("failed", "900", "temporary"),
        ("failed", "1000", "temporary"),
        ("failed", "", "temporary"),
        ("rejected", "", "temporary"),
        ("undelivered", "", "temporary"),
        ("sent", "200", "opted_out"),
    ] {
        let body = format!(
            "MessageUUID=b7a2&To=14155550123&From=14155550100&Type=sms&Status={status}&ErrorCode={error}\
             &ParentMessageUUID=b7a2&PartInfo=1+of+1&DeliveryReportTime=2025-10-09+08:53:21.123456"
        );
        let code = if error.trim_matches('0').is_empty() { status.to_owned() } else { format!("{status}/{error}") };
        let (key, event) = only(&form(&body));
        let expected = json!({
            "type": "delivery_reported", "at": event["at"], "gateway": "main", "phone": "+14155550123",
            "provider_message_id": "b7a2", "outcome": outcome, "code": code,
        });
        assert_eq!(
            (key, event["at"].as_str().map(|at| &at[..19])),
            (format!("b7a2/{status}"), Some("2025-10-09T08:53:21"))
        );
        assert_eq!(event, expected);
    }
    let (_, event) = only(&form("MessageUUID=b7a2&To=14155550123&Type=whatsapp&Status=read&DeliveryReportTime=soon"));
    assert_eq!((&event["source"], &event["at"]), (&json!("whatsapp"), &json!(null)));
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["queued", "sent", "something_new"] {
        let request = form(&format!("MessageUUID=b7a2&To=14155550123&From=14155550100&Text=x&Status={status}"));
        assert_eq!(parse(&request), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    let sender = "+14155550123";
    let long = format!("MessageUUID=ff25&From=14155550123&To=12345&Text={}", "x".repeat(70_000));
    for (body, found) in [
        ("From=14155550123&To=12345&Text=STOP", Some(sender)),
        ("MessageUUID=ff25&From=&To=12345&Text=STOP", None),
        ("MessageUUID=ff25&From=14155550123&To=12345", Some(sender)),
        // Signed like a message that says Stop: a name ends nowhere.
        ("MessageUUID=ff25&From=14155550123&To=12345&TextStop=", Some(sender)),
        ("MessageUUID=ff25&From=14155550123&Text=StopTo12345", Some(sender)),
        ("MessageUUID=ff25&From=14155550123&To=12345&Text=STOP&Text=START", Some(sender)),
        ("Status=failed&ErrorCode=200&To=%2B14155550123", Some(sender)),
        ("Status=failed&ErrorCode=200&MessageUUID=b7a2", None),
        (&long, Some(sender)),
    ] {
        let unparsed = parse(&form(body)).expect_err(body);
        assert_eq!(unparsed.sender.as_ref().map(ToString::to_string).as_deref(), found, "{body}");
        assert_eq!(unparsed.raw, body.as_bytes(), "{body}");
    }
    let empty = parse(&signed("POST", URL, "", format!("{URL}.").as_bytes())).unwrap_err();
    assert_eq!((empty.sender, empty.raw), (None, vec![]));
}

#[test]
fn a_get_is_read_from_its_query_alone() {
    let url = format!("{URL}?To=14155550100&Text=STOP%20it&MessageUUID=ff25&From=14155550123");
    let text = format!("{URL}?From=14155550123&MessageUUID=ff25&Text=STOP it&To=14155550100.");
    let request = signed("GET", &url, "MessageUUID=ff26&Text=START", text.as_bytes());
    let (key, event) = only(&request);
    assert_eq!((key.as_str(), &event["body"], &event["from"]), ("ff25", &json!("STOP it"), &json!("14155550123")));
}

#[test]
fn a_message_is_answered_without_a_word_and_a_report_with_nothing() {
    for body in ["MessageUUID=ff25&From=14155550123&To=12345&Text=STOP", "Text=STOP", "Text=STOP&Text=START", "x="] {
        let answer = verified(&form(body), |verified| verified.acknowledge());
        assert_eq!((answer.status, answer.content_type), (200, Some("application/xml")), "{body}");
        assert_eq!(answer.body, r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);
    }
    for status in ["sent", "delivered", "failed"] {
        let answer = verified(&form(&format!("Status={status}&MessageUUID=b7a2")), |verified| verified.acknowledge());
        assert_eq!(answer, Acknowledgement::empty(), "{status}");
    }
}
