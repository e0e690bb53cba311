//! `application/x-www-form-urlencoded`, decoded exactly once, because gateways sign the decoded values.

use std::borrow::Cow;
use std::fmt::Write;

use super::WebhookRequest;

/// Bytes where they lie in the request, unless something in them had to be decoded.
type Bytes<'a> = Cow<'a, [u8]>;

/// The parameters of a form or a query, in their order: empty and repeated values are kept, nothing is trimmed, and
/// what is not UTF-8 stays as it is.
pub(super) struct Form<'a> {
    pairs: Vec<(Bytes<'a>, Bytes<'a>)>,
    /// Some name stands without `=`.
    pub(super) has_bare_name: bool,
}

impl<'a> Form<'a> {
    /// Decodes a text; every text is a form, if a strange one.
    pub(super) fn decode(raw: &'a [u8]) -> Self {
        let mut has_bare_name = false;
        let pair = |pair: &'a [u8]| {
            let at = pair.iter().position(|&byte| byte == b'=');
            has_bare_name |= at.is_none();
            let (name, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(name), decode(value))
        };
        let pairs = raw.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(pair).collect();
        Self { pairs, has_bare_name }
    }

    /// Name and value of each parameter, as bytes.
    pub(super) fn bytes(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Name and value of each parameter, as text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.bytes().map(|(name, value)| (String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
    }
}

/// Whether the body says that it is a form.
pub(super) fn is_form(request: &WebhookRequest) -> bool {
    let media_type = request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Writes a form.
pub(super) fn encode(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", percent_encode(name), percent_encode(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but the unreserved characters (RFC 3986), as forms and AWS want it.
pub(crate) fn percent_encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn decode(raw: &[u8]) -> Bytes<'_> {
    if !raw.iter().any(|byte| b"+%".contains(byte)) {
        return Cow::Borrowed(raw);
    }
    let spaced: Vec<u8> = raw.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    Cow::Owned(percent_decode(&spaced))
}

/// Undoes percent-encoding; a `%` that begins no escape is a `%`.
pub(super) fn percent_decode(raw: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'%' { escape(after) } else { None };
        decoded.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    decoded
}

fn escape(text: &[u8]) -> Option<u8> {
    let [high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that are written in hexadecimal, wholly in lower case or wholly in upper.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let upper = !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let digits = if lower || upper { text.as_bytes() } else { return None };
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| escape(pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_one_case() {
        for text in ["", "00ff", "00FF", "0123456789abcdef"] {
            assert_eq!(unhex(text).map(|bytes| hex(&bytes)), Some(text.to_lowercase()), "{text}");
        }
        for text in ["0", "0g", "fF", "+f", "0x00", "é"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn a_form_is_decoded_once_and_nothing_is_lost() {
        for (raw, expected) in [
            ("", vec![]),
            ("&&", vec![]),
            ("A=1&B=", vec![("A", "1"), ("B", "")]),
            ("A=2&A=1&A=1", vec![("A", "2"), ("A", "1"), ("A", "1")]),
            ("Body=+STOP+", vec![("Body", " STOP ")]),
            ("Body=a%2Bb%3Dc%26d+100%25", vec![("Body", "a+b=c&d 100%")]),
            ("Body=%2525", vec![("Body", "%25")]),
            ("Body=a=b", vec![("Body", "a=b")]),
            ("Body=%zz%2", vec![("Body", "%zz%2")]),
            ("%42ody=%F0%9F%9b%91", vec![("Body", "🛑")]),
            ("=x", vec![("", "x")]),
            ("A;B=1", vec![("A;B", "1")]),
            ("Body=%FF", vec![("Body", "\u{fffd}")]),
        ] {
            let form = Form::decode(raw.as_bytes());
            let found: Vec<_> = form.texts().collect();
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
            assert_eq!(found, expected, "{raw}");
            assert!(!form.has_bare_name, "{raw}");
        }
        assert!(Form::decode(b"A=1&B").has_bare_name);
        assert_eq!(Form::decode(b"Body=%FF").bytes().next(), Some((&b"Body"[..], &b"\xff"[..])));
    }
}
