//! How long it takes to read a stored event: `cargo bench -p consent-core --bench stored`.
//!
//! `quickly` is an event as the service writes it; `unusual` the same with a space in it, which only the one reader of
//! JSON understands. The difference is what the quick reader saves.

use std::hint::black_box;

use chrono::DateTime;
use consent_core::event::{Event, Recorded};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use uuid::Uuid;

/// Events that make up most of a ledger.
fn events() -> [(&'static str, Value); 2] {
    let grant = json!({
        "type": "consent_granted", "at": "2026-03-02T10:15:30Z", "subject": "crm:1", "phone": "+12025550123",
        "channels": ["sms", "mms"], "purposes": ["updates", "special_offers"], "level": "express_written",
        "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false, "evidence_ref": "ev-1",
    });
    let stop = json!({"type": "inbound_sms", "from": "+12025550123", "to": "+12025550100", "body": "STOP"});
    [("grant", grant), ("stop", stop)]
}

fn stored(criterion: &mut Criterion) {
    let received_at = DateTime::from_timestamp(1_772_446_530, 0).unwrap_or_default();
    let mut group = criterion.benchmark_group("stored");
    for (name, event) in events() {
        #[expect(clippy::expect_used, reason = "a bench that measures an error would measure nothing")]
        let event = Event::from_json(event).expect("an event");
        #[expect(clippy::expect_used, reason = "a bench that measures an error would measure nothing")]
        let body = Recorded::body(&event, Uuid::nil(), received_at).expect("a body");
        let unusual = [b"{ ", body.get(1..).unwrap_or_default()].concat();
        for (reader, body) in [("quickly", &body), ("unusual", &unusual)] {
            assert!(Recorded::from_body(7, body).is_ok_and(|read| read.event == event), "{name} is read as it is");
            group.bench_function(BenchmarkId::new(name, reader), |bencher| {
                bencher.iter(|| Recorded::from_body(7, black_box(body)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, stored);
criterion_main!(benches);
