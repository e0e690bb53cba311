//! Webhooks that were refused because we lacked the key, or knew the wrong address.

use std::path::Path;

use chrono::{DateTime, Utc};
use consent_tests::app::TestApp;
use consent_tests::carrier::Carrier;
use consent_tests::people::{Person, person};
use consent_tests::place::PUBLIC_URL;
use consent_tests::stories;
use serde_json::Value;

/// The account that is configured, at the moment at which it begins to sign with another token.
fn with_new_token() -> Carrier {
    Carrier::new("twilio-main", "ffeeddccbbaa99887766554433221100", PUBLIC_URL)
}

/// The files below a folder.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

fn kept(app: &TestApp) -> usize {
    files(&app.place.spool().join("refused"))
}

async fn agreed(app: &TestApp, n: u32) -> Person {
    let pat = person(n);
    app.record(&pat.grant()).await.expect(201);
    pat
}

async fn texts(app: &TestApp) -> Vec<Value> {
    app.export().await.of_type("inbound_sms").into_iter().cloned().collect()
}

stories! {
    async fn a_stop_signed_with_a_key_that_is_configured_later_counts_from_when_it_came(app) {
        let (pat, carrier) = (agreed(app, 1).await, with_new_token());
        let (began, stop) = (consent_api::clock::now(), carrier.text(&pat.phone, "STOP"));
        app.caller.deliver(&stop).await.expect(401);
        let ended = consent_api::clock::now();
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        app.restart().await;
        assert_eq!((texts(app).await.len(), kept(app)), (0, 1), "with the old key it is no more genuine than before");
        app.place.carrier = carrier;
        app.restart().await;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let recorded = texts(app).await;
        assert_eq!((recorded.len(), kept(app)), (1, 0));
        let at: DateTime<Utc> = recorded[0]["at"].as_str().unwrap().parse().unwrap();
        assert!(began <= at && at <= ended, "{began} {at} {ended}");
        let head = app.head().await.size;
        app.receive(&stop).await;
        app.restart().await;
        assert_eq!(app.head().await.size, head, "sent again, it is the same message");
    }

    async fn what_came_again_with_a_key_that_we_have_is_not_recorded_twice(app) {
        let (pat, carrier) = (agreed(app, 1).await, with_new_token());
        let stop = carrier.text(&pat.phone, "STOP");
        for _ in 0..2 {
            app.caller.deliver(&stop).await.expect(401);
        }
        // The same message, signed with the key that is configured.
        let form = stop.body.split('&').map(|pair| pair.split_once('=').unwrap());
        let form: Vec<(String, String)> = form.map(|(name, value)| (name.into(), value.replace("%2B", "+"))).collect();
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        app.receive(&app.carrier().deliver(&stop.sid, &form)).await;
        app.place.carrier = carrier;
        app.restart().await;
        assert_eq!((texts(app).await.len(), kept(app)), (1, 0));
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn what_is_forged_is_forged_at_every_start(app) {
        let pat = agreed(app, 1).await;
        let genuine = app.carrier().text(&pat.phone, "STOP");
        let altered = genuine.body.replace("NumMedia=0", "NumMedia=1");
        let forged = consent_tests::carrier::Delivery { body: altered, ..genuine.clone() };
        let unsigned = consent_tests::carrier::Delivery { signature: None, ..genuine };
        for delivery in [forged, unsigned] {
            app.caller.deliver(&delivery).await.expect(401);
        }
        let head = app.head().await.size;
        app.restart().await;
        assert_eq!((app.head().await.size, kept(app)), (head, 2));
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
    }
}
