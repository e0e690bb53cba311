use crate::event::kinds::Indicator;
use crate::keywords::languages::LANGUAGES;
use crate::keywords::{Explained, Meaning, classify, explain};

#[test]
fn the_rule_that_spoke_has_a_name() {
    let rows = [
        ("STOP", "keyword", Some("en"), Some("stop")),
        ("退订", "keyword", Some("zh"), Some("退订")),
        ("Arrêt svp", "keyword", Some("fr"), Some("arret")),
        ("stop 2 end", "instruction", Some("en"), Some("stop")),
        ("stpo", "slip", Some("en"), Some("stop")),
        ("Who is this? Stop.", "sentence", Some("en"), Some("stop")),
        (
            "please lose my number",
            "phrase",
            Some("en"),
            Some("lose|loose|forget|trash|burn|ditch my|this|our [phone|cell] number|num|contact|info"),
        ),
        ("wrong number", "wrong_number", Some("en"), Some("^ [its|this|thats|that|it] [is] [the|a] wrong number $")),
        ("not interested", "doubt", Some("en"), Some("^ [im|i] [am|m] not [at] [all] interested [at] [all] $")),
        ("start", "opt_in", Some("en"), Some("start")),
        ("aide", "help", Some("fr"), Some("aide")),
        ("just marketing", "clarification", Some("en"), Some("[just|only] marketing [messages|texts]")),
        ("see you at five", "ordinary", None, None),
    ];
    for (body, rule, language, matched) in rows {
        let said = explain(body, None);
        assert_eq!((said.rule, said.language, said.matched), (rule, language, matched), "{body}");
    }
    let gateway = Explained { meaning: Meaning::OptOut, rule: "gateway", language: None, matched: None };
    assert_eq!(explain("whatever", Some(Indicator::Stop)), gateway);
}

/// Whatever narrows outranks a gateway that says START or HELP, and a STOP of the gateway outranks any text.
#[test]
fn the_gateway_and_the_text_together_mean_the_narrower() {
    let rows = [
        ("take me off your list", Meaning::OptOut),
        ("help me stop these texts, stop texting me", Meaning::OptOut),
        ("wrong number", Meaning::WrongNumber),
        ("not interested", Meaning::NeedsReview),
    ];
    for (body, meaning) in rows {
        assert_eq!(classify(body, Some(Indicator::Start)), meaning, "{body}");
        assert_eq!(classify(body, Some(Indicator::Help)), meaning, "{body}");
        assert_eq!(classify(body, Some(Indicator::Stop)), Meaning::OptOut, "{body}");
    }
    assert_eq!(explain("STOP", Some(Indicator::Start)).rule, "keyword");
}

/// A stranger's opt-out ends the consent for their number by all means, not for texts alone; a STOP in so many words
/// stays one.
#[test]
fn a_wrong_number_with_a_request_is_a_wrong_number() {
    let rows = [
        ("Wrong number. Please take me off your list", Meaning::WrongNumber),
        ("STOP. Wrong number", Meaning::OptOut),
        ("Wrong number, stop", Meaning::OptOut),
        ("Número equivocado, no me escriban más", Meaning::WrongNumber),
    ];
    for (body, meaning) in rows {
        assert_eq!(classify(body, None), meaning, "{body}");
    }
}

/// What is shown comes from our lists, whatever people write.
#[test]
fn an_explanation_never_repeats_the_reply() {
    let ours: Vec<&str> = LANGUAGES
        .iter()
        .flat_map(|one| {
            [one.stop, one.opt_out, one.doubtful, one.demands, one.wishes, one.doubts, one.wrong_number, one.near]
        })
        .flatten()
        .copied()
        .collect();
    for body in ["Stop texting me, I am Ann Smith", "unsuscribe ann@example.org", "this is no longer Ann's number"] {
        let said = explain(body, None);
        assert!(said.matched.is_some_and(|matched| ours.contains(&matched)), "{said:?}");
        assert_eq!(said.meaning, classify(body, None));
    }
}
