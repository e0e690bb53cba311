//! What waits in the spool: it is recorded, whatever stands in its way.

use std::time::Duration;

use consent_api::clock;
use consent_api::intake::Intake;
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
        spool.put(&submission(pat.text("STOP"), Some("K")), None).await.unwrap();
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
        spool.put(&submission(pat.text("START"), Some("m1")), None).await.unwrap();
        app.record(&pat.text("STOP")).await.expect(201);
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        app.record(&pat.text("START")).await.expect(201);
        assert!(app.decide(&pat.question()).await.starts_with("allow "), "a START that comes later does");
    }

    async fn a_start_that_came_after_a_stop_takes_it_back_also_if_it_waited(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        app.record(&pat.text("STOP")).await.expect(201);
        // What waited counts from the beginning of its millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&submission(pat.text("START"), None), None).await.unwrap();
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
    }

    async fn a_start_counts_from_when_it_came_and_not_from_when_the_ledger_was_given_up(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let start = submission(pat.text("START"), None);
        app.record(&pat.text("STOP")).await.expect(201);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&start, None).await.unwrap();
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_stop_that_waited_ends_a_consent_that_was_given_while_it_did(app) {
        let pat = person(1);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&submission(pat.text("STOP"), None), None).await.unwrap();
        let mut agreed = pat.grant();
        agreed["at"] = json!(clock::now());
        app.record(&agreed).await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn what_was_recorded_and_kept_as_well_is_one_event_whoever_said_it(app) {
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        let named = |source: &str| Some(SourceKey { source: source.to_owned(), key: "m1".to_owned() });
        for (n, key) in [named("gateway:g"), named("api:crm"), None].into_iter().enumerate() {
            for body in ["START", "STOP"] {
                let key = key.clone().map(|name| SourceKey { key: format!("{body} {}", name.key), ..name });
                let said = Submission { key, ..submission(person(n as u32).text(body), None) };
                app.ledger().append(said.clone()).await.unwrap();
                let size = app.head().await.size;
                spool.put(&said, None).await.unwrap();
                assert_eq!(spool.drain().await.unwrap(), 0);
                assert_eq!(app.head().await.size, size, "{body}, {n}");
            }
        }
    }

    async fn what_waited_may_be_sent_again(app) {
        let (pat, aside) = (person(1), app.place.path().join("aside"));
        let spool = Spool::open(&aside, app.ledger().clone()).unwrap();
        for body in ["START", "STOP"] {
            // As the service records what the application said.
            let mut said = pat.text(body);
            said["actor"] = json!("crm");
            spool.put(&submission(said, Some(body)), None).await.unwrap();
            let record = spool.waiting().unwrap().remove(0);
            let bytes = std::fs::read(&record).unwrap();
            assert_eq!(spool.drain().await.unwrap(), 0);
            let size = app.head().await.size;
            app.caller.post_once("/v1/events", body, &pat.text(body)).await.expect(200);
            // The process was killed before it had deleted the record.
            std::fs::write(&record, bytes).unwrap();
            assert_eq!(spool.drain().await.unwrap(), 0);
            assert_eq!(app.head().await.size, size, "{body}");
        }
    }

    async fn a_start_whose_name_was_taken_while_it_waited_is_recorded_once_however_often_it_is_sent(app) {
        let pat = person(1);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        let mut said = pat.text("START");
        said["actor"] = json!("crm");
        spool.put(&submission(said, Some("K")), None).await.unwrap();
        let other = json!({"type": "purchase", "subject": "somebody-else"});
        app.ledger().append(submission(other, Some("K"))).await.unwrap();
        assert_eq!(spool.drain().await.unwrap(), 0);
        let size = app.head().await.size;
        let sent = app.caller.post_once("/v1/events", "K", &pat.text("START")).await.expect(409).json();
        assert_eq!((app.head().await.size, spool.waiting().unwrap().len()), (size, 0), "{sent}");
        assert_eq!(app.export().await.of_type("inbound_sms")[0]["event_id"], sent["event_id"]);
    }

    async fn a_start_that_waits_and_is_sent_again_counts_from_when_it_came_first(app) {
        let (pat, aside) = (person(1), app.place.path().join("aside"));
        app.record(&pat.grant()).await.expect(201);
        let start = submission(pat.text("START"), Some("K"));
        Spool::open(&aside, app.ledger().clone()).unwrap().put(&start, None).await.unwrap();
        app.record(&pat.text("STOP")).await.expect(201);
        // Another process finds it waiting.
        let spool = Spool::open(&aside, app.ledger().clone()).unwrap();
        let intake = Intake::new(app.ledger().clone(), spool.clone());
        let again = || intake.record(start.event.clone(), start.key.clone(), Duration::from_secs(5));
        assert!(!again().await.unwrap().repeated);
        let size = app.head().await.size;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert!(again().await.unwrap().repeated);
        assert_eq!(app.head().await.size, size, "it is one event");
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let later = Some(SourceKey { key: "K2".to_owned(), ..start.key.clone().unwrap() });
        intake.record(start.event.clone(), later, Duration::from_secs(5)).await.unwrap();
        assert!(app.decide(&pat.question()).await.starts_with("allow "), "another START is another one");
    }

    async fn a_start_that_waits_here_and_is_sent_again_elsewhere_takes_back_no_stop_once_both_are_known(app) {
        let aside = |n: u32| app.place.path().join(format!("aside {n}"));
        // By the gateway's name for it or the caller's; recorded there, or kept there as well.
        for (n, name) in ["provider_message_id", "idempotency_key"].into_iter().enumerate() {
            for waits_again in [false, true] {
                let key = format!("{n} {waits_again}");
                let pat = person(2 * n as u32 + u32::from(waits_again));
                app.record(&pat.grant()).await.expect(201);
                let mut said = pat.text("START");
                (said["gateway"], said[name]) = (json!("g"), json!(key));
                let start = || submission(said.clone(), Some(&key));
                let spool = Spool::open(&aside(1), app.ledger().clone()).unwrap();
                spool.put(&start(), None).await.unwrap();
                app.record(&pat.text("STOP")).await.expect(201);
                if waits_again {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    let elsewhere = Spool::open(&aside(2), app.ledger().clone()).unwrap();
                    elsewhere.put(&start(), None).await.unwrap();
                    assert_eq!(elsewhere.drain().await.unwrap(), 0);
                } else {
                    app.ledger().append(start()).await.unwrap();
                }
                assert!(app.decide(&pat.question()).await.starts_with("allow "), "nobody can know");
                assert_eq!(spool.drain().await.unwrap(), 0);
                assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL", "{key}");
                let (size, again) = (app.head().await.size, Spool::open(&aside(3), app.ledger().clone()).unwrap());
                app.ledger().append(start()).await.ok();
                again.put(&start(), None).await.unwrap();
                assert_eq!(again.drain().await.unwrap(), 0);
                assert_eq!(app.head().await.size, size, "all of it is known");
            }
        }
    }

    async fn a_question_that_waited_is_not_answered_after_a_stop_that_came_meanwhile(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let mut said = pat.text("HELP");
        (said["gateway"], said["provider_message_id"]) = (json!("g"), json!("m1"));
        let asked = || submission(said.clone(), Some("K"));
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&asked(), None).await.unwrap();
        app.record(&pat.text("STOP")).await.expect(201);
        app.ledger().append(asked()).await.unwrap();
        let mut answer = pat.question();
        answer["purpose"] = json!("help_response");
        assert!(app.decide(&answer).await.starts_with("allow "), "nobody can know");
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert!(app.decide(&answer).await.starts_with("deny "), "the STOP came after the question");
    }

    async fn a_choice_that_takes_and_gives_waits_for_both(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let switched = |off: &[&str], on: &[&str]| {
            json!({"type": "preference_set", "phone": pat.phone, "channel": "sms", "via": "portal", "off": off, "on": on})
        };
        let may = async |purpose: &str| app.decide(&pat.question_for(purpose)).await.starts_with("allow ");
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        spool.put(&submission(switched(&["transactional"], &["support"]), Some("K")), None).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
        app.record(&switched(&["support"], &[])).await.expect(201);
        app.record(&switched(&[], &["transactional"])).await.expect(201);
        assert!(may("transactional").await && !may("support").await);
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert!(!may("support").await, "what it gives was taken back meanwhile");
        assert!(!may("transactional").await, "what it takes counts from now");
        let size = app.head().await.size;
        spool.put(&submission(switched(&["transactional"], &["support"]), Some("K")), None).await.unwrap();
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.head().await.size, size, "all of it is known");
    }

    async fn a_start_whose_own_time_cannot_be_read_counts_from_when_it_came_wherever_it_is_read(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        let mut start = pat.text("START");
        start["at"] = json!("some time ago");
        spool.put(&submission(start.clone(), Some("K")), None).await.unwrap();
        app.record(&pat.text("STOP")).await.expect(201);
        assert_eq!(spool.drain().await.unwrap(), 0);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        assert!(app.export().await.of_type("inbound_sms")[1]["at"] != start["at"], "the ledger has another time");
        app.restart().await;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn of_a_choice_that_takes_and_gives_what_it_takes_is_not_lost(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let spool = Spool::open(&app.place.path().join("aside"), app.ledger().clone()).unwrap();
        let choice = json!({
            "type": "preference_set", "phone": pat.phone, "channel": "sms", "via": "portal",
            "off": ["transactional"], "on": ["support"],
        });
        let other = json!({"type": "purchase", "subject": "somebody-else"});
        app.ledger().append(submission(other, Some("K"))).await.unwrap();
        let intake = Intake::new(app.ledger().clone(), spool);
        let said = submission(choice, Some("K"));
        let refused = intake.record(said.event, said.key, Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(refused.body().status, 409);
        assert!(app.decide(&pat.question()).await.starts_with("deny "), "the opt-out is lost");
        let recorded = app.export().await.of_type("preference_set")[0].clone();
        assert_eq!((&recorded["off"], &recorded["on"]), (&json!(["transactional"]), &json!(null)), "{recorded}");
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
        ahead.put(&submission(first.text("STOP"), None), None).await.unwrap();
        let spool = Spool::open(&aside, app.ledger().clone()).unwrap();
        spool.put(&submission(second.text("STOP"), None), None).await.unwrap();
        std::fs::write(aside.join("0.rec"), "garbage").unwrap();
        assert_eq!(spool.drain().await.unwrap(), 1, "the one whose key this node has not got");
        assert!(aside.join("0.bad").exists());
        assert_eq!(app.decide(&second.question()).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(ahead.drain().await.unwrap(), 0);
        app.restart().await;
        assert_eq!(app.decide(&first.question()).await, "deny OPTED_OUT_CHANNEL");
    }
}
