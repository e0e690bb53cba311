//! Whole questions: the shape of the answer, and laws that hold for every history.

mod comparison;
pub(crate) mod histories;
mod laws;
mod model;

use proptest::prelude::ProptestConfig;
use serde_json::{Map, Value, json};

use super::*;
use crate::reason::Answer;
use crate::standing::View;
use crate::stories::{ask, ask_of, event_id, grant, profile, question, recorded, reply, time, with};

/// So many random cases, or as many as `PROPTEST_CASES` says. A failure prints its smallest case instead of a file.
pub(crate) fn random(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let unasked = 256;
    ProptestConfig {
        failure_persistence: None,
        cases: if asked.cases == unasked { cases } else { asked.cases },
        ..asked
    }
}

#[test]
fn an_allow_says_what_it_rests_on_and_how_long_it_holds() {
    let decision = ask(&[profile(), grant()], &question());
    assert_eq!(
        serde_json::to_value(&decision).unwrap(),
        json!({
            "decision": "allow",
            "reason": "CONSENT_EXPRESS_WRITTEN",
            "also_blocking": [],
            "rule": {"id": "consent", "number": 16, "version": Rules::embedded().unwrap().version(), "source": "47 CFR 64.1200(a)(2), (f)(9)"},
            "relied_on": [{"event_id": event_id(1), "seq": 1}],
            "zones": ["America/New_York"],
            "tzdb": crate::zones::tzdb_version(),
            "valid_until": "2026-12-02T17:15:00Z",
            "next_eligible_at": null,
            "position": 2,
            "decision_id": "00000000-0000-0000-0000-000000000000",
        })
    );
    let json = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
}

#[test]
fn a_deny_says_so_for_good_and_lists_what_else_would_deny() {
    let decision = ask(&[profile(), reply("STOP")], &question());
    assert_eq!((decision.decision, decision.reason), (Answer::Deny, Reason::OptedOutChannel));
    assert_eq!(decision.also_blocking, [Reason::NoConsent]);
    assert_eq!((decision.rule.id.as_ref(), decision.rule.number), ("withdrawals", 10));
    assert_eq!((decision.valid_until, decision.next_eligible_at), (None, None));
    assert_eq!((decision.zones.is_empty(), decision.tzdb), (true, None));
    assert_eq!(decision.relied_on[0].seq, 1);
}

#[test]
fn an_explanation_names_every_rule_and_no_address() {
    let decision = ask(&[profile(), grant(), reply("STOP")], &with(&question(), json!({"explain": true})));
    let findings = decision.explanation.unwrap();
    let rules: Vec<(&str, Found)> = findings.iter().map(|one| (one.rule.as_ref(), one.verdict)).collect();
    let expected = [
        ("valid-request", Found::Silent),
        ("ledger-available", Found::Silent),
        ("erased", Found::Silent),
        ("minor", Found::Silent),
        ("emergency", Found::Silent),
        ("rights-response", Found::Silent),
        ("restriction", Found::Silent),
        ("reply", Found::Silent),
        ("reachable", Found::Silent),
        ("withdrawals", Found::Deny),
        ("address-source", Found::Silent),
        ("notice", Found::Silent),
        ("national-dnc", Found::Silent),
        ("consent-basis", Found::Silent),
        ("timing", Found::Silent),
        ("consent", Found::Allow),
    ];
    assert_eq!(rules, expected);
    assert_eq!(rules.len(), RULES.len());
    let words = |decision: Decision, rule: &str| {
        let findings = decision.explanation.unwrap();
        findings.into_iter().find(|one| one.rule == rule).map(|one| one.words.into_owned()).unwrap()
    };
    let night = with(&question(), json!({"explain": true, "at": "2026-12-02T07:00:00Z"}));
    let quiet = words(ask(&[profile(), grant()], &night), "timing");
    assert_eq!(quiet, "It is a quiet hour where the person may be. It ends at 2026-12-02T13:00:00Z.");
    let nothing = words(ask(&[profile()], &night), "consent-basis");
    assert_eq!(nothing, "No consent is on record for this address. Needed is a written consent in the United States.");
    assert_eq!(words(ask(&[profile()], &night), "minor"), "Nothing says that this person is under thirteen.");
    assert!(!serde_json::to_string(&findings).unwrap().contains("555"));
}

#[test]
fn an_allow_ends_with_the_consent_it_rests_on() {
    let ending = with(&grant(), json!({"expires_at": "2026-12-02T17:04:00Z"}));
    let decision = ask(&[profile(), ending], &question());
    assert_eq!(decision.valid_until, Some(time("2026-12-02T17:04:00Z")));
}

#[test]
fn an_answer_about_the_past_is_no_leave_to_send_now() {
    let then = with(&question(), json!({"as_of": "2026-11-01T00:00:00Z", "known_at": "2026-11-02T00:00:00Z"}));
    let decision = ask(&[profile(), grant(), reply("STOP")], &then);
    assert_eq!(decision.decision, Answer::Allow);
    assert_eq!(decision.valid_until, Some(time("2026-11-01T00:15:00Z")));
}

#[test]
fn a_live_question_loses_no_opt_out_to_a_clock_that_runs_ahead() {
    let ahead = with(&reply("STOP"), json!({"at": "2026-12-02T17:00:30Z"}));
    let rules = Rules::embedded().unwrap();
    let standing = crate::standing::fold(&recorded(&[profile(), grant(), ahead]), View::LIVE, &rules);
    let asked =
        Question { subject: Some("A".into()), channel: "sms".into(), purpose: "updates".into(), ..Question::default() };
    let decision = decide(&asked, &Known::Standing(standing), &rules, time("2026-12-02T17:00:00Z"), 3);
    assert_eq!(decision.reason, Reason::OptedOutChannel);
}

#[test]
fn where_nothing_is_certain_nothing_is_allowed() {
    let rules = Rules::embedded().unwrap();
    let now = time("2026-12-02T17:00:00Z");
    let mut asked = Question {
        phone: Some(crate::stories::PHONE.into()),
        channel: "sms".into(),
        purpose: "updates".into(),
        explain: true,
        ..Question::default()
    };
    for cause in [Cause::Unreachable, Cause::Behind, Cause::Corrupt, Cause::Quarantined] {
        let decision = decide(&asked, &Known::Unavailable(cause), &rules, now, 0);
        assert_eq!((decision.decision, decision.reason), (Answer::Deny, Reason::LedgerUnavailable));
        assert_eq!(decision.explanation.unwrap()[1].words, cause.words());
    }
    let sentences = [Cause::Unreachable, Cause::Behind, Cause::Corrupt, Cause::Quarantined].map(Cause::words);
    assert!(sentences.iter().all(|words| words.ends_with('.') && words.len() > 20));
    asked.id = event_id(7);
    asked.phone = Some("555-0177".into());
    let decision = decide(&asked, &Known::Unavailable(Cause::Behind), &rules, now, 9);
    assert_eq!(decision.reason, Reason::InvalidRequest);
    assert_eq!(decision.also_blocking, [Reason::LedgerUnavailable]);
    assert_eq!((decision.decision_id, decision.position), (event_id(7), 9));
    let words = &decision.explanation.unwrap()[0].words;
    assert!(words.contains("phone: ") && !words.contains("0177"), "{words}");
}

#[test]
fn settings_change_the_answer_and_nothing_else_does() {
    let stopped = recorded(&[profile(), grant(), reply("STOP")]);
    let receipt = with(&question(), json!({"purpose": "transactional"}));
    let reasons = |config: Value| {
        let config: Map<String, Value> = config.as_object().unwrap().clone();
        ask_of(&stopped, &receipt, &config).reason
    };
    assert_eq!(reasons(json!({})), Reason::OptedOutChannel);
    assert_eq!(reasons(json!({"stop_blocks_transactional_sms": false})), Reason::ConsentPurposeNotCovered);
}

#[test]
fn events_can_be_ordered_by_when_they_were_learnt() {
    let late = with(&reply("STOP"), json!({"at": "2026-09-01T12:00:00Z", "received_at": "2026-12-01T12:00:00Z"}));
    let events = recorded(&[profile(), late, grant()]);
    let reason = |order: &str| {
        let config = json!({"order_by": order});
        ask_of(&events, &question(), config.as_object().unwrap()).reason
    };
    assert_eq!(reason("occurred_at"), Reason::ConsentExpressWritten);
    assert_eq!(reason("received_at"), Reason::OptedOutChannel);
}
