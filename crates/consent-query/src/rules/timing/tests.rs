use serde_json::{Value, json};

use crate::stories::{ask, ask_under, grant, judge_all, profile, question, time, with};

fn living_with(phone: &str, more: &[Value]) -> Vec<Value> {
    [&[with(&profile(), json!({"phone": phone})), grant()], more].concat()
}

fn at(moment: &str) -> Value {
    with(&question(), json!({"at": moment}))
}

fn sent(moment: &str, changes: Value) -> Value {
    let message = json!({"type": "message_sent", "at": moment, "channel": "sms", "purpose": "special_offers",
        "subject_matter": "spring"});
    with(&message, changes)
}

const MIAMI: &str = "+13055550123";
const WASHINGTON: &str = "+12025550123";

#[test]
fn a_window_opens_and_closes_to_the_second_and_is_half_open() {
    for (phone, moment, next) in [
        (WASHINGTON, "2026-12-02T12:59:59Z", Some("2026-12-02T13:00:00Z")),
        (WASHINGTON, "2026-12-02T13:00:00Z", None),
        (WASHINGTON, "2026-12-03T01:59:59Z", None),
        (WASHINGTON, "2026-12-03T02:00:00Z", Some("2026-12-03T13:00:00Z")),
        (MIAMI, "2026-12-03T00:59:59Z", None),
        (MIAMI, "2026-12-03T01:00:00Z", Some("2026-12-03T13:00:00Z")),
    ] {
        let decision = ask(&living_with(phone, &[]), &at(moment));
        assert_eq!(decision.next_eligible_at, next.map(time), "{phone} {moment}");
        assert_eq!(decision.valid_until.is_some(), next.is_none(), "{phone} {moment}");
        assert_eq!(
            decision.zones.iter().map(|zone| zone.name()).collect::<Vec<_>>(),
            ["America/New_York"],
            "{phone} {moment}"
        );
    }
    let decision = ask(&living_with(WASHINGTON, &[]), &at("2026-12-03T01:50:00Z"));
    assert_eq!(decision.valid_until, Some(time("2026-12-03T02:00:00Z")));
}

#[test]
fn hours_are_for_marketing_by_telephone() {
    let night = "2026-12-02T07:00:00Z";
    let all = with(
        &grant(),
        json!({"channels": ["sms", "mms", "voice", "whatsapp", "email", "push"],
        "purposes": ["special_offers", "support"]}),
    );
    let known = || vec![profile(), all.clone()];
    let on = |channel: &str, purpose: &str| with(&at(night), json!({"channel": channel, "purpose": purpose}));
    for channel in ["sms", "mms", "voice", "whatsapp"] {
        judge_all(vec![
            (channel, known(), on(channel, "special_offers"), &["QUIET_HOURS"]),
            (channel, known(), on(channel, "support"), &["CONSENT_EXPRESS_WRITTEN"]),
        ]);
    }
    for channel in ["email", "push"] {
        judge_all(vec![(channel, known(), on(channel, "special_offers"), &["CONSENT_EXPRESS_WRITTEN"])]);
    }
}

#[test]
fn three_messages_a_day_on_one_subject_where_a_state_says_so() {
    const FULL: &[&str] = &["FREQUENCY_CAP"];
    const FREE: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
    let two = || vec![sent("2026-12-02T14:00:00Z", json!({})), sent("2026-12-02T15:00:00Z", json!({}))];
    let third = |moment: &str, changes: Value| [two(), vec![sent(moment, changes)]].concat();
    let asked = || with(&question(), json!({"subject_matter": "spring"}));
    let same = "2026-12-02T16:00:00Z";
    let miami = |sent: Vec<Value>| living_with(MIAMI, &sent);
    judge_all(vec![
        ("two", miami(two()), asked(), FREE),
        ("three", miami(third(same, json!({}))), asked(), FULL),
        ("three, and no subject asked about", miami(third(same, json!({}))), question(), FULL),
        ("the third without a subject", miami(third(same, json!({"subject_matter": null}))), asked(), FULL),
        ("the third on another subject", miami(third(same, json!({"subject_matter": "autumn"}))), asked(), FREE),
        ("the third for another offer", miami(third(same, json!({"purpose": "updates"}))), asked(), FULL),
        ("the third no advertisement", miami(third(same, json!({"purpose": "billing"}))), asked(), FREE),
        ("the third a call", miami(third(same, json!({"channel": "voice"}))), asked(), FULL),
        ("the third a letter", miami(third(same, json!({"channel": "postal"}))), asked(), FREE),
        ("the third a day ago", miami(third("2026-12-01T17:00:00Z", json!({}))), asked(), FREE),
        ("the third a day ago less a second", miami(third("2026-12-01T17:00:01Z", json!({}))), asked(), FULL),
        ("the third to somebody else", miami(third(same, json!({"subject": "B"}))), asked(), FREE),
        ("where no state says so", living_with(WASHINGTON, &third(same, json!({}))), asked(), FREE),
    ]);
    let full = miami(third(same, json!({})));
    assert_eq!(ask_under(&json!({"state_frequency_caps": false}), &full, &asked()).reason.as_str(), FREE[0]);
    let decision = ask(&full, &asked());
    assert_eq!(decision.relied_on.len(), 3);
    assert_eq!(decision.rule.source, "Fla. Stat. 501.616(6)(b)");
}

#[test]
fn waiting_helps_from_the_first_moment_at_which_nothing_stands_in_the_way() {
    let three = |first: &str| {
        [first, "2026-12-02T14:00:00Z", "2026-12-02T15:00:00Z"].map(|moment| sent(moment, json!({}))).to_vec()
    };
    let next = |events: &[Value], moment: &str| ask(events, &at(moment)).next_eligible_at;
    let day = "2026-12-02T17:00:00Z";
    let miami = |first: &str| living_with(MIAMI, &three(first));
    assert_eq!(next(&miami("2026-12-01T18:00:00Z"), day), Some(time("2026-12-02T18:00:00Z")));
    assert_eq!(next(&miami("2026-12-02T13:30:00Z"), day), Some(time("2026-12-03T13:30:00Z")));
    // There is room again at 02:00 UTC, which is nine in the evening: too late to send.
    assert_eq!(next(&miami("2026-12-02T02:00:00Z"), day), Some(time("2026-12-03T13:00:00Z")));
    let six = [three("2026-12-02T13:00:00Z"), three("2026-12-02T13:30:00Z")].concat();
    assert_eq!(next(&living_with(MIAMI, &six), day), Some(time("2026-12-03T14:00:00Z")));
    let ending = with(&grant(), json!({"expires_at": "2026-12-02T13:00:00Z"}));
    assert_eq!(next(&[profile(), ending], "2026-12-02T07:00:00Z"), None);
    let lasting = with(&grant(), json!({"expires_at": "2026-12-02T13:00:01Z"}));
    assert_eq!(next(&[profile(), lasting], "2026-12-02T07:00:00Z"), Some(time("2026-12-02T13:00:00Z")));
}

#[test]
fn a_permanent_objection_beside_a_temporary_one_makes_waiting_useless() {
    let events = living_with(WASHINGTON, &[json!({"type": "withdrawal_request", "at": "2026-12-01T00:00:00Z"})]);
    let decision = ask(&events, &at("2026-12-02T07:00:00Z"));
    assert_eq!(decision.reason.as_str(), "OPTED_OUT_ALL");
    assert_eq!(decision.also_blocking.iter().map(|reason| reason.as_str()).collect::<Vec<_>>(), ["QUIET_HOURS"]);
    assert_eq!(decision.next_eligible_at, None);
}

#[test]
fn where_nobody_knows_the_hour_waiting_does_not_help() {
    let nowhere = with(&profile(), json!({"phone": "+18335550199", "country": null}));
    let decision = ask(&[nowhere, grant()], &question());
    assert_eq!((decision.reason.as_str(), decision.next_eligible_at), ("TIMEZONE_UNKNOWN", None));
}

#[test]
fn oregon_counts_every_message_and_spares_a_relationship() {
    const PORTLAND: &str = "+15035550123";
    const FULL: &[&str] = &["FREQUENCY_CAP"];
    const FREE: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
    let three = |phone: &str, more: &[Value]| {
        let subjects = ["spring", "summer", "autumn"].iter().zip(["14", "15", "16"]);
        let each =
            |(about, hour): (&&str, &str)| sent(&format!("2026-12-02T{hour}:30:00Z"), json!({"subject_matter": about}));
        let sent: Vec<Value> = subjects.map(each).collect();
        living_with(phone, &[&sent, more].concat())
    };
    let asked = || with(&at("2026-12-02T19:00:00Z"), json!({"subject_matter": "winter"}));
    let bought = |day: &str| json!({"type": "purchase", "at": format!("{day}T12:00:00Z")});
    let refused = json!({"type": "do_not_call_request", "channel": "voice", "at": "2026-11-01T12:00:00Z"});
    judge_all(vec![
        ("on other subjects, in Florida", three(MIAMI, &[]), asked(), FREE),
        ("on other subjects, in Oregon", three(PORTLAND, &[]), asked(), FULL),
        ("bought something", three(PORTLAND, &[bought("2026-01-10")]), asked(), FREE),
        ("bought something long ago", three(PORTLAND, &[bought("2025-01-10")]), asked(), FULL),
        ("bought something, and refused calls", three(PORTLAND, &[bought("2026-01-10"), refused]), asked(), FULL),
    ]);
}

#[test]
fn one_message_reported_twice_counts_once() {
    let named = |moment: &str, id: &str| sent(moment, json!({"provider_message_id": id}));
    let first = named("2026-12-02T14:00:00Z", "SM1");
    let known = |third: &str| {
        living_with(
            MIAMI,
            &[first.clone(), first.clone(), named("2026-12-02T15:00:00Z", "SM2"), named("2026-12-02T16:00:00Z", third)],
        )
    };
    judge_all(vec![
        ("two", known("SM2"), question(), &["CONSENT_EXPRESS_WRITTEN"]),
        ("three", known("SM3"), question(), &["FREQUENCY_CAP"]),
    ]);
}
