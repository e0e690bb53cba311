//! Row 2: one question on PostgreSQL with two nodes, beside the same on SQLite.

use std::time::Instant;

use crate::bench::Bench;
use crate::place::{Place, runtime};
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::rows::check;
use crate::table::{Goal, Line, Unit};
use crate::{load, peers};

/// Connections.
const CONNECTIONS: usize = 16;
/// Round trips to the database whose median is taken.
const TRIPS: usize = 500;

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let people = bench.people(bench.quantities.recorded);
    let file = bench.ledger()?;
    let url = bench.database("nodes")?;
    let first = Place::with_people(&bench.directory, Some(&url), people)?;
    let second = first.beside(&bench.directory)?;
    let (sqlite, one, _other) = (bench.serve(&file)?, bench.serve(&first)?, bench.serve(&second)?);
    let requests = [check::questions(people, &file.key)?, check::questions(people, &first.key)?];
    let [of_file, of_server] = &requests;
    check::hold_against_the_oracle(&sqlite, people, of_file)?;
    check::hold_against_the_oracle(&one, people, of_server)?;
    let mut sides = Vec::new();
    for (name, server, requests, connections) in [
        ("sqlite", &sqlite, of_file, CONNECTIONS),
        ("postgres", &one, of_server, CONNECTIONS),
        ("sqlite, c = 1", &sqlite, of_file, 1),
        ("postgres, c = 1", &one, of_server, 1),
    ] {
        let within = bench.quantities.load;
        sides.push(Side::new(name, move || load::on(server, connections, within, requests)));
    }
    sides.push(Side::new("round trip", move || round_trip(&url)));
    let rounds = rounds(bench, "nodes", &mut sides)?;
    let waits = |round: &Round| {
        let waits = round.get("sqlite, c = 1", "p50")? + round.get("round trip", "p50")?;
        Some(round.get("postgres, c = 1", "p50")? / waits)
    };
    let rate = |round: &Round| round.ratio("rate", "postgres", "sqlite");
    let beside = "the same on SQLite";
    let work = "check on PostgreSQL, 2 nodes, c = 16, throughput";
    Ok(vec![
        Line::of(&rounds, ("2", work, beside), Unit::Times, Goal::AtLeast(0.7), rate),
        Line::of(
            &rounds,
            ("2", "the same, c = 1, p50", "SQLite + one round trip"),
            Unit::Times,
            Goal::AtMost(1.0),
            waits,
        ),
    ])
}

/// What a question to the database costs by itself.
fn round_trip(url: &str) -> anyhow::Result<Figures> {
    runtime()?.block_on(async {
        let client = peers::connect(url).await?;
        let statement = client.prepare("SELECT size FROM head").await?;
        let mut took = Vec::new();
        for _ in 0..TRIPS {
            let began = Instant::now();
            client.query_one(&statement, &[]).await?;
            took.push(began.elapsed().as_secs_f64());
        }
        took.sort_by(f64::total_cmp);
        Ok(Figures::from([("p50", took.get(TRIPS / 2).copied().unwrap_or(f64::NAN))]))
    })
}
