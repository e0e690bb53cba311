//! A reply as the steps see it: words in one spelling, and where its sentences end.

use unicode_normalization::UnicodeNormalization;

use super::fold::{self, Piece};
use super::quotation;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// A star between letters: `f**k`.
    Star,
    /// Nothing that matters.
    Space,
    /// A comma, a bracket or an emoji.
    Comma,
    /// The end of a sentence.
    Full,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    gap: Gap,
}

/// A reply in its plainest spelling, one space between words, nothing that is no letter at either end.
#[derive(Debug)]
pub(super) struct Reply<'a> {
    body: &'a str,
    text: String,
    spans: Vec<Span>,
}

/// This many letters that stand alone in a row are a word spelled out: `S T O P`, `s.t.o.p.`.
const SPELLED_OUT: usize = 4;

impl<'a> Reply<'a> {
    /// The person's own words: what they quote of ours is left out.
    pub(super) fn new(body: &'a str) -> Self {
        let own = quotation::own_words(body);
        let mut reply = Self { body: own, text: String::with_capacity(own.len() + 8), spans: Vec::with_capacity(32) };
        let mut gap = Some(Gap::Full);
        fold::fold(own, |piece| match piece {
            Piece::Letter(c) => reply.letter(c, gap.take()),
            Piece::Star => gap = gap.max(Some(Gap::Star)),
            Piece::Hash => reply.hash(&mut gap),
            Piece::Space => gap = gap.max(Some(Gap::Space)),
            Piece::Hyphen => gap = Some(gap.map_or(Gap::Space, |gap| gap.max(Gap::Comma))),
            Piece::Comma => gap = gap.max(Some(Gap::Comma)),
            Piece::Full => gap = Some(Gap::Full),
        });
        reply.trim();
        reply.join_letters();
        reply
    }

    /// Puts a letter at the end of the last word or, after a gap, begins the next.
    fn letter(&mut self, c: char, gap: Option<Gap>) {
        if let Some(gap) = gap.filter(|gap| *gap > Gap::Star || self.text.is_empty()) {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.spans.push(Span { start: self.text.len(), end: self.text.len(), gap });
        }
        self.text.push(c);
        if let Some(last) = self.spans.last_mut() {
            last.end = self.text.len();
        }
    }

    /// `my #` is `my number`.
    fn hash(&mut self, gap: &mut Option<Gap>) {
        let last = self.spans.last().map(|last| &self.text[last.start..last.end]);
        if last.is_some_and(|last| matches!(last, "my" | "this" | "our" | "your" | "ur" | "wrong")) {
            let mut before = Some(Gap::Space);
            "number".chars().for_each(|c| self.letter(c, before.take()));
        }
        *gap = (*gap).max(Some(Gap::Space));
    }

    fn trim(&mut self) {
        let text = &self.text;
        let is_number = |span: &Span| !text[span.start..span.end].contains(is_letter);
        let first = self.spans.iter().take_while(|span| is_number(span)).count();
        self.spans.drain(..first);
        while self.spans.last().is_some_and(is_number) {
            self.spans.pop();
        }
        if let Some(first) = self.spans.first_mut() {
            let word = &text[first.start..first.end];
            first.start += word.len() - word.trim_start_matches(|c| !is_letter(c)).len();
        }
        if let Some(last) = self.spans.last_mut() {
            last.end = last.start + text[last.start..last.end].trim_end_matches(|c| !is_letter(c)).len();
        }
    }

    /// Letters that stand alone in a row become the word they spell.
    fn join_letters(&mut self) {
        let is_single = |span: &Span| self.text[span.start..span.end].chars().nth(1).is_none();
        if !self.spans.windows(SPELLED_OUT).any(|run| run.iter().all(is_single)) {
            return;
        }
        let old = std::mem::take(&mut self.text);
        let spans = std::mem::take(&mut self.spans);
        let is_single = |span: &Span| old[span.start..span.end].chars().nth(1).is_none();
        for run in spans.chunk_by(|one, next| is_single(one) && is_single(next)) {
            let joined = run.len() >= SPELLED_OUT;
            for (index, span) in run.iter().enumerate() {
                let mut gap = (index == 0 || !joined).then_some(span.gap);
                old[span.start..span.end].chars().for_each(|c| self.letter(c, gap.take()));
            }
        }
    }

    /// The words, with one space between them.
    pub(super) fn text(&self) -> &str {
        match (self.spans.first(), self.spans.last()) {
            (Some(first), Some(last)) => &self.text[first.start..last.end],
            _ => "",
        }
    }

    /// Each word, with what parts it from the one before.
    pub(super) fn words(&self) -> impl ExactSizeIterator<Item = (&str, Gap)> {
        self.spans.iter().map(|span| (&self.text[span.start..span.end], span.gap))
    }

    /// The text in lower case with its accents, for the few words that they tell apart; `None` if it has none.
    pub(super) fn with_accents(&self) -> Option<String> {
        if self.body.is_ascii() {
            return None;
        }
        let visible = |c: &char| !fold::is_invisible(*c);
        let lower: String = self.body.nfkc().flat_map(char::to_lowercase).filter(visible).collect();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && !fold::is_accent(c)).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| word.contains(is_letter)).collect();
        Some(words.join(" "))
    }
}

/// Marks belong to words because the scripts of India do not spell without them.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)
}
