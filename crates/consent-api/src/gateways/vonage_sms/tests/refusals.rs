//! Who is turned away, and why.

use chrono::TimeDelta;

use super::*;
use crate::gateways::Forged;

const FIELDS: &str = "messageId=0A1&msisdn=447700900001&text=Stop";

fn refusal(request: &WebhookRequest) -> Option<Forged> {
    verify(request, &account("vonage_sms", &[SECRET])).err()
}

/// The refusal of a form that is signed for this text.
fn refusal_of(body: &str, text: &str) -> Option<Forged> {
    refusal(&request("POST", FORM, "", &format!("{body}&sig={}", sig(text.as_bytes()))))
}

#[test]
fn a_refusal_says_why() {
    let change = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = signed(FIELDS);
        change(&mut request);
        refusal(&request)
    };
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|request| request.method = "PUT".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.headers.clear()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.body.extend(b"&new=")), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.body.extend(b"&text=Start")), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.body.extend(b"0")), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.body.truncate(request.body.len() - 2)), Some(Forged::Mismatch));
    for sig in ["", "&sig=", "&sig"] {
        let unsigned = request("POST", FORM, "", &format!("{FIELDS}&timestamp={}{sig}", NOW.timestamp()));
        assert_eq!(refusal(&unsigned), Some(Forged::Unsigned), "{sig}");
    }
    for body in [r#"{"text":["Stop"]}"#, "[]", "", "{"] {
        assert_eq!(refusal(&request("POST", "application/json", "", body)), Some(Forged::Malformed), "{body}");
    }
}

/// `&text=Stop` may be a parameter or a piece of a name.
#[test]
fn a_name_cannot_hide_what_was_signed() {
    let now = NOW.timestamp();
    let text = format!("&messageId=0A1&msisdn=447700900001&text=Stop&timestamp={now}");
    assert_eq!(refusal_of(&format!("messageId=0A1&msisdn=447700900001&text=Stop&timestamp={now}"), &text), None);
    let hidden = format!("messageId=0A1&msisdn%3D447700900001%26text=Stop&timestamp={now}");
    assert_eq!(refusal_of(&hidden, &text), Some(Forged::Malformed));
}

#[test]
fn a_signature_holds_as_long_as_is_set_and_is_never_of_a_time_to_come() {
    for (seconds, window, expected) in [
        (86_400 * 365, None, None),
        (-300, None, None),
        (-301, None, Some(Forged::Stale)),
        (300, Some("300"), None),
        (301, Some("300"), Some(Forged::Stale)),
        (-301, Some("300"), Some(Forged::Stale)),
    ] {
        let mut request = signed(FIELDS);
        request.received += TimeDelta::seconds(seconds);
        let mut account = account("vonage_sms", &[SECRET]);
        account.settings.extend(window.map(|window: &str| ("signature_window".to_owned(), window.to_owned())));
        assert_eq!(verify(&request, &account).err(), expected, "{seconds} {window:?}");
    }
    assert_eq!(refusal_of("text=Stop", "&text=Stop"), None);
    assert_eq!(refusal_of("text=Stop&timestamp=soon", "&text=Stop&timestamp=soon"), Some(Forged::Malformed));
}

#[test]
fn only_the_configured_way_to_sign_is_accepted() {
    let methods = ["sha256", "sha512", "sha1", "md5", "md5hash"];
    let vectors: Value = serde_json::from_str(FIXTURES.vectors).unwrap();
    let mut tried = 0;
    for case in vectors["cases"].as_array().unwrap().iter().filter(|case| case["valid"] == true) {
        let mut signed = request("POST", FORM, "", case["body"].as_str().unwrap());
        if case["method"] == "GET" {
            continue;
        }
        signed.received = NOW;
        for method in methods {
            let found = verify(&signed, &account_with_method(SECRET, method)).err();
            let expected = (case["signature_method"] != method).then_some(Forged::Mismatch);
            assert_eq!(found, expected, "{} by {method}", case["name"]);
            tried += 1;
        }
        let by_default = verify(&signed, &account("vonage_sms", &[SECRET])).is_ok();
        assert_eq!(by_default, case["signature_method"] == "sha256", "{}", case["name"]);
    }
    assert_eq!(tried, 75);
}

#[test]
fn a_text_of_another_vonage_account_is_not_ours() {
    let mut account = account("vonage_sms", &[SECRET]);
    account.settings.insert("api_key".to_owned(), "abcd1234".to_owned());
    for (fields, expected) in
        [(FIELDS, None), ("api-key=abcd1234&text=x", None), ("api-key=ffffffff&text=x", Some(Forged::NotOurs))]
    {
        assert_eq!(verify(&signed(fields), &account).err(), expected, "{fields}");
    }
}

#[test]
fn a_wrong_setting_is_noticed_at_start() {
    assert_eq!(check(&account("vonage_sms", &[SECRET])), Ok(()));
    assert_eq!(check(&account_with_method(SECRET, "md5hash")), Ok(()));
    assert!(check(&account("vonage_sms", &[""])).unwrap_err().contains("`secrets`"));
    let unknown = account_with_method(SECRET, "SHA256");
    assert!(check(&unknown).unwrap_err().contains("`signature_method`"));
    assert_eq!(verify(&signed(FIELDS), &unknown).err(), Some(Forged::UnknownKey));
}

#[test]
fn a_hash_without_a_key_is_called_weak() {
    for (method, expected) in [("md5hash", true), ("md5", false), ("sha1", false), ("sha256", false), ("sha512", false)]
    {
        assert_eq!(weak(&account_with_method(SECRET, method)).is_some(), expected, "{method}");
    }
    assert_eq!(weak(&account("vonage_sms", &[SECRET])), None);
}
