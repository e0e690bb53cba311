//! The parameter `sig`: a hash over all other parameters, in the way that is set for the account.

use hmac::Hmac;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::parameters::Parameters;
use crate::gateways::form::unhex;
use crate::gateways::proof::{any_key, check_age, matches, same, unix_seconds, window};
use crate::gateways::{Account, Forged, WebhookRequest};

/// The setting that says how the account signs.
pub(super) const METHOD: &str = "signature_method";

/// From key, signed parts and signature: whether they belong together.
type Matches = fn(&[u8], &[&[u8]], &[u8]) -> bool;

/// The ways to sign.
const METHODS: &[(&str, Matches)] = &[
    ("sha256", matches::<Hmac<Sha256>>),
    ("sha512", matches::<Hmac<Sha512>>),
    ("sha1", matches::<Hmac<Sha1>>),
    ("md5", matches::<Hmac<Md5>>),
    ("md5hash", matches_md5_hash),
];

/// Whether a secret of the account signed these parameters, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let parameters = Parameters::read(request)?;
    let signature = parameters.get("sig").ok_or(Forged::Unsigned)?;
    let signature = unhex(&signature).ok_or(Forged::Malformed)?;
    let matches = method(account).ok_or(Forged::UnknownKey)?;
    let text = parameters.signed_text();
    any_key(account, |key| matches(key.as_bytes(), &[&text], &signature))?;
    let named = parameters.get("api-key");
    if account.setting("api_key").is_some_and(|ours| named.is_some_and(|named| named != ours)) {
        return Err(Forged::NotOurs);
    }
    match parameters.get("timestamp") {
        Some(signed) => check_age(unix_seconds(&signed)?, request, account),
        None if window(account) == Ok(None) => Ok(()),
        None => Err(Forged::Malformed),
    }
}

/// Refuses a way to sign that there is not.
pub(super) fn check_method(account: &Account) -> Result<(), String> {
    let known = || METHODS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    method(account).map(drop).ok_or_else(|| format!("the setting `{METHOD}` is not one of {}", known()))
}

fn method(account: &Account) -> Option<Matches> {
    let name = account.setting(METHOD).unwrap_or("sha256");
    METHODS.iter().find(|(known, _)| *known == name).map(|(_, matches)| *matches)
}

/// The oldest way: the secret stands behind the text, and MD5 is taken of both.
fn matches_md5_hash(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let hash = parts.iter().chain([&key]).fold(Md5::new(), |hash, part| hash.chain_update(part));
    same(&hash.finalize(), signature)
}
