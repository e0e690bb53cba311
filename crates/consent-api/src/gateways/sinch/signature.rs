//! Sinch's signature: an HMAC-SHA256 over body, nonce and time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha2::Sha256;

use crate::gateways::proof::{any_key, check_age, matches, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest};

const SIGNATURE: &str = "x-sinch-webhook-signature";
const NONCE: &str = "x-sinch-webhook-signature-nonce";
const TIMESTAMP: &str = "x-sinch-webhook-signature-timestamp";
const ALGORITHM: &str = "x-sinch-webhook-signature-algorithm";

/// Whether one of the account's secrets signed `body.nonce.time`, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let (nonce, time) = (nonce(request)?, request.header(TIMESTAMP).ok_or(Forged::Unsigned)?);
    check_algorithm(request)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let signed_at = unix_seconds(time)?;
    let parts = [&request.body, &b"."[..], nonce.as_bytes(), b".", time.as_bytes()];
    any_key(account, |key| matches::<Hmac<Sha256>>(key.as_bytes(), &parts, &signature))?;
    check_age(signed_at, request, account)
}

/// The nonce, which must not have a dot: whoever saw a request could else cut its body at a dot, and move the rest
/// into the nonce.
fn nonce(request: &WebhookRequest) -> Result<&str, Forged> {
    let nonce = request.header(NONCE).ok_or(Forged::Unsigned)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !nonce.is_empty() && nonce.bytes().all(plain) { Ok(nonce) } else { Err(Forged::Malformed) }
}

/// The header that names the algorithm is not signed, so it chooses nothing.
fn check_algorithm(request: &WebhookRequest) -> Result<(), Forged> {
    let mut named = request.headers.iter().filter(|(name, _)| name == ALGORITHM);
    let known = named.all(|(_, value)| value.eq_ignore_ascii_case("HmacSHA256"));
    if known { Ok(()) } else { Err(Forged::Malformed) }
}
