//! Row 3: the decision alone, in process.

use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use chrono::{DateTime, Utc};
use consent_core::event::Recorded;
use consent_query::decide::{Known, decide};
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};

use crate::bench::Bench;
use crate::generator::{Generator, Story};
use crate::oracle::question;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::serve::loops::Table;
use crate::table::{Goal, Line, Unit};

/// Events of the worst history.
const WORST: u64 = 200;

/// Runs something many times: `each`, seconds a call.
fn time<T>(calls: u64, mut call: impl FnMut() -> T) -> anyhow::Result<Figures> {
    let began = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    Ok(Figures::from([("each", began.elapsed().as_secs_f64() / calls as f64)]))
}

/// A long life with the service: the richest story, over and over.
fn worst(people: Generator) -> anyhow::Result<Vec<Recorded>> {
    let rich = (0..people.contacts).find(|number| people.story(*number) == Story::Rich).unwrap_or(0);
    let story = people.history(&people.contact(rich)?);
    let again = story.iter().cycle().zip(0..WORST).map(|(event, seq)| Recorded { seq, ..event.clone() });
    Ok(again.collect())
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (people, rules) = (bench.people(10_000), Rules::embedded()?);
    let typical = people.contact((0..people.contacts).find(|at| people.story(*at) == Story::Agreed).unwrap_or(0))?;
    let (short, long) = (people.history(&typical), worst(people)?);
    let now: DateTime<Utc> = consent_api::clock::now();
    let standing = |events: &[Recorded]| Known::Standing(fold(events, View::default(), &rules));
    let (known, known_long) = (standing(&short), standing(&long));
    let asked = question(typical.phone.as_str(), "transactional");
    let about = long.first().and_then(|event| event.event.phone.as_ref()).map(ToString::to_string).unwrap_or_default();
    let asked_long = question(&about, "special_offers");
    let right = crate::oracle::Oracle::new(people)?.decide(typical.number, "transactional", now)?;
    ensure!(decide(&asked, &known, &rules, now, 1).reason == right.reason, "a typical decision is wrong");
    let table = Table::of(people)?;
    let calls = bench.quantities.calls;
    let mut sides = [
        Side::new("typical", || time(calls, || decide(&asked, &known, &rules, now, 1))),
        Side::new("worst", || time(calls / 10, || decide(&asked_long, &known_long, &rules, now, 1))),
        Side::new("fold", || time(calls, || fold(&short, View::default(), &rules))),
        Side::new("look-up", || time(calls, || table.find(typical.phone.as_str().as_bytes()))),
    ];
    let rounds = rounds(bench, "decide", &mut sides)?;
    let each = |work: &'static str, side: &'static str, goal| {
        let beside = "hash and look-up in a map, below";
        Line::of(&rounds, ("3", work, beside), Unit::Micros, goal, move |round| round.get(side, "each"))
    };
    Ok(vec![
        each("decide, one consent, fold cached", "typical", Goal::AtMost(2e-6)),
        each("decide, 200 events, fold cached", "worst", Goal::Shown),
        each("fold, one consent", "fold", Goal::Shown),
        each("hash and look-up in a map", "look-up", Goal::Shown),
    ])
}
