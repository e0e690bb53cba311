//! The ways in which a reply is understood, in the order in which they are asked.
//!
//! The order is that of domain.md 3: the keyword, the gateway's own word, instructions sent back, slips, sentences and
//! phrases; then what may be an opt-out and waits for a person; and only then what gives something.

use std::ops::Range;

use super::instructed::{Instructed, instructed};
use super::lexicon::{Entry, Found, LEXICON, Sense, Word};
use super::reading::Reading;
use super::reply::Reply;
use super::typo::{self, Sure, is_one_edit};
use super::unspaced::compact;
use super::{Explained, Meaning};
use crate::event::kinds::Indicator;

/// One way to understand a reply; `None` leaves it to the next.
pub(super) type Step = fn(&Reading<'_>) -> Option<Explained>;

/// No gateway may turn a STOP into something else: whatever narrows comes before its START and HELP.
pub(super) const STEPS: &[Step] = &[
    keyword,
    gateway_stop,
    instruction,
    slip,
    sentence,
    wrong_number,
    phrase,
    doubt,
    gateway_other,
    opt_in,
    help,
    clarification,
];

/// So many words may a reply have that begins with a STOP and goes on with something else, or that ends in one.
const MOST_AFTER_STOP: usize = 3;
const MOST_BEFORE_STOP: usize = 8;

/// A demand among more words than these, unless it begins them, is one of many things said: a person reads it.
const MOST_WORDS: usize = 24;

impl Explained {
    fn new(meaning: Meaning, rule: &'static str, entry: &Entry) -> Self {
        Self { meaning, rule, language: Some(entry.language.code), matched: Some(entry.phrase) }
    }
}

/// The whole reply is keywords and courtesies (47 CFR 64.1200(a)(10): "stop", "quit", "end", "revoke", "opt out",
/// "cancel", "unsubscribe", and words that a reasonable person would understand).
fn keyword(reading: &Reading<'_>) -> Option<Explained> {
    let made = reading.made(reading.whole(), &[Sense::Stop, Sense::OptOut]);
    let entry = match made {
        Some(made) if !made.has_preface => made.keyword?,
        Some(_) => reading.made(reading.whole(), &[Sense::Stop])?.keyword?,
        None => torn(reading).or_else(|| unspaced_of(reading, &[Sense::Stop, Sense::OptOut]))?,
    };
    (!is_other_word(reading.reply, entry)).then(|| Explained::new(Meaning::OptOut, "keyword", entry))
}

/// A keyword torn apart: `st op`, `un subscribe`, and `opt iut`.
fn torn(reading: &Reading<'_>) -> Option<&'static Entry> {
    let words = reading.tokens.get(reading.core()).filter(|words| (2..=typo::MOST_WORDS).contains(&words.len()))?;
    let joined: String = words.iter().map(|token| token.text).collect();
    let opt = words.len() == 2 && words.first().is_some_and(|first| first.text == "opt");
    let is_meant = |word: &str| word == joined || opt && word == "optout" && is_one_edit(&joined, word);
    LEXICON.near.iter().find(|(word, _)| is_meant(word)).map(|(_, entry)| entry)
}

/// With its accents the reply is another word: `paré`, I stopped, is not `pare`, stop.
fn is_other_word(reply: &Reply<'_>, entry: &Entry) -> bool {
    let others = entry.language.other_words;
    !others.is_empty() && reply.with_accents().is_some_and(|text| others.contains(&text.as_str()))
}

fn unspaced_of(reading: &Reading<'_>, senses: &[Sense]) -> Option<&'static Entry> {
    reading.unspaced.filter(|found| senses.contains(&found.sense)).map(|found| found.entry)
}

fn gateway_stop(reading: &Reading<'_>) -> Option<Explained> {
    (reading.indicator == Some(Indicator::Stop)).then_some(Explained::by_gateway(Meaning::OptOut))
}

fn gateway_other(reading: &Reading<'_>) -> Option<Explained> {
    Some(Explained::by_gateway(match reading.indicator? {
        Indicator::Stop => Meaning::OptOut,
        Indicator::Start => Meaning::OptIn,
        Indicator::Help => Meaning::Help,
    }))
}

fn instruction(reading: &Reading<'_>) -> Option<Explained> {
    let (meaning, keyword) = match instructed(reading)? {
        Instructed::Keyword(entry) => return Some(Explained::new(Meaning::OptOut, "instruction", entry)),
        Instructed::Whole(keyword) => (Meaning::OptOut, keyword),
        Instructed::Half(keyword) => (Meaning::NeedsReview, keyword),
    };
    Some(Explained { meaning, rule: "instruction", language: Some("en"), matched: Some(keyword) })
}

/// A slip means what the keyword would mean in its place. A word of its own is only taken for a slip when the phrase
/// around it leaves no doubt: "quite texting me".
fn slip(reading: &Reading<'_>) -> Option<Explained> {
    typo::slips(reading).find_map(|slip| {
        let mended = reading.with(slip.at, slip.meant.phrase);
        let short = reading.core().len() <= typo::MOST_WORDS;
        let said = match slip.sure {
            Sure::Slip if short => keyword(&mended).or_else(|| phrase(&mended)).or_else(|| doubt(&mended)),
            Sure::Perhaps if short => keyword(&mended).or_else(|| phrase(&mended)),
            Sure::Slip | Sure::Perhaps | Sure::Word => phrase(&mended),
        }?;
        let alone = reading.core().len() == 1;
        let meaning = if slip.sure == Sure::Perhaps && alone { Meaning::NeedsReview } else { said.meaning };
        Some(Explained { meaning, rule: "slip", ..said })
    })
}

/// "Who is this? Stop." One sentence of several is an opt-out that nobody writes by chance; of many, the first or last.
fn sentence(reading: &Reading<'_>) -> Option<Explained> {
    reading.of_sense(Sense::Stop).next()?;
    let counts = |range: &Range<usize>| is_short(reading) || range.start == 0 || range.end == reading.tokens.len();
    let mut stops = reading.sentences().filter(counts).filter_map(|range| reading.made(range, &[Sense::Stop])?.keyword);
    stops.next().map(|entry| Explained::new(Meaning::OptOut, "sentence", entry))
}

fn wrong_number(reading: &Reading<'_>) -> Option<Explained> {
    let entry = reading.of_sense(Sense::WrongNumber).next().map(|one| one.entry);
    let entry = entry.or_else(|| unspaced_of(reading, &[Sense::WrongNumber]))?;
    Some(Explained::new(Meaning::WrongNumber, "wrong_number", entry))
}

/// "Take me off your list." A phrase that leaves no doubt.
fn phrase(reading: &Reading<'_>) -> Option<Explained> {
    let first = reading.core().start;
    let certain = |(one, narrowed): &(Found, bool)| !narrowed && (is_short(reading) || one.start == first);
    let entry = demands(reading).find(certain).map(|(one, _)| one.entry);
    let entry = entry.or_else(|| unspaced_of(reading, &[Sense::Demand, Sense::Wish]))?;
    Some(Explained::new(Meaning::OptOut, "phrase", entry))
}

/// Every demand that is meant, and whether what follows may make it smaller.
fn demands<'a>(reading: &'a Reading<'_>) -> impl Iterator<Item = (Found, bool)> + 'a {
    let wishes = reading.of_sense(Sense::Wish);
    let demands = reading.of_sense(Sense::Demand).filter(|one| is_meant(reading, one));
    wishes.chain(demands).map(|one| (one, reading.after(one.end).is_some_and(|word| word.narrows(one.entry))))
}

/// Nothing before it takes it back: "don't stop texting me".
fn is_meant(reading: &Reading<'_>, one: &Found) -> bool {
    let Some(before) = reading.before(one.start) else { return true };
    let earlier = reading.before(one.start - 1);
    let unsays = |word: &Word| word.unsays(one.entry) && !word.asks(one.entry);
    if before.unsays_as_subject(one.entry) {
        return !reading.is_first(one.start - 1) && !earlier.is_some_and(unsays);
    }
    let asks = before.asks(one.entry) && earlier.is_some_and(|word| word.unsays_as_subject(one.entry));
    asks || !before.unsays(one.entry)
}

fn is_short(reading: &Reading<'_>) -> bool {
    reading.tokens.len() <= MOST_WORDS
}

/// It may be an opt-out: a person has to read it.
fn doubt(reading: &Reading<'_>) -> Option<Explained> {
    let stops = || reading.of_sense(Sense::Stop).next().is_some();
    let entry = demands(reading)
        .map(|(one, _)| one.entry)
        .next()
        .or_else(|| reading.of_sense(Sense::Doubt).find(|one| is_meant(reading, one)).map(|one| one.entry))
        .or_else(|| doubtful(reading))
        .or_else(|| unspaced_of(reading, &[Sense::Doubt, Sense::Doubtful]))
        .or_else(|| if stops() { loose_stop(reading) } else { None })?;
    Some(Explained::new(Meaning::NeedsReview, "doubt", entry))
}

/// Keywords that are ordinary words, as a sentence of several or after a word that changes them: "ok cancel".
fn doubtful(reading: &Reading<'_>) -> Option<&'static Entry> {
    let whole = reading.made(reading.whole(), &[Sense::Stop, Sense::OptOut, Sense::Doubtful]);
    let keywords = &[Sense::Stop, Sense::OptOut];
    let of_sentence = |range| reading.made(range, keywords).filter(|made| !made.has_preface)?.keyword;
    let any = || keywords.iter().any(|sense| reading.of_sense(*sense).next().is_some());
    let sentence = || any().then(|| reading.sentences().find_map(of_sentence)).flatten();
    let entry = whole.and_then(|made| made.keyword).or_else(sentence)?;
    (!is_other_word(reading.reply, entry)).then_some(entry)
}

/// A short reply that begins or ends with a "stop" and whose other words say nothing about it: carriers ignore what
/// follows a STOP (CTIA, Short Code Monitoring Handbook). "Stop by" and "bus stop" are something else.
fn loose_stop(reading: &Reading<'_>) -> Option<&'static Entry> {
    let core = reading.core();
    let first = || reading.of_sense(Sense::Stop).filter(|one| one.start == core.start).max_by_key(|one| one.end);
    let last = || reading.of_sense(Sense::Stop).filter(|one| one.end == core.end).min_by_key(|one| one.start);
    let goes_on = |one: &Found| reading.after(one.end).is_some_and(|word| word.follows_stop);
    let is_place = |one: &Found| reading.before_number(one.start).is_some_and(|word| word.precedes_stop);
    let begins = first().filter(|one| core.len() <= MOST_AFTER_STOP && !goes_on(one));
    let ends = || last().filter(|one| core.len() <= MOST_BEFORE_STOP && is_meant(reading, one) && !is_place(one));
    begins.or_else(ends).map(|one| one.entry)
}

/// Exact, without courtesies: what gives permission has to be said plainly.
fn opt_in(reading: &Reading<'_>) -> Option<Explained> {
    exact(reading.reply, Sense::OptIn).map(|entry| Explained::new(Meaning::OptIn, "opt_in", entry))
}

fn help(reading: &Reading<'_>) -> Option<Explained> {
    let made = reading.made(reading.whole(), &[Sense::Help]).filter(|made| !made.has_preface);
    let entry = made.and_then(|made| made.keyword).or_else(|| unspaced_of(reading, &[Sense::Help]))?;
    Some(Explained::new(Meaning::Help, "help", entry))
}

fn clarification(reading: &Reading<'_>) -> Option<Explained> {
    let made = reading.made(reading.whole(), &[Sense::Clarification]);
    let entry = made.and_then(|made| made.keyword).or_else(|| unspaced_of(reading, &[Sense::Clarification]))?;
    Some(Explained::new(Meaning::Clarification, "clarification", entry))
}

/// Exact like an opt-in, and no opt-in by itself.
pub(super) fn yes(reply: &Reply<'_>) -> bool {
    exact(reply, Sense::Yes).is_some()
}

fn exact(reply: &Reply<'_>, sense: Sense) -> Option<&'static Entry> {
    let text = reply.text();
    let unspaced = || if text.is_ascii() { None } else { LEXICON.exact(&compact(text), sense) };
    let entry = LEXICON.exact(text, sense).or_else(unspaced)?;
    (!is_other_word(reply, entry)).then_some(entry)
}
