//! Several callers and several nodes at once.

use std::collections::BTreeSet;
use std::time::Duration;

use consent_tests::app::{PATIENCE, TestApp, tell};
use consent_tests::caller::Ask;
use consent_tests::checker::Ledgered;
use consent_tests::database::{Kind, Raw};
use consent_tests::people::person;
use consent_tests::stories;
use futures_util::future::join_all;
use serde_json::{Value, json};

const ROUNDS: u32 = 200;

/// Keeps every writer of the ledger waiting, until [`release`].
async fn block(app: &TestApp) -> Raw {
    let mut raw = app.raw().await;
    let hold = if app.is_postgres() { "BEGIN; SELECT 1 FROM head FOR UPDATE" } else { "BEGIN IMMEDIATE" };
    raw.run(hold).await.unwrap();
    raw
}

async fn release(mut raw: Raw) {
    raw.run("ROLLBACK").await.unwrap();
}

/// How often the ledger holds an event under this idempotency key.
async fn count(app: &TestApp, key: &str) -> usize {
    let export = app.export().await;
    export.events.iter().filter(|event| event["idempotency_key"] == key).count()
}

stories! {
    async fn an_event_whose_sender_hangs_up_is_recorded_exactly_once(app) {
        let mut text = person(1).text("STOP");
        text["idempotency_key"] = json!("hung-up");
        let body = text.to_string();
        let ask = Ask::text("application/json", body.clone());
        let head = app.caller.head("POST", "/v1/events", &ask, body.len());
        let hold = block(app).await;
        let connection = app.caller.open(format!("{head}{body}").as_bytes()).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        drop(connection);
        tokio::time::sleep(Duration::from_millis(200)).await;
        release(hold).await;
        app.until(&person(1).question(), "deny OPTED_OUT_CHANNEL").await;
        app.record(&text).await.expect(200);
        assert_eq!(count(app, "hung-up").await, 1);
    }

    async fn many_callers_at_once_lose_and_double_nothing(app) {
        let pat = person(1);
        let told: BTreeSet<String> = (0..100).map(|n| format!("key-{n}")).collect();
        let send = async |key: &String| {
            let mut event = pat.text("Hello");
            event["idempotency_key"] = json!(key);
            // Twice at the same time: one of them is the repeat.
            let answers = tokio::join!(app.record(&event), app.record(&event));
            let mut statuses = [answers.0.status, answers.1.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 201]);
            assert_eq!(answers.0.json()["event_id"], answers.1.json()["event_id"]);
        };
        join_all(told.iter().map(send)).await;
        let told = Ledgered { sent: told.clone(), acknowledged: told };
        assert_eq!(told.faults(&app.export().await.events), Vec::<String>::new());
    }
}

/// The positions of a ledger: each once, without a gap.
fn assert_gapless(events: &[Value]) {
    let positions: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(positions, (0..events.len() as u64).collect::<Vec<_>>());
}

#[test]
fn two_nodes_of_one_ledger_append_at_once_and_lose_and_double_nothing() {
    tell(Kind::Postgres, async |here: &mut TestApp| {
        let there = TestApp::beside(here).await;
        let nodes = [&*here, &there];
        let send = async |n: u32| {
            let mut event = person(n % 7).text("Hello");
            event["idempotency_key"] = json!(format!("key-{n}"));
            // Each event to both nodes.
            let answers = tokio::join!(nodes[0].record(&event), nodes[1].record(&event));
            assert_eq!(answers.0.json()["event_id"], answers.1.json()["event_id"]);
        };
        for some in (0..400).collect::<Vec<_>>().chunks(40) {
            join_all(some.iter().copied().map(send)).await;
        }
        let told: BTreeSet<String> = (0..400).map(|n| format!("key-{n}")).collect();
        let told = Ledgered { sent: told.clone(), acknowledged: told };
        for node in nodes {
            let export = node.export().await;
            assert_eq!(told.faults(&export.events), Vec::<String>::new());
            assert_gapless(&export.events);
        }
        there.end().await;
    });
}

#[test]
fn a_stop_that_one_node_acknowledged_is_denied_by_the_other_at_once() {
    tell(Kind::Postgres, async |here: &mut TestApp| {
        let there = TestApp::beside(here).await;
        let grants: Vec<Value> = (0..ROUNDS).map(|n| person(n).grant()).collect();
        here.record_all(&grants).await;
        let round = async |n: u32| {
            let (pat, nodes) = (person(n), if n.is_multiple_of(2) { [&*here, &there] } else { [&there, &*here] });
            assert_eq!(nodes[1].decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN", "{n}");
            nodes[0].receive(&nodes[0].carrier().text(&pat.phone, "STOP")).await;
            assert_eq!(nodes[1].decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL", "{n}");
        };
        for some in (0..ROUNDS).collect::<Vec<_>>().chunks(8) {
            join_all(some.iter().copied().map(round)).await;
        }
        assert_gapless(&here.export().await.events);
        there.end().await;
    });
}

#[test]
fn a_file_belongs_to_one_node() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let config = app.place.config(&app.setup);
        let second = tokio::time::timeout(PATIENCE, consent_api::server::Server::build(config)).await.unwrap();
        let error = format!("{:#}", second.err().expect("a second node on the same file"));
        assert!(error.contains("another process serves this ledger"), "{error}");
    });
}
