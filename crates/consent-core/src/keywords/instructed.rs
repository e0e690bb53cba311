//! Instructions sent back: a message that ends in "Reply STOP2END" is answered `stop2end`, `stop 2 end`,
//! `text STOP to end`. In a campaign whose replies were published, half of all opt-outs look like that.

use std::ops::Range;

use super::lexicon::{Entry, Sense};
use super::reading::{Reading, Token};
use super::typo::is_one_edit;

/// Keywords that instructions name.
const KEYWORDS: &[&str] =
    &["stop", "quit", "cancel", "end", "unsubscribe", "unsub", "optout", "stopall", "remove", "opt"];
/// What instructions promise.
const PROMISES: &[&str] = &[
    "end",
    "stop",
    "quit",
    "cancel",
    "unsubscribe",
    "optout",
    "unsub",
    "exit",
    "leave",
    "remove",
    "out",
    "optoff",
    "endtexting",
    "stopall",
    "endtexts",
    "endmsgs",
    "endmessages",
    "stoptexts",
    "stopmsgs",
    "stopmessages",
];
/// What may stand between the two, with how many letters may then be wrong: a digit is evidence of an instruction, a
/// word less so, nothing at all is none.
const LINKS: &[(&str, usize)] =
    &[("2", 2), ("4", 1), ("to", 1), ("too", 1), ("two", 1), ("or", 0), ("and", 0), ("", 0)];
/// So many of the promises count when nothing stands between.
const PLAIN_PROMISES: usize = 6;
/// What may stand before them, when the whole instruction is sent back.
const VERBS: &[&str] = &["reply", "text", "txt", "send", "type", "respond", "sms"];
const LEADS: &[&str] = &["with", "word", "the", "back"];
/// Longer is no instruction.
const MOST_WORDS: usize = 8;
const MOST_LETTERS: usize = 32;
/// So many words may stand around one.
const MOST_WORDS_AROUND: usize = 24;

/// An instruction that a reply repeats.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instructed {
    /// The keyword and the promise, or the keyword and what is to be done with it.
    Whole(&'static str),
    /// The same, by an entry of the lists.
    Keyword(&'static Entry),
    /// The keyword and a digit, but not what follows.
    Half(&'static str),
}

/// The instruction that this reply repeats: as a whole, as its first sentence, or as one word anywhere.
pub(super) fn instructed(reading: &Reading<'_>) -> Option<Instructed> {
    let core = reading.core();
    let first = || reading.sentences().next().filter(|first| first.end < core.end);
    of_range(reading, core.clone()).or_else(|| of_range(reading, first()?)).or_else(|| of_words(reading))
}

fn of_range(reading: &Reading<'_>, range: Range<usize>) -> Option<Instructed> {
    let all = reading.tokens.get(range.clone()).filter(|all| all.len() <= MOST_WORDS)?;
    let leads = leads(&mut all.iter().map(|token| token.text));
    let joined = joined(all.get(leads..).filter(|rest| !rest.is_empty())?)?;
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| names(&joined, keyword)) {
        return Some(Instructed::Whole(keyword));
    }
    if leads > 0 {
        let made = reading.made(range.start + leads..range.end, &[Sense::Stop, Sense::OptOut]);
        return made.and_then(|made| made.keyword).map(Instructed::Keyword);
    }
    let half = |keyword: &&&str| joined.strip_prefix(**keyword).is_some_and(|rest| rest.starts_with('2'));
    let half = KEYWORDS.iter().take(3).find(half).filter(|_| all.len() == 1);
    half.map(|keyword| Instructed::Half(keyword))
}

/// `stop2end` as one word, or `stop 2 end` as the first three: nobody else writes that, unless they pass on a message.
fn of_words(reading: &Reading<'_>) -> Option<Instructed> {
    let core = reading.core();
    let words = reading.tokens.get(core).filter(|words| words.len() <= MOST_WORDS_AROUND)?;
    let passed_on = |at: usize| at.checked_sub(1).is_some_and(|before| VERBS.contains(&words[before].text));
    let digit = |text: &str| text.contains('2') && text.len() <= MOST_LETTERS && text.is_ascii();
    let named = |text: &str| KEYWORDS.iter().find(|keyword| digit(text) && names(text, keyword));
    let mut one = words.iter().enumerate().filter(|(at, _)| !passed_on(*at)).filter_map(|(_, token)| named(token.text));
    let three = || named(&joined(words.get(..3)?)?);
    one.next().or_else(three).map(|keyword| Instructed::Whole(keyword))
}

/// The letters of these words, if they may be an instruction.
fn joined(words: &[Token<'_>]) -> Option<String> {
    let letters: usize = words.iter().map(|token| token.text.len()).sum();
    let plain = letters <= MOST_LETTERS && words.iter().all(|token| token.text.is_ascii());
    plain.then(|| words.iter().map(|token| token.text).collect())
}

/// How many words of the beginning only say what to do with the keyword.
fn leads<'a>(words: &mut impl Iterator<Item = &'a str>) -> usize {
    if words.next().is_some_and(|first| VERBS.contains(&first)) {
        1 + words.take_while(|word| LEADS.contains(word)).count()
    } else {
        0
    }
}

/// Whether this is the keyword and a promise, give or take a letter.
fn names(joined: &str, keyword: &'static str) -> bool {
    let lengths = keyword.len() - 1..=keyword.len() + 1;
    lengths.filter_map(|length| joined.split_at_checked(length)).any(|(head, rest)| {
        let Some(wrong) = wrong(head, keyword, keyword.len() > 3) else { return false };
        LINKS.iter().any(|(link, most)| {
            let Some(promised) = rest.strip_prefix(link) else { return false };
            let known = if link.is_empty() { PLAIN_PROMISES } else { PROMISES.len() };
            PROMISES.iter().take(known).any(|promise| {
                let slack = promise.len() > 3 || *link == "2" || *promise == "end" && promised.len() == 3;
                let to_itself = *promise == keyword && keyword == "end" && *link != "2";
                !to_itself && self::wrong(promised, promise, slack).is_some_and(|more| wrong + more <= *most)
            })
        })
    })
}

/// How many letters of it are wrong: none, or one where that is allowed.
fn wrong(text: &str, word: &str, slack: bool) -> Option<usize> {
    if text == word { Some(0) } else { (slack && is_one_edit(text, word)).then_some(1) }
}
