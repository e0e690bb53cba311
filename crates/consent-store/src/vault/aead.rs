//! AES-256-GCM as everything is sealed here: `nonce || ciphertext || tag`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::random;
use crate::error::StoreError;

/// A key, ready for use.
pub(super) struct Cipher(LessSafeKey);

pub(super) fn cipher(secret: &[u8; 32]) -> Result<Cipher, StoreError> {
    let key = UnboundKey::new(&AES_256_GCM, secret);
    key.map(|key| Cipher(LessSafeKey::new(key))).map_err(|_| StoreError::Keys("a key cannot be made ready".to_owned()))
}

/// `nonce || ciphertext`. The nonce is random: a data key seals one person's events, far from the limit of 2^32.
pub(super) fn seal(cipher: &Cipher, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, StoreError> {
    let nonce = random::<NONCE_LEN>()?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let text = sealed.get_mut(NONCE_LEN..).unwrap_or_default();
    let tag = cipher.0.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), text);
    let tag = tag.map_err(|_| StoreError::Keys("sealing failed".to_owned()))?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

pub(super) fn open(cipher: &Cipher, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let length = open_into(cipher, sealed, aad, &mut plain)?.len();
    plain.truncate(length);
    Some(plain)
}

/// Opens into memory that is used again and again; returns the plain text in it.
pub(super) fn open_into<'p>(cipher: &Cipher, sealed: &[u8], aad: &[u8], plain: &'p mut Vec<u8>) -> Option<&'p [u8]> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(AES_256_GCM.tag_len())?)?;
    if plain.len() < text.len() {
        plain.resize(text.len(), 0);
    }
    let plain = plain.get_mut(..text.len())?;
    cipher.0.open_separate_gather(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), text, tag, plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use aes_gcm::{Aes256Gcm, Nonce};

    use super::*;

    #[test]
    fn what_is_sealed_is_the_same_as_with_another_library() {
        let other = Aes256Gcm::new(&[7; 32].into());
        let ours = cipher(&[7; 32]).unwrap();
        let mut memory = Vec::new();
        for length in [0, 1, 32, 600, 33, 5_000] {
            let plain = vec![b'x'; length];
            let sealed = seal(&ours, &plain, b"aad").unwrap();
            let (nonce, text) = sealed.split_first_chunk::<12>().unwrap();
            assert_eq!(other.decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: b"aad" }).unwrap(), plain);
            let theirs = other.encrypt(&Nonce::from([3; 12]), Payload { msg: &plain, aad: b"aad" }).unwrap();
            let theirs = [[3; 12].as_slice(), &theirs].concat();
            assert_eq!(open(&ours, &theirs, b"aad"), Some(plain.clone()));
            assert_eq!(open_into(&ours, &theirs, b"aad", &mut memory), Some(plain.as_slice()));
            assert_eq!(open(&ours, &theirs, b"another"), None);
        }
        assert_eq!(open(&ours, &[3; 27], b"aad"), None);
    }
}
