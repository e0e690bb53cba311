use super::*;

mod dressing;
mod english;
mod explained;
mod languages;
mod lists;
mod ordinary;

/// Checks every text of a table and names all that differ.
fn each_means(meaning: Meaning, indicator: Option<Indicator>, texts: &[&str]) {
    let wrong: Vec<_> =
        texts.iter().map(|text| (text, classify(text, indicator))).filter(|(_, found)| *found != meaning).collect();
    assert!(wrong.is_empty(), "not {meaning:?}: {wrong:?}");
}

/// The same for a table written as text: rows are parted by `|`.
fn each_of(meaning: Meaning, rows: &str) {
    each_means(meaning, None, &rows.split('|').map(str::trim).collect::<Vec<_>>());
}

#[test]
fn an_opt_out_is_understood_however_it_is_written() {
    each_means(
        Meaning::OptOut,
        None,
        &[
            "STOP",
            "stop",
            "  StOp!! ",
            "“Stop.”",
            "'stop'",
            "‘Stop’",
            "ＳＴＯＰ",
            "𝐒𝐓𝐎𝐏",
            "stop 🛑",
            "🛑✋STOP",
            "s\u{200b}top",
            "STOP\u{fe0f}",
            "\u{feff}stop",
            "stop\n",
            "stop\0",
            "STOP ALL",
            "stop-all",
            "StopAll",
            "stop\u{a0}all",
            "Unsubscribe",
            "unsub",
            "END",
            "quit.",
            "Cancel",
            "REVOKE",
            "OptOut",
            "opt out",
            "Opt-Out",
            "opt\u{2011}out",
            "Remove",
            "remove me",
            "arret",
            "Arrêt",
            "Arre\u{302}t",
            "ARRÊTE",
            "1 stop",
            "stop 2",
            "***STOP***",
            "(stop)",
            "stop...",
            "<stop>",
            "Stop?",
        ],
    );
}

#[test]
fn courtesy_around_an_opt_out_changes_nothing() {
    each_means(
        Meaning::OptOut,
        None,
        &[
            "Stop please",
            "please stop",
            "Please, STOP!",
            "pls stop now",
            "stop it",
            "Stop texting me",
            "please stop texting me, thank you",
            "thanks. stop",
            "stop thank you",
            "STOP NOW!!!",
            "unsubscribe please",
            "sorry, stop",
            "Arrêt 🛑 s'il vous plaît",
            "stop svp",
            "Please opt me out",
        ],
    );
}

#[test]
fn a_keyword_inside_an_ordinary_sentence_means_nothing() {
    each_means(
        Meaning::Ordinary,
        None,
        &[
            "",
            " ",
            "!!",
            "🛑",
            "don't stop believing",
            "stop by the shop",
            "the end",
            "end of the day",
            "I can't help it",
            "please",
            "it",
            "thank you",
            "thanks please",
            "nonstop",
            "non-stop",
            "weekend",
            "stopped",
            "startup",
            "yes",
            "Y",
            "ok",
            "step",
            "bus stop",
            "Where does the 12 stop?",
            "cancel my appointment at 5",
            "don't stop me now",
            "start please",
            "start the car",
            "1",
            "STOPPLEASE",
            "fin",
            "STOP START",
            "no help needed",
        ],
    );
}

#[test]
fn the_other_keywords() {
    each_means(Meaning::OptIn, None, &["START", "start!", "Unstop", "ＳＴＡＲＴ"]);
    each_means(Meaning::Help, None, &["HELP", "help?", "Info", "help please", "Aide"]);
    each_means(Meaning::WrongNumber, None, &["Wrong number", "wrong number!", "Sorry, wrong number"]);
}

#[test]
fn the_gateways_word_counts_where_the_text_is_not_itself_an_opt_out() {
    each_means(Meaning::OptOut, Some(Indicator::Stop), &["Stop", "baja", "START", "", "whatever"]);
    each_means(Meaning::OptIn, Some(Indicator::Start), &["yes", "START", "JOIN"]);
    each_means(Meaning::Help, Some(Indicator::Help), &["HELP", "hola"]);
    for indicator in [Indicator::Start, Indicator::Help] {
        each_means(Meaning::OptOut, Some(indicator), &["STOP", "Stop please", "opt-out"]);
    }
}

#[test]
fn the_names_on_the_wire() {
    let all = [
        (Meaning::OptOut, "opt_out"),
        (Meaning::OptIn, "opt_in"),
        (Meaning::Help, "help"),
        (Meaning::WrongNumber, "wrong_number"),
        (Meaning::Clarification, "clarification"),
        (Meaning::NeedsReview, "needs_review"),
        (Meaning::Ordinary, "ordinary"),
    ];
    for (meaning, name) in all {
        assert_eq!(meaning.as_str(), name);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_a_meaning_and_noise_around_a_stop_is_noise(text in "\\PC{0,40}", noise in "[ !?.,*🛑✋\u{200b}\u{fe0f}]{0,8}") {
        classify(&text, None);
        proptest::prop_assert_eq!(classify(&format!("{noise}stop{noise}"), None), Meaning::OptOut);
    }
}
