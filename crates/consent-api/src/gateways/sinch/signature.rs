//! Sinch's signature: an HMAC-SHA256 over body, nonce and time.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha2::Sha256;

use crate::gateways::proof::{any_key, check_within, matches, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest};
use crate::limits;

const SIGNATURE: &str = "x-sinch-webhook-signature";
const NONCE: &str = "x-sinch-webhook-signature-nonce";
const TIMESTAMP: &str = "x-sinch-webhook-signature-timestamp";
const ALGORITHM: &str = "x-sinch-webhook-signature-algorithm";
const WINDOW: &str = "signature_window";

/// Whether one of the account's secrets signed `body.nonce.time`, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let (nonce, time) = (nonce(request)?, request.header(TIMESTAMP).ok_or(Forged::Unsigned)?);
    check_algorithm(request)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let signed_at = unix_seconds(time)?;
    let parts = [&request.body, &b"."[..], nonce.as_bytes(), b".", time.as_bytes()];
    any_key(account, |key| matches::<Hmac<Sha256>>(key.as_bytes(), &parts, &signature))?;
    check_within(window(account).unwrap_or(limits::SIGNATURE_WINDOW), signed_at, request)
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

/// How far from now a signature may have been made; `None` if the setting cannot be read.
fn window(account: &Account) -> Option<Duration> {
    let Some(seconds) = account.setting(WINDOW) else { return Some(limits::SIGNATURE_WINDOW) };
    let window = Duration::from_secs(seconds.parse().ok()?);
    (limits::SIGNATURE_WINDOW..=limits::SIGNATURE_WINDOW_LONGEST).contains(&window).then_some(window)
}

/// What is wrong with the window that is set.
pub(super) fn check(account: &Account) -> Result<(), String> {
    let (least, most) = (limits::SIGNATURE_WINDOW.as_secs(), limits::SIGNATURE_WINDOW_LONGEST.as_secs());
    let wrong = || format!("the setting `{WINDOW}` has to be a number of seconds from {least} to {most}");
    window(account).map(drop).ok_or_else(wrong)
}
