//! Messages that a person has to read.

use consent_tests::app::{TestApp, tell_with};
use consent_tests::caller::Answer;
use consent_tests::database::Kind;
use consent_tests::people::{Person, person};
use consent_tests::place::Setup;
use consent_tests::stories;
use futures_util::future::join_all;
use serde_json::{Value, json};

/// A text that may be an opt-out.
const DOUBTFUL: &str = "maybe stop?";

async fn list(app: &TestApp) -> Vec<Value> {
    let page = app.caller.get("/v1/reviews").await.expect(200).json();
    assert_eq!(page["next"], Value::Null);
    page["reviews"].as_array().unwrap().clone()
}

/// Ids of everything that waits.
async fn waiting(app: &TestApp) -> Vec<Value> {
    list(app).await.into_iter().map(|message| message["event_id"].clone()).collect()
}

async fn resolve(app: &TestApp, id: &Value, outcome: &str) -> Answer {
    let path = format!("/v1/reviews/{}/resolve", id.as_str().unwrap());
    app.caller.post(&path, &json!({"outcome": outcome, "reviewer": "Kim"})).await
}

/// Records a text of somebody who agreed before, and returns its id.
async fn write(app: &TestApp, pat: &Person, body: &str) -> Value {
    app.record(&pat.grant()).await.expect(201);
    app.record(&pat.text(body)).await.expect(201).json()["event_id"].clone()
}

async fn marketing(app: &TestApp, pat: &Person) -> String {
    app.decide(&pat.question_for("special_offers")).await
}

/// The reviews in the ledger.
async fn recorded(app: &TestApp) -> usize {
    app.export().await.of_type("review_resolved").len()
}

stories! {
    async fn what_may_be_an_opt_out_is_listed_oldest_first_with_what_a_reader_needs(app) {
        assert!(list(app).await.is_empty());
        assert_eq!(app.export().await.of_type("disclosure_made").len(), 1, "an empty list discloses nothing");
        let (pat, kim) = (person(1), person(2));
        app.record(&pat.grant()).await.expect(201);
        let carrier = app.carrier();
        app.receive(&carrier.text(&pat.phone, "Hello")).await;
        app.receive(&carrier.text(&pat.phone, DOUBTFUL)).await;
        app.receive(&carrier.text(&kim.phone, "STOP")).await;
        app.receive(&carrier.deliver("", &[("MessageSid", "SM1"), ("From", &kim.phone), ("NumMedia", "0")])).await;
        app.record(&json!({"type": "inbound_sms", "phone": pat.phone, "opt_out_indicator": "PAUSE"})).await.expect(201);
        let found = list(app).await;
        let part = |name: &str| found.iter().map(|message| message[name].clone()).collect::<Vec<_>>();
        assert_eq!(part("why"), ["needs_review", "unparsed", "unknown_indicator"]);
        assert_eq!(part("sender"), [&*pat.phone, &*kim.phone, &*pat.phone]);
        assert_eq!(part("body"), [json!(DOUBTFUL), Value::Null, Value::Null]);
        assert_eq!(part("gateway"), [json!("twilio-main"), json!("twilio-main"), Value::Null]);
        assert_eq!(part("opt_out_indicator"), [Value::Null, Value::Null, json!("PAUSE")]);
        assert!(found[1]["bytes"].is_string() && found[0]["bytes"].is_null());
        assert!(found.windows(2).all(|two| two[0]["seq"].as_u64() < two[1]["seq"].as_u64()));
        let text = &app.history(&pat.history()).await.into_iter().find(|event| event["body"] == DOUBTFUL).unwrap();
        for name in ["event_id", "seq", "received_at"] {
            assert_eq!(found[0][name], text[name], "{name}");
        }
        let shown = app.export().await;
        let shown = shown.of_type("disclosure_made").into_iter().filter(|event| event["what"] == "messages that wait for review");
        assert_eq!(shown.count(), 1, "a list with people in it is a disclosure");
    }

    async fn a_finding_ends_the_hold_or_makes_it_an_opt_out_and_the_message_leaves_the_list(app) {
        let (pat, kim) = (person(1), person(2));
        let (no, yes) = (write(app, &pat, DOUBTFUL).await, write(app, &kim, DOUBTFUL).await);
        assert_eq!(waiting(app).await, [no.clone(), yes.clone()]);
        assert_eq!(marketing(app, &pat).await, "deny REVOCATION_PENDING_REVIEW");
        assert_eq!(app.decide(&kim.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        let answer = resolve(app, &no, "is_not").await.expect(201).json();
        assert_eq!(waiting(app).await, std::slice::from_ref(&yes));
        assert!(!marketing(app, &pat).await.contains("PENDING_REVIEW"));
        resolve(app, &yes, "is_opt_out").await.expect(201);
        assert!(waiting(app).await.is_empty());
        assert_eq!(app.decide(&kim.question()).await, "deny OPTED_OUT_CHANNEL");
        let reviews = app.export().await;
        let review = reviews.of_type("review_resolved")[0];
        assert_eq!((&review["event_id"], &review["resolves"]), (&answer["event_id"], &no));
        assert_eq!((&review["reviewer"], &review["actor"]), (&json!("Kim"), &json!("crm")));
    }

    async fn a_finding_is_recorded_once_and_never_takes_an_opt_out_back(app) {
        let pat = person(1);
        let id = write(app, &pat, DOUBTFUL).await;
        let first = resolve(app, &id, "is_not").await.expect(201).json();
        let again = resolve(app, &id, "is_not").await.expect(200).json();
        assert_eq!(again["event_id"], first["event_id"]);
        let late = resolve(app, &id, "is_opt_out").await.expect(409).json();
        assert_eq!(late["type"], "urn:consent:problem:resolved");
        assert!(late["event_id"].is_string(), "an opt-out that is found late counts all the same");
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let refused = resolve(app, &id, "is_not").await.expect(409).json();
        assert!(refused["event_id"].is_null());
        resolve(app, &id, "is_opt_out").await.expect(200);
        assert_eq!(recorded(app).await, 2);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn only_what_has_to_be_read_can_be_resolved(app) {
        let pat = person(1);
        let hello = write(app, &pat, "Hello").await;
        for id in [&hello, &json!("019aab00-0000-7000-8000-000000000000"), &json!("nonsense")] {
            resolve(app, id, "is_not").await.expect(404);
        }
        let id = write(app, &person(2), DOUBTFUL).await;
        resolve(app, &id, "perhaps").await.expect(400);
        let path = format!("/v1/reviews/{}/resolve", id.as_str().unwrap());
        app.caller.post(&path, &json!({"outcome": "is_not", "extra": 1})).await.expect(400);
        for query in ["limit=0", "limit=201", "before=1", "after=x"] {
            app.caller.get(&format!("/v1/reviews?{query}")).await.expect(400);
        }
        assert_eq!((recorded(app).await, waiting(app).await), (0, vec![id]));
    }

    async fn a_finding_that_was_a_mistake_puts_the_message_back(app) {
        let pat = person(1);
        let id = write(app, &pat, DOUBTFUL).await;
        let review = resolve(app, &id, "is_not").await.expect(201).json()["event_id"].clone();
        assert!(waiting(app).await.is_empty());
        app.record(&json!({"type": "event_compensated", "event_id": review, "why": "wrong message"})).await.expect(201);
        assert_eq!(marketing(app, &pat).await, "deny REVOCATION_PENDING_REVIEW");
        assert_eq!(waiting(app).await, std::slice::from_ref(&id));
        resolve(app, &id, "is_not").await.expect(201);
        assert!(waiting(app).await.is_empty() && !marketing(app, &pat).await.contains("PENDING_REVIEW"));
    }

    async fn a_review_that_comes_as_an_event_counts_if_it_says_one_or_the_other(app) {
        let (pat, kim) = (person(1), person(2));
        let ids = [write(app, &pat, DOUBTFUL).await, write(app, &kim, DOUBTFUL).await];
        for (id, outcome) in [(&ids[0], "undecided"), (&ids[1], "is_not")] {
            app.record(&json!({"type": "review_resolved", "event_id": id, "outcome": outcome})).await.expect(201);
        }
        assert_eq!(waiting(app).await, [ids[0].clone()]);
        assert_eq!(marketing(app, &pat).await, "deny REVOCATION_PENDING_REVIEW");
        resolve(app, &ids[0], "is_not").await.expect(201);
        resolve(app, &ids[1], "is_not").await.expect(200);
    }

    async fn every_page_of_the_list_is_reached_and_none_overlaps(app) {
        let texts: Vec<Value> = (0..25).map(|n| person(n).text(if n % 5 == 4 { "Hello" } else { DOUBTFUL })).collect();
        app.record_all(&texts).await;
        let (mut path, mut seen) = ("/v1/reviews?limit=6".to_owned(), Vec::new());
        loop {
            let page = app.caller.get(&path).await.expect(200).json();
            seen.extend(page["reviews"].as_array().unwrap().iter().map(|message| message["sender"].clone()));
            let Some(next) = page["next"].as_u64() else { break };
            path = format!("/v1/reviews?limit=6&after={next}");
        }
        let expected: Vec<String> = (0..25).filter(|n| n % 5 != 4).map(|n| person(n).phone).collect();
        assert_eq!(seen, expected);
        let last = app.caller.get(&format!("/v1/reviews?after={}", u64::MAX)).await.expect(200).json();
        assert_eq!((&last["reviews"], &last["next"]), (&json!([]), &Value::Null));
    }

    async fn reviewers_who_find_the_same_at_the_same_time_record_it_once(app) {
        let id = write(app, &person(1), DOUBTFUL).await;
        let path = format!("/v1/reviews/{}/resolve", id.as_str().unwrap());
        let bodies: Vec<Value> = (0..8).map(|n| json!({"outcome": "is_not", "reviewer": format!("r{n}")})).collect();
        let answers = join_all(bodies.iter().map(|body| app.caller.post(&path, body))).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(created == 1 && statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
        assert_eq!(recorded(app).await, 1);
    }

    async fn a_message_that_is_missing_in_the_list_is_found_by_the_next_verification(app) {
        let id = write(app, &person(1), DOUBTFUL).await;
        app.raw().await.run("DELETE FROM reviews").await.unwrap();
        assert!(waiting(app).await.is_empty());
        let unlisted = app.verify().await.unwrap().unlisted;
        assert_eq!(app.ledger().list_for_review(&unlisted).await.unwrap(), 1);
        assert_eq!(app.ledger().list_for_review(&unlisted).await.unwrap(), 0);
        assert_eq!(waiting(app).await, [id]);
        assert!(app.verify().await.unwrap().unlisted.is_empty());
    }
}

/// Where only keywords count, what else may be an opt-out waits for a person; elsewhere it is one.
fn where_only_keywords_count(kind: Kind) {
    tell_with(Setup::default(), kind, async |app: &mut TestApp| {
        let pat = person(1);
        let id = write(app, &pat, "please take me off your list").await;
        assert!(waiting(app).await.is_empty());
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        app.setup.rules = "free_text_classifier = \"exact_keyword\"";
        app.restart().await;
        assert_eq!(list(app).await[0]["why"], "interpreted");
        assert_eq!(marketing(app, &pat).await, "deny REVOCATION_PENDING_REVIEW");
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        resolve(app, &id, "is_opt_out").await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    });
}

#[test]
fn where_only_keywords_count_other_opt_outs_wait_sqlite() {
    where_only_keywords_count(Kind::Sqlite);
}

#[test]
fn where_only_keywords_count_other_opt_outs_wait_postgres() {
    where_only_keywords_count(Kind::Postgres);
}
