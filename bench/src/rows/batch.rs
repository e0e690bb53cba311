//! Row 4: a thousand questions in one body, beside a thousand bodies.

use std::rc::Rc;

use anyhow::{Context, ensure};
use consent_api::clock;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::children::Server;
use crate::generator::Generator;
use crate::load::{self, Connection, Requests};
use crate::oracle::Oracle;
use crate::place::{Place, runtime};
use crate::rounds::{Side, measure as rounds};
use crate::rows::check;
use crate::table::{Goal, Line, Unit};

/// Questions in a body.
const ITEMS: u64 = 1_000;
/// Bodies that are sent again and again.
const BODIES: u64 = 8;

fn body(people: Generator, number: u64) -> anyhow::Result<Value> {
    let mut questions = Vec::new();
    for item in 0..ITEMS {
        let contact = people.contact((number * ITEMS + item) % people.contacts)?;
        questions.push(json!({"phone": contact.phone.as_str()}));
    }
    Ok(json!({"defaults": {"channel": "sms", "purpose": "transactional"}, "questions": questions}))
}

fn bodies(people: Generator, key: &str) -> anyhow::Result<Requests> {
    let key = format!("Bearer {key}");
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let mut bodies = Vec::new();
    for number in 0..BODIES {
        bodies.push(load::post("/v1/check/batch", &headers, body(people, number)?.to_string().as_bytes()));
    }
    Ok(Rc::new(move |number| bodies.get(number as usize % bodies.len()).cloned().unwrap_or_default()))
}

/// Every answer of the first body must be right.
fn hold_against_the_oracle(server: &Server, people: Generator, requests: &Requests) -> anyhow::Result<()> {
    let oracle = Oracle::new(people)?;
    runtime()?.block_on(async {
        let answer = Connection::open(server.address()?).await?.ask(&requests(0)).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let results = answer.get("results").and_then(Value::as_array).context("no results")?;
        ensure!(results.len() as u64 == ITEMS, "{} answers to {ITEMS} questions", results.len());
        for (number, result) in (0..).zip(results) {
            oracle.check(number % people.contacts, "transactional", result, clock::now())?;
        }
        Ok(())
    })
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (place, people) = (Place::create(&bench.directory, None)?, bench.people(bench.quantities.contacts));
    let server = bench.serve_simulated(&place, people)?;
    let (single, batch) = (check::questions(people, &place.key)?, bodies(people, &place.key)?);
    hold_against_the_oracle(&server, people, &batch)?;
    let side = |name, requests: &Requests, items: u64, connections: usize| {
        let (requests, within, server) = (Rc::clone(requests), bench.quantities.load, &server);
        Side::new(name, move || {
            let mut figures = load::on(server, connections, within, &requests)?;
            let cpu = figures.get("cpu").copied().unwrap_or(f64::NAN) / items as f64;
            figures.extend([("cpu", cpu), ("each", 1.0 / cpu)]);
            Ok(figures)
        })
    };
    let mut sides = [side("single", &single, 1, 16), side("batch", &batch, ITEMS, 1)];
    let rounds = rounds(bench, "batch", &mut sides)?;
    let work = "batch of 1,000, processor time an item";
    Ok(vec![
        Line::of(&rounds, ("4", work, "single checks"), Unit::Times, Goal::AtLeast(20.0), |round| {
            round.ratio("cpu", "single", "batch")
        }),
        Line::of(
            &rounds,
            ("4", "batch of 1,000, items a core", "(itself)"),
            Unit::Rate,
            Goal::AtLeast(500_000.0),
            |round| round.get("batch", "each"),
        ),
    ])
}
