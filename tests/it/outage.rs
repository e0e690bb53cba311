//! The database is away, and comes back.

use std::fs;
use std::time::{Duration, Instant};

use consent_tests::app::{PATIENCE, TestApp, tell_with};
use consent_tests::caller::Ask;
use consent_tests::database::Kind;
use consent_tests::people::{Person, person};
use consent_tests::place::Setup;
use consent_tests::proxy::Proxy;
use serde_json::json;

/// Deadlines as in production for a check, and short for a webhook.
fn setup() -> Setup {
    Setup { check_ms: 250, webhook_ms: 1_500, ..Setup::default() }
}

/// How many messages wait in the spool.
fn waiting(app: &TestApp) -> usize {
    let files = fs::read_dir(app.place.spool()).unwrap();
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "rec")).count()
}

async fn until_spool_is_empty(app: &TestApp) {
    let end = Instant::now() + PATIENCE;
    while waiting(app) > 0 {
        assert!(Instant::now() < end, "the spool is not drained");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a person wrote is in the ledger once.
async fn assert_once(app: &TestApp, pat: &Person) {
    let export = app.export().await;
    let texts = export.of_type("inbound_sms").into_iter().filter(|text| text["from"] == pat.phone.as_str());
    assert_eq!(texts.count(), 1);
}

/// A person who agreed, behind a database that can be cut off.
async fn behind_a_proxy(app: &mut TestApp) -> (Proxy, Person) {
    let pat = person(1);
    app.record(&pat.grant()).await.expect(201);
    let proxy = Proxy::before(app.place.database.host()).await;
    app.move_to(app.place.database.at(&proxy.host())).await;
    app.until(&pat.question(), "allow CONSENT_EXPRESS_WRITTEN").await;
    (proxy, pat)
}

/// A STOP while the database is away: not acknowledged, not lost, and nothing is allowed.
async fn endure(app: &TestApp, pat: &Person) {
    let stop = app.carrier().text(&pat.phone, "STOP");
    let began = Instant::now();
    let decision = app.check(&pat.question()).await;
    assert_eq!((&decision["decision"], &decision["reason"]), (&json!("deny"), &json!("LEDGER_UNAVAILABLE")));
    assert!(began.elapsed() < Duration::from_secs(1), "a deny took {:?}", began.elapsed());
    for _ in 0..2 {
        let answer = app.caller.deliver(&stop).await.expect(503);
        assert!(!answer.header("retry-after").is_empty());
        assert!(waiting(app) >= 1, "it must be kept before the carrier is answered");
    }
    app.record(&person(2).grant()).await.expect(503);
    let (status, why) = app.readiness().await;
    assert_eq!(status, 503);
    assert!(!why["reasons"].as_array().unwrap().is_empty(), "{why}");
    assert_eq!(app.decide(&pat.question()).await, "deny LEDGER_UNAVAILABLE");
}

#[test]
fn a_stop_during_a_broken_connection_is_kept_and_recorded_once_without_being_sent_again() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        proxy.cut();
        endure(app, &pat).await;
        proxy.mend();
        app.until(&pat.question(), "deny OPTED_OUT_CHANNEL").await;
        until_spool_is_empty(app).await;
        assert_once(app, &pat).await;
        assert_eq!(app.readiness().await.0, 200);
    });
}

#[test]
fn a_stop_while_the_database_hangs_is_kept_and_recorded_once() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        proxy.silence();
        endure(app, &pat).await;
        proxy.mend();
        app.until(&pat.question(), "deny OPTED_OUT_CHANNEL").await;
        until_spool_is_empty(app).await;
        assert_once(app, &pat).await;
    });
}

#[test]
fn a_stop_whose_carrier_hangs_up_during_an_outage_is_kept_all_the_same() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        proxy.silence();
        let stop = app.carrier().text(&pat.phone, "STOP");
        let ask = Ask { headers: stop.headers(), body: stop.body.clone().into_bytes() };
        let head = app.caller.without_key().head("POST", &stop.path, &ask, stop.body.len());
        let connection = app.caller.open(format!("{head}{}", stop.body).as_bytes()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(connection);
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(waiting(app), 1);
        proxy.mend();
        app.until(&pat.question(), "deny OPTED_OUT_CHANNEL").await;
        until_spool_is_empty(app).await;
        assert_once(app, &pat).await;
    });
}

#[test]
fn what_waits_survives_a_restart() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let server = app.place.database.host().to_owned();
        let (proxy, pat) = behind_a_proxy(app).await;
        let direct = app.place.database.at(&server);
        proxy.cut();
        app.caller.deliver(&app.carrier().text(&pat.phone, "STOP")).await.expect(503);
        assert_eq!(waiting(app), 1);
        app.abandon();
        app.move_to(direct).await;
        app.until(&pat.question(), "deny OPTED_OUT_CHANNEL").await;
        until_spool_is_empty(app).await;
        assert_once(app, &pat).await;
    });
}

#[test]
fn a_stop_while_somebody_else_holds_the_file_is_kept_and_recorded_once() {
    tell_with(setup(), Kind::Sqlite, async |app: &mut TestApp| {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let mut raw = app.raw().await;
        raw.run("BEGIN IMMEDIATE").await.unwrap();
        let stop = app.carrier().text(&pat.phone, "STOP");
        app.caller.deliver(&stop).await.expect(503);
        assert_eq!(waiting(app), 1);
        raw.run("ROLLBACK").await.unwrap();
        app.until(&pat.question(), "deny OPTED_OUT_CHANNEL").await;
        until_spool_is_empty(app).await;
        assert_eq!(app.caller.deliver(&stop).await.status, 200, "and it may still be sent again");
        assert_once(app, &pat).await;
    });
}
