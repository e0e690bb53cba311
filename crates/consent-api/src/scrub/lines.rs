//! A list in pieces of any size, cut into its rows. Memory holds one piece and one block of rows, however long the list
//! is; a row is a place in them.

use sha2::{Digest, Sha256};

use super::csv::{self, Scan};
use crate::limits;

/// One row of a list, as it lies in the text of its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Number of its first line, from 1.
    pub(crate) line: u64,
    /// Where it begins in the text of its block.
    at: usize,
    /// Its bytes without its line break.
    length: usize,
    /// Its line break, as it came.
    pub(crate) end: &'static str,
    /// Why it cannot be read.
    fault: Option<&'static str>,
}

impl Row {
    /// The row without its line break.
    pub(crate) fn bytes<'a>(&self, block: &'a [u8]) -> &'a [u8] {
        block.get(self.at..self.at + self.length).unwrap_or_default()
    }

    /// The row without its line break, or why it cannot be read.
    pub(crate) fn text<'a>(&self, block: &'a [u8]) -> Result<&'a str, &'static str> {
        match self.fault {
            Some(fault) => Err(fault),
            None => std::str::from_utf8(self.bytes(block)).map_err(|_| NOT_UTF8),
        }
    }

    /// Whether there is nothing in it but spaces of the plain kind: any other might have been meant.
    pub(crate) fn is_blank(&self, block: &[u8]) -> bool {
        self.fault.is_none() && self.bytes(block).iter().all(u8::is_ascii_whitespace)
    }
}

/// Why a row cannot be read.
pub(crate) const TOO_LONG: &str = "the line is too long";
const NOT_UTF8: &str = "the line is not UTF-8";

/// How far the end of a row of several lines is looked for; the longest line and its line break fit.
const WINDOW: usize = limits::SCRUB_LINE + 2;

/// What may stand before the first line and is no part of it.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a list into rows and hashes what it has cut.
pub(crate) struct Lines {
    quoted: bool,
    buffer: Vec<u8>,
    /// Where the block begins in the buffer.
    begin: usize,
    /// Where the next row begins.
    at: usize,
    /// Where the bytes begin that are not hashed yet.
    hashed: usize,
    ended: bool,
    /// Bytes of a line that is too long are thrown away until it ends.
    skipping: bool,
    line: u64,
    taken: u64,
    hash: Sha256,
}

impl Lines {
    /// A list whose rows may hold quoted line breaks, or not.
    pub(crate) fn new(quoted: bool) -> Self {
        let (buffer, hash) = (Vec::new(), Sha256::new());
        let (begin, at, hashed, ended, skipping) = (0, 0, 0, false, false);
        Self { quoted, buffer, begin, at, hashed, ended, skipping, line: 1, taken: 0, hash }
    }

    /// The list from a place between two rows: the next line, the bytes before it, and their hash.
    pub(crate) fn resume(quoted: bool, line: u64, taken: u64, hash: Sha256) -> Self {
        Self { line, taken, hash, ..Self::new(quoted) }
    }

    /// Takes the next piece. Rows of the block stay where they are in its text.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.hash_cut();
        self.buffer.drain(..self.begin);
        self.at -= self.begin;
        self.hashed = self.at;
        self.begin = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// Nothing comes after this.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The text of the rows that were cut since the block began.
    pub(crate) fn block(&self) -> &[u8] {
        self.buffer.get(self.begin..self.at).unwrap_or_default()
    }

    /// The rows so far are not needed any more.
    pub(crate) fn begin_block(&mut self) {
        self.hash_cut();
        self.begin = self.at;
    }

    /// Whether every row has been cut.
    pub(crate) fn is_done(&self) -> bool {
        self.ended && self.at == self.buffer.len() && !self.skipping
    }

    /// Number of the next line, and the bytes before it.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.line, self.taken)
    }

    /// SHA-256 of the bytes that were cut.
    pub(crate) fn sha256(&self) -> String {
        hex(self.hash.clone().chain_update(self.unhashed()))
    }

    /// The next row, if it is all there.
    pub(crate) fn next(&mut self) -> Option<Row> {
        if self.taken == 0 && !self.skip_bom() {
            return None;
        }
        let (line, at) = (self.line, self.at - self.begin);
        let too_long = Row { line, at, length: 0, end: "\n", fault: Some(TOO_LONG) };
        if self.skipping {
            return self.skip().then_some(too_long);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let (length, fault) = match self.scan(rest) {
            Cut::Row(length) => (length, None),
            Cut::Fault(length, fault) => (length, Some(fault)),
            Cut::TooLong => {
                self.skipping = true;
                return self.skip().then_some(too_long);
            }
            Cut::More => return None,
        };
        let (text, end) = split(rest.get(..length).unwrap_or_default());
        let row = Row { line, at, length: text.len(), end, fault };
        self.take(length);
        Some(row)
    }

    fn scan(&self, rest: &[u8]) -> Cut {
        if rest.is_empty() {
            return Cut::More;
        }
        let first = match memchr::memchr(b'\n', rest) {
            Some(end) if end > limits::SCRUB_LINE => return Cut::TooLong,
            Some(end) => end + 1,
            None if rest.len() > limits::SCRUB_LINE => return Cut::TooLong,
            None if self.ended => rest.len(),
            None => return Cut::More,
        };
        let line = rest.get(..first).unwrap_or_default();
        if !self.quoted {
            return Cut::Row(first);
        }
        if memchr::memchr(b'"', line).is_none() {
            return if csv::has_return(line) { Cut::Fault(first, csv::RETURN) } else { Cut::Row(first) };
        }
        // What is wrong with a row spoils its first line alone: the next one may well begin a good row.
        let window = rest.get(..WINDOW).unwrap_or(rest);
        match csv::scan(window, self.ended && window.len() == rest.len()) {
            Scan::Whole(length) => Cut::Row(length),
            Scan::Broken(fault) => Cut::Fault(first, fault),
            Scan::More if window.len() == WINDOW || self.ended => Cut::Fault(first, csv::QUOTES),
            Scan::More => Cut::More,
        }
    }

    /// Leaves out a mark at the very beginning; false if it is not all there yet.
    fn skip_bom(&mut self) -> bool {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        if rest.starts_with(BOM) {
            self.take(BOM.len());
            return true;
        }
        self.ended || rest.len() >= BOM.len() || !BOM.starts_with(rest)
    }

    /// Throws away what is there of a line that is too long; true once it has ended.
    fn skip(&mut self) -> bool {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let (end, from) = (memchr::memchr(b'\n', rest), self.at);
        self.take(end.map_or(rest.len(), |end| end + 1));
        self.skipping = end.is_none() && !self.ended;
        self.hash_cut();
        self.buffer.drain(from..self.at);
        (self.at, self.hashed) = (from, from);
        !self.skipping
    }

    fn take(&mut self, length: usize) {
        let taken = self.buffer.get(self.at..self.at + length).unwrap_or_default();
        self.line += breaks(taken);
        self.taken += length as u64;
        self.at += length;
    }

    /// Hashes what was cut, many rows at once.
    fn hash_cut(&mut self) {
        self.hash.update(self.buffer.get(self.hashed..self.at).unwrap_or_default());
        self.hashed = self.at;
    }

    /// Bytes that are in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    fn unhashed(&self) -> &[u8] {
        self.buffer.get(self.hashed..self.at).unwrap_or_default()
    }
}

/// Line breaks in a text, which mostly has one at its end.
fn breaks(text: &[u8]) -> u64 {
    match memchr::memchr(b'\n', text) {
        None => 0,
        Some(first) if first + 1 == text.len() => 1,
        Some(_) => memchr::memchr_iter(b'\n', text).count() as u64,
    }
}

enum Cut {
    /// A row of so many bytes.
    Row(usize),
    /// A bad line of so many bytes.
    Fault(usize, &'static str),
    /// A line that is not worth keeping.
    TooLong,
    /// The rest has to come first.
    More,
}

/// A row and its line break. The last row of a list may have none, and gets one.
fn split(row: &[u8]) -> (&[u8], &'static str) {
    match (row.strip_suffix(b"\r\n"), row.strip_suffix(b"\n")) {
        (Some(text), _) => (text, "\r\n"),
        (_, Some(text)) => (text, "\n"),
        _ => (row, "\n"),
    }
}

/// A hash in hexadecimal digits.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
