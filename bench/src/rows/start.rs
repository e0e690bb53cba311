//! Row 9: from nothing to answers, by a snapshot and by the ledger alone.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use crate::bench::Bench;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::rows::memory;
use crate::subject::{self, Subject};
use crate::table::{Goal, Line, Unit};

/// Reads a file from one end to the other.
fn read(path: &Path) -> anyhow::Result<Figures> {
    let (mut file, mut piece, began) = (File::open(path)?, vec![0; 1024 * 1024], Instant::now());
    while file.read(&mut piece)? > 0 {}
    Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
}

fn load(path: &Path) -> anyhow::Result<Figures> {
    let began = Instant::now();
    let subject = Subject::load(path)?;
    let seconds = began.elapsed().as_secs_f64();
    drop(subject);
    Ok(Figures::from([("seconds", seconds)]))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let contacts = bench.quantities.contacts;
    let folder = tempfile::tempdir_in(&bench.directory)?;
    let path = folder.path().join("snapshot");
    let subject = Subject::empty()?;
    subject.take_in(bench.people(contacts))?;
    let saved = subject.save(&path)?;
    drop(subject);
    let mut sides = vec![Side::new("events", || memory::taken_in(bench, contacts))];
    if saved {
        sides.push(Side::new("snapshot", || load(&path)));
        sides.push(Side::new("read", || read(&path)));
    }
    let rounds = rounds(bench, "start", &mut sides)?;
    let (beside, work) = ("(itself)", format!("start with {contacts} contacts, {}", subject::NAME));
    let mut lines = vec![Line::of(
        &rounds,
        ("9", work.clone() + ": events", beside),
        Unit::Rate,
        Goal::AtLeast(500_000.0),
        |round| round.get("events", "rate"),
    )];
    if saved {
        let from = work + ": from a snapshot";
        let reading = "reading its file";
        lines.push(Line::of(&rounds, ("9", from.as_str(), beside), Unit::Seconds, Goal::AtMost(2.0), |round| {
            round.get("snapshot", "seconds")
        }));
        lines.push(Line::of(&rounds, ("9", from.as_str(), reading), Unit::Times, Goal::Shown, |round| {
            round.ratio("seconds", "snapshot", "read")
        }));
    }
    Ok(lines)
}
