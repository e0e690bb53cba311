//! Numbers as bytes: small ones short.

use super::arena::{Chunk, Place, UNIT};

/// Something that bytes are read from. Reading behind the end gives zeros.
pub(super) trait Source {
    /// The next eight bytes, lowest first, which stay the next ones.
    fn peek(&self) -> u64;

    /// Passes over some bytes.
    fn pass(&mut self, bytes: usize);

    /// A number of `N` bytes, of which there may be eight, lowest first.
    fn fixed<const N: usize>(&mut self) -> u64 {
        let number = self.peek() & (u64::MAX >> (64 - 8 * N));
        self.pass(N);
        number
    }

    fn byte(&mut self) -> u8 {
        self.fixed::<1>() as u8
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for some in bytes.chunks_mut(8) {
            some.iter_mut().zip(self.peek().to_le_bytes()).for_each(|(to, from)| *to = from);
            self.pass(some.len());
        }
        bytes
    }

    /// A number of seven bits a byte, lowest first.
    fn short(&mut self) -> u64 {
        let next = self.peek();
        let mut number = 0;
        for at in 0..8 {
            let byte = next >> (8 * at);
            number |= (byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.pass(at + 1);
                return number;
            }
        }
        self.pass(8);
        let (ninth, rest) = (self.byte(), 56);
        number |= u64::from(ninth & 0x7f) << rest;
        if ninth & 0x80 == 0 { number } else { number | u64::from(self.byte()) << (rest + 7) }
    }

    /// A number that may be negative.
    fn signed(&mut self) -> i64 {
        let number = self.short();
        ((number >> 1) as i64) ^ -((number & 1) as i64)
    }

    /// So many bytes; fewer if that is more than a record may have.
    fn vector(&mut self, length: usize) -> Vec<u8> {
        (0..length.min(super::writer::LARGEST)).map(|_| self.byte()).collect()
    }
}

/// Reads a record where it lies.
pub(super) struct Cursor<'a> {
    chunk: &'a Chunk,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(chunk: &'a Chunk, place: Place) -> Self {
        Self { chunk, at: place.offset() * UNIT }
    }

    /// Units from the beginning of a record to here.
    pub(super) fn units_since(&self, place: Place) -> usize {
        self.at.div_ceil(UNIT) - place.offset()
    }
}

impl Source for Cursor<'_> {
    fn peek(&self) -> u64 {
        self.chunk.eight(self.at)
    }

    fn pass(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Source for &[u8] {
    fn peek(&self) -> u64 {
        let mut eight = [0; 8];
        eight.iter_mut().zip(*self).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(eight)
    }

    fn pass(&mut self, bytes: usize) {
        *self = self.get(bytes..).unwrap_or_default();
    }
}

/// Writes a number of `bytes` bytes, lowest first.
pub(super) fn put_fixed(out: &mut Vec<u8>, number: u64, bytes: usize) {
    out.extend(number.to_le_bytes().iter().take(bytes));
}

/// Writes a number of seven bits a byte, lowest first.
pub(super) fn put_short(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a number that may be negative.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_short(out, ((number << 1) ^ (number >> 63)) as u64);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u64, few in 0..20_000_u64, signed: i64, bytes: [u8; 13]) {
            let mut out = Vec::new();
            put_short(&mut out, number);
            put_short(&mut out, few);
            put_signed(&mut out, signed);
            put_fixed(&mut out, number, 7);
            out.extend(bytes);
            let mut from = out.as_slice();
            prop_assert_eq!(from.short(), number);
            prop_assert_eq!(from.short(), few);
            prop_assert_eq!(from.signed(), signed);
            prop_assert_eq!(from.fixed::<7>(), number & ((1 << 56) - 1));
            prop_assert_eq!(from.array::<13>(), bytes);
            prop_assert!(from.is_empty());
        }
    }
}
