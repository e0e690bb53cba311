use serde_json::{Value, json};

use super::*;
use crate::gateways::tests::{Body, Covers, Fixtures, account, posted};
use crate::gateways::verify as admit;

pub(in crate::gateways) const FIXTURES: Fixtures = Fixtures {
    gateway: "clicksend",
    proof: &["?token"],
    covers: Covers { body: Body::Open, url: false, time: false },
    vectors: include_str!("../../../../../tests/fixtures/clicksend/vectors.json"),
    account: |case| Some(account("clicksend", &[case["secret"].as_str()?])),
};

const KEY: &str = "5ba1e0d7c3f94a62";

fn with_query(query: &str, body: &str) -> WebhookRequest {
    let mut request = posted("application/x-www-form-urlencoded", body, &[]);
    request.url = format!("{}{query}", request.url);
    request
}

fn parse(body: &str) -> Result<Vec<Signal>, Unparsed> {
    let account = account("clicksend", &[KEY]);
    let request = with_query(&format!("?token={KEY}"), body);
    admit(&request, &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of a request: its key, and its event as it would be written.
fn only(body: &str) -> (String, Value) {
    let signals = parse(body).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

#[test]
fn an_inbound_message_becomes_an_event_however_it_is_posted() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "+14155550123",
        "to": "+14155550100", "body": "Stop", "provider_message_id": "C557",
    });
    for body in [
        "timestamp=1760000000&from=%2B14155550123&body=Stop&original_body=Hi&to=%2B14155550100&message_id=C557",
        "timestamp=1760000000&sms=%2B14155550123&message=Stop&originalsenderid=%2B14155550100&messageid=C557",
        "timestamp=1760000000&from=%2B14155550123&sms=x&body=Stop&message=x&to=%2B14155550100&message_id=C557&messageid=x",
        r#"{"timestamp":1760000000,"from":"+14155550123","body":"Stop","to":"+14155550100","message_id":"C557","x":{}}"#,
    ] {
        assert_eq!(only(body), ("C557".to_owned(), expected.clone()), "{body}");
    }
}

#[test]
fn what_a_message_brings_with_it() {
    for (body, name, expected) in [
        ("body=", "body", json!("")),
        ("body=&message=Stop", "body", json!("Stop")),
        ("body=Stop+%F0%9F%9B%91&body=Stop+%F0%9F%9B%91", "body", json!("Stop 🛑")),
        ("body=x&timestamp=0", "at", json!(null)),
        ("body=x&timestamp=soon", "at", json!(null)),
        ("body=&media_file_url=https://a", "media", json!(["https://a"])),
        ("body=x&to=22395", "to", json!("22395")),
        ("body=x&status=Delivered", "type", json!("inbound_sms")),
    ] {
        let (key, event) = only(&format!("message_id=7&from=14155550123&{body}"));
        assert_eq!(event.get(name).unwrap_or(&Value::Null), &expected, "{body}");
        assert_eq!(key, "7");
    }
}

#[test]
fn a_receipt_becomes_an_outcome() {
    for (status, outcome) in [("201", "delivered"), ("300", "temporary"), ("301", "temporary"), ("999", "temporary")] {
        let body = format!("timestamp=1760000005&message_id=31BC&status=x&status_code={status}&error_code=");
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:25Z", "gateway": "main", "provider_message_id": "31BC",
            "outcome": outcome, "code": status,
        });
        assert_eq!(only(&body), (format!("31BC/{status}"), expected), "{status}");
    }
    let words = only("message_id=31BC&status=Delivered&error_code=7");
    assert_eq!((&words.1["outcome"], &words.1["code"]), (&json!("delivered"), &json!("Delivered/7")));
}

/// A receipt does not name its recipient; a number of ours that comes back with it does.
#[test]
fn a_receipt_is_about_a_number_if_it_says_one() {
    for (said, phone) in [
        ("custom_string=%2B14155550123", json!("+14155550123")),
        ("customstring=%2B14155550123", json!("+14155550123")),
        ("to=14155550123&custom_string=c1", json!("+14155550123")),
        ("custom_string=14155550123", json!(null)),
        ("custom_string=", json!(null)),
    ] {
        let (_, event) = only(&format!("message_id=31BC&status_code=301&{said}"));
        assert_eq!(event.get("phone").unwrap_or(&Value::Null), &phone, "{said}");
    }
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in ["status_code=200", "status=Sent", "status=queued", "status=Scheduled"] {
        assert_eq!(parse(&format!("message_id=31BC&{status}")), Ok(vec![]), "{status}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_sender() {
    for body in [
        "from=%2B14155550123&body=Stop",
        "message_id=7&body=Stop+%2B14155550123",
        "message_id=7&from=%2B14155550123",
        "message_id=7&from=%2B14155550123&body=Stop&body=Start",
        "status_code=301&custom_string=%2B14155550123",
        r#"{"message_id":"7","from":"+14155550123","body":"#,
        r#"[{"message_id":"7","from":"+14155550123","body":"Stop"}]"#,
    ] {
        let unparsed = parse(body).expect_err(body);
        assert_eq!(unparsed.sender.map(|phone| phone.to_string()).as_deref(), Some("+14155550123"), "{body}");
        assert_eq!(unparsed.raw, body.as_bytes());
    }
    assert!(parse("").is_err());
}

#[test]
fn a_refusal_says_why() {
    let account = account("clicksend", &[KEY, ""]);
    for (query, why) in [
        (String::new(), Some(Forged::Unsigned)),
        ("?tokens=x".to_owned(), Some(Forged::Unsigned)),
        ("?token=".to_owned(), Some(Forged::Mismatch)),
        (format!("?token={KEY}0"), Some(Forged::Mismatch)),
        (format!("?token={}", &KEY[1..]), Some(Forged::Mismatch)),
        (format!("?token={}", KEY.to_uppercase()), Some(Forged::Mismatch)),
        (format!("?token={KEY}&token={KEY}"), Some(Forged::Unsigned)),
        (format!("?token={KEY}&token=x"), Some(Forged::Unsigned)),
        (format!("?token={KEY}"), None),
        (format!("?list=7&token={KEY}&x"), None),
    ] {
        assert_eq!(admit(&with_query(&query, ""), &account).err(), why, "{query}");
    }
    // A token in the body is no token.
    let in_body = with_query("", &format!("token={KEY}"));
    assert_eq!(admit(&in_body, &account).err(), Some(Forged::Unsigned));
}

#[test]
fn a_token_that_can_be_guessed_is_refused_at_start() {
    let check = |secrets: &[&str]| (GATEWAY.check)(&account("clicksend", secrets));
    assert_eq!(check(&[KEY]), Ok(()));
    for secrets in [&["hush"][..], &[&KEY[1..]], &[KEY, "hush"], &[""], &[]] {
        let refused = check(secrets).unwrap_err();
        assert!(refused.contains("`secrets`") && !refused.contains("hush"), "{refused}");
    }
}

#[test]
fn the_answer_is_200_without_a_word() {
    let account = account("clicksend", &[KEY]);
    let request = with_query(&format!("?token={KEY}"), "");
    let answer = admit(&request, &account).unwrap().acknowledge();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}
