//! Row 13: checks while a list is scrubbed, beside the same checks alone.

use actix_web::web::Bytes;
use tokio::task::LocalSet;

use crate::bench::Bench;
use crate::children::Server;
use crate::load::{self, Requests};
use crate::place::Place;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::rows::{check, scrub};
use crate::table::{Goal, Line, Unit};
use crate::{oracle, streaming};

/// Connections that ask.
const CONNECTIONS: usize = 16;

/// Checks while lists are scrubbed one after the other.
fn while_scrubbing(
    bench: &Bench,
    server: &Server,
    key: &str,
    checks: &Requests,
    list: &Bytes,
) -> anyhow::Result<Figures> {
    let (address, within) = (server.address()?, bench.quantities.load);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(async {
        let scrubbing = async {
            loop {
                let scrubbed = streaming::scrub(address, server, scrub::PATH, key, list).await;
                if let Err(error) = scrubbed.and_then(|scrubbed| oracle::certificate(&scrubbed.tail)) {
                    return error;
                }
            }
        };
        tokio::select! {
            answered = load::together(address, CONNECTIONS, within, checks) => Ok(answered?.figures()),
            error = scrubbing => Err(error),
        }
    }))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (place, people) = (Place::create(&bench.directory, None)?, bench.people(bench.quantities.contacts));
    let server = bench.serve_simulated(&place, people)?;
    let (checks, list) = (check::questions(people, &place.key)?, people.list(bench.quantities.list)?);
    let list = Bytes::from(list.text);
    check::hold_against_the_oracle(&server, people, &checks)?;
    let within = bench.quantities.load;
    let mut sides = [
        Side::new("alone", || load::on(&server, CONNECTIONS, within, &checks)),
        Side::new("disturbed", || while_scrubbing(bench, &server, &place.key, &checks, &list)),
    ];
    let rounds = rounds(bench, "interference", &mut sides)?;
    let (work, beside) = ("checks, c = 16, while a list is scrubbed", "the same checks alone");
    Ok(vec![
        Line::of(&rounds, ("13", format!("{work}: p99"), beside), Unit::Times, Goal::AtMost(3.0), |round| {
            round.ratio("p99", "disturbed", "alone")
        }),
        Line::of(&rounds, ("13", format!("{work}: throughput"), beside), Unit::Times, Goal::AtLeast(0.75), |round| {
            round.ratio("rate", "disturbed", "alone")
        }),
    ])
}
