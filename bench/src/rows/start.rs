//! Row 9: from nothing to answers, by a snapshot and by the ledger alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;

use crate::bench::Bench;
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::rows::memory;
use crate::subject::{self, Subject};
use crate::table::{Goal, Line, Unit};

/// Reads a file from one end to the other.
fn read(path: &Path) -> anyhow::Result<Figures> {
    let (mut file, mut piece, began) = (File::open(path)?, vec![0; 1024 * 1024], Instant::now());
    while file.read(&mut piece)? > 0 {}
    Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let contacts = bench.quantities.contacts;
    let folder = tempfile::tempdir_in(&bench.directory)?;
    let (path, recorded) = (folder.path().join("snapshot"), bench.ledger()?);
    let subject = Subject::empty(&bench.directory)?;
    bench.cores.on_all(|| subject.take_in(bench.people(contacts)))?;
    subject.save(&path)?;
    let mut sides = [
        Side::new("events", || memory::taken_in(bench, contacts)),
        Side::new("ledger", || {
            // A start has nobody to answer yet: it may have all cores.
            let (seconds, rate) = bench.cores.on_all(|| subject::rebuild(&recorded))?;
            Ok(Figures::from([("seconds", seconds), ("rate", rate)]))
        }),
        Side::new("snapshot", || {
            let began = Instant::now();
            ensure!(subject.load(&path)? > 0, "an empty snapshot");
            Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
        }),
        Side::new("read", || read(&path)),
    ];
    let rounds = rounds(bench, "start", &mut sides)?;
    let (itself, reading) = ("(itself)", "reading its file");
    let (from, events) = (format!("start with {contacts} contacts, snapshot"), "events taken in, without the ledger");
    let ledger = format!("start from the ledger alone, {} people", bench.quantities.recorded);
    let seconds = |round: &Round| round.get("snapshot", "seconds");
    Ok(vec![
        Line::of(&rounds, ("9", from.as_str(), itself), Unit::Seconds, Goal::AtMost(2.0), seconds),
        Line::of(&rounds, ("9", from.as_str(), reading), Unit::Times, Goal::Shown, |round| {
            round.ratio("seconds", "snapshot", "read")
        }),
        Line::of(&rounds, ("9", ledger, itself), Unit::Rate, Goal::AtLeast(500_000.0), |round| {
            round.get("ledger", "rate")
        }),
        Line::of(&rounds, ("9", events, itself), Unit::Rate, Goal::Shown, |round| round.get("events", "rate")),
    ])
}
