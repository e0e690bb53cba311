//! A reply together with the phrases of our lists that stand in it.

use std::ops::Range;

use super::lexicon::{Entry, Found, LEXICON, Sense, Word};
use super::reply::{Gap, Reply};
use super::unspaced::{self, Unspaced};
use crate::event::kinds::Indicator;

/// A word of a reply, but for those that mean nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) word: Option<&'static Word>,
    pub(super) gap: Gap,
}

/// What the steps look at.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) reply: &'a Reply<'a>,
    /// What the gateway says it did with it.
    pub(super) indicator: Option<Indicator>,
    pub(super) tokens: Vec<Token<'a>>,
    /// What it says in a language that does not part its words.
    pub(super) unspaced: Option<Unspaced>,
    /// By where they begin.
    found: Vec<Found>,
    core: Range<usize>,
    /// Places that only courtesies part from the beginning of their sentence, and from its end.
    begins: Vec<bool>,
    ends: Vec<bool>,
}

/// What a stretch of words is made of, when it is made of nothing but keywords and courtesies.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Made {
    pub(super) keyword: Option<&'static Entry>,
    pub(super) has_preface: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(reply: &'a Reply<'a>, indicator: Option<Indicator>) -> Self {
        let mut tokens = Vec::with_capacity(reply.words().len());
        let mut missed = Gap::Space;
        for (text, gap) in reply.words() {
            let (word, gap) = (LEXICON.word(text), gap.max(missed));
            if word.is_some_and(|word| word.filler) {
                missed = gap;
            } else {
                tokens.push(Token { text, word, gap });
                missed = Gap::Space;
            }
        }
        Self::of(reply, indicator, tokens)
    }

    fn of(reply: &'a Reply<'a>, indicator: Option<Indicator>, tokens: Vec<Token<'a>>) -> Self {
        let mut found = Vec::new();
        let words: Vec<Option<&'static Word>> = tokens.iter().map(|token| token.word).collect();
        LEXICON.find(&words, |one| found.push(one));
        let unspaced = unspaced::find(reply);
        let mut reading =
            Self { reply, indicator, tokens, unspaced, found, core: 0..0, begins: Vec::new(), ends: Vec::new() };
        reading.core = reading.whole();
        if !reading.found.is_empty() {
            reading.mark_borders();
            reading.core = reading.strip();
        }
        reading
    }

    fn mark_borders(&mut self) {
        let parted = |at: usize| self.tokens.get(at).is_none_or(|token| token.gap > Gap::Space);
        let mut begins: Vec<bool> = (0..=self.tokens.len()).map(|at| at == 0 || parted(at)).collect();
        let mut ends: Vec<bool> = (0..=self.tokens.len()).map(parted).collect();
        for one in self.found.iter().filter(|one| is_courtesy(one)) {
            begins[one.end] |= begins[one.start];
        }
        for one in self.found.iter().rev().filter(|one| one.entry.sense == Sense::Courtesy) {
            ends[one.start] |= ends[one.end];
        }
        (self.begins, self.ends) = (begins, ends);
    }

    /// The same reply with another word at one place.
    pub(super) fn with(&self, at: usize, word: &'static str) -> Self {
        let mut tokens = self.tokens.clone();
        if let Some(token) = tokens.get_mut(at) {
            (token.text, token.word) = (word, LEXICON.word(word));
        }
        Self::of(self.reply, self.indicator, tokens)
    }

    /// Every word.
    pub(super) fn whole(&self) -> Range<usize> {
        0..self.tokens.len()
    }

    /// The stretches between commas and full stops.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        let ends = (1..=self.tokens.len()).filter(|&at| self.tokens.get(at).is_none_or(|token| token.gap > Gap::Space));
        let mut start = 0;
        ends.map(move |end| std::mem::replace(&mut start, end)..end)
    }

    /// Every phrase of this sense, where it counts.
    pub(super) fn of_sense(&self, sense: Sense) -> impl Iterator<Item = Found> {
        self.found.iter().copied().filter(move |one| one.entry.sense == sense && self.fits(one))
    }

    /// A phrase that has to begin or end a sentence does, and no sentence ends within it.
    fn fits(&self, one: &Found) -> bool {
        let whole = || self.tokens[one.start..one.end].iter().skip(1).all(|token| token.gap < Gap::Full);
        let opens = !one.entry.opens || self.begins[one.start];
        let closes = !one.entry.closes || self.ends[one.end];
        opens && closes && whole()
    }

    /// What this stretch is made of, if it is made of nothing but courtesies and phrases of these senses.
    pub(super) fn made(&self, range: Range<usize>, senses: &[Sense]) -> Option<Made> {
        let first = self.found.partition_point(|one| one.start < range.start);
        let counts = |one: &&Found| is_courtesy(one) || senses.contains(&one.entry.sense);
        let inside = self.found[first..].iter().take_while(|one| one.start < range.end);
        let mut reached: Vec<Option<Made>> = vec![None; range.len() + 1];
        *reached.first_mut()? = Some(Made::default());
        for one in inside.filter(|one| one.end <= range.end).filter(counts).filter(|one| self.fits(one)) {
            let Some(before) = reached[one.start - range.start] else { continue };
            let keyword = before.keyword.or((!is_courtesy(one)).then_some(one.entry));
            let has_preface = before.has_preface || one.entry.sense == Sense::Preface;
            let slot = &mut reached[one.end - range.start];
            if slot.is_none_or(|made| made.keyword.is_none() && keyword.is_some()) {
                *slot = Some(Made { keyword, has_preface });
            }
        }
        reached.pop().flatten().filter(|made| made.keyword.is_some())
    }

    /// The reply without the courtesies around it; of nothing else, a word is kept.
    pub(super) fn core(&self) -> Range<usize> {
        self.core.clone()
    }

    fn strip(&self) -> Range<usize> {
        let all = self.tokens.len();
        let (mut front, mut back) = (vec![false; all + 1], vec![false; all + 1]);
        (front[0], back[all]) = (true, true);
        for one in self.found.iter().filter(|one| is_courtesy(one)) {
            front[one.end] |= front[one.start];
        }
        for one in self.found.iter().rev().filter(|one| one.entry.sense == Sense::Courtesy) {
            back[one.start] |= back[one.end];
        }
        let start = (0..all).rev().find(|&at| front[at]).unwrap_or(0);
        let end = (start + 1..=all).find(|&at| back[at]).unwrap_or(all);
        start..end
    }

    /// Whether the word at this place is the first of its sentence.
    pub(super) fn is_first(&self, at: usize) -> bool {
        at == 0 || self.tokens.get(at).is_some_and(|token| token.gap > Gap::Space)
    }

    /// The word before this place, in the same sentence.
    pub(super) fn before(&self, at: usize) -> Option<&'static Word> {
        self.tokens.get(at).filter(|token| token.gap == Gap::Space)?;
        self.tokens.get(at.checked_sub(1)?)?.word
    }

    /// The word before this place, but for a number between them: "the 12 stop".
    pub(super) fn before_number(&self, at: usize) -> Option<&'static Word> {
        let is_number = |at: usize| self.tokens.get(at).is_some_and(|token| token.text.chars().all(char::is_numeric));
        self.before(at.checked_sub(1).filter(|at| is_number(*at)).unwrap_or(at))
    }

    /// The word at this place, in the same sentence as the one before it.
    pub(super) fn after(&self, at: usize) -> Option<&'static Word> {
        self.tokens.get(at).filter(|token| token.gap == Gap::Space)?.word
    }
}

fn is_courtesy(one: &Found) -> bool {
    matches!(one.entry.sense, Sense::Courtesy | Sense::Preface)
}
