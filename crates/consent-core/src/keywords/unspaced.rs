//! Chinese, Japanese and Korean: phrases count wherever their characters stand, since words are not parted by spaces,
//! or not by everybody in the same way.

use unicode_normalization::UnicodeNormalization;

use super::lexicon::{Entry, LEXICON, Sense, folded};
use super::reply::Reply;

/// What was found, and what it means there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unspaced {
    pub(super) sense: Sense,
    pub(super) entry: &'static Entry,
}

/// A phrase as it is compared: without spaces, syllables and voiced sounds in one piece.
pub(super) fn compact(phrase: &str) -> String {
    folded(phrase).nfc().filter(|c| *c != ' ').collect()
}

/// The phrase that says most about this reply, if it is written in one of these languages.
pub(super) fn find(reply: &Reply<'_>) -> Option<Unspaced> {
    if reply.text().chars().all(|c| c < '\u{1100}') {
        return None;
    }
    let text: String = reply.text().nfc().filter(|c| *c != ' ').collect();
    whole(&text).or_else(|| contained(&text))
}

/// No keyword with its courtesies has more bytes.
const MOST_WHOLE: usize = 200;

/// The entry that is the whole reply, as it is or without courtesies around it.
fn whole(text: &str) -> Option<Unspaced> {
    use Sense::{Clarification, Doubtful, Help, OptOut, Stop};
    let mut rest = Some(text).filter(|text| text.len() <= MOST_WHOLE)?;
    loop {
        let mut same = LEXICON.unspaced_whole.get(rest).into_iter().flatten().filter_map(entry);
        let known = same.find(|(_, entry)| matches!(entry.sense, Stop | OptOut | Doubtful | Help | Clarification));
        if let Some((_, entry)) = known {
            return Some(Unspaced { sense: entry.sense, entry });
        }
        let cut = |phrase: &String| rest.strip_suffix(phrase.as_str()).or_else(|| rest.strip_prefix(phrase.as_str()));
        let shorter = LEXICON.unspaced_courtesies.iter().filter_map(cut);
        rest = shorter.filter(|rest| !rest.is_empty()).min_by_key(|rest| rest.len())?;
    }
}

/// What may stand inside of a reply, most telling first.
const INSIDE: &[Sense] = &[Sense::WrongNumber, Sense::Wish, Sense::Demand, Sense::Doubt];

/// The most telling phrase inside of this text.
fn contained(text: &str) -> Option<Unspaced> {
    let starts = text.char_indices().filter_map(|(at, c)| Some((at, LEXICON.unspaced_first.get(&c)?)));
    let phrases = starts.flat_map(|(at, some)| some.iter().filter_map(entry).map(move |one| (at, one)));
    let here =
        phrases.filter(|(at, (phrase, entry))| INSIDE.contains(&entry.sense) && text[*at..].starts_with(*phrase));
    let meant = here.filter_map(|(at, (phrase, entry))| meant(&text[..at], entry, &text[at + phrase.len()..]));
    meant.min_by_key(|found| INSIDE.iter().position(|sense| *sense == found.sense))
}

/// This phrase between these two, if it is not taken back before or after.
fn meant(before: &str, entry: &'static Entry, after: &str) -> Option<Unspaced> {
    let (unsaid, narrowed) = LEXICON.unspaced_guards.get(entry.language.code)?;
    if entry.sense != Sense::Wish && unsaid.iter().any(|word| before.ends_with(word)) {
        return None;
    }
    let narrowed = entry.sense == Sense::Demand && narrowed.iter().any(|word| after.starts_with(word));
    Some(Unspaced { sense: if narrowed { Sense::Doubt } else { entry.sense }, entry })
}

fn entry(index: &usize) -> Option<(&'static str, &'static Entry)> {
    LEXICON.unspaced.get(*index).map(|(phrase, entry)| (phrase.as_str(), entry))
}
