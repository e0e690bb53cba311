//! The main job: a STOP becomes a deny, and both can be proved.

use consent_core::checkpoint::{Checkpoint, Verifier};
use consent_tests::people::person;
use consent_tests::stories;
use serde_json::{Value, json};

stories! {
    async fn a_signed_stop_becomes_a_deny_with_its_reason_and_the_history_can_be_exported(app) {
        let pat = person(1);
        let granted = app.record(&pat.grant()).await.expect(201).json();
        let allowed = app.check(&pat.question()).await;
        assert_eq!((&allowed["decision"], &allowed["reason"]), (&json!("allow"), &json!("CONSENT_EXPRESS_WRITTEN")));
        assert_eq!(allowed["relied_on"][0]["event_id"], granted["event_id"]);
        assert!(allowed["valid_until"].is_string());

        let answer = app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/xml"));
        assert_eq!(answer.text(), r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);

        let history = app.history(&pat.history()).await;
        let kinds: Vec<&Value> = history.iter().map(|event| &event["type"]).collect();
        assert_eq!(kinds, ["inbound_sms", "consent_granted"]);
        let stop = &history[0];
        assert_eq!((&stop["body"], &stop["from"]), (&json!("STOP"), &json!(pat.phone)));
        for purpose in ["transactional", "special_offers"] {
            let denied = app.check(&pat.question_for(purpose)).await;
            assert_eq!((&denied["decision"], &denied["reason"]), (&json!("deny"), &json!("OPTED_OUT_CHANNEL")));
            assert_eq!(denied["relied_on"], json!([{"event_id": stop["event_id"], "seq": stop["seq"]}]));
            assert!(denied["valid_until"].is_null() && denied["next_eligible_at"].is_null());
        }

        let export = app.export().await;
        assert!(export.summary.signature_checked);
        assert_eq!(export.summary.openings, export.summary.entries);
        let exported: Vec<&Value> = export.events.iter().filter(|event| event["event_id"] == stop["event_id"]).collect();
        assert_eq!(exported, [stop]);
        assert_eq!(export.of_type("disclosure_made").len(), 2, "reading the history and exporting are disclosures");

        let verifier = Verifier::parse(app.caller.without_key().get("/log/key").await.expect(200).text()).unwrap();
        assert_eq!(&verifier, app.verifier());
        let note = app.caller.without_key().get("/log/checkpoint").await.expect(200);
        let checkpoint = Checkpoint::open(note.text(), &verifier).unwrap();
        assert!(checkpoint.size >= export.summary.entries);
        assert_eq!(app.ledger().root_at(checkpoint.size).await.unwrap(), checkpoint.root);
    }

    async fn a_start_that_follows_a_stop_gives_nothing_back_without_a_new_consent(app) {
        let pat = person(2);
        app.record(&pat.grant()).await.expect(201);
        app.receive(&app.carrier().text(&pat.phone, "stop")).await;
        app.receive(&app.carrier().text(&pat.phone, "Hello, who is this?")).await;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let mut again = pat.grant();
        again["at"] = json!(consent_api::clock::now());
        app.record(&again).await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
    }

    async fn whoever_never_agreed_is_not_written_to(app) {
        assert_eq!(app.decide(&person(3).question()).await, "deny NO_CONSENT");
        assert_eq!(app.decide(&person(3).question_for("special_offers")).await, "deny NO_CONSENT");
    }

    async fn a_stop_in_any_spelling_counts(app) {
        for (n, body) in ["Stop", "STOP.", "\u{ff33}\u{ff34}\u{ff2f}\u{ff30}", "🛑 stop", "unsubscribe", "Stop please"]
            .into_iter()
            .enumerate()
        {
            let pat = person(10 + n as u32);
            app.record(&pat.grant()).await.expect(201);
            app.receive(&app.carrier().text(&pat.phone, body)).await;
            assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL", "{body}");
        }
    }

    async fn every_page_of_a_history_is_reached_and_none_overlaps(app) {
        let pat = person(4);
        let texts: Vec<Value> = (0..25).map(|n| pat.text(&format!("text {n}"))).collect();
        app.record_all(&texts).await;
        let (mut before, mut seen) = (Value::Null, Vec::new());
        loop {
            let question = json!({"phone": pat.phone, "limit": 10, "before": before});
            let page = app.caller.post("/v1/history", &question).await.expect(200).json();
            let events = page["events"].as_array().unwrap().clone();
            seen.extend(events.into_iter().filter(|event| event["type"] == "inbound_sms"));
            before = page["next"].clone();
            if before.is_null() { break; }
        }
        let bodies: Vec<&str> = seen.iter().rev().map(|event| event["body"].as_str().unwrap()).collect();
        let expected: Vec<String> = (0..25).map(|n| format!("text {n}")).collect();
        assert_eq!(bodies, expected);
    }
}
