//! What is held in memory: the same answers as the ledger gives, before and after a restart.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use consent_api::clock;
use consent_query::question::Question;
use consent_query::reader::{Freshness, Live, Owner, Reader};
use consent_query::reason::Answer;
use consent_query::rules::Rules;
use consent_store::Ledger;
use consent_tests::app::{PATIENCE, TestApp};
use consent_tests::people::{Person, person};
use consent_tests::stories;
use serde_json::{Value, json};

/// What the database says, without an index.
async fn from_ledger(app: &TestApp, who: &Person, purpose: &str) -> String {
    let rules = Arc::new(Rules::embedded().unwrap());
    let reader = Reader::new(app.ledger().clone(), rules, PATIENCE, || false);
    let (phone, channel) = (Some(who.phone.clone()), "sms".to_owned());
    let question = Question { phone, channel, purpose: purpose.to_owned(), ..Question::default() };
    let decision = reader.ask(&question, clock::now(), Freshness::default()).await;
    let answer = if decision.decision == Answer::Allow { "allow" } else { "deny" };
    format!("{answer} {} {:?}", decision.reason, decision.relied_on.as_slice())
}

async fn from_service(app: &TestApp, who: &Person, purpose: &str) -> String {
    let answer = app.check(&who.question_for(purpose)).await;
    let relied_on: Vec<consent_query::standing::Cited> = serde_json::from_value(answer["relied_on"].clone()).unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    format!("{} {} {:?}", text("decision"), text("reason"), relied_on.as_slice())
}

async fn compare(app: &TestApp, people: u32) {
    for who in (0..people).map(person) {
        for purpose in ["transactional", "optout_confirmation", "inquiry_reply"] {
            assert_eq!(from_service(app, &who, purpose).await, from_ledger(app, &who, purpose).await, "{who:?}");
        }
    }
}

/// The id that the service gave an event.
async fn recorded(app: &TestApp, event: &Value) -> Value {
    app.record(event).await.expect(201).json()["event_id"].clone()
}

/// Ends the service as a crash does, and waits until it has let go of its ledger.
async fn crash(app: &mut TestApp) {
    app.abandon();
    let url = app.place.config(&app.setup).database_url().unwrap();
    let end = tokio::time::Instant::now() + PATIENCE;
    while Ledger::lock(&url).is_err() {
        assert!(tokio::time::Instant::now() < end, "the ledger is still owned");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Different things said of each of some people.
async fn say(app: &TestApp, people: u32) {
    for n in 0..people {
        let who = person(n);
        let grant = recorded(app, &who.grant()).await;
        match n % 6 {
            1 => drop(recorded(app, &who.text("STOP")).await),
            2 => drop(recorded(app, &json!({"type": "event_compensated", "event_id": grant})).await),
            3 => {
                let held = recorded(app, &who.text("maybe stop?")).await;
                let read = json!({"type": "review_resolved", "event_id": held, "outcome": "is_not"});
                recorded(app, &read).await;
            }
            4 => {
                let link = json!({"type": "identity_linked", "subject": who.subject, "phone": person(n - 1).phone});
                recorded(app, &link).await;
            }
            _ => {}
        }
    }
}

stories! {
    async fn memory_and_ledger_say_the_same_of_everybody(app) {
        say(app, 12).await;
        compare(app, 13).await;
    }

    async fn what_was_put_aside_is_used_and_what_came_later_counts(app) {
        say(app, 6).await;
        app.restart().await;
        assert!(app.place.path().join("consent-data/index.snapshot").exists());
        compare(app, 7).await;
        let zero = person(0);
        assert_eq!(app.decide(&zero.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        app.receive(&app.carrier().text(&zero.phone, "STOP")).await;
        assert_eq!(app.decide(&zero.question()).await, "deny OPTED_OUT_CHANNEL");
        let snapshot = fs::read(app.place.path().join("consent-data/index.snapshot")).unwrap();
        app.restart().await;
        // One from before the STOP, as after a crash.
        crash(app).await;
        fs::write(app.place.path().join("consent-data/index.snapshot"), snapshot).unwrap();
        app.restart().await;
        assert_eq!(app.decide(&zero.question()).await, "deny OPTED_OUT_CHANNEL");
        compare(app, 7).await;
    }

    async fn a_damaged_file_is_as_good_as_none(app) {
        say(app, 6).await;
        app.restart().await;
        let path = app.place.path().join("consent-data/index.snapshot");
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        crash(app).await;
        fs::write(&path, bytes).unwrap();
        app.restart().await;
        compare(app, 7).await;
    }

    async fn whoever_accepts_an_older_state_is_answered_without_asking_the_ledger(app) {
        let who = person(1);
        app.record(&who.grant()).await.expect(201);
        let live = Live::new(app.ledger(), Owner::Many).unwrap();
        live.catch_up().await.unwrap();
        live.current(Freshness::default()).await.unwrap();
        let position = live.index().position();
        app.record(&who.text("STOP")).await.expect(201);
        // Nobody makes this index follow: it stays where it is.
        let old = Freshness { min_position: 0, max_staleness: Some(PATIENCE) };
        live.current(old).await.unwrap();
        assert_eq!(live.index().position(), position);
        let proved = |fresh| tokio::time::timeout(Duration::from_millis(300), live.current(fresh));
        assert!(proved(Freshness::default()).await.is_err(), "what was acknowledged must be waited for");
        let just_now = Freshness { min_position: 0, max_staleness: Some(Duration::ZERO) };
        assert!(proved(just_now).await.is_err());
        assert!(proved(Freshness { min_position: position + 1, ..old }).await.is_err());
        live.catch_up().await.unwrap();
        live.current(Freshness::default()).await.unwrap();
        assert_eq!(live.index().position(), position + 1);
    }
}
