//! Short texts that take no memory of their own.
//!
//! Addresses are compared, copied and thrown away with every question. Nearly all are shorter than this.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::limits::INLINE_TEXT;

/// A text that never changes. Copies of a long one share it.
#[derive(Clone)]
pub(super) struct Text(Kept);

#[derive(Clone)]
enum Kept {
    Here { length: u8, bytes: [u8; INLINE_TEXT] },
    Shared(Arc<str>),
}

const _: () = assert!(INLINE_TEXT <= u8::MAX as usize, "the length is one byte");

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = [0; INLINE_TEXT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Kept::Here { length, bytes })
            }
            _ => Self(Kept::Shared(text.into())),
        }
    }

    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match &self.0 {
            Kept::Here { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Kept::Shared(text) => text,
        }
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Here { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Kept::Shared(text) => text.as_bytes(),
        }
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // What is beyond the length is zero in both.
            (Kept::Here { length, bytes }, Kept::Here { length: other, bytes: others }) => {
                length == other && bytes == others
            }
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    /// As texts are ordered, which is as their bytes are.
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_kept_and_compared_as_it_is(one in ".{0,60}", other in "[ab]{0,2}|a{37,40}b?") {
            let kept = Text::new(&one);
            prop_assert_eq!(kept.as_str(), &one);
            prop_assert_eq!(format!("{kept:?}"), format!("{one:?}"));
            for (a, b) in [(&one, &other), (&other, &one), (&other, &other.replace('b', "a"))] {
                prop_assert_eq!(Text::new(a).cmp(&Text::new(b)), a.cmp(b));
                prop_assert_eq!(Text::new(a) == Text::new(b), a == b);
            }
        }
    }
}
