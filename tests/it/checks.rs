//! Questions about the past, about other names of the same person, and with mistakes in them.

use chrono::{DateTime, Duration, Utc};
use consent_tests::people::person;
use consent_tests::stories;
use serde_json::{Value, json};

/// A question with some fields more.
fn with(question: Value, more: &Value) -> Value {
    let mut question = question;
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    question
}

stories! {
    async fn a_stop_is_not_known_before_it_was_received(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
        let received = &app.history(&pat.history()).await[0]["received_at"];
        let received: DateTime<Utc> = received.as_str().unwrap().parse().unwrap();
        let just_before = received - Duration::microseconds(1);
        for (view, decided) in [
            (json!({"known_at": just_before}), "allow CONSENT_EXPRESS_WRITTEN"),
            (json!({"known_at": received}), "deny OPTED_OUT_CHANNEL"),
            (json!({"as_of": just_before}), "allow CONSENT_EXPRESS_WRITTEN"),
            (json!({"as_of": received}), "deny OPTED_OUT_CHANNEL"),
            (json!({"as_of": received, "known_at": just_before}), "allow CONSENT_EXPRESS_WRITTEN"),
            (json!({"as_of": "2026-01-10T14:59:59Z"}), "deny NO_CONSENT"),
            (json!({"known_at": "2026-01-10T15:00:00Z"}), "deny NO_CONSENT"),
            (json!({}), "deny OPTED_OUT_CHANNEL"),
        ] {
            assert_eq!(app.decide(&with(pat.question(), &view)).await, decided, "{view}");
        }
    }

    async fn a_stop_that_arrives_late_counts_from_when_it_was_said(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let mut stop = pat.text("STOP");
        stop["at"] = json!("2026-02-01T00:00:00Z");
        app.record(&stop).await.expect(201);
        for (view, decided) in [
            (json!({"as_of": "2026-01-31T23:59:59Z"}), "allow CONSENT_EXPRESS_WRITTEN"),
            (json!({"as_of": "2026-02-01T00:00:00Z"}), "deny OPTED_OUT_CHANNEL"),
        ] {
            assert_eq!(app.decide(&with(pat.question(), &view)).await, decided, "{view}");
        }
    }

    async fn a_position_that_the_ledger_has_not_reached_is_a_deny(app) {
        let pat = person(1);
        let position = app.record(&pat.grant()).await.expect(201).json()["position"].as_u64().unwrap();
        let ask = |position: u64| with(pat.question(), &json!({"min_position": position}));
        assert_eq!(app.decide(&ask(position)).await, "allow CONSENT_EXPRESS_WRITTEN");
        assert_eq!(app.decide(&ask(position + 1)).await, "deny LEDGER_UNAVAILABLE");
        assert_eq!(app.decide(&ask(u64::MAX)).await, "deny LEDGER_UNAVAILABLE");
        assert_eq!(app.check(&ask(position)).await["position"], position);
    }

    async fn a_question_with_a_wrong_word_in_it_is_a_deny_that_says_so(app) {
        let question = |field: &str, value: &str| with(person(1).question(), &json!({field: value}));
        for question in [
            question("phone", "2025550123"),
            question("phone", ""),
            question("email", "pat"),
            question("subject", "a b"),
            question("channel", "fax"),
            question("channel", ""),
            question("purpose", "fun"),
            json!({"channel": "sms", "purpose": "updates"}),
        ] {
            assert_eq!(app.decide(&question).await, "deny INVALID_REQUEST", "{question}");
        }
    }

    async fn a_withdrawal_by_name_binds_the_linked_number_and_a_stop_binds_the_name(app) {
        let (pat, kim) = (person(1), person(2));
        let second = "+12025550199";
        for one in [&pat, &kim] {
            app.record(&one.grant()).await.expect(201);
        }
        app.record(&json!({"type": "identity_linked", "subject": kim.subject, "phone": second})).await.expect(201);
        app.record(&json!({"type": "withdrawal_request", "subject": pat.subject, "via": "chat"})).await.expect(201);
        assert_eq!(app.decide(&json!({"phone": pat.phone, "channel": "sms", "purpose": "support"})).await, "deny OPTED_OUT_ALL");
        let by_name = json!({"subject": kim.subject, "channel": "sms", "purpose": "support"});
        assert_ne!(app.decide(&by_name).await, "deny OPTED_OUT_CHANNEL");
        app.receive(&app.carrier().text(second, "STOP")).await;
        assert_eq!(app.decide(&by_name).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(app.decide(&kim.question()).await, "deny OPTED_OUT_CHANNEL", "the other number is the same person's");
    }

    async fn an_unsubscribe_counts_in_any_letter_case_and_a_link_scanner_does_not(app) {
        let pat = person(1);
        app.record(&pat.grant_of(&["email"])).await.expect(201);
        let question = json!({"email": pat.email, "channel": "email", "purpose": "updates"});
        assert_eq!(app.decide(&question).await, "allow CONSENT_EXPRESS_WRITTEN");
        let unsubscribe = |method: &str| {
            json!({"type": "email_unsubscribe", "address": pat.email.to_uppercase(), "method": method})
        };
        app.record(&unsubscribe("get_prefetch")).await.expect(201);
        assert_eq!(app.decide(&question).await, "allow CONSENT_EXPRESS_WRITTEN");
        app.record(&unsubscribe("one_click_post")).await.expect(201);
        assert_eq!(app.decide(&question).await, "deny OPTED_OUT_CHANNEL");
        let shouted = json!({"email": "Person1@EXAMPLE.Com.", "channel": "email", "purpose": "updates"});
        assert_eq!(app.decide(&shouted).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_consent_recorded_by_mistake_is_taken_back_and_an_opt_out_never_is(app) {
        let pat = person(1);
        let granted = app.record(&pat.grant()).await.expect(201).json();
        let stopped = app.record(&pat.text("STOP")).await.expect(201).json();
        let undo = |id: &Value| json!({"type": "event_compensated", "event_id": id, "why": "a slip"});
        app.record(&undo(&stopped["event_id"])).await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let kim = person(2);
        let mistaken = app.record(&kim.grant()).await.expect(201).json();
        assert_eq!(app.decide(&kim.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        for id in [&granted["event_id"], &mistaken["event_id"]] {
            app.record(&undo(id)).await.expect(201);
        }
        assert_eq!(app.decide(&kim.question()).await, "deny NO_CONSENT");
        assert_eq!(app.check(&pat.question()).await["also_blocking"], json!(["NO_CONSENT"]));
    }

    async fn two_spellings_of_a_number_are_one_person(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let spelt = format!("+1 ({}) {}-{}", &pat.phone[2..5], &pat.phone[5..8], &pat.phone[8..]);
        let question = json!({"phone": spelt, "channel": "sms", "purpose": "support"});
        assert_eq!(app.decide(&question).await, "allow CONSENT_EXPRESS_WRITTEN");
        app.record(&json!({"type": "inbound_sms", "from": &pat.phone[1..], "body": "STOP"})).await.expect(201);
        assert_eq!(app.decide(&question).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn an_explained_decision_says_what_each_rule_found(app) {
        let decision = app.check(&with(person(1).question(), &json!({"explain": true}))).await;
        let findings = decision["explanation"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["verdict"] == "deny"));
        assert!(findings.iter().all(|finding| finding["words"].is_string() && finding["source"].is_string()));
    }
}
