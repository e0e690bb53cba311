//! The rows of the table: one part each.

mod batch;
mod check;
mod decide;
mod export;
mod growth;
mod ingest;
mod interference;
mod memory;
mod nodes;
mod postgres;
mod scrub;
mod start;
mod verify;
mod webhooks;

use crate::bench::Bench;
use crate::table::Line;

/// Measures a part.
pub type Measure = fn(&Bench) -> anyhow::Result<Vec<Line>>;

/// Every part, in the order of the table.
const PARTS: &[(&str, Measure)] = &[
    ("check", check::measure),
    ("nodes", nodes::measure),
    ("decide", decide::measure),
    ("batch", batch::measure),
    ("scrub", scrub::measure),
    ("webhooks", webhooks::measure),
    ("postgres", postgres::measure),
    ("memory", memory::measure),
    ("start", start::measure),
    ("export", export::measure),
    ("verify", verify::measure),
    ("growth", growth::measure),
    ("interference", interference::measure),
    ("ingest", ingest::measure),
];

/// `all`, and the name of every part.
pub fn names() -> Vec<&'static str> {
    std::iter::once("all").chain(PARTS.iter().map(|(name, _)| *name)).collect()
}

/// The parts behind a name.
pub fn chosen(name: &str) -> impl Iterator<Item = &'static (&'static str, Measure)> {
    PARTS.iter().filter(move |(part, _)| name == "all" || name == *part)
}
