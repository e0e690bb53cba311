//! Row 12: what a hundred times as many contacts cost.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, ensure};
use consent_api::clock;
use consent_query::question::Question;
use consent_tests::dice::Dice;

use crate::bench::Bench;
use crate::generator::Generator;
use crate::oracle::{Oracle, question};
use crate::place::{Place, submission};
use crate::processes::resident;
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::subject::Subject;
use crate::table::{Goal, Line, Unit};

/// Answers that are held against the slow path.
const SAMPLE: u64 = 100;
/// What is asked.
const PURPOSE: &str = "transactional";
/// Share of the machine's free memory that a ledger may be expected to need.
const SHARE: f64 = 0.7;

/// Seconds of one answer, and of one row of a list, about random contacts.
fn ask(subject: &Subject, people: Generator, calls: u64, dice: &mut Dice) -> anyhow::Result<Figures> {
    let (mut questions, mut list, mut right) = (Vec::new(), Vec::new(), 0);
    for _ in 0..calls {
        let contact = people.contact(dice.throw() % people.contacts)?;
        questions.push(question(contact.phone.as_str(), PURPOSE));
        right += u64::from(contact.story.may_get_service_text());
        list.push(contact.identity());
    }
    let (now, began) = (clock::now(), Instant::now());
    black_box(subject.answer(&questions, now));
    let (each, began) = (began.elapsed().as_secs_f64() / calls as f64, Instant::now());
    let allowed = subject.scrub(&list, Question { phone: None, ..question("", PURPOSE) }, now)?;
    ensure!(allowed == right, "{allowed} of a list are allowed, right is {right}");
    Ok(Figures::from([("each", each), ("row", began.elapsed().as_secs_f64() / calls as f64)]))
}

fn hold_against_the_oracle(subject: &Subject, people: Generator) -> anyhow::Result<()> {
    let (oracle, now) = (Oracle::new(people)?, clock::now());
    let numbers: Vec<u64> = (0..SAMPLE).map(|number| number * (people.contacts / SAMPLE)).collect();
    let questions: anyhow::Result<Vec<_>> =
        numbers.iter().map(|number| Ok(question(people.contact(*number)?.phone.as_str(), PURPOSE))).collect();
    for (number, found) in numbers.iter().zip(subject.answer(&questions?, now)) {
        let right = oracle.decide(*number, PURPOSE, now)?;
        ensure!(found.reason == right.reason, "contact {number}: {} and not {}", found.reason, right.reason);
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
        let (people, subject) = (bench.people(contacts), Subject::empty(&bench.directory)?);
        let before = resident(std::process::id())?;
        bench.cores.on_all(|| subject.take_in(people))?;
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
    let times =
        |figure, ours: &'static str, theirs: &'static str| move |round: &Round| round.ratio(figure, ours, theirs);
    let check = format!("check among {} contacts, in process", last.0.contacts);
    let row = format!("row of a scrub among {} contacts, in process", last.0.contacts);
    let beside = format!("the same among {}", first.0.contacts);
    let appended = format!("append to a ledger of {} people", people.contacts);
    Ok(vec![
        Line::of(
            &rounds,
            ("12", check, beside.as_str()),
            Unit::Times,
            Goal::AtMost(2.0),
            times("each", "last", "first"),
        ),
        Line::of(&rounds, ("12", row, beside.as_str()), Unit::Times, Goal::AtMost(2.0), times("row", "last", "first")),
        Line::of(
            &rounds,
            ("12", appended, "to an empty one"),
            Unit::Times,
            Goal::AtMost(1.5),
            times("each", "grown ledger", "new ledger"),
        ),
    ])
}
