use serde_json::{Value, json};

use crate::reason::Reason;
use crate::stories::{OTHER_PHONE, PHONE, ask, ask_under, event_id, grant, judge_all, profile, question, reply, with};

/// What happened after person A had agreed in writing to texts, calls, mail, notifications and letters.
fn after(more: &[Value]) -> Vec<Value> {
    let channels = json!(["sms", "mms", "voice", "email", "push", "whatsapp", "postal"]);
    let purposes = json!(["updates", "special_offers", "services", "transactional", "support"]);
    let everything = with(&grant(), json!({"channels": channels, "purposes": purposes}));
    [&[profile(), everything], more].concat()
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the fields in place")]
fn event(fields: Value) -> Value {
    with(&fields, json!({"at": "2026-12-01T15:00:00Z"}))
}

fn on(channel: &str, purpose: &str) -> Value {
    with(&question(), json!({"channel": channel, "purpose": purpose}))
}

const YES: &str = "CONSENT_EXPRESS_WRITTEN";
const ALL: &str = "OPTED_OUT_ALL";
const CHANNEL: &str = "OPTED_OUT_CHANNEL";
const PURPOSE: &str = "OPTED_OUT_PURPOSE";
const MARKETING: &str = "OBJECTION_MARKETING";
const HELD: &str = "REVOCATION_PENDING_REVIEW";
const UNVERIFIED: &str = "REQUEST_PENDING_VERIFICATION";

/// Channel, purpose and the reason that is due.
type Due = (&'static str, &'static str, &'static str);

/// Each kind of withdrawal, and what becomes of two questions after it.
const EACH_KIND: &[(&str, [Due; 2])] = &[
    (
        r#"{"type": "inbound_sms", "from": "+12025550123", "body": "Stop."}"#,
        [("mms", "transactional", CHANNEL), ("voice", "updates", YES)],
    ),
    (
        r#"{"type": "inbound_sms", "from": "+12025550123", "body": "START"}"#,
        [("sms", "updates", YES), ("sms", "transactional", YES)],
    ),
    (
        r#"{"type": "inbound_sms", "from": "+12025550123", "body": "See you at noon"}"#,
        [("sms", "updates", YES), ("sms", "transactional", YES)],
    ),
    (
        r#"{"type": "inbound_sms", "from": "+12025550123", "body": "wrong number"}"#,
        [("voice", "support", CHANNEL), ("email", "updates", YES)],
    ),
    (
        r#"{"type": "inbound_sms", "from": "+12025550123", "body": "hm", "opt_out_indicator": "UNSUB"}"#,
        [("sms", "updates", HELD), ("sms", "support", YES)],
    ),
    (r#"{"type": "inbound_sms", "from": "+12025550123"}"#, [("sms", "updates", HELD), ("email", "updates", YES)]),
    (
        r#"{"type": "inbound_unparsed", "subject": "nobody", "sender": "12025550123"}"#,
        [("mms", "updates", HELD), ("sms", "support", YES)],
    ),
    (
        r#"{"type": "delivery_reported", "subject": "nobody", "phone": "+12025550123", "outcome": "opted_out"}"#,
        [("sms", "updates", CHANNEL), ("whatsapp", "updates", YES)],
    ),
    (
        r#"{"type": "delivery_reported", "phone": "+12025550123", "outcome": "blocked_unknown"}"#,
        [("sms", "updates", YES), ("mms", "updates", YES)],
    ),
    (r#"{"type": "withdrawal_request"}"#, [("postal", "updates", ALL), ("push", "support", ALL)]),
    (
        r#"{"type": "withdrawal_request", "scope": "the newsletter"}"#,
        [("sms", "transactional", ALL), ("postal", "updates", ALL)],
    ),
    (r#"{"type": "withdrawal_request", "scope": "voice"}"#, [("voice", "support", CHANNEL), ("sms", "updates", YES)]),
    (
        r#"{"type": "withdrawal_request", "scope": "updates"}"#,
        [("postal", "updates", PURPOSE), ("sms", "services", YES)],
    ),
    (
        r#"{"type": "withdrawal_request", "subject": "nobody", "from": "Pat@example.com"}"#,
        [("sms", "updates", ALL), ("email", "updates", ALL)],
    ),
    (
        r#"{"type": "email_unsubscribe", "address": "PAT@Example.com", "method": "list_reply"}"#,
        [("email", "updates", CHANNEL), ("sms", "updates", YES)],
    ),
    (r#"{"type": "email_unsubscribe"}"#, [("email", "updates", CHANNEL), ("sms", "updates", YES)]),
    (
        r#"{"type": "email_unsubscribe", "address": "pat@example.com", "method": "get_prefetch"}"#,
        [("email", "updates", YES), ("sms", "updates", YES)],
    ),
    (
        r#"{"type": "email_complaint", "address": "pat@example.com"}"#,
        [("email", "updates", CHANNEL), ("sms", "updates", YES)],
    ),
    (
        r#"{"type": "do_not_call_request", "channel": "voice"}"#,
        [("voice", "updates", CHANNEL), ("sms", "updates", YES)],
    ),
    (r#"{"type": "do_not_call_request"}"#, [("whatsapp", "updates", CHANNEL), ("push", "updates", YES)]),
    (r#"{"type": "do_not_call_request", "channel": "fax"}"#, [("sms", "updates", CHANNEL), ("email", "updates", YES)]),
    (
        r#"{"type": "optout_clarified", "channels": ["voice"], "keep_purposes": ["support"]}"#,
        [("voice", "support", YES), ("voice", "updates", CHANNEL)],
    ),
    (r#"{"type": "objection", "scope": "profiling"}"#, [("push", "updates", MARKETING), ("sms", "support", YES)]),
    (r#"{"type": "objection"}"#, [("email", "updates", MARKETING), ("sms", "support", YES)]),
    (
        r#"{"type": "preference_set", "channel": "sms", "off": ["updates"]}"#,
        [("mms", "updates", PURPOSE), ("email", "updates", YES)],
    ),
    (
        r#"{"type": "preference_set", "channel": "fax", "off": ["updates"]}"#,
        [("email", "updates", PURPOSE), ("sms", "services", YES)],
    ),
    (
        r#"{"type": "preference_set", "channel": "sms", "off": ["jokes"]}"#,
        [("sms", "services", PURPOSE), ("sms", "support", YES)],
    ),
    (
        r#"{"type": "preference_set", "channel": "sms", "on": ["updates"]}"#,
        [("sms", "updates", YES), ("email", "updates", YES)],
    ),
    (
        r#"{"type": "preference_set", "channel": "sms", "off": ["updates", "jokes"]}"#,
        [("sms", "updates", PURPOSE), ("sms", "services", PURPOSE)],
    ),
    (
        r#"{"type": "optout_clarified", "channels": ["voice", "fax"]}"#,
        [("voice", "updates", CHANNEL), ("sms", "updates", CHANNEL)],
    ),
    (r#"{"type": "push_permission", "state": "denied"}"#, [("push", "support", CHANNEL), ("sms", "updates", YES)]),
    (r#"{"type": "push_permission", "state": "granted"}"#, [("push", "updates", YES), ("sms", "updates", YES)]),
    (r#"{"type": "rights_request", "right": "erasure"}"#, [("email", "updates", UNVERIFIED), ("sms", "support", YES)]),
    (
        r#"{"type": "rights_request", "right": "objection", "identity_verified": true}"#,
        [("postal", "updates", MARKETING), ("sms", "support", YES)],
    ),
    (r#"{"type": "rights_request", "right": "access"}"#, [("email", "updates", YES), ("sms", "support", YES)]),
    (r#"{"type": "rights_request"}"#, [("email", "updates", UNVERIFIED), ("sms", "support", YES)]),
];

#[test]
fn every_kind_of_withdrawal_takes_back_what_it_covers_and_nothing_else() {
    for (withdrawal, due) in EACH_KIND {
        let events = after(&[event(serde_json::from_str(withdrawal).unwrap())]);
        for (channel, purpose, reason) in due {
            let decision = ask(&events, &on(channel, purpose));
            assert_eq!(decision.reason.as_str(), *reason, "{withdrawal}: {channel} {purpose}");
        }
    }
}

#[test]
fn only_explicit_proven_consent_given_later_outranks_a_withdrawal() {
    let later = |changes: Value| with(&with(&grant(), json!({"at": "2026-12-01T15:00:01Z"})), changes);
    let then = |grant: Value| vec![profile(), reply("STOP"), grant];
    let yes: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
    judge_all(vec![
        ("a second later", then(later(json!({}))), question(), yes),
        (
            "express, which is not enough for marketing",
            then(later(json!({"level": "express"}))),
            question(),
            &["CONSENT_INSUFFICIENT"],
        ),
        ("at the same instant", then(later(json!({"at": "2026-12-01T15:00:00Z"}))), question(), &["OPTED_OUT_CHANNEL"]),
        (
            "policy accepted",
            then(later(json!({"level": "policy_acceptance"}))),
            question(),
            &["OPTED_OUT_CHANNEL", "CONSENT_INSUFFICIENT"],
        ),
        (
            "unproven",
            then(later(json!({"policy_version": null}))),
            question(),
            &["OPTED_OUT_CHANNEL", "CONSENT_UNPROVEN"],
        ),
        (
            "not confirmed",
            then(later(json!({"double_opt_in": true}))),
            question(),
            &["OPTED_OUT_CHANNEL", "CONSENT_UNCONFIRMED"],
        ),
        (
            "over by now",
            then(later(json!({"expires_at": "2026-12-02T16:00:00Z"}))),
            question(),
            &["OPTED_OUT_CHANNEL", "CONSENT_EXPIRED"],
        ),
        (
            "for another channel",
            then(later(json!({"channels": ["mms"]}))),
            question(),
            &["OPTED_OUT_CHANNEL", "CONSENT_CHANNEL_NOT_COVERED"],
        ),
        (
            "for another number",
            then(later(json!({"phone": OTHER_PHONE}))),
            question(),
            &["OPTED_OUT_CHANNEL", "NO_CONSENT"],
        ),
    ]);
}

#[test]
fn a_consent_from_before_a_lifted_withdrawal_stays_gone() {
    let weaker = || with(&grant(), json!({"at": "2026-12-01T18:00:00Z", "level": "express"}));
    let written = |at: &str| vec![profile(), with(&grant(), json!({"at": at})), reply("STOP"), weaker()];
    judge_all(vec![
        ("before", written("2026-12-01T14:59:59Z"), question(), &["CONSENT_INSUFFICIENT"]),
        ("at the same instant", written("2026-12-01T15:00:00Z"), question(), &["CONSENT_INSUFFICIENT"]),
        ("after", written("2026-12-01T15:00:01Z"), question(), &["CONSENT_EXPRESS_WRITTEN"]),
    ]);
}

#[test]
fn the_latest_certain_withdrawal_gives_the_reason_and_the_others_are_listed() {
    let all = json!({"type": "withdrawal_request", "at": "2026-11-01T15:00:00Z"});
    let erase = json!({"type": "rights_request", "right": "erasure", "at": "2026-12-01T20:00:00Z"});
    judge_all(vec![(
        "three of them",
        after(&[all, reply("STOP"), erase]),
        question(),
        &["OPTED_OUT_CHANNEL", "OPTED_OUT_ALL", "REQUEST_PENDING_VERIFICATION"],
    )]);
}

#[test]
fn a_held_message_waits_for_a_person_and_an_opt_out_once_found_is_never_cleared() {
    let held = event(json!({"type": "inbound_unparsed", "subject": "nobody", "sender": PHONE}));
    let review = |outcome: &str| {
        let resolved = json!({"type": "review_resolved", "subject": "nobody", "event_id": event_id(2)});
        event(with(&resolved, json!({"outcome": outcome})))
    };
    judge_all(vec![
        ("cleared", after(&[held.clone(), review("is_not")]), question(), &["CONSENT_EXPRESS_WRITTEN"]),
        ("found", after(&[held.clone(), review("is_opt_out")]), question(), &["OPTED_OUT_CHANNEL"]),
        ("unclear", after(&[held.clone(), review("maybe")]), question(), &["REVOCATION_PENDING_REVIEW"]),
        ("both", after(&[held, review("is_opt_out"), review("is_not")]), question(), &["OPTED_OUT_CHANNEL"]),
    ]);
}

#[test]
fn an_opt_out_cannot_be_taken_back_as_a_mistake() {
    let undo = event(json!({"type": "event_compensated", "subject": "nobody", "event_id": event_id(2)}));
    judge_all(vec![("undone", after(&[reply("STOP"), undo]), question(), &["OPTED_OUT_CHANNEL"])]);
}

#[test]
fn a_stop_binds_the_number_its_people_and_as_set_their_other_numbers() {
    let share = with(&profile(), json!({"subject": "B", "email": null}));
    let second = json!({"type": "identity_linked", "subject": "B", "phone": OTHER_PHONE, "at": "2020-01-01T00:00:00Z"});
    let events = [profile(), share, second, reply("STOP")];
    let ask_about = |whom: Value, config: Value| {
        ask_under(&config, &events, &with(&question(), with(&json!({"subject": null}), whom))).reason
    };
    let near = json!({"stop_scope": "number"});
    let asked = |whom: Value| with(&with(&question(), json!({"subject": "nobody"})), whom);
    assert_eq!(ask(&events, &asked(json!({"phone": PHONE}))).reason, Reason::OptedOutChannel);
    assert_eq!(ask(&events, &asked(json!({"phone": OTHER_PHONE}))).reason, Reason::OptedOutChannel);
    assert_eq!(ask_about(json!({"subject": "B"}), json!({})), Reason::OptedOutChannel);
    assert_eq!(ask_about(json!({"subject": "A"}), near.clone()), Reason::OptedOutChannel);
    assert_eq!(ask_about(json!({"subject": "B"}), near.clone()), Reason::OptedOutChannel, "the profile's number");
    assert_eq!(ask_about(json!({"subject": "B", "phone": OTHER_PHONE}), near), Reason::NoConsent);
}

#[test]
fn an_objection_can_be_made_final() {
    let objection = event(json!({"type": "objection", "scope": "direct_marketing"}));
    let again = with(&grant(), json!({"at": "2026-12-01T18:00:00Z"}));
    let events = after(&[objection, again]);
    assert_eq!(ask(&events, &question()).reason, Reason::ConsentExpressWritten);
    let held = ask_under(&json!({"explicit_consent_lifts_objection": false}), &events, &question());
    assert_eq!(held.reason, Reason::ObjectionMarketing);
}

#[test]
fn a_request_for_erasure_stops_marketing_only_as_set() {
    let events = after(&[event(json!({"type": "rights_request", "right": "erasure"}))]);
    let decision = ask_under(&json!({"pending_erasure_stops_marketing": false}), &events, &question());
    assert_eq!(decision.reason, Reason::ConsentExpressWritten);
}
