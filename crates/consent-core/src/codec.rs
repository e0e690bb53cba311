//! Canonical bytes: RFC 8785 (JCS) for event bodies and entries, and the commitments an entry is made of.
//!
//! An entry says nothing personal. It commits to the person (`sub`) and to the event (`bod`) by salted hashes, so it
//! can be published and kept for ever, while what it commits to can be erased.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::event::EventKind;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The version of the entry format.
const ENTRY_VERSION: u64 = 1;
/// The largest integer that every JSON reader keeps exact.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Not the canonical JSON of their own content.
    #[error("not canonical JSON")]
    NotCanonical,
    /// Not an entry of a known version and type.
    #[error("not a ledger entry")]
    NotAnEntry,
    /// A number that JSON readers would not keep exact.
    #[error("a number outside the exact range")]
    Number,
    /// The opening does not belong to the entry.
    #[error("the opening does not match the entry")]
    WrongOpening,
}

/// RFC 8785 bytes of a JSON value. Numbers must be integers below 2^53: nothing in the ledger needs others.
pub fn canonical_json(value: &Value) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write_canonical(value, &mut bytes)?;
    Ok(bytes)
}

/// RFC 8785 bytes of a JSON object.
pub fn canonical_object(fields: &Map<String, Value>) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write_object(fields, &mut bytes)?;
    Ok(bytes)
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) -> Result<(), CodecError> {
    match value {
        Value::Number(number) => {
            let exact = number.as_u64().is_some_and(|n| n <= MAX_SAFE_INTEGER)
                || number.as_i64().is_some_and(|n| n < 0 && n.unsigned_abs() <= MAX_SAFE_INTEGER);
            if !exact {
                return Err(CodecError::Number);
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_canonical(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => write_object(fields, out)?,
        Value::String(text) => write_string(text, out)?,
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Null => out.extend_from_slice(b"null"),
    }
    Ok(())
}

fn write_object(fields: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| order(a, b));
    out.push(b'{');
    for (at, (name, item)) in sorted.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_member(name, item, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// The order of names in an object: RFC 8785, section 3.2.3. Of two names in ASCII the bytes say the same.
fn order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

fn write_member(name: &str, item: &Value, out: &mut Vec<u8>) -> Result<(), CodecError> {
    write_string(name, out)?;
    out.push(b':');
    write_canonical(item, out)
}

/// RFC 8785 bytes of an object that is to have one more member of this name: what stands in front of it, and what stands
/// behind.
pub(crate) fn canonical_around(fields: &Map<String, Value>, name: &str) -> Result<(Vec<u8>, Vec<u8>), CodecError> {
    let mut sorted: Vec<_> = fields.iter().filter(|(other, _)| *other != name).collect();
    sorted.sort_by(|(a, _), (b, _)| order(a, b));
    let (mut before, mut after) = (b"{".to_vec(), Vec::new());
    for (other, item) in sorted {
        if order(other, name).is_lt() {
            write_member(other, item, &mut before)?;
            before.push(b',');
        } else {
            after.push(b',');
            write_member(other, item, &mut after)?;
        }
    }
    after.push(b'}');
    Ok((before, after))
}

/// serde_json escapes exactly what RFC 8785, section 3.2.2.2 asks for.
fn write_string(text: &str, out: &mut Vec<u8>) -> Result<(), CodecError> {
    serde_json::to_writer(out, text).map_err(|_| CodecError::NotCanonical)
}

/// One public entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Commitment to the event's body.
    pub bod: Hash,
    /// Commitment to the person.
    pub sub: Hash,
    /// When it was received, in Unix seconds.
    pub t: u64,
    /// The event's type.
    pub typ: String,
}

/// The fields as they stand in the JSON, in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryJson {
    bod: String,
    sub: String,
    t: u64,
    typ: String,
    v: u64,
}

impl Entry {
    /// The canonical bytes; these are stored and served, and never made a second time to verify.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        if self.t > MAX_SAFE_INTEGER || !EventKind::NAMES.contains(&self.typ.as_str()) {
            return Err(CodecError::NotAnEntry);
        }
        let json = EntryJson {
            bod: URL_SAFE_NO_PAD.encode(self.bod),
            sub: URL_SAFE_NO_PAD.encode(self.sub),
            t: self.t,
            typ: self.typ.clone(),
            v: ENTRY_VERSION,
        };
        serde_json::to_vec(&json).map_err(|_| CodecError::NotAnEntry)
    }

    /// Reads an entry, refusing bytes that are not the canonical form of their own content.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        Self::read_canonical(bytes).map_or_else(|| Self::read_json(bytes), Ok)
    }

    /// Reads the fields where they stand in the canonical form; nothing, should anything else stand there.
    fn read_canonical(bytes: &[u8]) -> Option<Self> {
        let (bod, rest) = bytes.strip_prefix(br#"{"bod":""#)?.split_at_checked(HASH_TEXT)?;
        let (sub, rest) = rest.strip_prefix(br#"","sub":""#)?.split_at_checked(HASH_TEXT)?;
        let rest = rest.strip_prefix(br#"","t":"#)?;
        let (t, rest) = rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
        let typ = rest.strip_prefix(br#","typ":""#)?.strip_suffix(br#"","v":1}"#)?;
        let typ = EventKind::NAMES.iter().find(|name| name.as_bytes() == typ)?;
        let t = std::str::from_utf8(t).ok().filter(|text| *text == "0" || !text.starts_with('0'))?.parse().ok()?;
        let (bod, sub) = (short_hash(bod)?, short_hash(sub)?);
        (t <= MAX_SAFE_INTEGER).then(|| Self { bod, sub, t, typ: (*typ).to_owned() })
    }

    /// The same for any JSON, to tell what is wrong with it.
    fn read_json(bytes: &[u8]) -> Result<Self, CodecError> {
        let json: EntryJson = serde_json::from_slice(bytes).map_err(|_| CodecError::NotAnEntry)?;
        if json.v != ENTRY_VERSION {
            return Err(CodecError::NotAnEntry);
        }
        let entry = Self { bod: decode_hash(&json.bod)?, sub: decode_hash(&json.sub)?, t: json.t, typ: json.typ };
        if entry.encode()? == bytes { Ok(entry) } else { Err(CodecError::NotCanonical) }
    }
}

/// Characters of a hash in unpadded base64url.
const HASH_TEXT: usize = 43;

/// Reads [`HASH_TEXT`] characters.
fn short_hash(text: &[u8]) -> Option<Hash> {
    // The decoder wants room for whole groups of four characters.
    let mut bytes = [0; 33];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    bytes.first_chunk().copied().filter(|_| length == 32)
}

/// Reads a hash written in unpadded base64url.
pub fn decode_hash(text: &str) -> Result<Hash, CodecError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CodecError::NotAnEntry)?;
    bytes.try_into().map_err(|_| CodecError::NotAnEntry)
}

/// `sub`: the commitment to the person whose look-up token is `token`.
pub fn commit_subject(r_sub: &Hash, token: &Hash) -> Hash {
    Sha256::new().chain_update(b"consent-ledger/subject/v1\0").chain_update(r_sub).chain_update(token).finalize().into()
}

/// `bod`: the commitment to the canonical body.
pub fn commit_body(r_bod: &Hash, body: &[u8]) -> Hash {
    Sha256::new().chain_update(b"consent-ledger/body/v1\0").chain_update(r_bod).chain_update(body).finalize().into()
}

/// What opens an entry: the two salts and the body. Personal, sealed where it is kept, and erasable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Salt of the commitment to the person.
    pub r_sub: Hash,
    /// Salt of the commitment to the body.
    pub r_bod: Hash,
    /// Canonical JSON of the event.
    pub body: Vec<u8>,
}

impl Opening {
    /// `r_sub || r_bod || body`, the plain text that is sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.r_sub.as_slice(), self.r_bod.as_slice(), &self.body].concat()
    }

    /// Reads what [`Opening::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let (r_sub, r_bod, body) = Self::parts(bytes)?;
        Ok(Self { r_sub: *r_sub, r_bod: *r_bod, body: body.to_vec() })
    }

    /// `r_sub`, `r_bod` and the body where they lie in these bytes.
    pub fn parts(bytes: &[u8]) -> Result<(&Hash, &Hash, &[u8]), CodecError> {
        let (r_sub, rest) = bytes.split_first_chunk().ok_or(CodecError::WrongOpening)?;
        let (r_bod, body) = rest.split_first_chunk().ok_or(CodecError::WrongOpening)?;
        Ok((r_sub, r_bod, body))
    }

    /// Checks that this opening's body is the one the entry commits to.
    pub fn check_body(&self, entry: &Entry) -> Result<(), CodecError> {
        if commit_body(&self.r_bod, &self.body) == entry.bod { Ok(()) } else { Err(CodecError::WrongOpening) }
    }

    /// Whether the entry commits to the person with this token.
    pub fn is_about(&self, entry: &Entry, token: &Hash) -> bool {
        commit_subject(&self.r_sub, token) == entry.sub
    }
}

#[cfg(test)]
mod tests;
