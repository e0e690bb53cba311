//! The lists themselves: spelled as replies are compared, and every entry does what its list promises.

use unicode_normalization::UnicodeNormalization;

use crate::keywords::fold::{is_accent, is_apostrophe, is_invisible};
use crate::keywords::language::Language;
use crate::keywords::languages::LANGUAGES;
use crate::keywords::pattern::{Pattern, Place, class_name};
use crate::keywords::{Meaning, classify, is_yes};

/// Phrases by the list they are in, and the meanings that list may lead to.
fn lists(language: &Language) -> Vec<(&'static str, &'static [&'static str], Vec<Meaning>)> {
    use Meaning::*;
    vec![
        ("stop", language.stop, vec![OptOut]),
        ("opt_out", language.opt_out, vec![OptOut]),
        // A word that one language only doubts may be plain in another.
        ("doubtful", language.doubtful, vec![NeedsReview, OptOut]),
        ("demands", language.demands, vec![OptOut]),
        ("wishes", language.wishes, vec![OptOut]),
        ("doubts", language.doubts, vec![NeedsReview, OptOut]),
        ("help", language.help, vec![Help]),
        ("wrong_number", language.wrong_number, vec![WrongNumber]),
        ("clarification", language.clarification, vec![Clarification]),
        ("opt_in", language.opt_in, vec![OptIn]),
    ]
}

/// The shortest and the longest text that a phrase describes, with each of the choices at its first place.
fn texts(phrase: &'static str, language: &Language) -> Vec<String> {
    if !language.spaced {
        return vec![phrase.to_owned()];
    }
    let pattern = Pattern::parse(phrase);
    let word = |place: &Place, index: usize| {
        let choice = place.choices().nth(index).or_else(|| place.choices().next()).unwrap();
        match class_name(choice) {
            Some(class) => words_of(language, class).next().unwrap(),
            None if choice == "*" => "zzz",
            None => choice,
        }
    };
    let choices = pattern.places[0].choices().count();
    let texts = (0..choices).flat_map(|index| {
        let text = |all: bool| {
            let places = pattern.places.iter().filter(|place| all || !place.optional);
            places.map(|place| word(place, index)).collect::<Vec<_>>().join(" ")
        };
        [text(false), text(true)]
    });
    texts.collect()
}

fn words_of(language: &Language, class: &str) -> impl Iterator<Item = &'static str> {
    let found = language.classes.iter().find(|(name, _)| *name == class);
    found.unwrap_or_else(|| panic!("{} has no class {class}", language.code)).1.split_whitespace()
}

#[test]
fn every_entry_does_what_its_list_promises() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        for (name, list, meanings) in lists(language) {
            for phrase in list {
                let texts = texts(phrase, language).into_iter().map(|text| (classify(&text, None), text));
                wrong.extend(
                    texts
                        .filter(|(found, _)| !meanings.contains(found))
                        .map(|found| (language.code, name, found, phrase)),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

/// A yes in any language is the answer to a question, and an opt-in to nobody who did not ask.
#[test]
fn a_yes_is_a_yes_and_no_opt_in() {
    for yes in LANGUAGES.iter().flat_map(|language| language.yes) {
        assert!(is_yes(yes), "{yes}");
        assert_ne!(classify(yes, None), Meaning::OptIn, "{yes}");
    }
    for no in
        ["no", "yes or no?", "yes but later", "yesterday", "oui mais non", "ja nein", "si quieres", "año", "", "👍"]
    {
        assert!(!is_yes(no), "{no}");
    }
}

/// A word that is not as the normaliser leaves it could never be found.
#[test]
fn the_lists_are_written_as_replies_are_compared() {
    for language in LANGUAGES {
        let classes = language.classes.iter().map(|(_, words)| *words);
        let marks = [
            language.unsaid_after,
            language.unsaid_after_you,
            language.asks_you,
            language.narrowed_by,
            language.follows_stop,
            language.precedes_stop,
            language.filler,
            language.not_near,
            language.perhaps_near,
        ];
        let courtesies = [language.courtesy, language.preface, language.yes, language.near];
        let phrases = lists(language).into_iter().flat_map(|(_, list, _)| list.iter().copied());
        let phrases = phrases.chain(courtesies.into_iter().flatten().copied());
        for text in phrases.chain(classes).chain(marks) {
            let plain: String = text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(*c)).nfc().collect();
            let odd = |c: char| is_apostrophe(c) || is_invisible(c) || "ßæœþøłđðı-.,!".contains(c);
            assert!(plain == text && !text.contains(odd), "{}: {text}", language.code);
        }
    }
}

#[test]
fn phrases_are_well_formed() {
    let mut codes: Vec<_> = LANGUAGES.iter().map(|language| language.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() == LANGUAGES.len() && codes.len() <= 32);
    for language in LANGUAGES.iter().filter(|language| language.spaced) {
        let (courtesy, preface) = (("courtesy", language.courtesy), ("preface", language.preface));
        let lists = lists(language).into_iter().map(|(name, list, _)| (name, list)).chain([courtesy, preface]);
        for (name, phrase) in lists.flat_map(|(name, list)| list.iter().map(move |phrase| (name, *phrase))) {
            let pattern = Pattern::parse(phrase);
            let required = pattern.places.iter().filter(|place| !place.optional && place.what != "*").count();
            assert!(required > 0 && pattern.places.len() <= 16, "{name}: {phrase}");
            for place in &pattern.places {
                let odd = |c: char| " []^$".contains(c) || c.is_uppercase();
                assert!(!place.what.is_empty() && !place.what.contains(odd), "{name}: {phrase}");
                place.choices().filter_map(class_name).for_each(|class| drop(words_of(language, class)));
            }
        }
    }
}
