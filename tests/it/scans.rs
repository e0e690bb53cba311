//! The ledger read in order, as a copy in memory is built from it.

use std::time::Duration;

use consent_core::checkpoint::Verifier;
use consent_core::event::Recorded;
use consent_core::review::Why;
use consent_store::{Ledger, Scanned, Settings, StoreError};
use consent_tests::app::runtime;
use consent_tests::bare::{Bare, submission};
use consent_tests::database::Kind;
use consent_tests::ledgers;
use consent_tests::people::person;
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use serde_json::json;

/// More than two pages, and a third of the people stand in more than one of them.
const EVENTS: u32 = 2_300;

async fn fill(ledger: &Ledger, events: u32) {
    let event = |n: u32| if n.is_multiple_of(3) { person(n % 60).grant() } else { person(n).text("STOP") };
    for some in (0..events).collect::<Vec<_>>().chunks(500) {
        let appends = some.iter().map(|n| ledger.append(submission(event(*n))));
        join_all(appends).await.into_iter().for_each(|receipt| assert!(receipt.is_ok()));
    }
}

/// The events; none where what opens one was destroyed.
type Found = Vec<Option<Recorded>>;

async fn scan(ledger: &Ledger, from: u64, to: u64) -> Result<Found, StoreError> {
    let read = |found: Scanned<'_>| {
        let event = found.body().map(|body| Recorded::from_body(found.seq, body)).transpose();
        event.map_err(|_| found.no_event())
    };
    let pages: Vec<Found> = ledger.scan(from, to, read).try_collect().await?;
    Ok(pages.concat())
}

/// The same by the way that verification takes.
async fn one_by_one(ledger: &Ledger, from: u64, to: u64) -> Found {
    let mut events: Vec<Recorded> = Vec::new();
    while from + (events.len() as u64) < to {
        let entries = ledger.entries(from + events.len() as u64, to).await.unwrap();
        events.extend(entries.iter().map(|entry| entry.recorded().unwrap().unwrap()));
    }
    events.into_iter().map(Some).collect()
}

ledgers! {
    async fn a_scan_gives_every_event_once_and_in_order(bare) {
        let ledger = bare.open_with(Settings { batch_wait: Duration::from_millis(5), ..Settings::default() }).await;
        fill(&ledger, EVENTS).await;
        let size = u64::from(EVENTS);
        for (from, to) in [(0, size), (0, 1), (size - 1, size), (999, 1_001), (1_000, 2_000), (7, 7)] {
            assert_eq!(scan(&ledger, from, to).await.unwrap(), one_by_one(&ledger, from, to).await, "{from} to {to}");
        }
    }

    async fn a_verification_names_what_is_wrong_on_either_side_of_a_page(bare) {
        let ledger = bare.open_with(Settings { batch_wait: Duration::from_millis(5), ..Settings::default() }).await;
        fill(&ledger, EVENTS).await;
        let mut raw = bare.database.raw().await;
        let verifier = Verifier { name: "consent".to_owned(), key: ledger.vault().keys().verifying()[0] };
        for seq in [0, 999, 1_000, 1_999, 2_000, u64::from(EVENTS) - 1] {
            let other = (seq + 1_000) % 2_000;
            let here = format!("seq = {seq} AND token NOT IN (SELECT token FROM tokens WHERE seq = {other})");
            let there = format!("seq = {other} AND token IN (SELECT token FROM tokens WHERE seq = {seq})");
            let copy = format!("INSERT INTO tokens SELECT token, {other} FROM tokens WHERE {here}");
            let away = format!("CREATE TABLE kept AS SELECT * FROM tokens WHERE seq = {seq}; DELETE FROM tokens WHERE seq = {seq}");
            for (damage, at, mend) in [
                (copy, other, format!("DELETE FROM tokens WHERE {there}")),
                (away, seq, "INSERT INTO tokens SELECT * FROM kept; DROP TABLE kept".to_owned()),
            ] {
                raw.run(&damage).await.unwrap();
                let fault = ledger.verify(&verifier).await.unwrap_err().to_string();
                assert_eq!(fault, format!("entry {at}: the look-up tokens are not those of the people in the event"));
                raw.run(&mend).await.unwrap();
                assert_eq!(ledger.verify(&verifier).await.unwrap().entries, u64::from(EVENTS), "mended: {damage}");
            }
        }
    }

    async fn a_scan_past_the_end_is_told_that_an_entry_is_missing(bare) {
        let ledger = bare.open().await;
        fill(&ledger, 3).await;
        assert!(matches!(scan(&ledger, 0, 4).await, Err(StoreError::Corrupt { seq: 3, .. })));
    }

    async fn what_a_review_says_binds_in_whichever_batch_it_comes(bare) {
        // All of it in one batch, or each in its own: what waits is the same.
        for batch in [512, 1] {
            let ledger = bare.open_with(Settings { batch, batch_wait: Duration::from_millis(200) }).await;
            let doubtful = |n: u32| submission(person(n).text("maybe stop?"));
            let messages = [doubtful(1), doubtful(2), doubtful(3)];
            let review = |n: usize| {
                let id = messages[n].event_id.to_string();
                submission(json!({"type": "review_resolved", "event_id": id, "outcome": "is_not"}))
            };
            let reviews = [review(1), review(2)];
            let taken_back = json!({"type": "event_compensated", "event_id": reviews[1].event_id.to_string()});
            let all = messages.iter().chain(&reviews).cloned().chain([submission(taken_back)]);
            let handed_over: Vec<_> = all.map(|event| ledger.hand_over(event).unwrap()).collect();
            join_all(handed_over.into_iter().map(|event| event.committed())).await.into_iter().for_each(|receipt| assert!(receipt.is_ok()));
            let waiting = ledger.waiting(&[Why::NeedsReview], None, 100).await.unwrap().messages;
            let ids: Vec<_> = waiting.iter().map(|message| message.event_id).collect();
            let (first, third) = (messages[0].event_id, messages[2].event_id);
            assert!(ids.ends_with(&[first, third]), "{ids:?}");
            assert!(!ids.contains(&messages[1].event_id));
        }
    }
}

/// What a scan of a ledger finds that was damaged on purpose.
fn after(kind: Kind, damage: &str) -> Result<Found, StoreError> {
    runtime().block_on(async {
        let bare = Bare::create(kind).await;
        let ledger = bare.open().await;
        fill(&ledger, 20).await;
        let mut raw = bare.database.raw().await;
        raw.drop_guards().await;
        raw.run(damage).await.unwrap();
        let found = scan(&ledger, 0, 20).await;
        drop(ledger);
        bare.remove().await;
        found
    })
}

#[test]
fn an_entry_whose_opening_was_destroyed_is_told_apart_and_damage_is_an_error() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let gone = after(kind, "DELETE FROM openings WHERE seq = 7").unwrap();
        assert_eq!(gone.iter().position(Option::is_none), Some(7));
        assert_eq!(gone.iter().flatten().count(), 19);
        let zeros = if kind == Kind::Postgres { "decode(repeat('00', 100), 'hex')" } else { "zeroblob(100)" };
        for damage in [
            "DELETE FROM entries WHERE seq = 7".to_owned(),
            "DELETE FROM subject_keys WHERE id = (SELECT key_id FROM openings WHERE seq = 7)".to_owned(),
            "UPDATE openings SET key_id = (SELECT key_id FROM openings WHERE seq = 8) WHERE seq = 7".to_owned(),
            "UPDATE openings SET sealed = (SELECT sealed FROM openings WHERE seq = 8) WHERE seq = 7".to_owned(),
            "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE seq = 8) WHERE seq = 7".to_owned(),
            format!("UPDATE openings SET sealed = {zeros} WHERE seq = 7"),
        ] {
            let found = after(kind, &damage);
            assert!(matches!(found, Err(StoreError::Corrupt { seq: 7, .. })), "{kind:?}: {damage}: {found:?}");
        }
    }
}
