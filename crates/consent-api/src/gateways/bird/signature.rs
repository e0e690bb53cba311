//! Bird's signature: an HMAC over time, URL and the hash of the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha2::{Digest, Sha256};

use crate::gateways::proof::{any_key, check_fresh, matches, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest};

const SIGNATURE: &str = "messagebird-signature";
const TIME: &str = "messagebird-request-timestamp";

/// Whether one of the account's keys signed this request, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let time = request.header(TIME).ok_or(Forged::Unsigned)?;
    let signed = unix_seconds(time)?;
    let digest = Sha256::digest(&request.body);
    let parts: [&[u8]; 5] = [time.as_bytes(), b"\n", request.url.as_bytes(), b"\n", &digest];
    any_key(account, |key| matches::<Hmac<Sha256>>(key.as_bytes(), &parts, &signature))?;
    check_fresh(signed, request)
}
