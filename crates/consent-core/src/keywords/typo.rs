//! One wrong letter: `stpo`, `unsuscribe`, `cancle`.

use super::lexicon::{Entry, LEXICON};
use super::reading::Reading;

/// So many words may a reply have for one of them to be taken for a keyword (domain.md 3); a longer one only counts
/// when the phrase around the word leaves no doubt.
pub(super) const MOST_WORDS: usize = 3;

/// A word that is one letter away from a keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slip {
    pub(super) at: usize,
    pub(super) meant: &'static Entry,
    /// How sure it is that the keyword was meant.
    pub(super) sure: Sure,
}

/// How sure a slip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// It is no word of its own.
    Slip,
    /// It is a word, but hardly a reply.
    Perhaps,
    /// It is a word that people write: only what stands around it can tell.
    Word,
}

/// The first word of the reply that may be a slip of the finger: in a short one any, else the first of all.
pub(super) fn slips<'a>(reading: &'a Reading<'_>) -> impl Iterator<Item = Slip> + 'a {
    let core = reading.core();
    let short = core.len() <= MOST_WORDS;
    let end = if short { core.end } else { core.end.min(core.start + 1) };
    (core.start..end).filter_map(move |at| {
        let token = reading.tokens.get(at)?;
        let near = LEXICON.near.iter().find(|(word, _)| is_one_edit(token.text, word));
        let sure = if LEXICON.perhaps_near.contains_key(token.text) {
            Sure::Perhaps
        } else if LEXICON.not_near.contains_key(token.text) || token.word.is_some() {
            Sure::Word
        } else {
            Sure::Slip
        };
        near.map(|(_, meant)| Slip { at, meant, sure })
    })
}

/// Whether one letter wrong, missing, added or exchanged with its neighbour makes one of the other.
pub(super) fn is_one_edit(one: &str, other: &str) -> bool {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    if a.len().abs_diff(b.len()) > 4 || (a.first() != b.first() && a.last() != b.last()) || one == other {
        return false;
    }
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (Some(one), Some(other)) = (one.get(same..), other.get(same..)) else { return false };
    let same: usize =
        one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (Some(one), Some(other)) = (one.get(..one.len() - same), other.get(..other.len() - same)) else { return false };
    let (mut one, mut other) = (one.chars(), other.chars());
    match (one.next(), one.next(), other.next(), other.next()) {
        (Some(_), None, None, None) | (None, None, Some(_), None) | (Some(_), None, Some(_), None) => true,
        (Some(a), Some(b), Some(c), Some(d)) => a == d && b == c && one.next().is_none() && other.next().is_none(),
        _ => false,
    }
}
