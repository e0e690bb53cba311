//! How phrases are written in the lists.
//!
//! A phrase is words with spaces between them. `a|b` is one word or the other, `<texts>` any word of a class of its
//! language, `[word]` may be missing, `*` is any one word. `^` begins and `$` ends a sentence, courtesies aside.

/// One place in a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// What may stand here: a word, `<class>`, several parted by `|`, or `*`.
    pub(super) what: &'static str,
    /// Whether it may be missing.
    pub(super) optional: bool,
}

/// A phrase taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) places: Vec<Place>,
    /// It only counts at the beginning of a sentence.
    pub(super) opens: bool,
    /// It only counts at the end of a sentence.
    pub(super) closes: bool,
}

impl Pattern {
    pub(super) fn parse(phrase: &'static str) -> Self {
        let (opens, rest) = phrase.strip_prefix("^ ").map_or((false, phrase), |rest| (true, rest));
        let (closes, rest) = rest.strip_suffix(" $").map_or((false, rest), |rest| (true, rest));
        let places = rest.split(' ').map(|what| {
            let inner = what.strip_prefix('[').and_then(|what| what.strip_suffix(']'));
            Place { what: inner.unwrap_or(what), optional: inner.is_some() }
        });
        Self { places: places.collect(), opens, closes }
    }
}

impl Place {
    /// It is one word.
    pub(super) fn is_plain(self) -> bool {
        !self.optional && !self.what.contains(['|', '<', '*'])
    }

    /// The words and classes that may stand here.
    pub(super) fn choices(self) -> impl Iterator<Item = &'static str> {
        self.what.split('|')
    }
}

/// The name of a class, if this is one.
pub(super) fn class_name(choice: &str) -> Option<&str> {
    choice.strip_prefix('<').and_then(|choice| choice.strip_suffix('>'))
}
