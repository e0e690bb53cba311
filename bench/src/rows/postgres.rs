//! Row 7: opt-outs by text on PostgreSQL, with one node and with three.

use std::cell::Cell;

use anyhow::ensure;
use tokio::task::LocalSet;

use crate::bench::Bench;
use crate::children::Server;
use crate::load::{self, Requests};
use crate::place::{Place, runtime};
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::rows::webhooks;
use crate::table::{Goal, Line, Unit};
use crate::{bare, machine, peers};

/// Connections of the carrier, over all nodes.
const CONNECTIONS: usize = 192;

/// Delivers to several nodes at once; the figures add up.
fn deliver(bench: &Bench, nodes: &[&Server], stops: &Requests, acknowledged: &Cell<u64>) -> anyhow::Result<Figures> {
    let share = CONNECTIONS / nodes.len();
    let addresses: anyhow::Result<Vec<_>> = nodes.iter().map(|node| node.address()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answered = runtime.block_on(LocalSet::new().run_until(async {
        let loads = addresses?.into_iter().map(|address| load::together(address, share, bench.quantities.load, stops));
        futures_util::future::try_join_all(loads).await
    }))?;
    let sum = |figure: &str| answered.iter().filter_map(|one| one.figures().get(figure).copied()).sum::<f64>();
    acknowledged.set(acknowledged.get() + sum("count") as u64);
    Ok(Figures::from([("rate", sum("rate")), ("p50", sum("p50") / nodes.len() as f64)]))
}

/// The cluster must lie on a disk.
fn demand_a_disk(url: &str) -> anyhow::Result<()> {
    let directory: String = runtime()?.block_on(async {
        let row = peers::connect(url).await?.query_one("SELECT current_setting('data_directory')", &[]).await?;
        anyhow::Ok(row.get(0))
    })?;
    machine::demand_a_disk(directory.as_ref())
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (rows, acknowledged) = (webhooks::rows(bench)?, Cell::new(0));
    let (url, bare_url) = (bench.database("webhooks")?, bench.database("bare")?);
    demand_a_disk(&url)?;
    let first = Place::create(&bench.directory, Some(&url))?;
    let (second, third) = (first.beside(&bench.directory)?, first.beside(&bench.directory)?);
    let nodes = [bench.serve(&first)?, bench.serve(&second)?, bench.serve(&third)?];
    let stops = webhooks::stops(&first, bench.people(u64::MAX));
    let [one, two, three] = &nodes;
    let mut sides = [
        Side::new("one node", || deliver(bench, &[one], &stops, &acknowledged)),
        Side::new("three nodes", || deliver(bench, &[one, two, three], &stops, &acknowledged)),
        Side::new("unnest", || bare::postgres(&bare_url, &rows, CONNECTIONS)),
    ];
    let rounds = rounds(bench, "postgres", &mut sides)?;
    drop(sides);
    ensure!(nodes.into_iter().map(Server::end).all(|ended| ended.is_ok()), "a node did not end by itself");
    webhooks::all_are_there(&first, acknowledged.get())?;
    let rate = |ours: &'static str, theirs: &'static str| move |round: &Round| round.ratio("rate", ours, theirs);
    let (work, three) = ("STOP by webhook, PostgreSQL, one node", "three nodes together, on one core");
    let unnest = "unnest of the same rows, one connection";
    Ok(vec![
        Line::of(&rounds, ("7", work, unnest), Unit::Times, Goal::AtLeast(0.5), rate("one node", "unnest")),
        Line::of(&rounds, ("7", three, unnest), Unit::Times, Goal::Shown, rate("three nodes", "unnest")),
        Line::of(&rounds, ("7", three, "one node"), Unit::Times, Goal::AtLeast(1.0), rate("three nodes", "one node")),
        Line::of(&rounds, ("7", work, "(itself)"), Unit::Rate, Goal::Shown, |round| round.get("one node", "rate")),
    ])
}
