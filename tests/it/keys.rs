//! The keys of a ledger: lost, swapped, rotated.

use std::fs;

use consent_api::clock;
use consent_api::server::{open_ledger, prepare};
use consent_core::event::Event;
use consent_store::{KeyKind, Keyring, Submission};
use consent_tests::people::person;
use consent_tests::stories;

stories! {
    async fn a_ledger_opens_under_its_own_keys_alone(app) {
        app.record(&person(1).grant()).await.expect(201);
        let (own, away) = (app.place.keys().to_owned(), app.place.path().join("away"));
        let config = app.place.config(&app.setup);
        fs::rename(&own, &away).unwrap();
        assert!(prepare(&config).await.is_err());
        assert!(!own.join("pepper-1.key").exists(), "keys were made for a ledger that has its own");
        Keyring::init(&own).unwrap();
        let error = format!("{:#}", open_ledger(&config).await.err().expect("other keys were taken"));
        assert!(error.contains("is not the key that this ledger was written with"), "{error}");
        fs::remove_dir_all(&own).unwrap();
        fs::rename(&away, &own).unwrap();
        assert!(open_ledger(&config).await.is_ok());
    }

    async fn a_node_without_the_newest_pepper_denies_until_it_has_it(app) {
        let (early, late) = (person(1), person(2));
        for someone in [&early, &late] {
            app.record(&someone.grant()).await.expect(201);
        }
        app.receive(&app.carrier().text(&early.phone, "STOP")).await;
        assert_eq!(app.decide(&late.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        let config = app.place.config(&app.setup);
        Keyring::load(app.place.keys()).unwrap().rotate(KeyKind::Pepper).unwrap();
        let rotated = open_ledger(&config).await.unwrap();
        let event = Event::from_json(late.text("STOP")).unwrap();
        rotated.append(Submission { event, event_id: clock::new_id(), key: None }).await.unwrap();
        // On SQLite nobody else can write but by force, as here; that is noticed soon, and not with the next question.
        for someone in [&early, &late] {
            app.until(&someone.question(), "deny LEDGER_UNAVAILABLE").await;
        }
        let (status, why) = app.readiness().await;
        assert!(status == 503 && why.to_string().contains("the head cannot be trusted"), "{why}");
        let kept = app.caller.deliver(&app.carrier().text(&late.phone, "STOP now")).await;
        assert_eq!(kept.status, 503);
        app.restart().await;
        for someone in [&early, &late] {
            app.until(&someone.question(), "deny OPTED_OUT_CHANNEL").await;
        }
    }

    async fn checkpoints_signed_before_a_rotation_stay_valid(app) {
        app.record(&person(1).grant()).await.expect(201);
        app.export().await;
        Keyring::load(app.place.keys()).unwrap().rotate(KeyKind::Signing).unwrap();
        app.restart().await;
        app.record(&person(2).grant()).await.expect(201);
        app.export().await;
        assert!(app.verify().await.unwrap().checkpoints >= 2);
    }
}
