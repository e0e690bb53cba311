//! How fast the ledger is read in order and opened, beside a bare scan of the same rows.
//!
//! ```text
//! cargo bench -p consent-store --bench scan
//! ```
//!
//! The bare scan is one connection that reads entries, openings and keys by the same join and looks at no byte. The scan
//! of the ledger hashes each entry, unwraps its data key, unseals its opening, checks what the entry commits to and
//! reads the event, on all cores.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends at what fails, and prints")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use consent_core::event::{Event, Recorded};
use consent_store::{Keyring, Ledger, Scanned, Submission};
use diesel::prelude::*;
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use serde_json::json;
use tables::{entries, openings, subject_keys};
use uuid::Uuid;

mod tables {
    diesel::table! { entries (seq) { seq -> BigInt, bytes -> Binary, leaf -> Binary, } }
    diesel::table! { subject_keys (id) { id -> Binary, token -> Binary, wrapped -> Binary, kek_epoch -> Integer, } }
    diesel::table! { openings (seq) { seq -> BigInt, event_id -> Binary, key_id -> Binary, sealed -> Binary, } }
    diesel::allow_tables_to_appear_in_same_query!(entries, openings, subject_keys);
}

type Row = ((i64, Vec<u8>, Vec<u8>), (i64, Vec<u8>, Vec<u8>, Vec<u8>), (Vec<u8>, Vec<u8>, Vec<u8>, i32));

const PAGE: i64 = 1_000;

#[tokio::main]
async fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let (events, rounds) = if full { (100_000, 9) } else { (50, 1) };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db").display().to_string();
    let keys = Arc::new(Keyring::init(&directory.path().join("keys")).unwrap());
    let clock = Arc::new(|| DateTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let ledger = Ledger::open(&format!("sqlite:{path}"), keys, clock).await.unwrap();
    ledger.migrate().await.unwrap();
    fill(&ledger, events).await;
    let mut conn = SqliteConnection::establish(&path).unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = Instant::now();
        assert_eq!(tokio::task::block_in_place(|| bare(&mut conn)), events);
        theirs.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        assert_eq!(scan(&ledger, events).await, events);
        ours.push(began.elapsed().as_secs_f64());
    }
    let mut ratios: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
    let (ours, theirs) = (events as f64 / median(&mut ours), events as f64 / median(&mut theirs));
    let ratio = median(&mut ratios);
    println!("scan {ours:.0} events/s, bare scan {theirs:.0} rows/s: {ratio:.2} times as long ({rounds} rounds)");
}

async fn fill(ledger: &Ledger, events: usize) {
    for from in (0..events).step_by(4_096) {
        let some = from..events.min(from + 4_096);
        let appends = some.map(|n| ledger.append(submission(n)));
        join_all(appends).await.into_iter().for_each(|receipt| assert!(receipt.is_ok()));
    }
}

/// A consent, and two texts later.
fn submission(n: usize) -> Submission {
    let phone = format!("+1{}{:07}", 202 + n / 3 / 8_000_000, 2_000_000 + n / 3 % 8_000_000);
    let event = match n % 3 {
        0 => json!({
            "type": "consent_granted", "subject": format!("crm:{n}"), "phone": phone, "channels": ["sms", "mms"],
            "purposes": ["updates", "special_offers"], "level": "express_written", "at": "2026-01-10T15:00:00Z",
            "method": "web_form_unticked_box_ticked", "policy_version": "2024-03-20", "evidence_ref": "form-7",
        }),
        _ => json!({"type": "inbound_sms", "from": phone, "to": "+12025550100", "body": "STOP", "gateway": "main"}),
    };
    Submission { event: Event::from_json(event).unwrap(), event_id: Uuid::from_u128(n as u128), key: None }
}

async fn scan(ledger: &Ledger, events: usize) -> usize {
    let read = |found: Scanned<'_>| {
        let event = found.body().map(|body| Recorded::from_body(found.seq, body)).transpose();
        event.map_err(|_| found.no_event())
    };
    let pages = ledger.scan(0, events as u64, read);
    let count = |seen: usize, page: Vec<Option<Recorded>>| async move { Ok(seen + page.len()) };
    pages.try_fold(0, count).await.unwrap()
}

fn bare(conn: &mut SqliteConnection) -> usize {
    let mut seen = 0;
    loop {
        let page: Vec<Row> = entries::table
            .inner_join(openings::table.on(openings::seq.eq(entries::seq)))
            .inner_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
            .filter(entries::seq.ge(seen as i64).and(entries::seq.lt(seen as i64 + PAGE)))
            .order(entries::seq)
            .load(conn)
            .unwrap();
        if page.is_empty() {
            return seen;
        }
        seen += page.len();
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
