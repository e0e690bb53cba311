//! A list in pieces of any size, cut into its rows. Memory holds one piece and one row, however long the list is.

use sha2::{Digest, Sha256};

use super::csv::{self, Scan};
use crate::limits;

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Number of its first line, from 1.
    pub(crate) line: u64,
    /// The row without its line break, or why it cannot be read.
    pub(crate) text: Result<String, &'static str>,
    /// Its line break, as it came.
    pub(crate) end: &'static str,
}

/// Why a row cannot be read.
pub(crate) const TOO_LONG: &str = "the line is too long";
const NOT_UTF8: &str = "the line is not UTF-8";
const QUOTES: &str = "the quotes of the line are not in order";

/// How far the end of a row of several lines is looked for; the longest line and its line break fit.
const WINDOW: usize = limits::SCRUB_LINE + 2;

/// What may stand before the first line and is no part of it.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Cuts a list into rows and hashes what it has cut.
pub(crate) struct Lines {
    quoted: bool,
    buffer: Vec<u8>,
    /// Where the next row begins in the buffer.
    at: usize,
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
        let hash = Sha256::new();
        Self { quoted, buffer: Vec::new(), at: 0, ended: false, skipping: false, line: 1, taken: 0, hash }
    }

    /// The list from a place between two rows: the next line, the bytes before it, and their hash.
    pub(crate) fn resume(quoted: bool, line: u64, taken: u64, hash: Sha256) -> Self {
        Self { line, taken, hash, ..Self::new(quoted) }
    }

    /// Takes the next piece.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// Nothing comes after this.
    pub(crate) fn end(&mut self) {
        self.ended = true;
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
        hex(self.hash.clone())
    }

    /// The next row, if it is all there.
    pub(crate) fn next(&mut self) -> Option<Row> {
        if self.taken == 0 && !self.skip_bom() {
            return None;
        }
        let line = self.line;
        if self.skipping {
            return self.skip().then_some(Row { line, text: Err(TOO_LONG), end: "\n" });
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let (length, fault) = match self.scan(rest) {
            Cut::Row(length) => (length, None),
            Cut::Fault(length, fault) => (length, Some(fault)),
            Cut::TooLong => {
                self.skipping = true;
                return self.next();
            }
            Cut::More => return None,
        };
        let (text, end) = split(rest.get(..length).unwrap_or_default());
        let text = match fault {
            Some(fault) => Err(fault),
            None => std::str::from_utf8(text).map(ToOwned::to_owned).map_err(|_| NOT_UTF8),
        };
        self.take(length);
        Some(Row { line, text, end })
    }

    fn scan(&self, rest: &[u8]) -> Cut {
        if rest.is_empty() {
            return Cut::More;
        }
        let first = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) if end > limits::SCRUB_LINE => return Cut::TooLong,
            Some(end) => end + 1,
            None if rest.len() > limits::SCRUB_LINE => return Cut::TooLong,
            None if self.ended => rest.len(),
            None => return Cut::More,
        };
        if !self.quoted {
            return Cut::Row(first);
        }
        // What is wrong with a row spoils its first line alone: the next one may well begin a good row.
        let window = rest.get(..WINDOW).unwrap_or(rest);
        match csv::scan(window, self.ended && window.len() == rest.len()) {
            Scan::Whole(length) => Cut::Row(length),
            Scan::Broken => Cut::Fault(first, QUOTES),
            Scan::More if window.len() == WINDOW || self.ended => Cut::Fault(first, QUOTES),
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
        let end = rest.iter().position(|byte| *byte == b'\n');
        self.take(end.map_or(rest.len(), |end| end + 1));
        self.skipping = end.is_none() && !self.ended;
        !self.skipping
    }

    fn take(&mut self, length: usize) {
        let taken = self.buffer.get(self.at..self.at + length).unwrap_or_default();
        self.hash.update(taken);
        self.line += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.taken += length as u64;
        self.at += length;
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
mod tests {
    use super::*;

    /// Line number and text of each row, for pieces of this size.
    fn cut(quoted: bool, list: &[u8], size: usize) -> Vec<(u64, Result<String, &'static str>)> {
        let (mut lines, mut rows) = (Lines::new(quoted), Vec::new());
        for piece in list.chunks(size) {
            lines.feed(piece);
            rows.extend(std::iter::from_fn(|| lines.next()));
        }
        lines.end();
        rows.extend(std::iter::from_fn(|| lines.next()));
        assert!(lines.is_done());
        assert_eq!(lines.place().1, list.len() as u64);
        let mut whole = Sha256::new();
        whole.update(list);
        assert_eq!(lines.sha256(), hex(whole));
        rows.into_iter().map(|row| (row.line, row.text)).collect()
    }

    #[test]
    fn a_list_is_cut_the_same_way_in_pieces_of_any_size() {
        for (quoted, list, expected) in [
            (false, &b""[..], vec![]),
            (false, b"a\nb\n", vec![(1, Ok("a")), (2, Ok("b"))]),
            (false, b"a\r\n\r\nb", vec![(1, Ok("a")), (2, Ok("")), (3, Ok("b"))]),
            (false, b"\xef\xbb\xbfa\nb", vec![(1, Ok("a")), (2, Ok("b"))]),
            (false, b"\xef\xbb", vec![(1, Err(NOT_UTF8))]),
            (false, b"a\n\xff\nb", vec![(1, Ok("a")), (2, Err(NOT_UTF8)), (3, Ok("b"))]),
            (false, b"\"a\nb\"\n", vec![(1, Ok("\"a")), (2, Ok("b\""))]),
            (true, b"\"a\nb\",1\nc,2\n", vec![(1, Ok("\"a\nb\",1")), (3, Ok("c,2"))]),
            (true, b"\"a\"\"\r\nb\"\r\nc", vec![(1, Ok("\"a\"\"\r\nb\"")), (3, Ok("c"))]),
            (true, b"\"a\nb,1\nc,2\n", vec![(1, Err(QUOTES)), (2, Ok("b,1")), (3, Ok("c,2"))]),
            (true, b"a\"b\nc\n", vec![(1, Err(QUOTES)), (2, Ok("c"))]),
            (true, b"\"a\"b\nc", vec![(1, Err(QUOTES)), (2, Ok("c"))]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(at, text)| (at, text.map(str::to_owned))).collect();
            for size in 1..=list.len().max(1) {
                assert_eq!(cut(quoted, list, size), expected, "{} by {size}", String::from_utf8_lossy(list));
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_one_bad_line_and_the_next_one_is_read() {
        let longest = "x".repeat(limits::SCRUB_LINE);
        let list = format!("{longest}\n{longest}x\nb\n{longest}xx");
        for quoted in [false, true] {
            for size in [1_000, limits::SCRUB_LINE, list.len()] {
                let rows = cut(quoted, list.as_bytes(), size);
                assert!(rows[0].1.is_ok());
                let rest = [(2, Err(TOO_LONG)), (3, Ok("b".to_owned())), (4, Err(TOO_LONG))];
                assert_eq!(rows[1..], rest, "{quoted} by {size}");
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_spoils_its_own_line_alone() {
        let list = format!("\"a\n{}", "b,1\n".repeat(limits::SCRUB_LINE));
        for size in [10_000, list.len()] {
            let rows = cut(true, list.as_bytes(), size);
            assert_eq!(rows.len(), limits::SCRUB_LINE + 1);
            assert!(rows[0].1.is_err() && rows[1..].iter().all(|row| row.1.is_ok()), "by {size}");
        }
    }
}
