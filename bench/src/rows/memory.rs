//! Row 8: what a contact costs in memory.

use crate::bench::Bench;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::table::{Goal, Line, Unit};

/// Has a process take a simulated ledger in: bytes a contact, and events a second.
pub fn taken_in(bench: &Bench, contacts: u64) -> anyhow::Result<Figures> {
    let (number, seed) = (contacts.to_string(), bench.seed.to_string());
    let directory = bench.directory.display().to_string();
    let server = bench.peer_on_all(&["subject", "--contacts", &number, "--seed", &seed, "--directory", &directory])?;
    let grown = server.number("after")? - server.number("before")?;
    let figures = [("bytes", grown / contacts as f64), ("rate", server.number("events")? / server.number("seconds")?)];
    server.end()?;
    Ok(Figures::from(figures))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let contacts = bench.quantities.contacts;
    let mut sides = [Side::new("ours", || taken_in(bench, contacts))];
    let rounds = rounds(bench, "memory", &mut sides)?;
    let work = format!("memory a contact, {contacts} contacts");
    Ok(vec![Line::of(&rounds, ("8", work, "the empty process"), Unit::Bytes, Goal::AtMost(64.0), |round| {
        round.get("ours", "bytes")
    })])
}
