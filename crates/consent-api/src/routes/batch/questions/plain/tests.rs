//! What is read where it lies, beside what is read in the slower way.

use proptest::prelude::*;

use super::super::tests::asked;
use super::super::{BatchBody, questions};
use super::*;
use crate::body::FromBody;

const NAMES: &[&str] = &[
    "phone",
    "email",
    "subject",
    "channel",
    "purpose",
    "sender",
    "subject_matter",
    "product_line",
    "automated",
    "opt_out_in_message",
    "as_of",
    "known_at",
    "min_position",
    "max_staleness_ms",
    "explain",
    "chanel",
];

/// A field with a value that is mostly one of its own.
fn field() -> impl Strategy<Value = String> {
    let text = prop::sample::select(&["\"sms\"", "\"S\"", "\"s\\u006ds\"", "\"\"", "null"][..]);
    let phone = prop::sample::select(
        &["\"+12025550123\"", "\"\\u002b12025550124\"", "\"+1 (202) 555-0123\"", "\"nobody\"", "null"][..],
    );
    let value = (text, phone, any::<bool>(), 0..4_u64);
    (0..NAMES.len() * 8, value).prop_map(|(name, (text, phone, flag, number))| {
        let stray = name % 32 == 31;
        // The last name is no field, and hardly ever there.
        let at = if name == NAMES.len() * 8 - 1 { NAMES.len() - 1 } else { name % (NAMES.len() - 1) };
        let value = match at {
            _ if stray => "{\"phone\":[1]}".to_owned(),
            0..=2 => phone.to_owned(),
            8 | 9 | 14 => flag.to_string(),
            10 | 11 => format!("\"2026-01-0{}T00:00:00Z\"", number + 1),
            12 | 13 if flag => number.to_string(),
            12 | 13 => "null".to_owned(),
            _ => text.to_owned(),
        };
        format!("\"{}\":{value}", NAMES[at])
    })
}

fn object(fields: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = String> {
    let both = prop::sample::select(&["\"channel\":\"sms\",\"purpose\":\"updates\"", ""][..]);
    (prop::collection::vec(field(), fields), both).prop_map(|(fields, both)| {
        let own = fields.iter().map(String::as_str).filter(|field| !both.contains(&field[..8]));
        let all: Vec<&str> = own.chain((!both.is_empty()).then_some(both)).collect();
        format!("{{{}}}", all.join(","))
    })
}

fn body() -> impl Strategy<Value = String> {
    let all = prop::collection::vec(object(0..3), 0..5);
    (object(0..3), all, any::<bool>()).prop_map(|(defaults, all, first)| {
        let (defaults, questions) = (format!("\"defaults\":{defaults}"), format!("\"questions\":[{}]", all.join(",")));
        if first { format!("{{{defaults},{questions}}}") } else { format!("{{{questions},{defaults}}}") }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_where_it_lies_is_read_so_in_the_slower_way_and_what_is_not_is_at_fault(body in body()) {
        let slowly = BatchBody::from_body(body.as_bytes()).and_then(questions);
        let sound = slowly.as_ref().ok().filter(|slowly| slowly.faults.is_empty());
        match (Plain::read(body.as_bytes()), sound) {
            (Some(read), Some(slowly)) => {
                prop_assert_eq!(asked(&read), asked(slowly));
                prop_assert!(read.faults.is_empty());
            }
            (Some(_), None) => return Err(TestCaseError::fail(format!("{body} is at fault"))),
            (None, Some(_)) => return Err(TestCaseError::fail(format!("{body} can be read"))),
            (None, None) => {}
        }
    }
}

#[test]
fn a_question_is_put_together_once_for_all_who_are_asked_about_in_the_same_way() {
    let body = r#"{"defaults":{"channel":"sms","purpose":"updates"},"questions":[
        {"phone":"+12025550123"},{"phone":"\u002b12025550124"},{"phone":"+1 202 555 0125"},
        {"phone":"+12025550126","sender":"S"},{"email":"pat@example.com","sender":"S"},{"subject":"A"}]}"#;
    let read = Plain::read(body.as_bytes()).unwrap();
    let sizes: Vec<_> = read.asked.iter().map(|survey| survey.about.len()).collect();
    assert_eq!(sizes, [3, 2, 1]);
    let named = read.asked.iter().flat_map(|survey| &survey.about).filter(|(_, whom)| matches!(whom, Whom::Named(_)));
    assert_eq!(named.count(), 1, "one number is not in its canonical form");
    let mut ids: Vec<_> = read.asked.iter().flat_map(|survey| &survey.about).map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}
