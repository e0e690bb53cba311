//! What proves Infobip: a password, a token, or an HMAC over the body, as the account is set up.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::gateways::form::unhex;
use crate::gateways::proof::{any_key, check_any_key, check_basic, check_logins, matches, same};
use crate::gateways::{Account, Forged, WebhookRequest};

/// Whether one of the account's secrets stands behind this request.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    match account.setting("auth").unwrap_or("basic") {
        "basic" => check_basic(request, account),
        "bearer" => check_bearer(request, account),
        "hmac" => check_hmac(request, account),
        _ => Err(Forged::UnknownKey),
    }
}

fn check_bearer(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let header = request.header("authorization").ok_or(Forged::Unsigned)?;
    let (scheme, token) = header.split_once(' ').ok_or(Forged::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Forged::Malformed);
    }
    any_key(account, |secret| same(secret.as_bytes(), token.as_bytes()))
}

fn check_hmac(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let header = account.setting("hmac_header").ok_or(Forged::UnknownKey)?.to_ascii_lowercase();
    let matches = algorithm(account).ok_or(Forged::UnknownKey)?;
    let written = request.header(&header).ok_or(Forged::Unsigned)?;
    let written = written.strip_prefix(account.setting("hmac_prefix").unwrap_or_default()).ok_or(Forged::Malformed)?;
    let signature = match account.setting("hmac_encoding").unwrap_or("hex") {
        "base64" => STANDARD.decode(written).ok(),
        _ => unhex(written),
    };
    let signature = signature.ok_or(Forged::Malformed)?;
    any_key(account, |secret| matches(secret.as_bytes(), &[&request.body], &signature))
}

/// From key, signed parts and signature: whether they belong together.
type Matches = fn(&[u8], &[&[u8]], &[u8]) -> bool;

/// The one algorithm that the account is set up for; a request has no say in it.
fn algorithm(account: &Account) -> Option<Matches> {
    Some(match account.setting("hmac_algorithm").unwrap_or("sha256") {
        "md5" => matches::<Hmac<Md5>>,
        "sha1" => matches::<Hmac<Sha1>>,
        "sha224" => matches::<Hmac<Sha224>>,
        "sha256" => matches::<Hmac<Sha256>>,
        "sha384" => matches::<Hmac<Sha384>>,
        "sha512" => matches::<Hmac<Sha512>>,
        _ => return None,
    })
}

/// Refuses settings under which no request could ever be proved.
pub(super) fn check(account: &Account) -> Result<(), String> {
    match account.setting("auth").unwrap_or("basic") {
        "basic" => check_logins(account),
        "bearer" => check_any_key(account),
        "hmac" => check_hmac_settings(account),
        _ => Err("the setting `auth` is none of basic, bearer, hmac".to_owned()),
    }
}

fn check_hmac_settings(account: &Account) -> Result<(), String> {
    let refuse = |what: &str| Err(what.to_owned());
    if account.setting("hmac_header").is_none() {
        return refuse("with `auth` = \"hmac\" the setting `hmac_header` has to name the header");
    }
    if algorithm(account).is_none() {
        return refuse("the setting `hmac_algorithm` is none of md5, sha1, sha224, sha256, sha384, sha512");
    }
    if !matches!(account.setting("hmac_encoding").unwrap_or("hex"), "hex" | "base64") {
        return refuse("the setting `hmac_encoding` is none of hex, base64");
    }
    check_any_key(account)
}
