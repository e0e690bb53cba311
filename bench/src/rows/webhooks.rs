//! Row 6: opt-outs by text, durable before they are acknowledged, beside a bare loop and the disk.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::ensure;
use consent_api::server;

use crate::bare::{self, Written};
use crate::bench::Bench;
use crate::children::Server;
use crate::generator::Generator;
use crate::load::{self, Requests};
use crate::place::{Place, runtime};
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::table::{Goal, Line, Unit};
use crate::{disk, machine};

/// Connections of the carrier.
const CONNECTIONS: [usize; 2] = [64, 256];
/// Syncs whose median is taken.
const SYNCS: u64 = 200;

/// Signed texts, each a STOP from another number.
pub fn stops(place: &Place, people: Generator) -> Requests {
    let carrier = Rc::new(consent_tests::carrier::Carrier::new(
        "twilio-main",
        place.carrier.token(),
        consent_tests::place::PUBLIC_URL,
    ));
    // Counted here: over all loads and nodes no number texts twice.
    let next = Cell::new(0);
    Rc::new(move |_| {
        let phone =
            people.contact(next.replace(next.get() + 1)).map(|contact| contact.phone.to_string()).unwrap_or_default();
        let text = carrier.text(&phone, "STOP");
        let headers = text.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        load::post(&text.path, &headers, text.body.as_bytes())
    })
}

/// A load of STOPs; what was acknowledged is added up.
pub fn deliver(
    bench: &Bench,
    server: &Server,
    stops: &Requests,
    connections: usize,
    acknowledged: &Cell<u64>,
) -> anyhow::Result<Figures> {
    let figures = load::on(server, connections, bench.quantities.load, stops)?;
    acknowledged.set(acknowledged.get() + figures.get("count").copied().unwrap_or(0.0) as u64);
    Ok(figures)
}

/// Everything acknowledged must be in the ledger once, and nothing else: one entry is the policy of a new ledger.
pub fn all_are_there(place: &Place, acknowledged: u64) -> anyhow::Result<()> {
    let size =
        runtime()?.block_on(async { anyhow::Ok(server::open_ledger(&place.config()?).await?.head().await?.size) })?;
    ensure!(size == acknowledged + 1, "{acknowledged} texts acknowledged, {} in the ledger", size - 1);
    Ok(())
}

/// Rows of a ledger that holds so many STOPs of different people.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Written>> {
    let place = Place::create(&bench.directory, None)?;
    let people = bench.people(u64::MAX);
    let stops = (0..bench.quantities.written).map(|number| {
        let contact = people.contact(number)?;
        let text = serde_json::json!({
            "type": "inbound_sms", "gateway": "twilio-main", "from": contact.phone.as_str(), "body": "STOP",
            "to": consent_tests::carrier::OUR_NUMBER, "provider_message_id": format!("SM{number:032x}"),
        });
        let event = consent_core::event::Event::from_json(text)?;
        let recorded = people.history(&contact).into_iter().next();
        let id = recorded.map(|recorded| recorded.event_id).unwrap_or_default();
        Ok(consent_store::Submission { event, event_id: id, key: None })
    });
    place.fill(stops)?;
    bare::read(&place)
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    machine::demand_a_disk(&bench.directory)?;
    let (rows, acknowledged) = (rows(bench)?, Cell::new(0));
    let place = Place::create(&bench.directory, None)?;
    let server = bench.serve(&place)?;
    let stops = stops(&place, bench.people(u64::MAX));
    let few = rows.len().min(256);
    let mut lines = Vec::new();
    for connections in CONNECTIONS {
        let mut sides = [
            Side::new("ours", || deliver(bench, &server, &stops, connections, &acknowledged)),
            Side::new("bare", || bare::sqlite(&bench.directory, &rows, connections)),
            Side::new("one by one", || bare::sqlite(&bench.directory, rows.get(..few).unwrap_or_default(), 1)),
            Side::new("fdatasync", || disk::fdatasync(&bench.directory, SYNCS)),
        ];
        let rounds = rounds(bench, "webhooks", &mut sides)?;
        let rate = |theirs: &'static str| move |round: &Round| round.ratio("rate", "ours", theirs);
        let work = format!("STOP by webhook, SQLite, c = {connections}");
        let (bare, single) = ("the same rows, bare loop, the same batch", "bare loop, one event a commit");
        lines.extend([
            Line::of(&rounds, ("6", work.as_str(), bare), Unit::Times, Goal::AtLeast(0.5), rate("bare")),
            Line::of(&rounds, ("6", work.as_str(), single), Unit::Times, Goal::AtLeast(8.0), rate("one by one")),
            Line::of(
                &rounds,
                ("6", work.clone() + ", p50", "one fdatasync"),
                Unit::Times,
                Goal::AtMost(4.0),
                |round| round.ratio("p50", "ours", "fdatasync"),
            ),
            Line::of(&rounds, ("6", work.as_str(), "(itself)"), Unit::Rate, Goal::Shown, |round| {
                round.get("ours", "rate")
            }),
            Line::of(&rounds, ("6", "fdatasync in the same directory", "(itself)"), Unit::Rate, Goal::Shown, |round| {
                round.get("fdatasync", "rate")
            }),
        ]);
    }
    server.end()?;
    all_are_there(&place, acknowledged.get())?;
    Ok(lines)
}
