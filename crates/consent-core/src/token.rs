//! Look-up tokens: keyed hashes of addresses and subject ids.
//!
//! A token finds a person's events without keeping the address. It is never published: a bare keyed hash would link
//! a person's events for ever, and one leaked pepper would open them all.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::address::Identity;
use crate::codec::Hash;
use crate::event::Event;

const DOMAIN: &[u8] = b"consent-ledger/token/v1\0";

/// The secret under tokens. Cloning it keeps the prepared key state, which halves the cost of a token.
#[derive(Clone)]
pub struct Pepper(Hmac<Sha256>);

impl Pepper {
    /// A pepper of 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        // HMAC pads its key with zeros to the block of the hash (RFC 2104); doing so here leaves nothing to fail.
        let mut block = [0; 64];
        block[..32].copy_from_slice(secret);
        Self(Hmac::new(&block.into()))
    }

    /// The token of one identity.
    pub fn token(&self, identity: &Identity) -> Hash {
        self.mac(&[identity.kind().as_bytes(), b"\0", identity.value().as_bytes()])
    }

    /// The token under which events are found that are about another event.
    pub fn reference(&self, event_id: Uuid) -> Hash {
        self.mac(&[b"event\0", event_id.as_bytes()])
    }

    /// Every token under which an event is found: of the people in it, and of the events it is about. Sorted.
    pub fn tokens(&self, event: &Event) -> Vec<Hash> {
        self.tokens_of(&event.identities(), &event.references())
    }

    /// Every token under which an event is found that is about these people and these events. Sorted.
    pub fn tokens_of(&self, people: &[Identity], events: &[Uuid]) -> Vec<Hash> {
        let people = people.iter().map(|who| self.token(who));
        let mut tokens: Vec<Hash> = people.chain(events.iter().map(|id| self.reference(*id))).collect();
        tokens.sort_unstable();
        tokens
    }

    /// The token of events that are about nobody, such as a published policy, or about nobody we could identify.
    pub fn nobody(&self) -> Hash {
        self.mac(&[b"nobody\0"])
    }

    /// A keyed hash of anything else that must be recognised again without being kept, such as an idempotency key.
    /// `purpose` keeps the uses apart, and each part is measured, so that no two lists of parts meet.
    pub fn fingerprint(&self, purpose: &str, parts: &[&[u8]]) -> Hash {
        let mut mac = self.0.clone();
        mac.update(b"consent-ledger/fingerprint/v1\0");
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hash {
        let mut mac = self.0.clone();
        mac.update(DOMAIN);
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::{Email, Phone};

    #[test]
    fn a_token_is_the_documented_hmac() {
        let pepper = Pepper::new(&[7; 32]);
        let identity = Identity::Phone(Phone::parse("+12025550123").unwrap());
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(b"consent-ledger/token/v1\0phone\0+12025550123");
        assert_eq!(pepper.token(&identity), <[u8; 32]>::from(mac.finalize().into_bytes()));
    }

    #[test]
    fn kinds_keys_and_parts_do_not_meet() {
        let pepper = Pepper::new(&[7; 32]);
        let email = Identity::Email(Email::parse("a@example.com").unwrap());
        assert_ne!(pepper.token(&email), Pepper::new(&[8; 32]).token(&email));
        assert_ne!(pepper.fingerprint("a", &[b"bc"]), pepper.fingerprint("a", &[b"b", b"c"]));
        assert_ne!(pepper.fingerprint("a", &[b"b"]), pepper.fingerprint("ab", &[]));
    }
}
