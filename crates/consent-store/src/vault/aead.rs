//! AES-256-GCM as everything is sealed here: `nonce || ciphertext || tag`.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use super::random;
use crate::error::StoreError;

const NONCE: usize = 12;

pub(super) fn cipher(secret: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(secret.into())
}

/// `nonce || ciphertext`. The nonce is random: a data key seals one person's events, far from the limit of 2^32.
pub(super) fn seal(cipher: &Aes256Gcm, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, StoreError> {
    let nonce = random::<NONCE>()?;
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad });
    let sealed = sealed.map_err(|_| StoreError::Keys("sealing failed".to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

pub(super) fn open(cipher: &Aes256Gcm, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad }).ok()
}
