//! How long an answer takes once the events are at hand: `cargo bench -p consent-query --bench decide`.
//!
//! `floor` finds a person in a map of a hundred thousand by their number: no answer from memory can be had for less. It
//! runs in the same process as the rest, so that the ratios hold on whatever machine this is.

use std::collections::HashMap;
use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::event::{Event, Recorded};
use consent_query::decide::{Known, decide};
use consent_query::question::Question;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use uuid::Uuid;

/// People in the map of the floor.
const PEOPLE: u64 = 100_000;

const PHONE: &str = "+12025550123";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_default()
}

/// Noon of a working day in Washington.
fn noon() -> DateTime<Utc> {
    time("2026-12-02T17:00:00Z")
}

fn recorded(events: &[Value]) -> Vec<Recorded> {
    let read = |(seq, event): (usize, &Value)| {
        let at = time(event["at"].as_str().unwrap_or_default());
        let event = Event::from_json(event.clone()).ok()?;
        Some(Recorded { seq: seq as u64, event_id: Uuid::from_u128(seq as u128 + 1), received_at: at, event })
    };
    let read: Vec<Recorded> = events.iter().enumerate().filter_map(read).collect();
    assert_eq!(read.len(), events.len(), "an event of the bench cannot be read");
    read
}

fn profile() -> Value {
    json!({"type": "profile_recorded", "at": "2019-01-02T12:00:00Z", "subject": "crm:42", "phone": PHONE,
        "email": "pat@example.com", "country": "US"})
}

fn grant(at: &str) -> Value {
    json!({"type": "consent_granted", "at": at, "subject": "crm:42", "channels": ["sms"],
        "purposes": ["updates", "special_offers", "services"], "level": "express_written",
        "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false,
        "evidence_ref": "ev-001"})
}

fn reply(at: &str, body: &str) -> Value {
    json!({"type": "inbound_sms", "at": at, "from": PHONE, "body": body})
}

/// A profile, and as often as it takes: a consent, a message, a chat and a STOP that is taken back.
fn long(events: usize) -> Vec<Value> {
    let start = time("2024-04-01T15:00:00Z");
    let at = |index: usize| (start + TimeDelta::hours(index as i64)).to_rfc3339();
    let event = |index: usize| match index % 6 {
        0 => grant(&at(index)),
        1 => json!({"type": "message_sent", "at": at(index), "subject": "crm:42", "phone": PHONE, "channel": "sms",
            "purpose": "special_offers"}),
        2 => reply(&at(index), "ok see you at 5"),
        3 => reply(&at(index), "STOP"),
        4 => reply(&at(index), "START"),
        _ => json!({"type": "purchase", "at": at(index), "subject": "crm:42", "product_line": "tools"}),
    };
    std::iter::once(profile()).chain((1..events).map(event)).collect()
}

fn asked() -> Question {
    Question {
        phone: Some(PHONE.into()),
        channel: "sms".into(),
        purpose: "special_offers".into(),
        ..Question::default()
    }
}

/// A name, what happened, and when it is asked.
fn histories() -> Vec<(&'static str, Vec<Value>, DateTime<Utc>)> {
    let written = || grant("2026-10-01T15:00:00Z");
    let stop = || reply("2026-12-01T15:00:00Z", "STOP");
    vec![
        ("allow", vec![profile(), written()], noon()),
        ("stop", vec![profile(), written(), stop()], noon()),
        ("stranger", vec![], noon()),
        ("quiet", vec![profile(), written()], time("2026-12-02T07:00:00Z")),
        ("worst", long(200), noon()),
    ]
}

fn floor(criterion: &mut Criterion) {
    let people: HashMap<String, u64> = (0..PEOPLE).map(|one| (format!("+1202{:07}", 2_000_000 + one), one)).collect();
    let wanted = format!("+1202{:07}", 2_000_000 + PEOPLE / 3);
    criterion.bench_function("floor", |bencher| bencher.iter(|| people.get(black_box(&wanted)).copied()));
}

fn decides(criterion: &mut Criterion) {
    let Ok(rules) = Rules::embedded() else { return };
    let mut group = criterion.benchmark_group("decide");
    for (name, events, now) in histories() {
        let known = Known::Standing(fold(&recorded(&events), View::LIVE, &rules));
        let (question, position) = (asked(), events.len() as u64);
        let answer = || decide(black_box(&question), black_box(&known), &rules, black_box(now), position);
        group.bench_function(name, |bencher| bencher.iter(answer));
    }
    let known = Known::Standing(fold(&recorded(&[profile(), grant("2026-10-01T15:00:00Z")]), View::LIVE, &rules));
    let mail = Question { email: Some("pat@example.com".into()), phone: None, channel: "email".into(), ..asked() };
    group.bench_function("mail", |bencher| bencher.iter(|| decide(black_box(&mail), &known, &rules, noon(), 2)));
    group.finish();
}

fn folds(criterion: &mut Criterion) {
    let Ok(rules) = Rules::embedded() else { return };
    let mut group = criterion.benchmark_group("fold");
    let sizes = [20, 200, 2000].map(|size| (format!("long {size}"), long(size)));
    let named = histories().into_iter().filter(|(name, ..)| *name != "worst");
    let named = named.map(|(name, events, _)| (name.to_owned(), events));
    for (name, events) in named.chain(sizes) {
        let events = recorded(&events);
        group.bench_function(name, |bencher| bencher.iter(|| fold(black_box(&events), View::LIVE, &rules)));
    }
    group.finish();
}

criterion_group!(benches, floor, decides, folds);
criterion_main!(benches);
