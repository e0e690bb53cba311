//! A keyword stays a keyword, however it is dressed.

use proptest::prelude::*;

use crate::event::kinds::Indicator;
use crate::keywords::languages::LANGUAGES;
use crate::keywords::{Meaning, classify, is_yes};

/// Every keyword of every language, with what it means.
fn keywords() -> Vec<(&'static str, Meaning)> {
    let lists = LANGUAGES.iter().flat_map(|language| {
        [
            (language.stop, Meaning::OptOut),
            (language.opt_out, Meaning::OptOut),
            (language.opt_in, Meaning::OptIn),
            (language.help, Meaning::Help),
        ]
    });
    lists.flat_map(|(list, meaning)| list.iter().map(move |word| (*word, meaning))).collect()
}

fn check(dress: impl Fn(&str) -> String) {
    let missed: Vec<_> = keywords()
        .into_iter()
        .map(|(word, meaning)| (dress(word), meaning))
        .filter(|(dressed, meaning)| classify(dressed, None) != *meaning)
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

fn each(word: &str, letter: impl Fn(char) -> String) -> String {
    word.chars().map(letter).collect()
}

#[test]
fn case_changes_nothing() {
    check(|word| word.to_uppercase());
    check(|word| each(word, |c| if c == 'i' { 'İ'.into() } else { c.to_uppercase().collect() }));
    check(|word| each(word, |c| if c == 'i' { 'ı'.into() } else { c.into() }));
    let title = |word: &str| {
        word.split(' ')
            .map(|word| {
                let mut letters = word.chars();
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    check(title);
}

#[test]
fn width_and_style_change_nothing() {
    let shifted = |first: u32| {
        move |c: char| {
            let letter =
                c.is_ascii_lowercase().then(|| char::from_u32(first + u32::from(c) - u32::from('a'))).flatten();
            String::from(letter.unwrap_or(c))
        }
    };
    // Full width, both cases; mathematical bold, both cases; circled; black squares.
    for first in [0xff41, 0xff21, 0x1d41a, 0x1d400, 0x24d0, 0x1f170, 0x1f150] {
        check(|word| each(word, shifted(first)));
    }
    check(|word| word.replace(' ', "\u{3000}"));
    check(|word| word.replace(' ', "\u{a0}"));
    check(|word| word.replace(' ', "  \t "));
}

#[test]
fn marks_and_invisible_characters_change_nothing() {
    for mark in [
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202b}',
        '\u{202e}',
        '\u{2060}',
        '\u{2067}',
        '\u{61c}',
        '\u{ad}',
        '\u{feff}',
        '\u{fe0e}',
        '\u{fe0f}',
        '\u{301}',
        '\u{336}',
        '\u{20e3}',
        '\u{34f}',
        '\u{e0101}',
    ] {
        check(|word| each(word, |c| format!("{c}{mark}")));
        check(|word| format!("{mark}{word}{mark}"));
    }
}

#[test]
fn letters_that_look_alike_change_nothing() {
    let latin = "abcdefghijklmnopqrstuvwxyz";
    let alike = [
        "аbсԁеfɡһіјkӏmnорԛrѕtuvԝхуz",
        "αbϲdεfgһιϳκlmηοpqrsτυνωχγz",
        "АВСDЕFGНІЈКLМNОРQRЅТUVWХУZ",
        "ΑΒCDΕFGΗΙJΚLΜΝΟΡQRSΤUVWΧΥΖ",
        "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘqʀꜱᴛᴜᴠᴡxʏᴢ",
        "áƀçđéƒğħíĵķłḿñøṗqřşŧúṽŵẋýž",
    ];
    for alphabet in alike {
        let swap = |c: char| latin.find(c).and_then(|at| alphabet.chars().nth(at)).unwrap_or(c);
        check(|word| each(word, |c| swap(c).into()));
    }
    // And the other way round: Latin letters in Russian words.
    let (russian, latin) = ("асеорхукмтвнѕі", "aceopxykmtbhsi");
    let swap = |c: char| russian.chars().position(|one| one == c).and_then(|at| latin.chars().nth(at)).unwrap_or(c);
    check(|word| each(word, |c| swap(c).into()));
    assert_eq!(classify("ЅТОР", None), Meaning::OptOut);
}

#[test]
fn scripts_have_their_own_accents_and_spellings() {
    let rows = [
        "Arrêtez",
        "ARRÊT",
        "désabonner",
        "SCHLUẞ",
        "schluß",
        "Löschen",
        "İPTAL",
        "ıptal",
        "çıkış",
        "ÇIKIŞ",
        "Zakończ",
        "Odhlásit",
        "Avanmäl",
        "Ophør",
        "Hætta",
        "Avslutt",
        "Прекратите!",
        "СТОП",
        "Ｓｔｏｐ",
        "ストップ",
        "ｽﾄｯﾌﾟ",
        "수신 거부",
    ];
    for row in rows {
        assert_eq!(classify(row, None), Meaning::OptOut, "{row}");
    }
    // Other words, with their accents: I stopped, I cancelled.
    for row in ["paré", "Cancelé"] {
        assert_eq!(classify(row, None), Meaning::Ordinary, "{row}");
    }
}

proptest! {
    #[test]
    fn noise_around_a_keyword_is_noise(
        index in any::<prop::sample::Index>(),
        before in "[ !?.,:;*“”\"«»()👍🙏🛑✋❤🏽\u{200b}\u{200f}\u{fe0f}\n-]{0,8}",
        after in "[ !?.,:;*“”\"«»()👍🙏🛑✋❤🏽\u{200b}\u{200f}\u{fe0f}\n-]{0,8}",
        upper in any::<bool>(),
    ) {
        let keywords = keywords();
        let (word, meaning) = *index.get(&keywords);
        let word = if upper { word.to_uppercase() } else { word.to_owned() };
        prop_assert_eq!(classify(&format!("{before}{word}{after}"), None), meaning);
    }

    #[test]
    fn any_text_has_a_meaning(text in any::<String>(), indicator in 0..4_usize) {
        let indicator = [None, Some(Indicator::Stop), Some(Indicator::Start), Some(Indicator::Help)][indicator];
        let meaning = classify(&text, indicator);
        is_yes(&text);
        prop_assert!(indicator != Some(Indicator::Stop) || meaning == Meaning::OptOut);
    }

    /// Words of our own lists in any order reach the rules more often than random letters do.
    #[test]
    fn any_row_of_words_has_a_meaning(
        words in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        glue in "[ ,.!\n]{1,2}",
    ) {
        let others = ["don't", "you", "to", "me", "2", "😀", "stop texting", "#", "Liked “"];
        let known: Vec<&str> = keywords().into_iter().map(|(word, _)| word).chain(others).collect();
        let words: Vec<&str> = words.iter().map(|index| *index.get(&known)).collect();
        classify(&words.join(&glue), None);
    }

    /// No gateway may turn what is an opt-out by itself into something else.
    #[test]
    fn no_gateway_turns_a_stop_into_something_else(index in any::<prop::sample::Index>(), start in any::<bool>()) {
        let indicator = if start { Indicator::Start } else { Indicator::Help };
        let keywords: Vec<_> = keywords().into_iter().filter(|(_, meaning)| *meaning == Meaning::OptOut).collect();
        prop_assert_eq!(classify(index.get(&keywords).0, Some(indicator)), Meaning::OptOut);
    }
}
