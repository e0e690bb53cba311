//! What applications record.

use consent_tests::people::person;
use consent_tests::stories;
use serde_json::{Value, json};

stories! {
    async fn an_event_said_twice_under_one_key_is_recorded_once(app) {
        let pat = person(1);
        let first = app.caller.post_once("/v1/events", "order-1", &pat.grant()).await.expect(201).json();
        let again = app.caller.post_once("/v1/events", "\"order-1\"", &pat.grant()).await.expect(200).json();
        assert_eq!(first["event_id"], again["event_id"]);
        app.restart().await;
        let later = app.caller.post_once("/v1/events", "order-1", &pat.grant()).await.expect(200).json();
        assert_eq!(first["event_id"], later["event_id"]);
        let mut named = pat.grant();
        named["idempotency_key"] = json!("order-2");
        let first = app.record(&named).await.expect(201).json();
        assert_eq!(app.record(&named).await.expect(200).json()["event_id"], first["event_id"]);
        assert_eq!(app.history(&pat.history()).await.len(), 2);
    }

    async fn another_event_under_the_same_key_is_a_conflict_but_an_opt_out_in_it_counts(app) {
        let (pat, kim) = (person(1), person(2));
        app.caller.post_once("/v1/events", "k", &pat.grant()).await.expect(201);
        let head = app.head().await;
        let refused = app.caller.post_once("/v1/events", "k", &kim.grant()).await.expect(409).json();
        assert_eq!((&refused["event_id"], app.head().await), (&Value::Null, head));
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        let counted = app.caller.post_once("/v1/events", "k", &pat.text("STOP")).await.expect(409).json();
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        assert_eq!(app.history(&pat.history()).await[0]["event_id"], counted["event_id"]);
        assert_eq!(counted["position"], app.head().await.size - 1, "of the opt-out: the history was read after it");
    }

    async fn one_bad_event_among_many_takes_no_other_with_it(app) {
        let people: Vec<_> = (0..5).map(person).collect();
        let mut events: Vec<Value> = people.iter().map(|one| one.grant()).collect();
        events[2]["channels"] = json!(["fax"]);
        let head = app.head().await.size;
        let body = json!({"events": events});
        let send = || app.caller.post_once("/v1/events", "batch-1", &body);
        let answer = send().await.expect(200).json();
        assert_eq!((&answer["position"], app.head().await.size), (&json!(head + 4), head + 4));
        let results = answer["results"].as_array().unwrap().clone();
        assert_eq!(results.len(), 5);
        assert_eq!(results[2]["error"]["errors"][0]["pointer"], "/channels/0");
        assert_eq!(results[2]["error"]["status"], 400);
        for (n, pat) in people.iter().enumerate().filter(|(n, _)| *n != 2) {
            let history = app.history(&pat.history()).await;
            assert_eq!(history[0]["event_id"], results[n]["event_id"]);
            assert_eq!(history[0]["seq"], head + n as u64 - u64::from(n > 2), "positions are in the order of the list");
        }
        let again = send().await.expect(200).json();
        for n in [0, 1, 3, 4] {
            assert_eq!(again["results"][n]["event_id"], results[n]["event_id"]);
        }
        assert_eq!(app.head().await.size, head + 4 + 4, "four histories were read, nothing else was added");
    }

    async fn a_key_with_many_events_may_be_as_long_as_with_one_and_is_no_other_key(app) {
        let people: Vec<_> = (0..12).map(person).collect();
        let body = json!({"events": people.iter().map(|one| one.grant()).collect::<Vec<_>>()});
        for key in ["order", &"x".repeat(255)] {
            let head = app.head().await.size;
            let first = app.caller.post_once("/v1/events", key, &body).await.expect(200).json();
            let again = app.caller.post_once("/v1/events", key, &body).await.expect(200).json();
            for n in 0..people.len() {
                assert!(first["results"][n]["event_id"].is_string(), "{first}");
                assert_eq!(first["results"][n]["event_id"], again["results"][n]["event_id"]);
            }
            assert_eq!(app.head().await.size, head + 12);
        }
        app.caller.post_once("/v1/events", "order/0", &person(20).grant()).await.expect(201);
    }

    async fn a_key_with_many_events_that_is_none_refuses_those_that_widen_and_loses_no_opt_out(app) {
        let (pat, kim) = (person(1), person(2));
        app.record(&kim.grant()).await.expect(201);
        let stop = json!({"type": "withdrawal_request", "phone": kim.phone});
        let body = json!({"events": [pat.grant(), stop]});
        for key in ["", &"x".repeat(256)] {
            let head = app.head().await.size;
            let answer = app.caller.post_once("/v1/events", key, &body).await.expect(200).json();
            assert_eq!(answer["results"][0]["error"]["status"], 400);
            assert_eq!(answer["results"][1]["warnings"].as_array().map(Vec::len), Some(1), "{answer}");
            assert_eq!(app.head().await.size, head + 1);
        }
        assert_eq!(app.decide(&kim.question()).await, "deny OPTED_OUT_ALL");
    }

    async fn the_position_after_many_events_is_also_after_an_opt_out_that_came_under_the_name_of_another(app) {
        let (pat, kim) = (person(1), person(2));
        let (mut granted, mut stop) = (pat.grant(), pat.text("STOP"));
        (granted["idempotency_key"], stop["idempotency_key"]) = (json!("taken"), json!("taken"));
        app.record(&granted).await.expect(201);
        let answer = app.caller.post("/v1/events", &json!({"events": [kim.grant(), stop]})).await.expect(200).json();
        assert_eq!(answer["results"][1]["error"]["status"], 409);
        assert_eq!(answer["position"], app.head().await.size, "{answer}");
    }

    async fn a_thousand_events_fit_into_one_request_and_are_recorded_in_its_order(app) {
        let bodies: Vec<String> = (0..1000).map(|n| format!("text {n}")).collect();
        let events: Vec<Value> = bodies.iter().map(|body| person(1).text(body)).collect();
        let head = app.head().await.size;
        assert_eq!(app.record_all(&events).await["position"], head + 1000);
        let empty = app.caller.post("/v1/events", &json!({"events": []})).await.expect(200).json();
        assert_eq!(empty, json!({"results": [], "position": head + 1000}));
        let export = app.export().await;
        let recorded: Vec<&str> = export.of_type("inbound_sms").iter().map(|text| text["body"].as_str().unwrap()).collect();
        let first = recorded.iter().zip(&bodies).position(|(one, other)| one != other);
        assert_eq!(first.map(|at| &recorded[at..(at + 5).min(1000)]), None, "of {}", recorded.len());
    }

    async fn an_opt_out_with_missing_or_unreadable_parts_is_recorded_and_binds(app) {
        let table = [
            (json!({"type": "withdrawal_request", "at": "yesterday"}), vec!["/at"], "deny OPTED_OUT_ALL"),
            (json!({"type": "withdrawal_request", "at": 7, "subject": "no subject!"}), vec!["/at", "/subject"], "deny OPTED_OUT_ALL"),
            (json!({"type": "withdrawal_request", "at": 1.5, "note": u64::MAX}), vec!["/at", "/note"], "deny OPTED_OUT_ALL"),
            (json!({"type": "withdrawal_request", "scope": "newsletter"}), vec![], "deny OPTED_OUT_ALL"),
            (json!({"type": "withdrawal_request", "scope": null, "email": "pat"}), vec!["/email"], "deny OPTED_OUT_ALL"),
            (json!({"type": "do_not_call_request", "channel": "telex"}), vec![], "deny OPTED_OUT_CHANNEL"),
            (json!({"type": "do_not_call_request"}), vec![], "deny OPTED_OUT_CHANNEL"),
            (json!({"type": "inbound_sms", "body": "STOP", "opt_out_indicator": "MAYBE"}), vec![], "deny OPTED_OUT_CHANNEL"),
            (json!({"type": "inbound_sms", "body": "STOP\u{0}", "note": "\u{0}"}), vec![], "deny OPTED_OUT_CHANNEL"),
        ];
        for (n, (event, warned, decided)) in table.into_iter().enumerate() {
            let pat = person(10 + n as u32);
            app.record(&pat.grant()).await.expect(201);
            let mut event = event;
            event["phone"] = json!(pat.phone);
            let recorded = app.record(&event).await.expect(201).json();
            let warnings = recorded["warnings"].as_array().cloned().unwrap_or_default();
            let mut pointers: Vec<_> = warnings.iter().map(|warning| warning["pointer"].as_str().unwrap()).collect();
            pointers.sort_unstable();
            assert_eq!(pointers, warned, "{event}");
            assert_eq!(app.decide(&pat.question()).await, decided, "{event}");
        }
    }

    async fn an_opt_out_of_nobody_is_kept_with_a_warning(app) {
        let answer = app.record(&json!({"type": "inbound_sms", "from": "INFI", "body": "STOP"})).await.expect(201);
        assert_eq!(answer.json()["warnings"][0]["pointer"], "");
        assert_eq!(app.export().await.of_type("inbound_sms").len(), 1);
    }

    async fn card_numbers_are_masked_before_they_are_kept(app) {
        let pat = person(1);
        app.record(&pat.text("my card is 4111 1111 1111 1111, STOP")).await.expect(201);
        app.receive(&app.carrier().text(&pat.phone, "4111111111111111")).await;
        let export = app.export().await;
        assert_eq!(export.of_type("inbound_sms").len(), 2);
        assert!(export.events.iter().all(|event| !event.to_string().replace(' ', "").contains("411111111111")));
    }
}
