//! Requests altered at random.

use super::samples::{Sample, copy, value_of};
use crate::gateways::WebhookRequest;

/// Numbers that look random and are the same in every run (xorshift64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number from 0 to below the limit.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        // Mostly what has a meaning in forms, URLs and JSON.
        let telling = b"&=+%;?#/:.,\"{}[]\\ 0aAzZ\0\x7f\xff";
        if self.below(2) == 0 { telling[self.below(telling.len())] } else { self.below(256) as u8 }
    }

    /// Changes, inserts, removes, repeats or cuts at one place behind `from`.
    fn mutate(&mut self, bytes: &mut Vec<u8>, from: usize) {
        let at = from + self.below(bytes.len() - from);
        let end = at + self.below(bytes.len() - at) + 1;
        match self.below(6) {
            0 => bytes[at] = self.byte(),
            1 => bytes[at] ^= 1 << self.below(8),
            2 => bytes.insert(at, self.byte()),
            3 => drop(bytes.remove(at)),
            4 => drop(bytes.drain(at..end)),
            _ => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }

    fn mutate_text(&mut self, text: &mut String, from: usize) {
        let mut bytes = text.clone().into_bytes();
        self.mutate(&mut bytes, from);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }

    /// A request changed in one of these parts. Scheme and host come from configuration.
    pub(super) fn mutation_of(&mut self, sample: &Sample, parts: &[Part]) -> WebhookRequest {
        let mut request = copy(&sample.request);
        let path = request.url.find("://").and_then(|at| Some(at + 3 + request.url[at + 3..].find('/')?));
        match (parts[self.below(parts.len())], path) {
            (Part::Url, Some(path)) => self.mutate_text(&mut request.url, path),
            (Part::Parameter(name), _) => {
                let place = value_of(&request.url, name);
                let mut value = request.url[place.clone()].to_owned();
                self.mutate_text(&mut value, 0);
                request.url.replace_range(place, &value);
            }
            (Part::Header(at), _) => self.mutate_text(&mut request.headers[at].1, 0),
            _ if !request.body.is_empty() => self.mutate(&mut request.body, 0),
            _ => request.body.push(self.byte()),
        }
        request
    }
}

/// A part of a request.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// Path and query.
    Url,
    /// The value of a parameter of the URL, by its name.
    Parameter(&'static str),
    /// The value of a header, by its place.
    Header(usize),
    /// The body.
    Body,
}
