//! A reply as the steps see it: the text brought to one spelling.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::LANGUAGES;
use crate::event::kinds::Indicator;

/// A reply in its plainest spelling.
pub(super) struct Reply {
    /// What the gateway says it did with it.
    pub(super) indicator: Option<Indicator>,
    text: String,
}

impl Reply {
    /// Compatibility forms (full width, bold) and accents are folded, invisible characters removed, everything that
    /// is no letter or digit becomes one space, and nothing that is no letter stands at either end.
    pub(super) fn new(body: &str, indicator: Option<Indicator>) -> Self {
        let plain: String = body.nfkc().flat_map(char::to_lowercase).filter(|&c| !is_invisible(c)).collect();
        let plain: String = plain.nfkd().filter(|&c| !is_accent(c)).nfc().map(fold_apostrophe).collect();
        let words: Vec<&str> = plain.split(|c| !is_in_word(c)).map(|word| word.trim_matches('\'')).collect();
        let text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let text = text.trim_matches(|c: char| !is_letter(c)).to_owned();
        Self { indicator, text }
    }

    /// The words, with one space between them.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The words that are left when every courtesy around them is taken away; a reply of nothing else is kept.
    pub(super) fn without_courtesy(&self) -> &str {
        let mut rest = self.text();
        while let Some(shorter) = courtesies().find_map(|courtesy| cut(rest, courtesy)) {
            rest = shorter;
        }
        rest
    }
}

fn courtesies() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().flat_map(|language| language.courtesy).copied()
}

/// The text without this phrase at its beginning or end, where the phrase stands as words of its own.
fn cut<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let after = text.strip_prefix(phrase).and_then(|rest| rest.strip_prefix(' '));
    after.or_else(|| text.strip_suffix(phrase).and_then(|rest| rest.strip_suffix(' ')))
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

/// Marks belong to words because the scripts of India do not spell without them.
fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || c == '\''
}

/// The accents of Latin, Greek and Cyrillic; the marks of other scripts are letters in all but name.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn fold_apostrophe(c: char) -> char {
    if matches!(c, '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}') { '\'' } else { c }
}

/// Zero-width characters, direction marks, variation selectors and tags: they change how a word looks, or nothing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}')
}
