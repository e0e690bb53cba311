//! Checkpoints: signed statements of the ledger's size and root (C2SP `tlog-checkpoint` in a `signed-note`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::codec::Hash;

/// The algorithm byte of Ed25519 in a signed note.
const ED25519: u8 = 1;

/// Why a text is not a checkpoint, or not one of this ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note with a checkpoint in it.
    #[error("not a checkpoint in signed-note form")]
    Malformed,
    /// A checkpoint of another ledger.
    #[error("a checkpoint of another origin")]
    Origin,
    /// No valid signature by the expected key.
    #[error("no valid signature by the ledger's key")]
    Signature,
    /// Not a verifier key in `name+hash+key` form.
    #[error("not a verifier key")]
    Key,
}

/// The size and root of the ledger at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger's name, unique in the world.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the Merkle tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let verifier = Verifier { name: self.origin.clone(), key: key.verifying_key() };
        let signature = key.sign(text.as_bytes()).to_bytes();
        let blob = [verifier.id().as_slice(), &signature].concat();
        format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(blob))
    }

    /// Reads a note without checking who signed it.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        let (text, _) = note.split_once("\n\n").ok_or(CheckpointError::Malformed)?;
        let mut lines = text.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Malformed);
        let (origin, size, root) = (line()?, line()?, line()?);
        let canonical = size == "0" || !size.starts_with('0');
        let size = size.bytes().all(|b| b.is_ascii_digit()).then(|| size.parse().ok()).flatten();
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        match (size, root) {
            (Some(size), Some(root)) if canonical => Ok(Self { origin: origin.to_owned(), size, root }),
            _ => Err(CheckpointError::Malformed),
        }
    }

    /// Reads a note and checks that the verifier's key signed it. Signatures by others are passed over.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(note)?;
        if checkpoint.origin != verifier.name {
            return Err(CheckpointError::Origin);
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(CheckpointError::Malformed)?;
        let text = format!("{text}\n");
        let good = signatures.lines().any(|line| verifier.accepts(&text, line));
        if good { Ok(checkpoint) } else { Err(CheckpointError::Signature) }
    }
}

/// A public key and its name, which for a ledger is its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    /// Name of the key.
    pub name: String,
    /// The public key.
    pub key: VerifyingKey,
}

impl Verifier {
    /// The first four bytes of `SHA-256(name || 0x0A || 0x01 || key)`.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn accepts(&self, text: &str, line: &str) -> bool {
        let Some((name, blob)) = line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')) else {
            return false;
        };
        let Some((id, signature)) = STANDARD.decode(blob).ok().and_then(|bytes| {
            let (id, signature) = bytes.split_first_chunk::<4>()?;
            Some((*id, Signature::from_slice(signature).ok()?))
        }) else {
            return false;
        };
        name == self.name && id == self.id() && self.key.verify_strict(text.as_bytes(), &signature).is_ok()
    }

    /// The key as text: `name+<id in hex>+<base64 of algorithm and key>`.
    pub fn to_text(&self) -> String {
        let id = u32::from_be_bytes(self.id());
        let key = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        format!("{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }

    /// Reads what [`Verifier::to_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let (name, rest) = text.trim().split_once('+').ok_or(CheckpointError::Key)?;
        let (_, key) = rest.split_once('+').ok_or(CheckpointError::Key)?;
        let bytes = STANDARD.decode(key).map_err(|_| CheckpointError::Key)?;
        let key = match bytes.split_first() {
            Some((&ED25519, key)) => key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok()),
            _ => None,
        };
        let verifier = Self { name: name.to_owned(), key: key.ok_or(CheckpointError::Key)? };
        if verifier.to_text() == text.trim() { Ok(verifier) } else { Err(CheckpointError::Key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (Checkpoint, SigningKey, Verifier, String) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let checkpoint = Checkpoint { origin: "ledger.example.com/consent".into(), size: 70_000, root: [9; 32] };
        let verifier = Verifier { name: checkpoint.origin.clone(), key: key.verifying_key() };
        let note = checkpoint.sign(&key);
        (checkpoint, key, verifier, note)
    }

    #[test]
    fn a_signed_checkpoint_opens_under_its_own_key_alone() {
        let (checkpoint, _, verifier, note) = signed();
        assert_eq!(Checkpoint::open(&note, &verifier), Ok(checkpoint));
        let other = Verifier { key: SigningKey::from_bytes(&[4; 32]).verifying_key(), ..verifier.clone() };
        assert_eq!(Checkpoint::open(&note, &other), Err(CheckpointError::Signature));
        let renamed = Verifier { name: "else".into(), ..verifier };
        assert_eq!(Checkpoint::open(&note, &renamed), Err(CheckpointError::Origin));
    }

    #[test]
    fn every_changed_byte_of_the_text_is_noticed() {
        let (_, _, verifier, note) = signed();
        let text_len = note.find("\n\n").unwrap();
        for at in 0..text_len {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(Checkpoint::open(&changed, &verifier).is_err(), "byte {at}");
        }
    }

    #[test]
    fn witnesses_may_cosign() {
        let (checkpoint, _, verifier, note) = signed();
        let cosigned = format!("{note}\u{2014} witness.example.com AAAAAA==\n");
        assert_eq!(Checkpoint::open(&cosigned, &verifier), Ok(checkpoint));
    }

    #[test]
    fn a_verifier_key_survives_the_way_there_and_back() {
        let (_, _, verifier, _) = signed();
        let text = verifier.to_text();
        assert_eq!(Verifier::parse(&text), Ok(verifier));
        assert!(Verifier::parse(&text.replace("example", "exemple")).is_err());
    }
}
