//! What waits in the spool: it is recorded, whatever stands in its way.

use consent_api::clock;
use consent_api::server::open_ledger;
use consent_api::spool::Spool;
use consent_core::event::Event;
use consent_store::{KeyKind, Keyring, SourceKey, Submission};
use consent_tests::people::person;
use consent_tests::stories;
use serde_json::{Value, json};

fn submission(event: Value, key: Option<&str>) -> Submission {
    let key = key.map(|key| SourceKey { source: "api:crm".to_owned(), key: key.to_owned() });
    Submission { event: Event::from_json(event).unwrap(), event_id: clock::new_id(), key }
}

stories! {
    async fn an_opt_out_whose_name_was_taken_while_it_waited_is_recorded_all_the_same(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&submission(pat.text("STOP"), Some("K"))).await.unwrap();
        let other = json!({"type": "purchase", "subject": "somebody-else"});
        app.ledger().append(submission(other, Some("K"))).await.unwrap();
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_start_that_waited_takes_back_no_stop_that_came_while_it_did(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&submission(pat.text("START"), Some("m1"))).await.unwrap();
        app.record(&pat.text("STOP")).await.expect(201);
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        app.record(&pat.text("START")).await.expect(201);
        assert!(app.decide(&pat.question()).await.starts_with("allow "), "a START that comes later does");
    }

    async fn a_start_that_was_recorded_and_kept_as_well_is_one_event(app) {
        let pat = person(1);
        let mut said = submission(pat.text("START"), None);
        said.key = Some(SourceKey { source: "gateway:g".to_owned(), key: "m1".to_owned() });
        app.ledger().append(said.clone()).await.unwrap();
        let (size, spool) = (app.head().await.size, Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap());
        spool.put(&said).await.unwrap();
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.head().await.size, size);
    }

    async fn a_record_that_cannot_be_read_keeps_none_behind_it_waiting(app) {
        let (first, second) = (person(1), person(2));
        for someone in [&first, &second] {
            app.record(&someone.grant()).await.expect(201);
        }
        let aside = app.place.path().join("aside");
        Keyring::load(app.place.keys()).unwrap().rotate(KeyKind::Kek).unwrap();
        let rotated = open_ledger(&app.place.config(&app.setup)).await.unwrap();
        let ahead = Spool::open(&aside, rotated).unwrap();
        ahead.put(&submission(first.text("STOP"), None)).await.unwrap();
        let spool = Spool::open(&aside, app.ledger().clone()).unwrap();
        spool.put(&submission(second.text("STOP"), None)).await.unwrap();
        std::fs::write(aside.join("0.rec"), "garbage").unwrap();
        assert_eq!(spool.drain().await.unwrap(), 1, "the one whose key this node has not got");
        assert!(aside.join("0.bad").exists());
        assert_eq!(app.decide(&second.question()).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(ahead.drain().await.unwrap(), 0);
        app.restart().await;
        assert_eq!(app.decide(&first.question()).await, "deny OPTED_OUT_CHANNEL");
    }
}
