//! What an identity is known by in the index.

use consent_core::address::{Email, Identity, Phone, SubjectId};
use consent_core::token::Pepper;

/// Bytes of a keyed hash that stand for an address or an id. That any two of a hundred million have the same is as
/// likely as one in sixty thousand million, and nobody without the key can look for two.
pub(super) const HASH: usize = 11;

/// An identity, compact. A phone number stands for itself, because a question that names only the person needs it;
/// everything else is the beginning of its look-up token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Phone(u64),
    Email([u8; HASH]),
    Subject([u8; HASH]),
}

/// Makes keys under a secret.
#[derive(Clone)]
pub(super) struct Keys {
    pepper: Pepper,
    seed: u64,
}

impl Keys {
    pub(super) fn new(pepper: Pepper) -> Self {
        let hash = pepper.fingerprint("index", &[]);
        let seed = u64::from_le_bytes(first(&hash));
        Self { pepper, seed }
    }

    /// The key of an identity; none for a number that is longer than any may be.
    pub(super) fn of(&self, identity: &Identity) -> Option<Key> {
        match identity {
            Identity::Phone(phone) => phone.number().filter(|number| *number < 1 << 56).map(Key::Phone),
            Identity::Email(_) => Some(Key::Email(first(&self.pepper.token(identity)))),
            Identity::Subject(_) => Some(Key::Subject(first(&self.pepper.token(identity)))),
        }
    }

    /// What tells two texts apart that need not be kept, such as a gateway's id of a message.
    pub(super) fn mark(&self, parts: &[&[u8]]) -> u64 {
        u64::from_le_bytes(first(&self.pepper.fingerprint("index mark", parts)))
    }

    /// Where a key is looked for. Secret, so that nobody can choose numbers that all lie in one place.
    pub(super) fn place(&self, key: &Key) -> u64 {
        let (kind, value) = match key {
            Key::Phone(number) => (1, *number),
            Key::Email(hash) => (2, u64::from_le_bytes(first(hash))),
            Key::Subject(hash) => (3, u64::from_le_bytes(first(hash))),
        };
        mix(mix(value ^ self.seed, 0x9e37_79b9_7f4a_7c15 ^ kind), self.seed | 1)
    }
}

impl Key {
    /// An identity that is equal to another if and only if their keys are. Only for a phone is it the true one.
    pub(super) fn stand_in(&self) -> Option<Identity> {
        match self {
            Self::Phone(number) => Some(Identity::Phone(Phone::of_number(*number))),
            Self::Email(hash) => Email::parse(&format!("{}@index.invalid", hex(hash))).ok().map(Identity::Email),
            Self::Subject(hash) => SubjectId::parse(&format!("index:{}", hex(hash))).ok().map(Identity::Subject),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// Folds the 128 bits of a product, so that every bit of the place depends on every bit of the key.
fn mix(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}
