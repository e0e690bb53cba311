use serde_json::{Value, json};

use super::*;

/// The scenarios that everybody may read.
const PUBLIC: &str = include_str!("../../fixtures/public.json");
/// Further ones, worked out from the law and the promises of the policy.
const FURTHER: &str = include_str!("../../fixtures/further.json");

fn all_pass(text: &str) -> usize {
    let outcomes = run(text, &Rules::embedded().unwrap()).unwrap();
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.pass != Some(true))
        .map(|outcome| serde_json::to_string(outcome).unwrap())
        .collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), outcomes.len(), failed.join("\n"));
    outcomes.len()
}

#[test]
fn the_public_scenarios_and_deadlines_come_out_as_expected() {
    assert_eq!(all_pass(PUBLIC), 27);
}

#[test]
fn the_further_scenarios_come_out_as_expected() {
    assert!(all_pass(FURTHER) >= 60);
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the file in place")]
fn outcomes(file: Value) -> Vec<Value> {
    let outcomes = run(&file.to_string(), &Rules::embedded().unwrap()).unwrap();
    outcomes.iter().map(|outcome| serde_json::to_value(outcome).unwrap()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the events in place")]
fn ask(events: Value, query: Value) -> Value {
    let base = json!({"at": "2026-12-02T17:00:00Z", "channel": "sms", "purpose": "updates"});
    let mut query = query;
    for (name, value) in base.as_object().unwrap() {
        query.as_object_mut().unwrap().entry(name).or_insert(value.clone());
    }
    outcomes(json!({"scenarios": [{"name": "one", "events": events, "query": query}]})).remove(0)
}

#[test]
fn a_line_is_the_name_and_the_decision_and_without_expectation_no_pass() {
    let line = ask(json!([]), json!({}));
    assert_eq!(
        (&line["name"], &line["decision"], &line["reason"]),
        (&json!("one"), &json!("deny"), &json!("NO_CONSENT"))
    );
    assert!(line.get("pass").is_none() && line.get("explanation").is_none());
    assert!(ask(json!([]), json!({"explain": true}))["explanation"].is_array());
}

#[test]
fn what_cannot_be_read_is_named_by_pointer_and_the_rest_is_answered() {
    let good = json!({"name": "good", "events": [], "query": {"at": "2026-12-02T17:00:00Z", "channel": "sms",
        "purpose": "updates"}});
    let with = |pointer: &str, value: Value| {
        let mut scenario = good.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        scenario.pointer_mut(parent).unwrap()[field] = value;
        scenario
    };
    let event = |event: Value| with("/events", json!([event]));
    for (scenario, pointer) in [
        (with("/colour", json!(1)), "/scenarios/1/colour"),
        (with("/query/colour", json!(1)), "/scenarios/1/query/colour"),
        (with("/query/at", json!("noon")), "/scenarios/1/query/at"),
        (with("/expect", json!({"decision": "maybe"})), "/scenarios/1/expect/decision"),
        (with("/expect", json!({"decision": "deny", "because": "x"})), "/scenarios/1/expect/because"),
        (with("/config", json!({"max_tll": "PT1M"})), "/scenarios/1/config"),
        (event(json!({"type": "purchase"})), "/scenarios/1/events/0/at"),
        (event(json!({"type": "purchase", "at": "2026-01-01T00:00:00Z", "colour": 1})), "/scenarios/1/events/0/colour"),
        (event(json!({"type": "bought", "at": "2026-01-01T00:00:00Z"})), "/scenarios/1/events/0/type"),
        (json!({"name": "bad", "events": []}), "/scenarios/1/query"),
    ] {
        let lines = outcomes(json!({"scenarios": [good, scenario, good]}));
        assert_eq!(lines[1]["error"]["pointer"], pointer, "{}", lines[1]);
        assert_eq!((&lines[1]["decision"], &lines[1]["reason"]), (&json!("deny"), &json!("INVALID_REQUEST")));
        assert_eq!(lines[1]["pass"], false);
        assert!([&lines[0], &lines[2]].iter().all(|line| line["reason"] == "NO_CONSENT"));
    }
    for text in ["", "[]", "{\"scenarios\": 1}", "{\"scenario\": []}"] {
        assert!(run(text, &Rules::embedded().unwrap()).is_err(), "{text}");
    }
}

#[test]
fn half_a_number_makes_a_question_that_cannot_be_answered() {
    let profile = json!({"type": "profile_recorded", "at": "2026-01-01T00:00:00Z", "phone": "12345"});
    let query = json!({"at": "2026-12-02T17:00:00Z", "channel": "sms", "purpose": "updates"});
    let pass = |reason: &str| {
        let expect = json!({"decision": "deny", "reason": reason});
        let scenario = json!({"name": "x", "events": [profile], "query": query, "expect": expect});
        outcomes(json!({"scenarios": [scenario]}))[0]["pass"].clone()
    };
    assert_eq!((pass("INVALID_REQUEST"), pass("NO_CONSENT")), (json!(true), json!(false)));
}

#[test]
fn a_failed_expectation_is_said() {
    let query = json!({"at": "2026-12-02T17:00:00Z", "channel": "sms", "purpose": "updates"});
    let pass = |expect: Value| {
        let scenario = json!({"name": "x", "events": [], "query": query, "expect": expect});
        outcomes(json!({"scenarios": [scenario]}))[0]["pass"].clone()
    };
    assert_eq!(pass(json!({"decision": "deny", "reason": "NO_CONSENT", "next_eligible_at": null})), true);
    assert_eq!(pass(json!({"decision": "deny", "reason": "ERASED", "reason_also_ok": ["NO_CONSENT"]})), true);
    assert_eq!(pass(json!({"decision": "allow", "reason": "NO_CONSENT"})), false);
    assert_eq!(pass(json!({"decision": "deny", "reason": "ERASED"})), false);
    assert_eq!(
        pass(json!({"decision": "deny", "reason": "NO_CONSENT", "next_eligible_at": "2026-12-03T00:00:00Z"})),
        false
    );
    assert_eq!(pass(json!({"decision": "deny", "valid_until_not_after": "2026-12-03T00:00:00Z"})), false);
}

#[test]
fn events_can_be_named_by_position_message_or_evidence() {
    let profile =
        json!({"type": "profile_recorded", "at": "2026-01-01T12:00:00Z", "phone": "+12025550123", "country": "US"});
    let grant = json!({"type": "consent_granted", "at": "2026-02-01T12:00:00Z", "channels": ["sms"],
        "purposes": ["updates"], "level": "express_written", "policy_version": "2024-03-20", "affirmative_action": true,
        "condition_of_purchase": false, "evidence_ref": "ev-1", "double_opt_in": true, "event_id": "the consent"});
    for name in [json!("ev-1"), json!("the consent"), json!("1"), json!(1)] {
        let step = json!({"type": "consent_confirmed", "at": "2026-02-02T12:00:00Z", "confirms": name});
        assert_eq!(ask(json!([profile, grant, step]), json!({}))["decision"], "allow", "{name}");
    }
    let step = json!({"type": "consent_confirmed", "at": "2026-02-02T12:00:00Z", "confirms": "ev-2"});
    assert_eq!(ask(json!([profile, grant, step]), json!({}))["reason"], "CONSENT_UNCONFIRMED");
}

#[test]
fn texts_are_tied_by_number_and_everything_else_is_about_a() {
    let profile =
        json!({"type": "profile_recorded", "at": "2026-01-01T12:00:00Z", "phone": "+12025550123", "country": "US"});
    let text = json!({"type": "inbound_sms", "at": "2026-02-01T12:00:00Z", "from": "+12025550199", "body": "STOP"});
    assert_eq!(ask(json!([profile, text]), json!({}))["reason"], "NO_CONSENT");
    let own = json!({"type": "inbound_sms", "at": "2026-02-01T12:00:00Z", "from": "+1 202 555 0123", "body": "STOP"});
    assert_eq!(ask(json!([profile, own]), json!({}))["reason"], "OPTED_OUT_CHANNEL");
    assert_eq!(ask(json!([profile, own]), json!({"subject": "B"}))["reason"], "NO_CONSENT");
    let chat = json!({"type": "withdrawal_request", "at": "2026-02-01T12:00:00Z"});
    assert_eq!(ask(json!([profile, chat]), json!({}))["reason"], "OPTED_OUT_ALL");
    assert_eq!(
        ask(json!([profile, chat]), json!({"subject": null, "phone": "+12025550123"}))["reason"],
        "OPTED_OUT_ALL"
    );
}

#[test]
fn the_example_in_the_documentation_comes_out_as_it_says() {
    let page = include_str!("../../../../docs/scenarios.md");
    let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let outcomes = run(example, &Rules::embedded().unwrap()).unwrap();
    assert_eq!(outcomes.iter().map(|outcome| outcome.pass).collect::<Vec<_>>(), [Some(true), Some(true)]);
}
