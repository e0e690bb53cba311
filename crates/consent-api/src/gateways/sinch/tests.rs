use base64::Engine;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::gateways::tests::{NOW, account, posted};
use crate::gateways::{Account, Forged, WebhookRequest, verify};

/// A callback that is signed with the secret `secret`.
pub(super) fn signed(body: &str) -> WebhookRequest {
    signed_by("secret", body, "01K73T", "1760000000")
}

fn signed_by(secret: &str, body: &str, nonce: &str, time: &str) -> WebhookRequest {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{body}.{nonce}.{time}").as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let headers = [
        ("x-sinch-webhook-signature", signature.as_str()),
        ("x-sinch-webhook-signature-nonce", nonce),
        ("x-sinch-webhook-signature-timestamp", time),
        ("x-sinch-webhook-signature-algorithm", "HmacSHA256"),
    ];
    posted("application/json", body, &headers)
}

fn ours() -> Account {
    account("sinch_conversation", &["secret"])
}

fn refusal(change: impl FnOnce(&mut WebhookRequest)) -> Option<Forged> {
    let mut request = signed("{}");
    change(&mut request);
    verify(&request, &ours()).err()
}

#[test]
fn a_refusal_says_why() {
    assert_eq!(refusal(|_| ()), None);
    assert_eq!(refusal(|request| request.headers.truncate(3)), Some(Forged::Unsigned));
    assert_eq!(refusal(|request| request.headers[1].1 = "not base64".to_owned()), Some(Forged::Malformed));
    assert_eq!(refusal(|request| request.headers[2].1 = "01K73U".to_owned()), Some(Forged::Mismatch));
    assert_eq!(refusal(|request| request.headers[3].1 = "now".to_owned()), Some(Forged::Malformed));
    assert_eq!(refusal(|request| request.headers[3].1 = "1760000001".to_owned()), Some(Forged::Mismatch));
    assert_eq!(refusal(|request| request.body.push(b' ')), Some(Forged::Mismatch));
    assert_eq!(verify(&signed("{}"), &account("sinch_sms", &[""])).err(), Some(Forged::UnknownKey));
}

#[test]
fn a_request_does_not_choose_the_algorithm() {
    assert_eq!(refusal(|request| request.headers[4].1 = "HmacSHA1".to_owned()), Some(Forged::Malformed));
    let one_more = ("x-sinch-webhook-signature-algorithm".to_owned(), "none".to_owned());
    assert_eq!(refusal(|request| request.headers.push(one_more)), Some(Forged::Malformed));
    assert_eq!(refusal(|request| request.headers.truncate(4)), None);
}

/// The signature runs body and nonce together, with a dot between them that either may have.
#[test]
fn a_body_cannot_be_cut_short_at_a_dot() {
    let whole = signed_by("secret", r#"{"at":"2025-10-09T08:53:20.612Z"}"#, "01K73T", "1760000000");
    assert_eq!(verify(&whole, &ours()).err(), None);
    let mut cut = whole;
    cut.body.truncate(r#"{"at":"2025-10-09T08:53:20"#.len());
    cut.headers[2].1 = r#"612Z"}.01K73T"#.to_owned();
    assert_eq!(verify(&cut, &ours()).err(), Some(Forged::Malformed));
}

#[test]
fn a_signature_is_good_for_ever_or_as_long_as_is_set() {
    let at = |seconds: i64, window: Option<&str>| {
        let mut account = ours();
        account.settings.extend(window.map(|window| ("signature_window".to_owned(), window.to_owned())));
        let mut request = signed("{}");
        request.received = NOW + TimeDelta::seconds(seconds);
        verify(&request, &account).err()
    };
    for (seconds, window, refused) in [
        (86_400 * 365, None, None),
        (-300, None, None),
        (300, Some("300"), None),
        (301, Some("300"), Some(Forged::Stale)),
        (-301, None, Some(Forged::Stale)),
        (301, Some("86400"), None),
        (86_400, Some("86400"), None),
        (86_401, Some("86400"), Some(Forged::Stale)),
        (301, Some("for ever"), Some(Forged::Stale)),
    ] {
        assert_eq!(at(seconds, window), refused, "{seconds} {window:?}");
    }
}
