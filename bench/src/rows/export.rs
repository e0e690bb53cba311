//! Row 10: an export, beside a SELECT of the same rows into a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use consent_core::export::ExportCheck;
use diesel::prelude::*;

use crate::bare::{self, entries, openings, subject_keys};
use crate::bench::Bench;
use crate::children::Server;
use crate::place::Place;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::table::{Goal, Line, Unit};
use crate::{limits, streaming};

/// Exports over HTTP into a file.
fn export(server: &Server, key: &str, path: &Path) -> anyhow::Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let request = reqwest::Client::new().get(format!("http://{}/v1/export", server.address()?)).bearer_auth(key);
    let mut file = BufWriter::new(File::create(path)?);
    let streamed = runtime.block_on(streaming::follow(request, server, &mut file))?;
    file.flush()?;
    Ok(streamed.figures)
}

/// The same rows, as they stand in the tables.
fn select(place: &Place, path: &Path) -> anyhow::Result<Figures> {
    type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
    let mut conn = bare::open(place.file()?)?;
    let (began, mut file) = (Instant::now(), BufWriter::new(File::create(path)?));
    let rows = entries::table
        .inner_join(openings::table.on(openings::seq.eq(entries::seq)))
        .inner_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
        .order(entries::seq)
        .select((entries::seq, entries::bytes, openings::sealed, subject_keys::wrapped));
    for row in rows.load_iter::<Row, diesel::connection::DefaultLoadingMode>(&mut conn)? {
        let (seq, bytes, sealed, wrapped) = row?;
        file.write_all(&seq.to_be_bytes())?;
        file.write_all(&bytes)?;
        file.write_all(&sealed)?;
        file.write_all(&wrapped)?;
    }
    file.flush()?;
    Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
}

/// The export must be whole: it leads to the root that it names.
fn check(path: &Path) -> anyhow::Result<()> {
    let (text, mut check) = (std::fs::read_to_string(path)?, ExportCheck::default());
    for line in text.lines() {
        check.line(line)?;
    }
    let found = check.finish(None)?;
    ensure!(text.lines().count() > 1, "an export of nothing: {found:?}");
    Ok(())
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let place = bench.ledger()?;
    let server = bench.serve(&place)?;
    let (ours, theirs) = (place.path().join("export.ndjson"), place.path().join("select"));
    let mut sides =
        [Side::new("ours", || export(&server, &place.key, &ours)), Side::new("select", || select(&place, &theirs))];
    let rounds = rounds(bench, "export", &mut sides)?;
    drop(sides);
    check(&ours)?;
    let work = format!("export of {} people's events", bench.quantities.recorded);
    Ok(vec![
        Line::of(
            &rounds,
            ("10", work, "SELECT of the same rows to a file"),
            Unit::Times,
            Goal::AtLeast(0.5),
            |round| round.ratio("seconds", "select", "ours"),
        ),
        Line::of(
            &rounds,
            ("10", "memory above idle", "(itself)"),
            Unit::Bytes,
            Goal::AtMost(limits::GROWTH),
            |round| round.get("ours", "growth"),
        ),
    ])
}
