use serde_json::{Value, json};

use crate::reason::Reason;
use crate::stories::{OTHER_PHONE, PHONE, ask, event_id, grant, judge_all, profile, question, time, with};

const LISTED: &[&str] = &["NATIONAL_DNC"];
const RELATED: &[&str] = &["EBR_EXEMPTION"];
const WRITTEN: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];

fn on_list(changes: Value) -> Value {
    with(&json!({"type": "national_dnc_listed", "phone": PHONE, "at": "2024-01-01T00:00:00Z"}), changes)
}

fn call() -> Value {
    with(&question(), json!({"channel": "voice", "automated": false}))
}

fn event(kind: &str, day: &str) -> Value {
    json!({"type": kind, "at": format!("{day}T15:00:00Z")})
}

/// Person A on the list, and what else happened.
fn listed(more: &[Value]) -> Vec<Value> {
    [&[profile(), on_list(json!({}))], more].concat()
}

#[test]
fn a_listed_number_is_dialled_within_a_relationship_or_by_written_permission() {
    let agreed = |changes: Value| with(&with(&grant(), json!({"channels": ["voice"]})), changes);
    let refused = event("do_not_call_request", "2026-08-01");
    let undone = json!({"type": "event_compensated", "subject": "nobody", "event_id": event_id(3), "at": "2026-08-02T12:00:00Z"});
    let off = json!({"type": "national_dnc_unlisted", "phone": PHONE, "at": "2026-01-01T00:00:00Z"});
    let other = with(&call(), json!({"phone": OTHER_PHONE}));
    let of_b = with(&event("purchase", "2026-07-01"), json!({"subject": "B"}));
    judge_all(vec![
        ("no relationship", listed(&[]), call(), LISTED),
        ("bought 18 months ago", listed(&[event("purchase", "2025-06-02")]), call(), RELATED),
        ("bought 18 months and a day ago", listed(&[event("purchase", "2025-06-01")]), call(), LISTED),
        ("asked three months ago", listed(&[event("inquiry", "2026-09-02")]), call(), RELATED),
        ("asked three months and a day ago", listed(&[event("inquiry", "2026-09-01")]), call(), LISTED),
        ("somebody else bought", listed(&[of_b]), call(), LISTED),
        (
            "asked not to be called",
            listed(&[event("purchase", "2026-07-01"), refused.clone()]),
            call(),
            &["OPTED_OUT_CHANNEL", "NATIONAL_DNC"],
        ),
        (
            "asked not to be called, and somebody took that back as a mistake",
            listed(&[event("purchase", "2026-07-01"), refused.clone(), undone]),
            call(),
            &["OPTED_OUT_CHANNEL", "NATIONAL_DNC"],
        ),
        (
            "bought after that",
            listed(&[refused, event("purchase", "2026-09-01")]),
            call(),
            &["OPTED_OUT_CHANNEL", "NATIONAL_DNC"],
        ),
        ("agreed in writing", listed(&[agreed(json!({}))]), call(), WRITTEN),
        ("agreed, not in writing", listed(&[agreed(json!({"level": "express"}))]), call(), LISTED),
        (
            "agreed, not in writing, and bought",
            listed(&[agreed(json!({"level": "express"})), event("purchase", "2026-07-01")]),
            call(),
            RELATED,
        ),
        ("agreed to texts in writing", listed(&[grant()]), call(), LISTED),
        ("taken off the list", listed(std::slice::from_ref(&off)), call(), &["LEGITIMATE_INTEREST"]),
        ("back on the list", listed(&[off, on_list(json!({"at": "2026-02-01T00:00:00Z"}))]), call(), LISTED),
        (
            "on and off at one instant",
            listed(&[event("national_dnc_unlisted", "2025-01-01"), event("national_dnc_listed", "2025-01-01")]),
            call(),
            LISTED,
        ),
        ("another number", vec![profile(), on_list(json!({"phone": OTHER_PHONE}))], call(), &["LEGITIMATE_INTEREST"]),
        ("dialled elsewhere", vec![profile(), on_list(json!({"phone": OTHER_PHONE}))], other, LISTED),
        ("service", listed(&[]), with(&call(), json!({"purpose": "support"})), &["LEGITIMATE_INTEREST"]),
    ]);
}

#[test]
fn a_relationship_from_before_a_refusal_that_was_lifted_stays_gone() {
    let agreed = with(&grant(), json!({"channels": ["voice"], "level": "express", "at": "2026-09-02T15:00:00Z"}));
    let refused = with(&event("withdrawal_request", "2026-09-01"), json!({"scope": "voice"}));
    let lifted = |day: &str| listed(&[event("purchase", day), refused.clone(), agreed.clone()]);
    judge_all(vec![
        ("before", lifted("2026-08-31"), call(), LISTED),
        ("at the same instant", lifted("2026-09-01"), call(), LISTED),
        ("after", lifted("2026-09-02"), call(), RELATED),
    ]);
}

#[test]
fn a_call_that_a_machine_dials_rests_on_written_consent_listed_or_not() {
    let machine = || with(&call(), json!({"automated": null}));
    let agreed = with(&grant(), json!({"channels": ["voice"]}));
    judge_all(vec![
        ("written", listed(&[agreed]), machine(), WRITTEN),
        ("bought", listed(&[event("purchase", "2026-07-01")]), machine(), &["NO_CONSENT"]),
    ]);
}

#[test]
fn the_exemption_ends_with_the_relationship_and_names_it() {
    let just = with(&call(), json!({"at": "2026-12-02T23:55:00Z"}));
    let over = with(&call(), json!({"at": "2026-12-03T00:00:00Z"}));
    assert_eq!(ask(&listed(&[event("purchase", "2025-06-02")]), &over).reason, Reason::NationalDnc);
    let decision = ask(&listed(&[event("purchase", "2025-06-03")]), &just);
    assert_eq!(decision.reason, Reason::EbrExemption);
    assert_eq!(decision.valid_until, Some(time("2026-12-03T00:00:00Z")));
    assert_eq!(decision.relied_on.iter().map(|cited| cited.event_id).collect::<Vec<_>>(), [event_id(2)]);
}

#[test]
fn an_allow_ends_when_the_word_that_the_number_is_off_the_list_is_31_days_old() {
    let off = |at: &str| json!({"type": "national_dnc_unlisted", "phone": PHONE, "at": at});
    let until = |at: &str| ask(&listed(&[off(at)]), &call()).valid_until;
    assert_eq!(until("2026-11-01T17:05:00Z"), Some(time("2026-12-02T17:05:00Z")));
    assert_eq!(until("2026-11-01T17:00:00Z"), Some(time("2026-12-02T17:15:00Z")), "that has passed");
    assert_eq!(until("2026-12-01T17:00:00Z"), Some(time("2026-12-02T17:15:00Z")));
}
