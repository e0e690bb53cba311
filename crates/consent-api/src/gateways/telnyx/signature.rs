//! Telnyx's signature: Ed25519 over the time and the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::gateways::proof::{any_key, check_fresh, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest, ed25519};

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";

/// Whether the owner of one of the account's keys signed `time|body`, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let time = request.header(TIMESTAMP).ok_or(Forged::Unsigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let signed_at = unix_seconds(time)?;
    let message = [time.as_bytes(), b"|", &request.body].concat();
    let signed = |key: &str| ed25519::public_key(key).is_some_and(|key| ed25519::signed(&key, &message, &signature));
    any_key(account, signed)?;
    check_fresh(signed_at, request)
}

/// Every entry of `secrets` must be a public key.
pub(super) fn check(account: &Account) -> Result<(), String> {
    let mut keys = account.keys().peekable();
    let some = keys.peek().is_some();
    if some && keys.all(|key| ed25519::public_key(key).is_some()) {
        return Ok(());
    }
    Err("every entry of `secrets` has to be a public key of Telnyx: base64 of 32 bytes".to_owned())
}
