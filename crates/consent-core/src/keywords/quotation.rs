//! What a person quotes of ours is not what they say: a telephone without reactions turns a thumb under our message
//! into the text `Liked “… Reply STOP to opt out”`.

use super::fold::{self, Piece};

const OPENING: [char; 6] = ['\u{201c}', '"', '\u{ab}', '\u{201e}', '\u{300c}', '\u{201f}'];
const CLOSING: [char; 6] = ['\u{201d}', '"', '\u{bb}', '\u{201c}', '\u{300d}', '\u{201f}'];

/// What stands before the quotation, in lower case and without the emoji of the reaction.
const REACTIONS: &[&str] = &[
    "liked",
    "loved",
    "disliked",
    "laughed at",
    "emphasized",
    "emphasised",
    "questioned",
    "reacted to",
    "reacted with to",
    "removed from",
    "removed a like from",
    "removed a heart from",
    "removed a dislike from",
    "removed a laugh from",
    "removed an exclamation from",
    "removed an exclamation mark from",
    "removed a question mark from",
    "le gusto",
    "me gusta",
    "le encanto",
    "no le gusto",
    "se rio de",
    "ha reaccionado a",
    "reacciono a",
    "a aime",
    "a adore",
    "n'a pas aime",
    "a reagi a",
    "gefallt",
    "mag",
    "curtiu",
    "amou",
];

/// The text without a message of ours that it reacts to.
pub(super) fn own_words(body: &str) -> &str {
    let Some((at, mark)) = body.char_indices().find(|(_, c)| OPENING.contains(c)) else { return body };
    let (lead, quoted) = (&body[..at], &body[at + mark.len_utf8()..]);
    if !is_reaction(lead) {
        return body;
    }
    let end = quoted.char_indices().rfind(|(_, c)| CLOSING.contains(c));
    end.map_or("", |(at, mark)| &quoted[at + mark.len_utf8()..])
}

fn is_reaction(lead: &str) -> bool {
    if lead.len() > 48 {
        return false;
    }
    let mut words = String::new();
    fold::fold(lead, |piece| match piece {
        Piece::Letter(c) => words.push(c),
        _ if words.ends_with(' ') => {}
        _ => words.push(' '),
    });
    let words = words.trim();
    let by_emoji = words == "to" && lead.chars().next().is_some_and(|c| !c.is_ascii());
    by_emoji || REACTIONS.contains(&words)
}
