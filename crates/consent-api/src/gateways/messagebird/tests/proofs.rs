//! What proves a request.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use sha2::{Digest, Sha256};

use super::*;
use crate::gateways::form::hex;
use crate::gateways::tests::{Body, Covers, Fixtures, NOW};

const VECTORS: &str = include_str!("../../../../../../tests/fixtures/messagebird/vectors.json");

pub(in crate::gateways) const TOKENS: Fixtures = Fixtures {
    gateway: "messagebird",
    proof: &["messagebird-signature-jwt"],
    covers: Covers { body: Body::Whole, url: true, time: true },
    vectors: VECTORS,
    account: |case| recorded(case, "messagebird-jwt"),
};

/// The signature of old covers the query in any order, and no path.
pub(in crate::gateways) const LEGACY: Fixtures = Fixtures {
    gateway: "messagebird",
    proof: &["messagebird-signature", "messagebird-request-timestamp"],
    covers: Covers { body: Body::Whole, url: false, time: true },
    vectors: VECTORS,
    account: |case| recorded(case, "messagebird-hmac-old"),
};

fn recorded(case: &Value, scheme: &str) -> Option<Account> {
    let account = with_setting(case["legacy_signature"].as_str(), &[case["secret"].as_str()?]);
    (case["scheme"] == scheme).then_some(account)
}

fn with_setting(legacy: Option<&str>, secrets: &[&str]) -> Account {
    let settings = legacy.map(|value| ("legacy_signature".to_owned(), value.to_owned())).into_iter().collect();
    Account { settings, ..account("messagebird", secrets) }
}

/// What MessageBird would say about this request.
fn claims(request: &WebhookRequest) -> Value {
    let mut claims = json!({
        "iss": "MessageBird", "nbf": NOW.timestamp(), "exp": NOW.timestamp() + 60, "jti": "59a2",
        "url_hash": hex(&Sha256::digest(&request.url)),
    });
    if !request.body.is_empty() {
        claims["payload_hash"] = json!(hex(&Sha256::digest(&request.body)));
    }
    claims
}

fn with_claims(mut request: WebhookRequest, algorithm: Algorithm, claims: &Value) -> WebhookRequest {
    let token = encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(KEY.as_bytes())).unwrap();
    request.headers.push((signature::TOKEN.to_owned(), token));
    request
}

/// The request with a token for what it says.
pub(super) fn signed(request: WebhookRequest) -> WebhookRequest {
    let claims = claims(&request);
    with_claims(request, Algorithm::HS256, &claims)
}

fn refusal(request: &WebhookRequest) -> Option<Forged> {
    admit(request, &account("messagebird", &[KEY])).err()
}

#[test]
fn every_claim_counts() {
    for (name, value, why) in [
        ("jti", json!(null), None),
        ("aud", json!("somebody"), None),
        ("iss", json!("Messagebird"), Some(Forged::Malformed)),
        ("iss", json!(["MessageBird"]), Some(Forged::Malformed)),
        ("iss", json!(null), Some(Forged::Malformed)),
        ("nbf", json!(null), Some(Forged::Malformed)),
        ("exp", json!(null), Some(Forged::Malformed)),
        ("exp", json!("1760000060"), Some(Forged::Malformed)),
        ("url_hash", json!(null), Some(Forged::Malformed)),
        ("url_hash", json!(""), Some(Forged::Mismatch)),
        ("url_hash", json!(hex(&Sha256::digest("https://ledger.example.com/"))), Some(Forged::Mismatch)),
        ("payload_hash", json!(null), Some(Forged::Mismatch)),
        ("payload_hash", json!(""), Some(Forged::Mismatch)),
        ("payload_hash", json!(hex(&Sha256::digest("id=8"))), Some(Forged::Mismatch)),
        ("nbf", json!(NOW.timestamp() + 2), Some(Forged::Stale)),
        ("nbf", json!(NOW.timestamp() + 1), None),
        ("nbf", json!(i64::MIN), None),
        ("exp", json!(NOW.timestamp() - 1), None),
        ("exp", json!(NOW.timestamp() - 2), Some(Forged::Stale)),
        ("exp", json!(i64::MAX), None),
    ] {
        let request = posted("application/x-www-form-urlencoded", "id=7", &[]);
        let mut claims = claims(&request);
        claims[name] = value.clone();
        let request = with_claims(request, Algorithm::HS256, &claims);
        assert_eq!(refusal(&request), why, "{name} {value}");
    }
}

#[test]
fn a_hash_of_a_body_that_is_not_there_is_refused() {
    let request = posted("text/plain", "", &[]);
    let mut claims = claims(&request);
    claims["payload_hash"] = json!(hex(&Sha256::digest("")));
    assert_eq!(refusal(&with_claims(request, Algorithm::HS256, &claims)), Some(Forged::Mismatch));
}

#[test]
fn only_the_algorithms_of_messagebird_are_taken() {
    let with = |algorithm| {
        let request = posted("text/plain", "x", &[]);
        let claims = claims(&request);
        refusal(&with_claims(request, algorithm, &claims))
    };
    assert_eq!([Algorithm::HS256, Algorithm::HS384, Algorithm::HS512].map(with), [None; 3]);
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.";
    let rsa = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA";
    let later = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA";
    for (token, why) in [
        (none, Forged::Malformed),
        (rsa, Forged::Malformed),
        (later, Forged::Mismatch),
        ("x", Forged::Malformed),
        ("", Forged::Unsigned),
    ] {
        assert_eq!(refusal(&posted("text/plain", "x", &[(signature::TOKEN, token)])), Some(why), "{token}");
    }
    let nobody = account("messagebird", &[""]);
    assert_eq!(admit(&form("id=7"), &nobody).err(), Some(Forged::UnknownKey));
}

/// A genuine request of old, as MessageBird's own library signed it.
fn of_old() -> WebhookRequest {
    let mut request = posted("text/plain", "", &[]);
    request.headers = vec![
        ("messagebird-signature".to_owned(), "KVBdcVdz2lYMwcBLZCRITgxUfA/WkwSi+T3Wxl2HL6w=".to_owned()),
        ("messagebird-request-timestamp".to_owned(), "1547198231".to_owned()),
    ];
    request.url += "?recipient=31612345678&reference=FOO&statusDatetime=2019-01-11T09:17:11%2B00:00\
                    &id=eef0ab57a9e049be946f3821568c2b2e&status=delivered&mccmnc=20408&ported=1";
    request.received = chrono::DateTime::from_timestamp(1_547_198_232, 0).unwrap();
    request
}

#[test]
fn the_old_signature_has_to_be_allowed() {
    let with = |legacy, change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = of_old();
        change(&mut request);
        admit(&request, &with_setting(legacy, &[KEY])).err()
    };
    let allowed = |change: &dyn Fn(&mut WebhookRequest)| with(Some("allowed"), change);
    assert_eq!(allowed(&|_| ()), None);
    assert_eq!(with(None, &|_| ()), Some(Forged::Unsigned));
    assert_eq!(with(Some("forbidden"), &|_| ()), Some(Forged::Unsigned));
    // A request with a token is judged by the token.
    let token = |token: &'static str| {
        move |request: &mut WebhookRequest| request.headers.push((signature::TOKEN.to_owned(), token.to_owned()))
    };
    assert_eq!(allowed(&token("")), Some(Forged::Unsigned));
    assert_eq!(allowed(&token("x")), Some(Forged::Malformed));
    assert!(admit(&form("id=7"), &with_setting(Some("allowed"), &[KEY])).is_ok());
}

#[test]
fn what_the_old_signature_covers() {
    let changed = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = of_old();
        change(&mut request);
        admit(&request, &with_setting(Some("allowed"), &[KEY])).err()
    };
    let seconds = |seconds| chrono::TimeDelta::seconds(seconds);
    assert_eq!(changed(&|request| request.url = request.url.replace("&ported=1", "&ported=2")), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.url += "&body"), Some(Forged::Malformed));
    assert_eq!(changed(&|request| request.url += "&body="), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.body.push(b'x')), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.headers[1].1 = "1547198232".to_owned()), Some(Forged::Mismatch));
    assert_eq!(changed(&|request| request.headers[1].1 = "now".to_owned()), Some(Forged::Malformed));
    assert_eq!(changed(&|request| request.headers[0].1 = "no base64".to_owned()), Some(Forged::Malformed));
    assert_eq!(changed(&|request| request.received += seconds(299)), None);
    assert_eq!(changed(&|request| request.received += seconds(300)), Some(Forged::Stale));
    assert_eq!(changed(&|request| request.received -= seconds(302)), Some(Forged::Stale));
}

#[test]
fn a_setting_that_says_nothing_known_is_refused_at_start() {
    let check = |legacy, secrets: &[&str]| (GATEWAY.check)(&with_setting(legacy, secrets));
    assert_eq!([check(None, &[KEY]), check(Some("allowed"), &[KEY])], [Ok(()), Ok(())]);
    assert!(check(Some("yes"), &[KEY]).unwrap_err().contains("`legacy_signature`"));
    assert!(check(None, &[""]).unwrap_err().contains("`secrets`"));
    let weak = |legacy| (GATEWAY.weak)(&with_setting(legacy, &[KEY])).is_some();
    assert_eq!([weak(None), weak(Some("allowed"))], [false, true]);
}
