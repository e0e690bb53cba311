//! Row 12: what a hundred times as many contacts cost.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, ensure};
use consent_api::clock;
use consent_tests::dice::Dice;

use crate::bench::Bench;
use crate::generator::Generator;
use crate::oracle::{Oracle, question};
use crate::place::{Place, submission};
use crate::processes::resident;
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::subject::{self, Subject};
use crate::table::{Goal, Line, Unit};

/// Answers that are held against the slow path.
const SAMPLE: u64 = 100;
/// Share of the machine's free memory that a ledger may be expected to need.
const SHARE: f64 = 0.7;

/// Seconds of one answer about a random contact.
fn ask(subject: &Subject, people: Generator, calls: u64, dice: &mut Dice) -> anyhow::Result<Figures> {
    let mut questions = Vec::new();
    for _ in 0..calls {
        let contact = people.contact(dice.throw() % people.contacts)?;
        questions.push(question(contact.phone.as_str(), "transactional"));
    }
    let (now, began) = (clock::now(), Instant::now());
    for question in &questions {
        black_box(subject.ask(question, now)?);
    }
    Ok(Figures::from([("each", began.elapsed().as_secs_f64() / calls as f64)]))
}

fn hold_against_the_oracle(subject: &Subject, people: Generator) -> anyhow::Result<()> {
    let (oracle, now) = (Oracle::new(people)?, clock::now());
    for number in 0..SAMPLE {
        let contact = people.contact(number * (people.contacts / SAMPLE))?;
        let found = subject.ask(&question(contact.phone.as_str(), "transactional"), now)?;
        let right = oracle.decide(contact.number, "transactional", now)?;
        ensure!(found.reason == right.reason, "contact {}: {} and not {}", contact.number, found.reason, right.reason);
    }
    Ok(())
}

/// Free memory of the machine in bytes.
fn free() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(kilobytes.context("MemAvailable is missing")? * 1024.0)
}

/// Ledgers of growing size, as far as there is memory for them.
fn subjects(bench: &Bench) -> anyhow::Result<Vec<(Generator, Subject)>> {
    let mut made: Vec<(Generator, Subject)> = Vec::new();
    let mut bytes_a_contact = 0.0;
    for contacts in bench.quantities.growth {
        if bytes_a_contact * contacts as f64 > SHARE * free()? {
            break;
        }
        let (people, subject) = (bench.people(contacts), Subject::empty()?);
        let before = resident(std::process::id())?;
        subject.take_in(people)?;
        bytes_a_contact = (resident(std::process::id())? - before).max(0.0) / contacts as f64;
        hold_against_the_oracle(&subject, people)?;
        made.push((people, subject));
    }
    Ok(made)
}

/// Seconds of the append of an event to a real ledger.
fn append(place: &Place, people: Generator, next: &std::cell::Cell<u64>, count: u64) -> anyhow::Result<Figures> {
    let first = next.replace(next.get() + count);
    let events = (first..first + count).map(|number| {
        let contact = people.contact(number)?;
        people.history(&contact).into_iter().next().map(submission).context("a history without events")
    });
    let events: Vec<_> = events.collect();
    let began = Instant::now();
    place.fill(events.into_iter())?;
    Ok(Figures::from([("each", began.elapsed().as_secs_f64() / count as f64)]))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (made, calls) = (subjects(bench)?, bench.quantities.calls);
    let people = bench.people(bench.quantities.recorded);
    let (grown, written) = (bench.ledger()?, bench.quantities.written);
    let next = std::cell::Cell::new(people.contacts * 2);
    let mut dice = [Dice::new(bench.seed), Dice::new(bench.seed)];
    let [first_dice, last_dice] = &mut dice;
    let (first, last) = (made.first().context("no ledger")?, made.last().context("no ledger")?);
    let mut sides = [
        Side::new("first", || ask(&first.1, first.0, calls, first_dice)),
        Side::new("last", || ask(&last.1, last.0, calls, last_dice)),
        Side::new("new ledger", || append(&Place::create(&bench.directory, None)?, people, &next, written)),
        Side::new("grown ledger", || append(&grown, people, &next, written)),
    ];
    let rounds = rounds(bench, "growth", &mut sides)?;
    let times = |ours: &'static str, theirs: &'static str| move |round: &Round| round.ratio("each", ours, theirs);
    let work = format!("answer among {} contacts, {}", last.0.contacts, subject::NAME);
    let beside = format!("the same among {}", first.0.contacts);
    let appended = format!("append to a ledger of {} people", people.contacts);
    Ok(vec![
        Line::of(&rounds, ("12", work, beside), Unit::Times, Goal::AtMost(2.0), times("last", "first")),
        Line::of(
            &rounds,
            ("12", appended, "to an empty one"),
            Unit::Times,
            Goal::AtMost(1.5),
            times("grown ledger", "new ledger"),
        ),
    ])
}
