//! Comma-separated values (RFC 4180): where a record ends, what its fields are, how a field is written.
//!
//! Read strictly: a quote in the middle of a plain field, something after a closed one, or a carriage return that ends
//! no line is a fault. A record that could be read in two ways could be about two people.

use std::borrow::Cow;

/// What stands at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A record of so many bytes, line break included.
    Whole(usize),
    /// A record that could be read in several ways, and why.
    Broken(&'static str),
    /// The beginning of a record, whose rest is not there.
    More,
}

/// Quotes that do not stand at both ends of a field, or are not doubled within one.
pub(crate) const QUOTES: &str = "the quotes of the line are not in order";
/// To some programs a carriage return alone ends a line.
pub(crate) const RETURN: &str = "a carriage return stands alone in the line";

/// Whether a carriage return stands in a text without quotes, other than at its end or before its line feed.
pub(crate) fn has_return(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    memchr::memchr(b'\r', text).is_some_and(|at| at + 1 < text.len())
}

/// Looks for the end of the first record. Nothing comes after the text if it has ended.
pub(crate) fn scan(text: &[u8], ended: bool) -> Scan {
    let (mut at, mut fresh) = (0, true);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' => return Scan::Whole(at + 1),
            b'"' if fresh => match closed(text, at + 1, ended) {
                Ok(after) => at = after,
                Err(scan) => return scan,
            },
            b'"' => return Scan::Broken(QUOTES),
            b'\r' => match text.get(at + 1) {
                Some(b'\n') => at += 1,
                None if ended => at += 1,
                None => return Scan::More,
                Some(_) => return Scan::Broken(RETURN),
            },
            _ => at += 1,
        }
        fresh = *byte == b',';
    }
    if ended { Scan::Whole(at) } else { Scan::More }
}

/// Where a quoted field ends that begins here.
fn closed(text: &[u8], mut at: usize, ended: bool) -> Result<usize, Scan> {
    while let Some(byte) = text.get(at) {
        if *byte != b'"' {
            at += 1;
            continue;
        }
        match text.get(at + 1) {
            Some(b'"') => at += 2,
            Some(b',' | b'\n') => return Ok(at + 1),
            Some(b'\r') => match text.get(at + 2) {
                Some(b'\n') => return Ok(at + 2),
                None if ended => return Ok(at + 2),
                None => return Err(Scan::More),
                Some(_) => return Err(Scan::Broken(QUOTES)),
            },
            None if ended => return Ok(at + 1),
            None => return Err(Scan::More),
            Some(_) => return Err(Scan::Broken(QUOTES)),
        }
    }
    Err(if ended { Scan::Broken(QUOTES) } else { Scan::More })
}

/// The fields of a record without its line break, whose quotes are in order.
pub(crate) fn fields(record: &str) -> Fields<'_> {
    Fields { rest: Some(record) }
}

/// Fields where they lie; only those with quotes in them are copied.
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        let rest = self.rest.take()?;
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let (field, after) = rest.split_at(memchr::memchr(b',', rest.as_bytes()).unwrap_or(rest.len()));
                (Cow::Borrowed(field), after)
            }
        };
        self.rest = after.strip_prefix(',');
        Some(field)
    }
}

/// A field whose opening quote is behind us, and what comes after its closing one.
fn unquoted(text: &str) -> (Cow<'_, str>, &str) {
    let mut quotes = memchr::memchr_iter(b'"', text.as_bytes());
    let (mut doubled, mut close) = (false, None);
    while let Some(at) = quotes.next() {
        if text.as_bytes().get(at + 1) != Some(&b'"') {
            close = Some(at);
            break;
        }
        doubled = true;
        quotes.next();
    }
    let (field, after) = match close {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
        None => (text, ""),
    };
    (if doubled { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) }, after)
}

/// A field as it is written.
pub(crate) fn field(text: &str) -> String {
    match text.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_ends_at_the_first_line_break_outside_quotes() {
        for (text, ended, expected) in [
            ("a,b\nc", false, Scan::Whole(4)),
            ("a,b", false, Scan::More),
            ("a,b", true, Scan::Whole(3)),
            ("\"a\nb\"\nc", false, Scan::Whole(6)),
            ("\"a\"\"\nb\"\n", false, Scan::Whole(8)),
            ("a,\"b\"\r\nc", false, Scan::Whole(7)),
            ("\"a\"", false, Scan::More),
            ("\"a\"", true, Scan::Whole(3)),
            ("\"a", true, Scan::Broken(QUOTES)),
            ("\"a\"b\n", false, Scan::Broken(QUOTES)),
            ("a\"b\n", false, Scan::Broken(QUOTES)),
            (",\"\",\n", false, Scan::Whole(5)),
            ("\"\"\n", false, Scan::Whole(3)),
            ("\"a\",b\"\n", false, Scan::Broken(QUOTES)),
            ("\"a\"\rb\n", false, Scan::Broken(QUOTES)),
            ("\"a\",b\rc\n", false, Scan::Broken(RETURN)),
            ("\"a\",b\r", false, Scan::More),
            ("\"a\",b\r", true, Scan::Whole(6)),
            ("\"a\rb\",c\r\n", false, Scan::Whole(9)),
        ] {
            assert_eq!(scan(text.as_bytes(), ended), expected, "{text:?} {ended}");
        }
    }

    #[test]
    fn fields_are_read_as_they_were_written() {
        for (record, expected) in [
            ("", &[""][..]),
            ("a,b,", &["a", "b", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"a\"\"b\",\"\"", &["a\"b", ""]),
            ("\"a\r\nb\"", &["a\r\nb"]),
        ] {
            assert_eq!(fields(record).collect::<Vec<_>>(), expected, "{record:?}");
            let written: Vec<_> = expected.iter().map(|text| field(text)).collect();
            assert_eq!(fields(&written.join(",")).collect::<Vec<_>>(), expected, "{record:?}");
        }
    }
}
