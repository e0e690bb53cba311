//! Exports: one line of JSON an entry, closed by a manifest, verified offline and without trusting whoever made it.
//!
//! ```text
//! {"seq":0,"entry":"{\"bod\":...}","leaf":"...","opening":{"r_sub":"...","r_bod":"...","body":"{...}"}}
//! {"manifest":{"from":0,"to":1,"size":1,"root":"...","proof":[],"checkpoint":"...","sha256":"...",...}}
//! ```
//!
//! `entry` and `body` are the exact texts that were hashed. Hashes are in unpadded base64url. `opening` is null where it
//! was erased. `proof` holds the hashes by which the exported range leads to the root (see
//! [`merkle::root_of_range`]); `sha256` is over all lines in front of the manifest, newlines included.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checkpoint::{Checkpoint, Verifier};
use crate::codec::{Entry, Hash, Opening, decode_hash};
use crate::event::Recorded;
use crate::merkle;

/// One entry of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Position in the ledger.
    pub seq: u64,
    /// The exact text of the entry.
    pub entry: String,
    /// Its leaf hash.
    pub leaf: String,
    /// What opens it; null where that was erased.
    pub opening: Option<OpeningText>,
}

/// An opening as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningText {
    /// Salt of the commitment to the person.
    pub r_sub: String,
    /// Salt of the commitment to the body.
    pub r_bod: String,
    /// The exact canonical JSON of the event.
    pub body: String,
}

/// What closes an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Position of the first entry.
    pub from: u64,
    /// Position after the last entry.
    pub to: u64,
    /// Size of the ledger.
    pub size: u64,
    /// Root of the ledger.
    pub root: String,
    /// The hashes by which the range leads to the root, from left to right.
    pub proof: Vec<String>,
    /// The signed checkpoint of this size and root.
    pub checkpoint: String,
    /// SHA-256 of the lines in front, in base64url.
    pub sha256: String,
    /// Version of the rules in force.
    pub rules: String,
    /// When the export was made.
    pub made_at: String,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    manifest: Manifest,
}

impl Line {
    /// Writes the line of one entry, newline included. `opening` is what [`Opening::parts`] gives.
    pub fn write(
        out: &mut Vec<u8>,
        (seq, entry, leaf): (u64, &[u8], &Hash),
        opening: Option<(&Hash, &Hash, &[u8])>,
    ) -> serde_json::Result<()> {
        out.extend(br#"{"seq":"#);
        serde_json::to_writer(&mut *out, &seq)?;
        out.extend(br#","entry":"#);
        serde_json::to_writer(&mut *out, &String::from_utf8_lossy(entry))?;
        write_hash(out, "leaf", leaf);
        out.extend(br#","opening":"#);
        match opening {
            None => out.extend(b"null"),
            Some((r_sub, r_bod, body)) => {
                out.push(b'{');
                write_hash(out, "r_sub", r_sub);
                write_hash(out, "r_bod", r_bod);
                out.extend(br#","body":"#);
                serde_json::to_writer(&mut *out, &String::from_utf8_lossy(body))?;
                out.push(b'}');
            }
        }
        out.extend(b"}\n");
        Ok(())
    }
}

/// A member that is a hash, behind others or the first one.
fn write_hash(out: &mut Vec<u8>, name: &str, hash: &Hash) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    let mut text = [0; 43];
    let length = URL_SAFE_NO_PAD.encode_slice(hash, &mut text).unwrap_or_default();
    for part in [b"\"".as_slice(), name.as_bytes(), b"\":\"", text.get(..length).unwrap_or_default(), b"\""] {
        out.extend(part);
    }
}

impl Manifest {
    /// The last line, without its newline.
    pub fn to_line(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Closing { manifest: self.clone() })
    }
}

/// A hash as exports write it.
pub fn encode(hash: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hash)
}

/// The first fault of an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ExportFault {
    /// Where: `entry 7`, `line 3` or `manifest`.
    pub place: String,
    /// What does not fit.
    pub what: String,
}

/// What a verification found in good order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSummary {
    /// The manifest.
    pub manifest: Manifest,
    /// Entries checked.
    pub entries: u64,
    /// Entries whose opening was there and matched.
    pub openings: u64,
    /// The checkpoint's signature was checked under a key that the verifier brought along.
    pub signature_checked: bool,
}

/// Verifies an export line by line.
#[derive(Default)]
pub struct ExportCheck {
    lines: u64,
    first: Option<u64>,
    leaves: Vec<Hash>,
    openings: u64,
    last_t: u64,
    hash: Sha256,
    manifest: Option<Manifest>,
}

impl ExportCheck {
    /// Checks the next line (without its newline).
    pub fn line(&mut self, text: &str) -> Result<(), ExportFault> {
        self.lines += 1;
        let place = format!("line {}", self.lines);
        if self.manifest.is_some() {
            return Err(fault(place, "stands behind the manifest"));
        }
        if let Ok(closing) = serde_json::from_str::<Closing>(text) {
            self.manifest = Some(closing.manifest);
            return Ok(());
        }
        let line: Line = serde_json::from_str(text).map_err(|_| fault(place, "is neither an entry nor a manifest"))?;
        self.entry(&line)?;
        self.hash.update(text.as_bytes());
        self.hash.update(b"\n");
        Ok(())
    }

    fn entry(&mut self, line: &Line) -> Result<(), ExportFault> {
        let place = format!("entry {}", line.seq);
        let expected = *self.first.get_or_insert(line.seq) + self.leaves.len() as u64;
        if line.seq != expected {
            return Err(fault(place, format!("stands where entry {expected} should")));
        }
        let entry = Entry::decode(line.entry.as_bytes()).map_err(|error| fault(&place, error.to_string()))?;
        let leaf = merkle::leaf_hash(line.entry.as_bytes());
        if decode_hash(&line.leaf) != Ok(leaf) {
            return Err(fault(place, "the leaf hash is not that of the entry"));
        }
        if entry.t < self.last_t {
            return Err(fault(place, "was received before the entry in front of it"));
        }
        if let Some(text) = &line.opening {
            check_opening(line.seq, &entry, text).map_err(|what| fault(place, what))?;
            self.openings += 1;
        }
        self.last_t = entry.t;
        self.leaves.push(leaf);
        Ok(())
    }

    /// Checks the whole: the range, the root, the checkpoint and, with a key, its signature.
    pub fn finish(self, verifier: Option<&Verifier>) -> Result<ExportSummary, ExportFault> {
        let wrong = |what: &str| fault("manifest", what);
        let manifest = self.manifest.ok_or_else(|| wrong("is missing: the export is not whole"))?;
        let range = (self.first.unwrap_or(manifest.from), self.leaves.len() as u64);
        if range != (manifest.from, manifest.to.saturating_sub(manifest.from)) || manifest.to < manifest.from {
            return Err(wrong("names another range than that of the entries"));
        }
        if decode_hash(&manifest.sha256).ok().as_ref() != Some(&self.hash.finalize().into()) {
            return Err(wrong("its hash is not that of the lines"));
        }
        let proof: Result<Vec<Hash>, _> = manifest.proof.iter().map(|hash| decode_hash(hash)).collect();
        let root =
            proof.ok().and_then(|proof| merkle::root_of_range(&self.leaves, manifest.from, manifest.size, &proof).ok());
        if root.is_none() || decode_hash(&manifest.root).ok() != root {
            return Err(wrong("the entries do not lead to its root"));
        }
        let checkpoint = match verifier {
            Some(verifier) => Checkpoint::open(&manifest.checkpoint, verifier),
            None => Checkpoint::parse(&manifest.checkpoint),
        };
        let checkpoint = checkpoint.map_err(|error| wrong(&format!("its checkpoint is {error}")))?;
        if checkpoint.size != manifest.size || Some(checkpoint.root) != root {
            return Err(wrong("its checkpoint is of another size or root"));
        }
        let signature_checked = verifier.is_some();
        Ok(ExportSummary { manifest, entries: self.leaves.len() as u64, openings: self.openings, signature_checked })
    }
}

fn fault(place: impl Into<String>, what: impl Into<String>) -> ExportFault {
    ExportFault { place: place.into(), what: what.into() }
}

fn check_opening(seq: u64, entry: &Entry, text: &OpeningText) -> Result<(), String> {
    let salt = |text: &str| decode_hash(text).map_err(|_| "a salt cannot be read".to_owned());
    let body = text.body.as_bytes().to_vec();
    let opening = Opening { r_sub: salt(&text.r_sub)?, r_bod: salt(&text.r_bod)?, body };
    opening.check_body(entry).map_err(|error| error.to_string())?;
    let recorded = Recorded::from_body(seq, &opening.body).map_err(|_| "the body is not an event".to_owned())?;
    if recorded.type_name() != entry.typ || recorded.received_at.timestamp().max(0) as u64 != entry.t {
        return Err("type or time is not that of the event".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
