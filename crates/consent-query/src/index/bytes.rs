//! Numbers as bytes: small ones short.

use super::arena::{Chunk, Place};

/// Something that bytes are read from. Reading behind the end gives zeros.
pub(super) trait Source {
    /// The next byte.
    fn byte(&mut self) -> u8;

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.iter_mut().for_each(|byte| *byte = self.byte());
        bytes
    }

    /// A number of `N` bytes, lowest first.
    fn fixed<const N: usize>(&mut self) -> u64 {
        self.array::<N>().iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// A number of seven bits a byte, lowest first.
    fn short(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    /// A number that may be negative.
    fn signed(&mut self) -> i64 {
        let number = self.short();
        ((number >> 1) as i64) ^ -((number & 1) as i64)
    }

    fn vector(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}

/// Reads a record where it lies.
pub(super) struct Cursor<'a> {
    chunk: &'a Chunk,
    at: usize,
    word: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(chunk: &'a Chunk, place: Place) -> Self {
        Self { chunk, at: place.offset() * 4, word: 0 }
    }

    /// Words from the beginning of a record to here.
    pub(super) fn words_since(&self, place: Place) -> usize {
        self.at.div_ceil(4) - place.offset()
    }
}

impl Source for Cursor<'_> {
    fn byte(&mut self) -> u8 {
        let part = self.at % 4;
        if part == 0 {
            self.word = self.chunk.word(self.at / 4);
        }
        self.at += 1;
        (self.word >> (part * 8)) as u8
    }
}

impl Source for std::slice::Iter<'_, u8> {
    fn byte(&mut self) -> u8 {
        self.next().copied().unwrap_or(0)
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
        fn what_is_written_is_read(number: u64, signed: i64, bytes: [u8; 5]) {
            let mut out = Vec::new();
            put_short(&mut out, number);
            put_signed(&mut out, signed);
            put_fixed(&mut out, number, 7);
            out.extend(bytes);
            let mut from = out.iter();
            prop_assert_eq!(from.short(), number);
            prop_assert_eq!(from.signed(), signed);
            prop_assert_eq!(from.fixed::<7>(), number & ((1 << 56) - 1));
            prop_assert_eq!(from.array::<5>(), bytes);
        }
    }
}
