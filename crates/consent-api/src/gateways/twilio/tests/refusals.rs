//! Who is turned away, and why.

use super::*;
use crate::gateways::{Account, Forged};

fn refusal(request: &WebhookRequest, account: &Account) -> Option<Forged> {
    verify(request, account).err()
}

#[test]
fn a_refusal_says_why() {
    let account = account("twilio", &[TOKEN]);
    let change = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = form("Body=Stop");
        change(&mut request);
        refusal(&request, &account)
    };
    let settings = |value: &str| {
        change(&|request| request.headers.push(("x-twilio-webhooks-signature-settings".to_owned(), value.to_owned())))
    };
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|request| request.headers.truncate(1)), Some(Forged::Unsigned));
    assert_eq!(change(&|request| request.headers[1].1 = "not base64".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.method = "PUT".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.body = b"BodyStop".to_vec()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.headers[0].1 = "text/plain".to_owned()), Some(Forged::Unsigned));
    assert_eq!(change(&|request| request.body.push(b'!')), Some(Forged::Mismatch));
    assert_eq!(settings("algorithm=HMAC_SHA1"), None);
    assert_eq!(settings("algorithm=HMAC_SHA256"), Some(Forged::Mismatch));
    assert_eq!(settings("algorithm=NONE"), Some(Forged::Malformed));
    assert_eq!(settings("key=somebody,algorithm=HMAC_SHA256"), Some(Forged::UnknownKey));
}

#[test]
fn an_account_with_shared_keys_alone_has_no_auth_token() {
    let shared = format!("sharedkey:id:{TOKEN}");
    let account = account("twilio", &[&shared]);
    assert_eq!(refusal(&form("Body=Stop"), &account), Some(Forged::UnknownKey));
}

/// Everybody can sign with the empty key.
#[test]
fn an_empty_or_unfinished_secret_is_no_key() {
    for (entry, key) in [("", ""), ("sharedkey:", ""), ("sharedkey:id", "sharedkey:id"), ("sharedkey::", "")] {
        let mut request = signed_by(key, "GET", URL, "text/plain", "", b"");
        let account = account("twilio", &[entry]);
        assert_eq!(refusal(&request, &account), Some(Forged::UnknownKey), "{entry}");
        request.headers.push(("x-twilio-webhooks-signature-settings".to_owned(), "key=".to_owned()));
        assert_eq!(refusal(&request, &account), Some(Forged::UnknownKey), "{entry}");
    }
}
