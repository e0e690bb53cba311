//! Functions that are called for every request or every row, each so often in a process of its own.

use std::hint::black_box;

use anyhow::Context;
use chrono::{DateTime, Utc};
use consent_core::address::Phone;
use consent_core::event::Recorded;
use consent_core::keywords::classify;
use consent_core::merkle::leaf_hash;
use consent_core::tiles::Edge;
use consent_core::token::Pepper;
use consent_query::decide::{Known, decide};
use consent_query::question::Question;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};

use crate::generator::{Contact, Generator, Story};
use crate::oracle::question;
use crate::subject::Subject;

/// Whom they are about.
const PEOPLE: Generator = Generator { seed: 20_261_123, contacts: 4_000 };
/// What is asked.
const PURPOSE: &str = "transactional";
/// A reply that no list of keywords knows.
const REPLY: &str = "Hi, I am running ten minutes late for my appointment today, is that ok? Thanks!";

/// Gets everything ready, then calls the function so often.
type Hot = fn(u64) -> anyhow::Result<()>;

/// What is counted, by name.
pub const HOT: &[(&str, Hot)] = &[
    ("decide", decides),
    ("fold", folds),
    ("check", checks),
    ("row of a scrub", scrubs),
    ("event into the index", takes_in),
    ("phone number", parses),
    ("look-up token", hashes),
    ("leaf and tree", grows),
    ("reply, STOP", |calls| replies(calls, "STOP")),
    ("reply, a sentence", |calls| replies(calls, REPLY)),
];

/// Calls one of them.
pub fn call(name: &str, calls: u64) -> anyhow::Result<()> {
    let (_, hot) = HOT.iter().find(|(known, _)| *known == name).with_context(|| format!("no such function: {name}"))?;
    hot(calls)
}

/// Noon of a working day in Washington, so that the same branches are taken whenever it runs.
fn noon() -> anyhow::Result<DateTime<Utc>> {
    Ok("2026-12-02T17:00:00Z".parse()?)
}

/// Somebody who agreed in writing and said nothing else, with what they said.
fn typical() -> anyhow::Result<(Contact, Vec<Recorded>)> {
    let number = (0..PEOPLE.contacts).find(|number| PEOPLE.story(*number) == Story::Agreed);
    let contact = PEOPLE.contact(number.context("nobody agreed")?)?;
    let history = PEOPLE.history(&contact);
    Ok((contact, history))
}

fn decides(calls: u64) -> anyhow::Result<()> {
    let (rules, (contact, history), now) = (Rules::embedded()?, typical()?, noon()?);
    let known = Known::Standing(fold(&history, View::default(), &rules));
    let asked = question(contact.phone.as_str(), PURPOSE);
    for _ in 0..calls {
        black_box(decide(black_box(&asked), &known, &rules, now, 1));
    }
    Ok(())
}

fn folds(calls: u64) -> anyhow::Result<()> {
    let (rules, (_, history)) = (Rules::embedded()?, typical()?);
    for _ in 0..calls {
        black_box(fold(black_box(&history), View::default(), &rules));
    }
    Ok(())
}

/// Everybody in memory.
fn everybody() -> anyhow::Result<(Subject, Vec<Contact>)> {
    let subject = Subject::empty(&std::env::temp_dir())?;
    subject.take_in(PEOPLE)?;
    let contacts: anyhow::Result<Vec<_>> = (0..PEOPLE.contacts).map(|number| PEOPLE.contact(number)).collect();
    Ok((subject, contacts?))
}

/// The same ones over and over, until there were so many: making them is no part of what is counted.
fn over_and_over<T>(all: &[T], calls: u64, mut work: impl FnMut(&[T]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut left = calls as usize;
    while left > 0 {
        let some = all.get(..left).unwrap_or(all);
        work(some)?;
        left -= some.len();
    }
    Ok(())
}

fn checks(calls: u64) -> anyhow::Result<()> {
    let ((subject, contacts), now) = (everybody()?, noon()?);
    let questions: Vec<Question> = contacts.iter().map(|contact| question(contact.phone.as_str(), PURPOSE)).collect();
    over_and_over(&questions, calls, |some| {
        black_box(subject.answer(some, now));
        Ok(())
    })
}

fn scrubs(calls: u64) -> anyhow::Result<()> {
    let ((subject, contacts), now) = (everybody()?, noon()?);
    let people: Vec<_> = contacts.iter().map(Contact::identity).collect();
    over_and_over(&people, calls, |some| {
        black_box(subject.scrub(some, Question { phone: None, ..question("", PURPOSE) }, now)?);
        Ok(())
    })
}

fn takes_in(calls: u64) -> anyhow::Result<()> {
    let subject = Subject::empty(&std::env::temp_dir())?;
    let events: Vec<Recorded> = PEOPLE.ledger(subject.position()).collect::<anyhow::Result<_>>()?;
    subject.take_in_these(events.get(..calls as usize).context("not so many events")?)
}

fn parses(calls: u64) -> anyhow::Result<()> {
    for _ in 0..calls {
        black_box(Phone::parse(black_box("+12025550123"))?);
    }
    Ok(())
}

fn hashes(calls: u64) -> anyhow::Result<()> {
    let (pepper, identity) = (Pepper::new(&[7; 32]), typical()?.0.identity());
    for _ in 0..calls {
        black_box(pepper.token(black_box(&identity)));
    }
    Ok(())
}

fn grows(calls: u64) -> anyhow::Result<()> {
    let (mut edge, mut full, entry) = (Edge::default(), Vec::new(), [0x7b; 160]);
    for _ in 0..calls {
        edge.push(leaf_hash(black_box(&entry)), &mut full);
        full.clear();
    }
    Ok(())
}

fn replies(calls: u64, reply: &str) -> anyhow::Result<()> {
    for _ in 0..calls {
        black_box(classify(black_box(reply), None));
    }
    Ok(())
}
