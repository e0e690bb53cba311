//! The members of a JSON object where they lie in its text, as long as it is written without white space and with its
//! names in order, which is how events are kept. Nothing is copied that need not be.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// A member: its name, and its value as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: Written<'a>,
}

/// A JSON value as it is written.
#[derive(Debug, Clone, Copy)]
pub enum Written<'a> {
    /// A text without escapes, without its quotes.
    Plain(&'a str),
    /// Anything else, which need not be valid.
    Other(&'a str),
}

/// Goes through the members of an object.
pub(super) struct Members<'a> {
    rest: &'a str,
    last: &'a str,
}

impl<'a> Members<'a> {
    /// The members of an object in this text.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        Some(Self { rest: text.strip_prefix('{')?, last: "" })
    }

    /// Bytes of the text that are not behind those members that were passed.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next member; `Some(None)` behind the last one. Nothing if the text is not written as it should be.
    pub(super) fn next(&mut self) -> Option<Option<Member<'a>>> {
        if self.rest == "}" {
            return Some(None);
        }
        let (name, rest) = plain(self.rest.strip_prefix('"')?)?;
        let (value, rest) = written(rest.strip_prefix(':')?)?;
        // In order, so that no name comes twice.
        if name <= self.last {
            return None;
        }
        self.last = name;
        self.rest = match rest.strip_prefix(',') {
            Some(rest) if rest.starts_with('"') => rest,
            None if rest == "}" => rest,
            _ => return None,
        };
        Some(Some(Member { name, value }))
    }
}

/// A text up to its closing quote, and what is behind that; nothing if there is an escape in it.
fn plain(text: &str) -> Option<(&str, &str)> {
    let end = end(text.as_bytes())?;
    let (text, rest) = text.split_at(end);
    Some((text, rest.strip_prefix('"')?))
}

/// Where the first quote, backslash or control character stands, looked for in eight bytes at a time.
fn end(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // The lowest marked byte is one that is looked for; those above it may be marked falsely.
    let zero = |eight: u64| eight.wrapping_sub(ONES) & !eight & HIGH;
    let control = |eight: u64| eight.wrapping_sub(ONES * 0x20) & !eight & HIGH;
    let (eights, rest) = text.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let marked = zero(eight ^ (ONES * 0x22)) | zero(eight ^ (ONES * 0x5c)) | control(eight);
        if marked != 0 {
            return Some(8 * at + marked.trailing_zeros() as usize / 8);
        }
    }
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    rest.iter().position(ends).map(|at| 8 * eights.len() + at)
}

/// The value at the head of a text, and what is behind it.
fn written(text: &str) -> Option<(Written<'_>, &str)> {
    if let Some((text, rest)) = text.strip_prefix('"').and_then(plain) {
        return Some((Written::Plain(text), rest));
    }
    let (value, rest) = text.split_at(length(text.as_bytes())?);
    Some((Written::Other(value), rest))
}

/// Bytes of the value at the head of a text, if it is a valid one.
fn length(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => continue,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

impl<'a> Written<'a> {
    /// A text without escapes.
    pub fn plain(self) -> Option<&'a str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Other(_) => None,
        }
    }

    /// Whether it is a text without escapes, and what is written: of such a text what stands between its quotes.
    pub fn written(self) -> (bool, &'a str) {
        match self {
            Self::Plain(text) => (true, text),
            Self::Other(written) => (false, written),
        }
    }

    /// The members of an object that is written without white space and with its names in order.
    pub fn members(self) -> Option<Vec<Member<'a>>> {
        let Self::Other(written) = self else { return None };
        let (mut members, mut all) = (Members::of(written)?, Vec::new());
        while let Some(member) = members.next()? {
            all.push(member);
        }
        Some(all)
    }

    /// What a text says.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Plain(text) => Some(Cow::Borrowed(text)),
            Self::Other(written) => serde_json::from_str(written).ok().map(Cow::Owned),
        }
    }
}

/// Reads the fields of a type from its members.
pub(super) fn read<'a, T: Deserialize<'a>>(members: &[Member<'a>]) -> Option<T> {
    T::deserialize(MapAccessDeserializer::new(Fields { members: members.iter(), value: None })).ok()
}

struct Fields<'a, 'm> {
    members: std::slice::Iter<'m, Member<'a>>,
    value: Option<Written<'a>>,
}

impl<'a> MapAccess<'a> for Fields<'a, '_> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        let Some(member) = self.members.next() else { return Ok(None) };
        self.value = Some(member.value);
        seed.deserialize(BorrowedStrDeserializer::new(member.name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        let missing = || de::Error::custom("a value without a name");
        seed.deserialize(self.value.take().ok_or_else(missing)?)
    }
}

impl<'a> Deserializer<'a> for Written<'a> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Plain(text) => visitor.visit_borrowed_str(text),
            Self::Other(written) => {
                let mut json = serde_json::Deserializer::from_str(written);
                let value = json.deserialize_any(visitor)?;
                json.end().map(|()| value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self {
            Self::Other("null") => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    forward_to_deserialize_any! { <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_end_of_a_text_is_the_first_byte_that_may_not_be_in_it(text in "[ -~\u{80}-\u{10ffff}]{0,40}", ends in "[\"\\\\\x00-\x1f!#\x7f]{0,3}", at in 0_usize..40) {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let whole = [&text[..at], &ends, &text[at..]].concat();
            let expected = whole.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ');
            prop_assert_eq!(end(whole.as_bytes()), expected);
        }
    }
}
