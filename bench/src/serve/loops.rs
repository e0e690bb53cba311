//! The floor of a scrub: cut lines, check digits, hash, look up, and nothing else.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use clap::Args;
use consent_core::address::Phone;
use futures_util::{StreamExt, stream};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::generator::Generator;

/// Whom a child process knows.
#[derive(Debug, Clone, Copy, Args)]
pub struct People {
    /// How many
    #[arg(long)]
    pub contacts: u64,
    /// From which seed
    #[arg(long)]
    pub seed: u64,
}

impl People {
    /// Who makes them.
    pub fn generator(&self) -> Generator {
        Generator { seed: self.seed, contacts: self.contacts }
    }

    /// The table of a bare loop.
    pub fn table(&self) -> anyhow::Result<Table> {
        Table::of(self.generator())
    }
}

/// A hash is its own hash.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| (sum << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Who may be contacted, by the first bytes of a keyed hash of the number.
pub struct Table {
    mac: Hmac<Sha256>,
    may: HashMap<u64, bool, BuildHasherDefault<Same>>,
}

impl Table {
    /// Of everybody whose number is recorded.
    pub fn of(people: Generator) -> anyhow::Result<Self> {
        let mac = Hmac::<Sha256>::new_from_slice(&[7; 32])?;
        let mut table = Self { mac, may: HashMap::default() };
        table.may.reserve(people.contacts as usize);
        for number in 0..people.contacts {
            let contact = people.contact(number)?;
            let key = table.key(contact.phone.as_str().as_bytes());
            table.may.insert(key, contact.story.may_get_service_text());
        }
        Ok(table)
    }

    fn key(&self, number: &[u8]) -> u64 {
        let mut mac = self.mac.clone();
        mac.update(b"phone\0");
        mac.update(number);
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        hash.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    /// Whether a number is in the table at all, the floor of a decision.
    pub fn find(&self, number: &[u8]) -> Option<bool> {
        self.may.get(&self.key(number)).copied()
    }

    /// Takes out of whole lines those that may not be contacted; returns how many stay.
    pub fn scrub(&self, lines: &[u8], out: &mut Vec<u8>) -> u64 {
        let mut allowed = 0;
        for line in lines.split(|byte| *byte == b'\n') {
            // What is not a canonical number of North America goes the slow way, as it must in any program.
            let found = if is_canonical(line) { self.find(line) } else { self.find_other(line) };
            if found == Some(true) {
                allowed += 1;
                out.extend_from_slice(line);
                out.push(b'\n');
            }
        }
        allowed
    }

    fn find_other(&self, line: &[u8]) -> Option<bool> {
        let phone = Phone::parse(std::str::from_utf8(line).ok()?).ok()?;
        self.find(phone.as_str().as_bytes())
    }
}

/// E.164 under +1, byte by byte.
fn is_canonical(line: &[u8]) -> bool {
    matches!(line, [b'+', b'1', a, rest @ ..] if (b'2'..=b'9').contains(a) && rest.len() == 9)
        && line.iter().skip(1).all(u8::is_ascii_digit)
}

pub(super) fn configure(config: &mut web::ServiceConfig, table: web::Data<Table>) {
    config.app_data(table).route("/v1/scrub", web::post().to(scrub));
}

/// The loop over a list as it arrives.
async fn scrub(payload: web::Payload, table: web::Data<Table>) -> HttpResponse {
    let state = (payload, table, Vec::new(), 0);
    HttpResponse::Ok().streaming(stream::try_unfold(state, |(mut payload, table, mut rest, mut allowed)| async move {
        let mut out = Vec::new();
        let Some(piece) = payload.next().await else {
            if allowed == u64::MAX {
                return Ok::<_, actix_web::Error>(None);
            }
            allowed += table.scrub(&rest, &mut out);
            let certificate = format!("# certificate {{\"allowed\":{allowed}}}\n");
            out.extend_from_slice(certificate.as_bytes());
            return Ok(Some((Bytes::from(out), (payload, table, Vec::new(), u64::MAX))));
        };
        rest.extend_from_slice(&piece?);
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        allowed += table.scrub(rest.get(..whole).unwrap_or_default(), &mut out);
        rest.drain(..whole);
        Ok(Some((Bytes::from(out), (payload, table, rest, allowed))))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_gives_the_right_answers_too() {
        let people = Generator { seed: 5, contacts: 500 };
        let list = people.list(2_000).unwrap();
        let mut out = Vec::new();
        assert_eq!(Table::of(people).unwrap().scrub(&list.text, &mut out), list.allowed);
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count() as u64, list.allowed);
    }
}
