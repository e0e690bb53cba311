//! Who is turned away, and why.

use super::*;
use crate::gateways::Forged;

const BODY: &str = "MessageUUID=ff25&From=14155550123&To=12345&Text=Stop";

fn refusal_by(request: &WebhookRequest, version: &str) -> Option<Forged> {
    verify(request, &account_with_version(TOKEN, version)).err()
}

/// The refusal of a good request that has been changed.
fn change(change: impl Fn(&mut WebhookRequest)) -> Option<Forged> {
    let mut request = form(BODY);
    change(&mut request);
    refusal_by(&request, "v3")
}

#[test]
fn a_refusal_says_why() {
    let signature = |text: &str| change(|request| request.headers[1].1 = text.to_owned());
    assert_eq!(change(|_| ()), None);
    assert_eq!(change(|request| drop(request.headers.remove(1))), Some(Forged::Unsigned));
    assert_eq!(change(|request| drop(request.headers.remove(2))), Some(Forged::Unsigned));
    assert_eq!(change(|request| request.headers[2].1 = "2".to_owned()), Some(Forged::Mismatch));
    assert_eq!(signature(""), Some(Forged::Malformed));
    assert_eq!(signature("not base64"), Some(Forged::Malformed));
    assert_eq!(signature("AAAA,"), Some(Forged::Malformed));
    assert_eq!(signature("AAAA,AAAA"), Some(Forged::Mismatch));
    assert_eq!(change(|request| request.method = "PUT".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(|request| request.headers[0].1 = "application/json".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(|request| request.body.push(b'!')), Some(Forged::Mismatch));
    assert_eq!(change(|request| request.body.extend(b"&x")), Some(Forged::Malformed));
    assert_eq!(change(|request| request.body.push(b'&')), Some(Forged::Malformed));
    assert_eq!(change(|request| request.url.push_str("?x")), Some(Forged::Malformed));
    assert_eq!(change(|request| request.url.push_str("?x=1")), Some(Forged::Mismatch));
}

#[test]
fn a_list_of_signatures_or_the_main_accounts_will_do() {
    assert_eq!(change(|request| request.headers[1].1.insert_str(0, "AAAA,")), None);
    assert_eq!(change(|request| request.headers[1].1.push_str(",AAAA")), None);
    assert_eq!(change(|request| request.headers[1].0 = "x-plivo-signature-v3-ma".to_owned()), None);
    let both = |request: &mut WebhookRequest| {
        request.headers.insert(1, ("x-plivo-signature-v3-ma".to_owned(), "AAAA".to_owned()));
    };
    assert_eq!(change(both), None);
}

/// A request that version 2 signs: the address and the nonce alone.
fn by_v2() -> WebhookRequest {
    let mut request = signed("POST", URL, BODY, URL.as_bytes());
    request.headers[1].0 = "x-plivo-signature-v2".to_owned();
    request.headers[2].0 = "x-plivo-signature-v2-nonce".to_owned();
    request
}

#[test]
fn version_2_is_accepted_only_where_it_is_asked_for() {
    assert_eq!(refusal_by(&by_v2(), "v2"), None);
    assert_eq!(refusal_by(&by_v2(), "v3"), Some(Forged::Unsigned));
    assert_eq!(verify(&by_v2(), &account("plivo", &[TOKEN])).err(), Some(Forged::Unsigned));
}

#[test]
fn a_signature_of_version_3_counts_before_one_of_version_2() {
    assert_eq!(refusal_by(&form(BODY), "v2"), None);
    let mut both = by_v2();
    both.headers.push(("x-plivo-signature-v3".to_owned(), mac(b"another")));
    both.headers.push(("x-plivo-signature-v3-nonce".to_owned(), "1".to_owned()));
    assert_eq!(refusal_by(&both, "v2"), Some(Forged::Mismatch));
    // Said twice it is still said.
    both.headers.push(("x-plivo-signature-v3".to_owned(), mac(b"another")));
    assert_eq!(refusal_by(&both, "v2"), Some(Forged::Unsigned));
}

#[test]
fn version_2_is_called_weak() {
    assert!(weak(&account_with_version(TOKEN, "v2")).unwrap().contains("body"));
    assert_eq!(weak(&account_with_version(TOKEN, "v3")), None);
    assert_eq!(weak(&account("plivo", &[TOKEN])), None);
}

#[test]
fn a_wrong_setting_is_noticed_at_start() {
    assert_eq!(check(&account("plivo", &[TOKEN])), Ok(()));
    assert_eq!(check(&account_with_version(TOKEN, "v2")), Ok(()));
    assert!(check(&account("plivo", &[""])).unwrap_err().contains("`secrets`"));
    assert!(check(&account_with_version(TOKEN, "v1")).unwrap_err().contains("`signature_version`"));
}

/// Everybody can sign with the empty key.
#[test]
fn an_empty_secret_is_no_key() {
    assert_eq!(verify(&form(BODY), &account("plivo", &[""])).err(), Some(Forged::UnknownKey));
}
