//! How fast events are recorded, beside a bare loop that writes the same rows in transactions of the same size.
//!
//! ```text
//! scripts/postgres cargo bench -p consent-store --bench append
//! ```
//!
//! The rows of the bare loop are those that the ledger wrote one round before, without the tiles: no event is read,
//! no name looked up, nothing sealed or hashed. Rounds of the two take turns, so that what else the machine does falls
//! on both. On SQLite the bare loop is cached prepared single-row inserts; on PostgreSQL one UNNEST insert a table.
//! PostgreSQL is left out without CONSENT_TEST_POSTGRES.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends at what fails, and prints")]

mod postgres;
mod rows;
mod sqlite;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use consent_core::event::Event;
use consent_store::{Keyring, Ledger, Settings, SourceKey, Submission};
use futures_util::future::join_all;
use rows::Rows;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

/// How much is written.
struct Size {
    rounds: usize,
    batches: usize,
    batch: usize,
}

const FULL: Size = Size { rounds: 13, batches: 16, batch: 512 };
/// Only to see that it works, as `cargo test --benches` asks.
const TINY: Size = Size { rounds: 2, batches: 1, batch: 8 };

/// Where a bare loop writes.
trait Bare {
    /// The rows of the entries `[from, to)`, from the database of the ledger.
    async fn read(&mut self, from: i64, to: i64) -> Rows;
    /// Writes them into a database of its own, in one transaction.
    async fn write(&mut self, rows: &Rows);
}

#[tokio::main]
async fn main() {
    let size = if std::env::args().any(|argument| argument == "--bench") { FULL } else { TINY };
    let directory = tempfile::tempdir().unwrap();
    let urls = ["ours", "bare"].map(|name| format!("sqlite:{}", directory.path().join(name).display()));
    let ledger = open(&directory, &urls, &size).await;
    compare("SQLite", &size, &ledger, sqlite::open(&urls)).await;
    if let Some(server) = server() {
        let urls = postgres::create(&server).await;
        let ledger = open(&directory, &urls, &size).await;
        compare("PostgreSQL", &size, &ledger, postgres::open(&urls).await).await;
        drop(ledger);
        postgres::remove(&server).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the same variable as the tests read")]
fn server() -> Option<String> {
    std::env::var("CONSENT_TEST_POSTGRES").ok()
}

async fn open(directory: &TempDir, urls: &[String; 2], size: &Size) -> Ledger {
    let keys = Arc::new(Keyring::init(&directory.path().join("keys")).unwrap());
    let clock = Arc::new(|| DateTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    // The wait makes batches whole; a whole batch waits for nothing.
    let settings = Settings { batch: size.batch, batch_wait: Duration::from_millis(200) };
    Ledger::migrate_at(&urls[1]).await.unwrap();
    let ledger = Ledger::open_with(&urls[0], keys, clock, settings).await.unwrap();
    ledger.migrate().await.unwrap();
    ledger
}

async fn compare(name: &str, size: &Size, ledger: &Ledger, mut bare: impl Bare) {
    let events = size.batches * size.batch;
    let mut waiting: Vec<Rows> = Vec::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=size.rounds {
        let from = round * events;
        let batches: Vec<Vec<Submission>> = (0..size.batches)
            .map(|batch| (0..size.batch).map(|n| submission(from + batch * size.batch + n)).collect())
            .collect();
        // The first round warms up: there are no rows for the bare loop yet.
        let turn = round % 2 == 0;
        if turn {
            theirs.extend(write(&mut bare, &waiting).await);
        }
        let began = Instant::now();
        for batch in batches {
            record(ledger, batch).await;
        }
        ours.extend((round > 0).then(|| began.elapsed()));
        if !turn {
            theirs.extend(write(&mut bare, &waiting).await);
        }
        waiting.clear();
        for at in (from..from + events).step_by(size.batch) {
            waiting.push(bare.read(at as i64, (at + size.batch) as i64).await);
        }
    }
    report(name, events, &ours, &theirs);
}

async fn write(bare: &mut impl Bare, batches: &[Rows]) -> Option<Duration> {
    let began = Instant::now();
    for rows in batches {
        bare.write(rows).await;
    }
    (!batches.is_empty()).then(|| began.elapsed())
}

async fn record(ledger: &Ledger, batch: Vec<Submission>) {
    let handed_over = batch.into_iter().map(|submission| ledger.hand_over(submission).unwrap().committed());
    for receipt in join_all(handed_over).await {
        assert!(!receipt.unwrap().repeated);
    }
}

/// A consent or an opt-out of a person of its own, as a gateway or an application names it.
fn submission(n: usize) -> Submission {
    let phone = format!("+1{}{:07}", 202 + n / 8_000_000, 2_000_000 + n % 8_000_000);
    let event = match n % 3 {
        0 => json!({
            "type": "consent_granted", "subject": format!("crm:{n}"), "phone": phone, "channels": ["sms", "mms"],
            "purposes": ["updates", "special_offers"], "level": "express_written", "at": "2026-01-10T15:00:00Z",
            "method": "web_form_unticked_box_ticked", "policy_version": "2024-03-20", "evidence_ref": "form-7",
        }),
        _ => json!({"type": "inbound_sms", "from": phone, "to": "+12025550100", "body": "STOP", "gateway": "main"}),
    };
    let key = Some(SourceKey { source: "gateway:main".to_owned(), key: format!("SM{n:032x}") });
    Submission { event: Event::from_json(event).unwrap(), event_id: Uuid::from_u128(n as u128), key }
}

fn report(name: &str, events: usize, ours: &[Duration], theirs: &[Duration]) {
    let rate = |times: &[Duration]| events as f64 / median(times.iter().map(Duration::as_secs_f64).collect());
    let pairs = ours.iter().zip(theirs).map(|(ours, theirs)| theirs.as_secs_f64() / ours.as_secs_f64());
    let mut ratios: Vec<f64> = pairs.collect();
    ratios.sort_by(f64::total_cmp);
    let (lowest, highest) = (ratios.first().unwrap(), ratios.last().unwrap());
    println!(
        "{name}: recorded {:.0} events/s, bare loop {:.0} events/s, ratio {:.2} ({lowest:.2} to {highest:.2}, {} rounds)",
        rate(ours),
        rate(theirs),
        median(ratios.clone()),
        ratios.len(),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
