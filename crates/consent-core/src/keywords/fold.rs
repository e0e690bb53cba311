//! From characters to letters: one spelling for everything that looks or sounds the same.
//!
//! Compatibility forms (full width, bold, circled) are decomposed, case and accents go, invisible characters vanish,
//! and a letter that looks like a Latin one becomes it. The lists of words pass through here as well, so a Russian word
//! is found although half of its letters look Latin.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// What a character is worth to the reader of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A letter, digit, or mark that its script does not spell without.
    Letter(char),
    /// It parts two words.
    Space,
    /// It parts two words, or stands for the word "number".
    Hash,
    /// It hides a letter, or is decoration.
    Star,
    /// It parts two words or, with spaces around it, two phrases.
    Hyphen,
    /// It parts two phrases: a comma, a bracket, an emoji.
    Comma,
    /// It parts two sentences.
    Full,
}

/// Hands on every piece of this text, in order.
pub(super) fn fold(text: &str, mut emit: impl FnMut(Piece)) {
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => emit(Piece::Letter(c)),
            'A'..='Z' => emit(Piece::Letter(c.to_ascii_lowercase())),
            ' ' => emit(Piece::Space),
            // Most of Russian and of Chinese is decomposed already.
            'а'..='и' | 'к'..='я' => emit(Piece::Letter(look_alike(c))),
            '\u{4e00}'..='\u{9fff}' => emit(Piece::Letter(c)),
            _ if is_apostrophe(c) || is_invisible(c) || is_accent(c) => {}
            _ if c.is_ascii() || is_pictogram(c) => emit(gap(c)),
            _ => decompose_compatible(c, |part| fold_one(part, &mut emit)),
        }
    }
}

/// One character that is decomposed already.
fn fold_one(c: char, emit: &mut impl FnMut(Piece)) {
    let c = greek_capital(c);
    for c in c.to_lowercase() {
        if is_accent(c) || is_invisible(c) || is_apostrophe(c) {
            continue;
        }
        if let Some(letters) = spelled_out(c) {
            letters.chars().for_each(|letter| emit(Piece::Letter(letter)));
            continue;
        }
        let c = look_alike(c);
        emit(if c.is_alphanumeric() || is_combining_mark(c) { Piece::Letter(c) } else { gap(c) });
    }
}

fn gap(c: char) -> Piece {
    match c {
        '.' | '!' | '?' | ';' | '\n' | '\r' | '\u{2026}' | '\u{3002}' | '\u{964}' => Piece::Full,
        '-' | '\u{2010}' | '\u{2011}' => Piece::Hyphen,
        '#' => Piece::Hash,
        '*' => Piece::Star,
        '/' | '_' | '&' | '+' | '~' | '@' | '=' | '$' => Piece::Space,
        c if c.is_whitespace() => Piece::Space,
        _ => Piece::Comma,
    }
}

/// `don't` and `dont` are one word.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2b9}' | '\u{2032}' | '\u{ff07}' | '`' | '\u{b4}')
}

/// The accents of Latin, Greek and Cyrillic, strokes and rings around a letter, and the dot of Devanagari that is often
/// left out; the marks of other scripts are letters
/// in all but name.
pub(super) fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' | '\u{93c}')
}

/// Zero-width characters, direction marks, variation selectors, skin tones and tags: they change how something looks,
/// or nothing.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Emoji that would decompose to letters: they dress a word, they are no part of it.
fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{2122}' | '\u{2139}' | '\u{3297}' | '\u{3299}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f2ff}')
}

/// Letters that no decomposition takes apart, as people without them on their keyboard write them.
fn spelled_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// Greek capitals that look like a Latin letter other than the one their small form looks like.
fn greek_capital(c: char) -> char {
    match c {
        'Η' => 'h',
        'Μ' => 'm',
        'Ν' => 'n',
        'Υ' => 'y',
        _ => c,
    }
}

/// The Latin letter that this one looks like, if there is one (Unicode TR39, as far as telephones show them alike), or
/// that it is a stroke away from. Both cases of a Cyrillic letter become the same, as its words are in our lists.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'ь' | 'β' | 'ʙ' | 'ɓ' | 'ƀ' => 'b',
        'с' | 'ϲ' | 'ς' | 'ȼ' | 'ᴄ' => 'c',
        'ԁ' | 'đ' | 'ð' | 'ɖ' | 'ᴅ' => 'd',
        'е' | 'є' | 'ҽ' | 'ε' | 'ɇ' | 'ᴇ' => 'e',
        'ғ' | 'ƒ' | 'ꜰ' => 'f',
        'ց' | 'ɡ' | 'ǥ' | 'ɢ' => 'g',
        'н' | 'һ' | 'հ' | 'ħ' | 'ʜ' => 'h',
        'і' | 'ι' | 'ı' | 'ɨ' | 'ɩ' | 'ɪ' => 'i',
        'ј' | 'ϳ' | 'ᴊ' => 'j',
        'к' | 'қ' | 'κ' | 'ƙ' | 'ᴋ' => 'k',
        'ӏ' | 'ł' | 'ƚ' | 'ǀ' | 'ʟ' => 'l',
        'м' | 'ᴍ' => 'm',
        'п' | 'ո' | 'η' | 'ɴ' => 'n',
        'о' | 'ѳ' | 'օ' | 'ο' | 'σ' | 'θ' | 'ø' | 'ɵ' | 'ᴏ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' | 'զ' | 'ꞯ' => 'q',
        'г' | 'ɍ' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ŧ' | 'ᴛ' => 't',
        'џ' | 'ս' | 'υ' | 'μ' | 'ʉ' | 'ᴜ' => 'u',
        'ѵ' | 'ν' | 'ᴠ' => 'v',
        'ԝ' | 'ѡ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' | 'ɏ' | 'ʏ' => 'y',
        'ζ' | 'ƶ' | 'ᴢ' => 'z',
        '\u{1f150}'..='\u{1f169}' => enclosed(c, 0x1f150),
        '\u{1f170}'..='\u{1f189}' => enclosed(c, 0x1f170),
        _ => c,
    }
}

/// White letters on a black disc or square, which Unicode does not decompose.
fn enclosed(c: char, first: u32) -> char {
    u8::try_from(u32::from(c) - first).map_or(c, |index| char::from(b'a' + index.min(25)))
}
