//! Ed25519 (RFC 8032), as the gateways use it that sign with a private key and give us the public one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// The public key that is written as base64 of its 32 bytes. A key under which everybody can sign is none.
pub(super) fn public_key(base64: &str) -> Option<VerifyingKey> {
    let bytes = STANDARD.decode(base64).ok()?;
    let key = VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

/// Whether the key's owner signed the message; a signature has 64 bytes.
pub(super) fn signed(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_that_not_everybody_can_sign_under() {
        assert!(public_key("vaobCn6/JstQez8zg6zIjAazPWkstkR+H2EaabnUVO8=").is_some());
        let order_of_one = STANDARD.encode([&[1][..], &[0; 31]].concat());
        for key in
            ["", "x", "vaobCn6/JstQez8zg6zIjAazPWkstkR+H2EaabnUVO8", "AAAA", &STANDARD.encode([0; 33]), &order_of_one]
        {
            assert!(public_key(key).is_none(), "{key}");
        }
    }
}
