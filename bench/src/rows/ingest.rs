//! Row 14: bulk ingest with tree and seal, the cost of the proof, and a new start beside a bare scan.

use std::hint::black_box;
use std::time::Instant;

use consent_core::merkle::leaf_hash;
use consent_core::tiles::Edge;
use diesel::prelude::*;

use crate::bare::{self, Written, entries, openings, subject_keys};
use crate::bench::Bench;
use crate::place::{Place, submission};
use crate::processes::cpu;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::subject::{self, Subject};
use crate::table::{Goal, Line, Unit};

/// Events of the real ledger that are written.
fn events(bench: &Bench) -> anyhow::Result<Vec<consent_store::Submission>> {
    let people = bench.people(bench.quantities.written);
    people.ledger(0).take(bench.quantities.written as usize).map(|event| Ok(submission(event?))).collect()
}

/// Records them in a new ledger: `rate`, and processor seconds an event.
fn ingest(bench: &Bench, events: &[consent_store::Submission]) -> anyhow::Result<Figures> {
    let place = Place::create(&bench.directory, None)?;
    let (before, began) = (cpu(std::process::id())?, Instant::now());
    place.fill(events.iter().cloned().map(Ok))?;
    let (seconds, spent) = (began.elapsed().as_secs_f64(), cpu(std::process::id())? - before);
    let count = events.len() as f64;
    Ok(Figures::from([("rate", count / seconds), ("cpu", spent.max(0.01) / count)]))
}

/// The part of it that proves: leaf hashes, tiles, and a root for each commit.
fn proof(rows: &[Written]) -> Figures {
    let (began, mut edge, mut full) = (Instant::now(), Edge::default(), Vec::new());
    for commit in rows.chunks(consent_store::limits::BATCH) {
        commit.iter().for_each(|row| edge.push(leaf_hash(row.entry()), &mut full));
        black_box(edge.root());
        full.clear();
    }
    Figures::from([("cpu", began.elapsed().as_secs_f64() / rows.len() as f64)])
}

/// Reads every row that a rebuild needs, and does nothing with it.
fn scan(place: &Place) -> anyhow::Result<Figures> {
    type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
    let (mut conn, began) = (bare::open(place.file()?)?, Instant::now());
    let rows = entries::table
        .inner_join(openings::table.on(openings::seq.eq(entries::seq)))
        .inner_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
        .order(entries::seq)
        .select((entries::seq, entries::bytes, openings::sealed, subject_keys::wrapped));
    for row in rows.load_iter::<Row, diesel::connection::DefaultLoadingMode>(&mut conn)? {
        black_box(row?);
    }
    Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (events, place) = (events(bench)?, bench.ledger()?);
    let same = Place::create(&bench.directory, None)?;
    same.fill(events.iter().cloned().map(Ok))?;
    let rows = bare::read(&same)?;
    let snapshot = place.path().join("snapshot");
    let subject = Subject::empty(&bench.directory)?;
    subject.take_in(bench.people(bench.quantities.recorded))?;
    subject.save(&snapshot)?;
    let mut sides = [
        Side::new("ingest", || ingest(bench, &events)),
        Side::new("bare", || bare::sqlite(&bench.directory, &rows, consent_store::limits::BATCH)),
        Side::new("proof", || Ok(proof(&rows))),
        // Either may have all cores, as a start has.
        Side::new("scan", || bench.cores.on_all(|| scan(&place))),
        Side::new("rebuild", || bench.cores.on_all(|| Ok(Figures::from([("seconds", subject::rebuild(&place)?.0)])))),
        Side::new("snapshot", || {
            let began = Instant::now();
            black_box(subject.load(&snapshot)?);
            Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
        }),
    ];
    let rounds = rounds(bench, "ingest", &mut sides)?;
    let (work, bare) = ("bulk ingest with tree and seal, SQLite", "bare insert of the same rows");
    let scanned = "bare scan of the same rows";
    Ok(vec![
        Line::of(&rounds, ("14", work, bare), Unit::Times, Goal::AtLeast(0.5), |round| {
            round.ratio("rate", "ingest", "bare")
        }),
        Line::of(&rounds, ("14", "proof", "processor time of the append"), Unit::Times, Goal::AtMost(0.1), |round| {
            round.ratio("cpu", "proof", "ingest")
        }),
        Line::of(&rounds, ("14", "rebuild from the ledger", scanned), Unit::Times, Goal::AtMost(2.5), |round| {
            round.ratio("seconds", "rebuild", "scan")
        }),
        Line::of(&rounds, ("14", "snapshot", scanned), Unit::Times, Goal::AtMost(0.3), |round| {
            round.ratio("seconds", "snapshot", "scan")
        }),
    ])
}
