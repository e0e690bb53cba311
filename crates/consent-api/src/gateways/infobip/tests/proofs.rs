//! What proves a request, for each way an account is set up.

use super::*;
use crate::gateways::Forged;
use crate::gateways::tests::{Body, Covers, Fixtures};

const VECTORS: &str = include_str!("../../../../../../tests/fixtures/infobip/vectors.json");

pub(in crate::gateways) const PASSWORDS: Fixtures = Fixtures {
    gateway: "infobip",
    proof: &["authorization"],
    covers: Covers { body: Body::Open, url: false, time: false },
    vectors: VECTORS,
    account: |case| recorded(case).filter(|account| account.setting("auth") != Some("hmac")),
};

pub(in crate::gateways) const SIGNATURES: Fixtures = Fixtures {
    gateway: "infobip",
    proof: &["x-infobip-signature"],
    covers: Covers { body: Body::Whole, url: false, time: false },
    vectors: VECTORS,
    account: |case| recorded(case).filter(|account| account.setting("auth") == Some("hmac")),
};

fn recorded(case: &Value) -> Option<Account> {
    let settings = case["settings"].as_object().into_iter().flatten();
    let setting = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    let settings = settings.filter_map(setting).collect();
    Some(Account { settings, ..account("infobip", &[case["secret"].as_str()?]) })
}

fn account_with(secrets: &[&str], settings: &[(&str, &str)]) -> Account {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Account { settings, ..account("infobip", secrets) }
}

const HMAC: (&str, &str) = ("auth", "hmac");
const HEADER: (&str, &str) = ("hmac_header", "X-Infobip-Signature");

#[test]
fn a_refusal_says_why() {
    for (settings, header, why) in [
        (&[][..], ("x-other", "x"), Forged::Unsigned),
        (&[], ("authorization", "Bearer dXNlcjpwYXNz"), Forged::Malformed),
        (&[], ("authorization", "Basic dXNlcjpwYXN6"), Forged::Mismatch),
        (&[("auth", "bearer")], ("x-other", "x"), Forged::Unsigned),
        (&[("auth", "bearer")], ("authorization", "Basic user:pass"), Forged::Malformed),
        (&[("auth", "bearer")], ("authorization", "user:pass"), Forged::Malformed),
        (&[("auth", "bearer")], ("authorization", "Bearer user:pas"), Forged::Mismatch),
        (&[HMAC, HEADER], ("x-other", "00"), Forged::Unsigned),
        (&[HMAC, HEADER], ("authorization", "Basic dXNlcjpwYXNz"), Forged::Unsigned),
        (&[HMAC, HEADER], ("x-infobip-signature", "no hex"), Forged::Malformed),
        (&[HMAC, HEADER], ("x-infobip-signature", "00"), Forged::Mismatch),
        (&[HMAC, HEADER, ("hmac_encoding", "base64")], ("x-infobip-signature", "00"), Forged::Malformed),
        (&[HMAC, HEADER, ("hmac_prefix", "sha256=")], ("x-infobip-signature", "00"), Forged::Malformed),
        (&[HMAC], ("x-infobip-signature", "00"), Forged::UnknownKey),
        (&[HMAC, HEADER, ("hmac_algorithm", "none")], ("x-infobip-signature", "00"), Forged::UnknownKey),
        (&[("auth", "none")], ("authorization", "Basic dXNlcjpwYXNz"), Forged::UnknownKey),
    ] {
        let account = account_with(&["user:pass"], settings);
        let request = posted("application/json", "{}", &[header]);
        assert_eq!(verify(&request, &account).err(), Some(why), "{settings:?} {header:?}");
    }
    let token = posted("application/json", "{}", &[("authorization", "bearer user:pass")]);
    assert!(verify(&token, &account_with(&["user:pass"], &[("auth", "bearer")])).is_ok());
}

#[test]
fn what_can_never_be_proved_is_refused_at_start() {
    let check = |secrets: &[&str], settings: &[(&str, &str)]| (GATEWAY.check)(&account_with(secrets, settings));
    assert_eq!(check(&["user:pass"], &[]), Ok(()));
    assert_eq!(check(&["token"], &[("auth", "bearer")]), Ok(()));
    for algorithm in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] {
        assert_eq!(check(&["k"], &[HMAC, HEADER, ("hmac_algorithm", algorithm), ("hmac_encoding", "base64")]), Ok(()));
    }
    for (secrets, settings, named) in [
        (&["hush"][..], &[][..], "`secrets`"),
        (&[""], &[("auth", "bearer")], "`secrets`"),
        (&[""], &[HMAC, HEADER], "`secrets`"),
        (&["hush"], &[("auth", "oauth")], "`auth`"),
        (&["hush"], &[HMAC], "`hmac_header`"),
        (&["hush"], &[HMAC, HEADER, ("hmac_algorithm", "SHA256")], "`hmac_algorithm`"),
        (&["hush"], &[HMAC, HEADER, ("hmac_encoding", "base32")], "`hmac_encoding`"),
    ] {
        let refused = check(secrets, settings).unwrap_err();
        assert!(refused.contains(named) && !refused.contains("hush"), "{refused}");
    }
}

#[test]
fn only_a_signature_is_strong() {
    let weak = |settings: &[(&str, &str)]| (GATEWAY.weak)(&account_with(&["user:pass"], settings)).is_some();
    assert_eq!([weak(&[]), weak(&[("auth", "bearer")]), weak(&[HMAC, HEADER])], [true, true, false]);
}
