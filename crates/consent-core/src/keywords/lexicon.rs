//! All lists of all languages, compiled once: what each word is, and a tree of the phrases that begin with it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::fold;
use super::language::Language;
use super::languages::LANGUAGES;
use super::pattern::{Pattern, Place, class_name};

/// Built at the first reply.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(LANGUAGES));

/// What finding a phrase may mean; the fields of [`Language`] say when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    Stop,
    OptOut,
    Doubtful,
    Demand,
    Wish,
    Doubt,
    WrongNumber,
    Help,
    OptIn,
    Yes,
    Clarification,
    Courtesy,
    Preface,
}

/// A phrase of a list.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) sense: Sense,
    pub(super) language: &'static Language,
    /// As it is written in the list.
    pub(super) phrase: &'static str,
    pub(super) opens: bool,
    pub(super) closes: bool,
    /// The bit of its language in [`Word`].
    bit: u32,
}

/// A phrase at a place in a reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) entry: &'static Entry,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A word that at least one list knows.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// In order.
    symbols: Vec<Symbol>,
    /// Where phrases that begin with it go on.
    roots: Vec<usize>,
    /// It means nothing.
    pub(super) filler: bool,
    unsaid_after: u32,
    unsaid_after_you: u32,
    asks_you: u32,
    narrowed_by: u32,
    /// "stop by", "bus stop".
    pub(super) follows_stop: bool,
    pub(super) precedes_stop: bool,
}

impl Word {
    /// A demand after this word is none.
    pub(super) fn unsays(&self, entry: &Entry) -> bool {
        self.unsaid_after & entry.bit != 0
    }

    /// A demand after this word is none if it begins the sentence, or if a demand after the word before it is none.
    pub(super) fn unsays_as_subject(&self, entry: &Entry) -> bool {
        self.unsaid_after_you & entry.bit != 0
    }

    /// Beside such a word this one makes a request.
    pub(super) fn asks(&self, entry: &Entry) -> bool {
        self.asks_you & entry.bit != 0
    }

    /// A demand before this word may be smaller than it looks.
    pub(super) fn narrows(&self, entry: &Entry) -> bool {
        self.narrowed_by & entry.bit != 0
    }
}

/// A word or a class of words, as an edge of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Symbol(u32);

/// `*` in a phrase.
const ANY: Symbol = Symbol(0);

#[derive(Debug, Default)]
struct Node {
    edges: Vec<(Symbol, usize)>,
    entries: Vec<usize>,
}

/// A table whose keys are our own words; what is looked up in it cannot fill it.
type Table<V> = HashMap<String, V, BuildHasherDefault<Fnv>>;

/// The compiled lists.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: Table<Word>,
    nodes: Vec<Node>,
    entries: Vec<Entry>,
    exact: Table<Vec<Entry>>,
    /// Phrases of languages that do not part their words.
    pub(super) unspaced: Vec<(String, Entry)>,
    /// The same by what they are, and by their first character.
    pub(super) unspaced_whole: Table<Vec<usize>>,
    pub(super) unspaced_courtesies: Vec<String>,
    /// What takes them back before them, and what narrows them after them, by language.
    pub(super) unspaced_guards: Table<(Vec<String>, Vec<String>)>,
    pub(super) unspaced_first: HashMap<char, Vec<usize>, BuildHasherDefault<Fnv>>,
    pub(super) near: Vec<(String, Entry)>,
    pub(super) not_near: Table<()>,
    pub(super) perhaps_near: Table<()>,
}

impl Lexicon {
    /// The word that this is, or is when letters are repeated for emphasis: `stoooop`.
    pub(super) fn word(&self, text: &str) -> Option<&Word> {
        self.words.get(text).or_else(|| {
            let emphatic = text.as_bytes().windows(3).any(|run| run[0] == run[1] && run[1] == run[2]);
            let shorter = |most| self.words.get(&squeeze(text, most));
            if emphatic { shorter(2).or_else(|| shorter(1)) } else { None }
        })
    }

    /// The entry of this sense whose phrase is exactly this text.
    pub(super) fn exact(&self, text: &str, sense: Sense) -> Option<&Entry> {
        self.exact.get(text)?.iter().find(|entry| entry.sense == sense)
    }

    /// Every phrase that stands at a place in these words, by where it begins.
    pub(super) fn find(&'static self, words: &[Option<&'static Word>], mut emit: impl FnMut(Found)) {
        for start in 0..words.len() {
            for &node in words[start].iter().flat_map(|word| &word.roots) {
                self.walk(node, words, start, start + 1, &mut emit);
            }
        }
    }

    fn walk(
        &'static self,
        node: usize,
        words: &[Option<&'static Word>],
        start: usize,
        at: usize,
        emit: &mut impl FnMut(Found),
    ) {
        let Some(node) = self.nodes.get(node) else { return };
        for entry in node.entries.iter().filter_map(|&index| self.entries.get(index)) {
            emit(Found { entry, start, end: at });
        }
        let Some(word) = words.get(at) else { return };
        for &(symbol, next) in &node.edges {
            if symbol == ANY || word.is_some_and(|word| word.symbols.binary_search(&symbol).is_ok()) {
                self.walk(next, words, start, at + 1, emit);
            }
        }
    }
}

/// The text with no letter more than so often in a row.
fn squeeze(text: &str, most: usize) -> String {
    let mut run = (None, 0);
    let keep = |c: &char| {
        run = if run.0 == Some(*c) { (run.0, run.1 + 1) } else { (Some(*c), 1) };
        run.1 <= most
    };
    text.chars().filter(keep).collect()
}

/// FNV-1a: short words, and no adversary, since nothing is ever added.
#[derive(Debug)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

mod build;

pub(super) use build::folded;
