//! How long it takes to find somebody among many in memory, and to answer: `cargo bench -p consent-query --bench index`.
//!
//! `floor` finds a number in a map of as many numbers. It runs in the same process as the rest, so that the ratios hold
//! on whatever machine this is.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::address::Identity;
use consent_core::event::{Event, Recorded};
use consent_core::token::Pepper;
use consent_query::decide::{Known, decide};
use consent_query::index::{Found, Index, Memo};
use consent_query::question::Question;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use uuid::Uuid;

/// People of whom the ledger knows a consent; of every tenth a STOP too.
const PEOPLE: u64 = 200_000;
/// Area codes in which they live.
const AREAS: [u64; 8] = [202, 212, 305, 312, 404, 415, 503, 713];

fn number(person: u64) -> String {
    format!("+1{}{:07}", AREAS[(person % 8) as usize], 2_000_000 + person / 8)
}

fn identity(person: u64) -> Option<Identity> {
    number(person).parse().ok().map(Identity::Phone)
}

fn said(seq: u64, person: u64) -> Option<Recorded> {
    let grant = json!({"type": "consent_granted", "phone": number(person), "subject": format!("crm:{person}"),
        "channels": ["sms"], "purposes": ["updates", "special_offers", "services"], "level": "express_written",
        "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false});
    let stop = json!({"type": "inbound_sms", "from": number(person), "body": "STOP"});
    let event = Event::from_json(if seq < PEOPLE { grant } else { stop }).ok()?;
    let start: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().ok()?;
    Some(Recorded {
        seq,
        event_id: Uuid::from_u128(u128::from(seq)),
        received_at: start + TimeDelta::milliseconds(seq as i64),
        event,
    })
}

fn ledger() -> impl Iterator<Item = Recorded> {
    (0..PEOPLE).chain((0..PEOPLE).step_by(10)).enumerate().filter_map(|(seq, person)| said(seq as u64, person))
}

fn asked(person: u64) -> Question {
    let (channel, purpose) = ("sms".to_owned(), "special_offers".to_owned());
    Question { phone: Some(number(person)), channel, purpose, ..Question::default() }
}

fn index_benches(bench: &mut Criterion) {
    let (Ok(rules), Ok(now)) = (Rules::embedded(), "2026-12-02T18:00:00Z".parse::<DateTime<Utc>>()) else { return };
    let (rules, index) = (Arc::new(rules), Index::new(Pepper::new(&[7; 32])));
    for event in ledger() {
        let _ = index.apply(&index.prepare(&event), &[]);
    }
    assert_eq!(index.position(), PEOPLE + PEOPLE / 10, "every event of the bench is in the index");
    let map: HashMap<String, u64> = (0..PEOPLE).map(|person| (number(person), person)).collect();
    let mut step = (0..PEOPLE).cycle().step_by(7_919);
    let mut next = move || step.next().unwrap_or_default();
    let memo = Memo::new(Arc::clone(&rules));
    bench.bench_function("floor", |bench| bench.iter(|| black_box(map.get(&number(next())))));
    bench.bench_function("find", |bench| bench.iter(|| black_box(identity(next()).map(|who| index.person(&[who])))));
    bench.bench_function("answer_by_itself", |bench| {
        bench.iter(|| {
            let question = asked(next());
            let Found::Person(person) = index.person(&question.identities()) else { return None };
            let known = Known::Standing(fold(&person.events, View::LIVE, &rules));
            Some(decide(&question, &known, &rules, now, person.position))
        });
    });
    bench.bench_function("answer_as_of_others", |bench| {
        bench.iter(|| {
            let question = asked(next());
            memo.decide(&index, &question, &question.identities(), now)
        });
    });
    let events: Vec<Recorded> = ledger().take(1_000).collect();
    let mut which = events.iter().cycle();
    bench.bench_function("prepare", |bench| bench.iter(|| which.next().map(|event| index.prepare(event))));
}

criterion_group!(benches, index_benches);
criterion_main!(benches);
