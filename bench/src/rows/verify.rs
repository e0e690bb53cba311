//! Row 11: the verification of every byte, beside SHA-256 of the same bytes.

use std::hint::black_box;
use std::time::Instant;

use anyhow::ensure;
use consent_api::notary::Notary;
use consent_api::server;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::bare::{self, dedupe, entries, openings, tokens};
use crate::bench::Bench;
use crate::place::Place;
use crate::rounds::{Figures, Side, measure as rounds};
use crate::table::{Goal, Line, Unit};

/// What a verification reads, piece by piece.
fn bytes(place: &Place) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut conn = bare::open(place.file()?)?;
    let mut bytes: Vec<Vec<u8>> = entries::table.select(entries::bytes).load(&mut conn)?;
    bytes.extend(openings::table.select(openings::sealed).load::<Vec<u8>>(&mut conn)?);
    bytes.extend(tokens::table.select(tokens::token).load::<Vec<u8>>(&mut conn)?);
    bytes.extend(dedupe::table.select(dedupe::content).load::<Vec<u8>>(&mut conn)?);
    Ok(bytes)
}

/// Verifies, on all cores.
fn verify(bench: &Bench, place: &Place) -> anyhow::Result<Figures> {
    bench.cores.on_all(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let config = place.config()?;
            let ledger = server::open_ledger(&config).await?;
            let verifier = Notary::new(ledger.clone(), &config.ledger.origin, &config.ledger.anchor).verifier();
            let began = Instant::now();
            let found = ledger.verify(&verifier).await?;
            ensure!(found.entries > 0, "nothing was verified");
            let seconds = began.elapsed().as_secs_f64();
            Ok(Figures::from([("seconds", seconds), ("rate", found.entries as f64 / seconds)]))
        })
    })
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let place = bench.ledger()?;
    let bytes = bytes(&place)?;
    let mut sides = [
        Side::new("ours", || verify(bench, &place)),
        Side::new("sha256", || {
            let began = Instant::now();
            for piece in &bytes {
                black_box(Sha256::digest(piece));
            }
            Ok(Figures::from([("seconds", began.elapsed().as_secs_f64())]))
        }),
    ];
    let rounds = rounds(bench, "verify", &mut sides)?;
    let beside = "SHA-256 of the same bytes, one core";
    Ok(vec![
        Line::of(&rounds, ("11", "verify, all cores", beside), Unit::Times, Goal::AtLeast(0.5), |round| {
            round.ratio("seconds", "sha256", "ours")
        }),
        Line::of(&rounds, ("11", "verify, entries", "(itself)"), Unit::Rate, Goal::Shown, |round| {
            round.get("ours", "rate")
        }),
    ])
}
