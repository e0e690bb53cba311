//! The index against the ledger: after every event both give the same answer to every question.

mod growing;

use std::collections::BTreeSet;
use std::sync::Arc;

use consent_core::event::Recorded;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::decide::tests::histories::{asked, history};
use crate::decide::tests::random;
use crate::decide::{Known, decide};
use crate::decision::Decision;
use crate::question::Question;
use crate::reader::answers::Answers;
use crate::rules::Rules;
use crate::standing::{View, fold};
use crate::stories::{PHONE, event_id, grant, profile, question_of, recorded, reply, time, with};

fn index() -> Index {
    Index::new(Pepper::new(&[7; 32]))
}

/// What the ledger finds: see `Ledger::person`.
fn in_ledger(events: &[Recorded], asked: &[Identity]) -> Vec<Recorded> {
    let mut tokens: BTreeSet<String> = asked.iter().map(|who| format!("{who:?}")).collect();
    loop {
        let about = |event: &&Recorded| {
            let people = event.event.identities().into_iter().map(|who| format!("{who:?}"));
            let others = event.event.references().into_iter().map(|id| id.to_string());
            people.chain(others).any(|token| tokens.contains(&token))
        };
        let found: Vec<Recorded> = events.iter().filter(about).cloned().collect();
        let before = tokens.len();
        for event in &found {
            tokens.insert(event.event_id.to_string());
            tokens.extend(event.event.identities().into_iter().map(|who| format!("{who:?}")));
        }
        if tokens.len() == before {
            return found;
        }
    }
}

/// Whom the events that an event refers to are about, and those that these refer to.
fn about(event: &Recorded, before: &[Recorded]) -> Vec<Identity> {
    let mut all = Vec::new();
    let (mut ids, mut seen) = (event.event.references(), BTreeSet::new());
    while let Some(id) = ids.pop() {
        for one in before.iter().filter(|one| one.event_id == id && seen.insert(one.seq)) {
            all.extend(one.event.identities());
            ids.extend(one.event.references());
        }
    }
    all
}

fn feed(index: &Index, events: &[Recorded]) {
    for (at, event) in events.iter().enumerate() {
        index.apply(&index.prepare(event), &about(event, &events[..at])).unwrap();
    }
}

fn from_ledger(
    events: &[Recorded],
    question: &Question,
    rules: &Rules,
    now: chrono::DateTime<chrono::Utc>,
) -> Decision {
    let standing = fold(&in_ledger(events, &question.identities()), View::LIVE, rules);
    decide(question, &Known::Standing(standing), rules, now, events.len() as u64)
}

fn from_index(index: &Index, question: &Question, rules: &Rules, now: chrono::DateTime<chrono::Utc>) -> Decision {
    let Found::Person(person) = index.person(&question.identities()) else { panic!("it is in memory") };
    let standing = fold(&person.events, View::LIVE, rules);
    decide(question, &Known::Standing(standing), rules, now, person.position)
}

/// The same history of other people, some minutes earlier: `copy` of `copies`, one event of each after the other.
fn copied(events: &[Value], copy: usize, copies: usize) -> Vec<Value> {
    let id = |at: usize| event_id(at as u64).to_string();
    events
        .iter()
        .map(|event| {
            renamed(event, copy, &|text| (0..=events.len()).find(|at| id(*at) == text).map(|at| id(at * copies + copy)))
        })
        .collect()
}

fn renamed(event: &Value, copy: usize, id: &dyn Fn(&str) -> Option<String>) -> Value {
    let mut event = event.clone();
    if event.get("type").is_some_and(|name| name != "inbound_sms") && event.get("subject").is_none() {
        event["subject"] = json!("A");
    }
    for (name, value) in event.as_object_mut().unwrap() {
        let Some(text) = value.as_str().map(str::to_owned) else { continue };
        *value = match name.as_str() {
            "subject" if text != "nobody" => json!(format!("{text}{copy}")),
            "email" | "address" => json!(format!("{copy}{text}")),
            "from" if text.contains('@') => json!(format!("{copy}{text}")),
            "phone" | "from" | "sender" if text.len() == 12 => json!(format!("{}{copy}{}", &text[..10], &text[11..])),
            "at" | "received_at" if copy > 0 => json!(time(&text) - chrono::TimeDelta::seconds(97 * copy as i64)),
            _ => json!(id(&text).unwrap_or(text)),
        };
    }
    event
}

const COPIES: usize = 3;
const AT: &str = "2026-11-01T12:00:00Z";

proptest! {
    #![proptest_config(random(600))]

    /// `PROPTEST_CASES=100000 cargo test --release -p consent-query same_answer` compares more.
    #[test]
    fn after_every_event_index_and_ledger_give_the_same_answer(events in history(), query in asked()) {
        let rules = Arc::new(Rules::embedded().unwrap());
        let (index, memo, answers) = (index(), Memo::new(Arc::clone(&rules)), Answers::default());
        let copies: Vec<_> = (0..COPIES).map(|copy| copied(&events, copy, COPIES)).collect();
        let all: Vec<Value> = (0..events.len()).flat_map(|at| copies.iter().map(move |copy| copy[at].clone())).collect();
        let all = recorded(&all);
        for (at, event) in all.iter().enumerate() {
            index.apply(&index.prepare(event), &about(event, &all[..at])).unwrap();
            let theirs = renamed(&query, at % COPIES, &|_| None);
            let (question, now) = (question_of(&theirs), time(theirs["at"].as_str().unwrap()));
            let expected = from_ledger(&all[..=at], &question, &rules, now);
            prop_assert_eq!(&from_index(&index, &question, &rules, now), &expected);
            if Memo::takes(&question)
                && let Some(decision) = memo.decide(&index, &question, &question.identities(), now)
            {
                prop_assert_eq!(&decision, &expected, "by likeness");
            }
            // Everybody who may be alike at one time, and a little later: what is kept is kept over all events.
            let now = time(query["at"].as_str().unwrap());
            for copy in 0..COPIES {
                let question = question_of(&with(&renamed(&query, copy, &|_| None), json!({"at": query["at"]})));
                for (now, at_once) in [(now, true), (now + chrono::TimeDelta::milliseconds(200), false)] {
                    let expected = serde_json::to_value(from_ledger(&all[..=at], &question, &rules, now)).unwrap();
                    let Some(written) = written(&answers, (&index, &memo, &rules), &question, now) else { continue };
                    for (name, value) in expected.as_object().unwrap() {
                        if at_once || name != "valid_until" && name != "zones" {
                            prop_assert_eq!(&written[name], value, "{} of {}", name, copy);
                        }
                    }
                }
            }
        }
    }
}

/// The answer that is written for all who are alike, if it is one that the memo takes.
fn written(
    answers: &Answers,
    (index, memo, rules): (&Index, &Memo, &Rules),
    question: &Question,
    now: chrono::DateTime<chrono::Utc>,
) -> Option<Value> {
    let mut out = Vec::new();
    let asked = question.identities();
    let reason =
        answers.write((index, memo, rules), (question, &asked), now, &mut out).filter(|_| Memo::takes(question));
    reason.map(|_| serde_json::from_slice(&out).unwrap())
}

/// An answer that was kept is not given any more once something was said of somebody, or of what is asked.
#[test]
fn an_answer_that_is_kept_is_no_longer_given_after_a_stop_nor_to_another_question() {
    let rules = Arc::new(Rules::embedded().unwrap());
    let (index, memo, answers) = (index(), Memo::new(Arc::clone(&rules)), Answers::default());
    let (texts, now) = ([profile(), grant(), reply("STOP")], time("2026-12-02T17:00:00Z"));
    let [one, other, first] = [0, 1, 2].map(|copy| copied(&texts, copy, 3));
    // Words that are said for the first time are like no others.
    let all = recorded(&[&first[..], &one[..2], &other[..2], &one[2..]].concat());
    let ask = |copy: usize, purpose: &str| {
        let asked = json!({"subject": format!("A{copy}"), "purpose": purpose});
        let question = question_of(&with(&crate::stories::question(), asked));
        written(&answers, (&index, &memo, &rules), &question, now).map(|answer| answer["decision"].clone())
    };
    feed(&index, &all[..7]);
    assert_eq!([ask(0, "special_offers"), ask(1, "special_offers")], [Some(json!("allow")), Some(json!("allow"))]);
    assert_eq!(ask(1, "billing"), Some(json!("deny")), "nobody agreed to that");
    index.apply(&index.prepare(&all[7]), &[]).unwrap();
    assert_eq!([ask(0, "special_offers"), ask(1, "special_offers")], [Some(json!("deny")), Some(json!("allow"))]);
}

/// The comparison by likeness would prove little if few were alike.
#[test]
fn people_of_whom_the_same_was_said_are_alike_and_others_are_not() {
    let rules = Arc::new(Rules::embedded().unwrap());
    let (index, memo) = (index(), Memo::new(rules));
    let texts = [profile(), grant(), reply("STOP")];
    let one = copied(&texts, 0, 4);
    let alike = copied(&texts, 1, 4);
    let without_stop = copied(&texts[..2], 2, 4);
    let mut elsewhere = copied(&texts, 3, 4);
    elsewhere[0]["phone"] = json!("+13055550133");
    // The first of its words is kept in the record; from the second on a template is.
    let twice = copied(&texts, 4, 5);
    let all = recorded(&[twice, one, alike, without_stop, elsewhere].concat());
    feed(&index, &all);
    let likeness = |copy: usize| {
        let who: Identity = Identity::Subject(format!("A{copy}").parse().unwrap());
        memo.alike(&index, &[who], time("2027-12-02T17:00:00Z")).map(|alike| alike.likeness)
    };
    assert!(likeness(0).is_some());
    assert_eq!(likeness(0), likeness(1));
    assert_ne!(likeness(0), likeness(2));
    assert_ne!(likeness(0), likeness(3));
}

/// A consent that goes by the name of an earlier one is that one: it does not outrank the STOP between them.
#[test]
fn who_repeats_a_name_is_like_nobody_who_does_not() {
    let rules = Arc::new(Rules::embedded().unwrap());
    let (index, memo) = (index(), Memo::new(Arc::clone(&rules)));
    let anew = |name: &str| with(&grant(), json!({"at": "2026-12-02T15:00:00Z", "idempotency_key": name}));
    let first = with(&grant(), json!({"idempotency_key": "one"}));
    let stories = [("two", "allow"), ("two", "allow"), ("one", "deny"), ("three", "allow"), ("one", "deny")];
    let said =
        |copy: usize| copied(&[profile(), first.clone(), reply("STOP"), anew(stories[copy].0)], copy, stories.len());
    let all = recorded(&(0..stories.len()).flat_map(said).collect::<Vec<_>>());
    feed(&index, &all);
    for (copy, (_, expected)) in stories.iter().enumerate() {
        let question = question_of(&with(&crate::stories::question(), json!({"subject": format!("A{copy}")})));
        let (asked, now) = (question.identities(), time("2026-12-02T17:00:00Z"));
        let decision = memo.decide(&index, &question, &asked, now);
        let by_ledger = from_ledger(&all, &question, &rules, now);
        assert_eq!(serde_json::to_value(by_ledger.decision).unwrap(), *expected, "{copy}");
        if let Some(decision) = decision {
            assert_eq!(decision, by_ledger, "{copy}");
        }
    }
    let alike = (1..5).filter(|copy| {
        memo.alike(&index, &[Identity::Subject(format!("A{copy}").parse().unwrap())], time("2026-12-02T17:00:00Z"))
            .is_some()
    });
    assert!(alike.count() >= 3, "too few were compared");
}

#[test]
fn an_event_out_of_order_is_refused() {
    let index = index();
    let events = recorded(&[profile(), grant()]);
    let second = index.prepare(&events[1]);
    assert_eq!(index.apply(&second, &[]), Err(OutOfOrder { position: 0, seq: 1 }));
    feed(&index, &events);
    assert_eq!(index.apply(&second, &[]), Err(OutOfOrder { position: 2, seq: 1 }));
}

#[test]
fn a_question_about_a_number_finds_what_was_said_of_its_holder() {
    let index = index();
    feed(&index, &recorded(&[profile(), grant()]));
    let phone = Identity::Phone(PHONE.parse().unwrap());
    let Found::Person(person) = index.person(&[phone]) else { panic!("it is in memory") };
    assert_eq!((person.events.len(), person.position), (2, 2));
    let nobody = Identity::Phone("+12025550188".parse().unwrap());
    let Found::Person(person) = index.person(&[nobody]) else { panic!("it is in memory") };
    assert_eq!((person.events.len(), person.position), (0, 2));
}

#[test]
fn what_is_said_of_an_event_before_it_is_recorded_is_found_with_it() {
    let review =
        json!({"type": "review_resolved", "outcome": "is_not", "event_id": event_id(2), "at": AT, "subject": "nobody"});
    let mistake = json!({"type": "event_compensated", "event_id": event_id(0), "at": AT, "subject": "nobody"});
    let events = recorded(&[review, mistake, with(&reply("maybe stop?"), json!({}))]);
    let index = index();
    feed(&index, &events);
    let phone = Identity::Phone(PHONE.parse().unwrap());
    let Found::Person(person) = index.person(std::slice::from_ref(&phone)) else { panic!("it is in memory") };
    let found: Vec<u64> = person.events.iter().map(|event| event.seq).collect();
    assert_eq!(found, in_ledger(&events, &[phone]).iter().map(|event| event.seq).collect::<Vec<_>>());
    assert_eq!(found, [0, 1, 2]);
}

/// Everywhere in an event where somebody can be named, written in every way.
#[test]
fn an_event_is_found_under_everybody_it_names_however_that_is_written() {
    let numbers =
        ["+12025550123", "12025550123", "0012025550123", "tel:+12025550123", " +1 (202) 555-0123 ", "40404", ""];
    let mails = ["pat@example.com", "PAT@Example.COM", " pat@example.com", "nobody", "+12025550123"];
    let of = |name: &'static str, field: &'static str, texts: &[&'static str]| {
        texts.iter().map(move |text| json!({"type": name, field: text, "at": AT})).collect::<Vec<_>>()
    };
    let mut all: Vec<Value> = [
        of("inbound_sms", "from", &numbers),
        of("inbound_unparsed", "sender", &numbers),
        of("withdrawal_request", "from", &[numbers.as_slice(), &mails].concat()),
        of("email_unsubscribe", "address", &mails),
        of("email_complaint", "address", &mails),
        of("email_bounced", "address", &mails),
    ]
    .concat();
    all.iter_mut().for_each(|event| event["subject"] = json!("nobody"));
    let common = [
        json!({"phone": "+12025550199"}),
        json!({"phone": PHONE}),
        json!({"email": "lee@example.com", "subject": "A"}),
    ];
    let more: Vec<Value> = all.iter().flat_map(|event| common.iter().map(|more| with(event, more.clone()))).collect();
    let rules = Rules::embedded().unwrap();
    for event in all.iter().chain(&more) {
        let events = recorded(&[grant(), event.clone(), with(event, json!({"at": "2026-11-02T12:00:00Z"}))]);
        let index = index();
        feed(&index, &events);
        assert!(index.is_sound(), "{event}");
        for who in events.iter().flat_map(|event| event.event.identities()) {
            let asked = [who];
            let Found::Person(person) = index.person(&asked) else { panic!("it is in memory") };
            let expected = in_ledger(&events, &asked);
            let seqs = |events: &[Recorded]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
            assert_eq!(seqs(&person.events), seqs(&expected), "{event} of {asked:?}");
            let question =
                crate::stories::question_of(&json!({"at": AT, "channel": "sms", "purpose": "special_offers",
                asked[0].kind(): asked[0].value()}));
            let now = time("2026-12-02T17:00:00Z");
            assert_eq!(
                from_index(&index, &question, &rules, now),
                from_ledger(&events, &question, &rules, now),
                "{event}"
            );
        }
    }
}
