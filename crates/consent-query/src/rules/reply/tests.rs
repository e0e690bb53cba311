use serde_json::{Value, json};

use crate::stories::{OTHER_PHONE, PHONE, ask, ask_under, grant, judge_all, profile, question, reply, time, with};

/// What happened after person A had agreed to texts.
fn after(more: &[Value]) -> Vec<Value> {
    [&[profile(), grant()], more].concat()
}

fn at(moment: &str, body: &str) -> Value {
    with(&reply(body), json!({"at": format!("2026-12-02T{moment}Z")}))
}

fn sent(moment: &str, purpose: &str) -> Value {
    json!({"type": "message_sent", "at": format!("2026-12-02T{moment}Z"), "channel": "sms", "purpose": purpose})
}

fn confirm(moment: &str) -> Value {
    with(&question(), json!({"purpose": "optout_confirmation", "at": format!("2026-12-02T{moment}Z")}))
}

fn help(moment: &str) -> Value {
    with(&question(), json!({"purpose": "help_response", "at": format!("2026-12-02T{moment}Z")}))
}

const YES: &[&str] = &["OPTOUT_CONFIRMATION"];
const LATE: &[&str] = &["OPTOUT_CONFIRMATION_LATE", "OPTED_OUT_CHANNEL", "CONSENT_PURPOSE_NOT_COVERED"];
const USED: &[&str] = &["OPTOUT_CONFIRMATION_USED", "OPTED_OUT_CHANNEL", "CONSENT_PURPOSE_NOT_COVERED"];

#[test]
fn an_opt_out_is_confirmed_once_and_within_five_minutes() {
    let stop = || at("16:58:00", "STOP");
    let confirmed = sent("16:58:20", "optout_confirmation");
    let asked = || confirm("17:00:00");
    let chat = json!({"type": "withdrawal_request", "via": "chat", "at": "2026-12-02T16:59:00Z"});
    let carrier = json!({"type": "delivery_reported", "phone": PHONE, "outcome": "opted_out",
        "at": "2026-12-02T16:59:00Z"});
    let wrong = at("16:59:00", "wrong number");
    let held = json!({"type": "inbound_unparsed", "subject": "nobody", "sender": PHONE, "at": "2026-12-02T16:59:00Z"});
    let objected = json!({"type": "objection", "at": "2026-12-02T16:59:00Z"});
    let unsubscribed = |kind: &str| json!({"type": kind, "address": "pat@example.com", "at": "2026-12-02T16:59:00Z"});
    let restarted = [stop(), at("16:59:00", "START")];
    let agreed = |changes: Value| with(&with(&grant(), json!({"at": "2026-12-02T16:59:00Z"})), changes);
    let mail = with(&asked(), json!({"channel": "email"}));
    let call = with(&asked(), json!({"channel": "voice"}));
    let elsewhere = with(&asked(), json!({"phone": OTHER_PHONE}));
    let nothing: &[&str] = &["OPTOUT_CONFIRMATION_LATE", "CONSENT_PURPOSE_NOT_COVERED"];
    judge_all(vec![
        ("at once", after(&[stop()]), confirm("16:58:00"), YES),
        ("a second before the end", after(&[stop()]), confirm("17:02:59"), YES),
        ("at the end", after(&[stop()]), confirm("17:03:00"), LATE),
        ("once already", after(&[stop(), confirmed]), asked(), USED),
        ("another message", after(&[stop(), sent("16:58:20", "help_response")]), asked(), YES),
        ("repeated", after(&[at("16:40:00", "STOP"), stop()]), asked(), YES),
        (
            "repeated and confirmed",
            after(&[at("16:40:00", "STOP"), sent("16:40:09", "optout_confirmation"), stop()]),
            asked(),
            USED,
        ),
        ("picture message", after(&[stop()]), with(&asked(), json!({"channel": "mms"})), YES),
        ("nothing to confirm", after(&[]), asked(), nothing),
        ("asked in a chat", after(&[chat]), asked(), YES),
        ("the carrier did", after(&[carrier]), asked(), LATE),
        ("a stranger", after(&[wrong]), asked(), LATE),
        ("nobody has read it yet", after(&[held]), asked(), nothing),
        ("objected", after(&[objected]), asked(), nothing),
        ("unsubscribed", after(&[unsubscribed("email_unsubscribe")]), mail.clone(), YES),
        (
            "complained to the mail provider",
            after(&[unsubscribed("email_complaint")]),
            mail.clone(),
            &["OPTOUT_CONFIRMATION_LATE", "CONSENT_CHANNEL_NOT_COVERED"],
        ),
        ("undone by START", after(&restarted), asked(), nothing),
        (
            "undone by consent",
            after(&[stop(), agreed(json!({}))]),
            asked(),
            &["OPTOUT_CONFIRMATION_LATE", "OPTED_OUT_CHANNEL", "CONSENT_PURPOSE_NOT_COVERED"],
        ),
        ("agreed at the same instant", after(&[stop(), agreed(json!({"at": "2026-12-02T16:58:00Z"}))]), asked(), YES),
        ("agreed to picture messages", after(&[stop(), agreed(json!({"channels": ["mms"]}))]), asked(), LATE),
        ("agreed to calls", after(&[stop(), agreed(json!({"channels": ["voice"]}))]), asked(), YES),
        ("accepted the policy", after(&[stop(), agreed(json!({"level": "policy_acceptance"}))]), asked(), YES),
        ("agreed without proof", after(&[stop(), agreed(json!({"policy_version": null}))]), asked(), YES),
        ("by mail", after(&[stop()]), mail, &["OPTOUT_CONFIRMATION_LATE", "CONSENT_CHANNEL_NOT_COVERED"]),
        ("by telephone", after(&[stop()]), call, &["OPTOUT_CONFIRMATION_LATE", "CONSENT_CHANNEL_NOT_COVERED"]),
        (
            "to another number",
            after(&[stop()]),
            elsewhere,
            &["OPTOUT_CONFIRMATION_LATE", "OPTED_OUT_CHANNEL", "NO_CONSENT"],
        ),
    ]);
}

#[test]
fn the_delay_is_a_setting_and_ends_the_permission() {
    let events = after(&[at("16:58:00", "STOP")]);
    assert_eq!(ask(&events, &confirm("17:00:00")).valid_until, Some(time("2026-12-02T17:03:00Z")));
    let short = json!({"optout_confirmation_max_delay": "PT1M"});
    assert_eq!(ask_under(&short, &events, &confirm("17:00:00")).reason.as_str(), "OPTOUT_CONFIRMATION_LATE");
}

#[test]
fn help_is_answered_once_by_text_whatever_was_withdrawn_before() {
    const ANSWER: &[&str] = &["REPLY_TO_CONSUMER_REQUEST"];
    const STOPPED: &[&str] = &["OPTED_OUT_CHANNEL", "CONSENT_PURPOSE_NOT_COVERED"];
    const NONE: &[&str] = &["CONSENT_PURPOSE_NOT_COVERED"];
    let asked = at("16:59:00", "HELP");
    let call = with(&help("17:00:00"), json!({"channel": "voice"}));
    let old = with(&asked, json!({"at": "2026-11-20T16:59:00Z"}));
    judge_all(vec![
        ("subscribed", after(std::slice::from_ref(&asked)), help("17:00:00"), ANSWER),
        ("after STOP", after(&[reply("STOP"), asked.clone()]), help("17:00:00"), ANSWER),
        ("before STOP", after(&[asked.clone(), at("16:59:30", "STOP")]), help("17:00:00"), STOPPED),
        ("answered", after(&[asked.clone(), sent("16:59:10", "help_response")]), help("17:00:00"), NONE),
        (
            "asked again",
            after(&[asked.clone(), sent("16:59:10", "help_response"), at("16:59:30", "info")]),
            help("17:00:00"),
            ANSWER,
        ),
        ("nobody asked", after(&[]), help("17:00:00"), NONE),
        ("long ago", after(&[old]), help("17:00:00"), NONE),
        ("by telephone", after(std::slice::from_ref(&asked)), call, &["CONSENT_CHANNEL_NOT_COVERED"]),
        ("from another number", after(&[with(&asked, json!({"from": OTHER_PHONE}))]), help("17:00:00"), NONE),
    ]);
    let closed = json!({"help_reply_after_stop": false});
    let after_stop = after(&[reply("STOP"), asked.clone()]);
    assert_eq!(ask_under(&closed, &after_stop, &help("17:00:00")).reason.as_str(), "OPTED_OUT_CHANNEL");
    let subscribed = after(&[asked]);
    assert_eq!(ask_under(&closed, &subscribed, &help("17:00:00")).reason.as_str(), "REPLY_TO_CONSUMER_REQUEST");
}

#[test]
fn the_five_minutes_run_from_receipt() {
    let late = with(&at("16:50:00", "STOP"), json!({"received_at": "2026-12-02T16:58:00Z"}));
    judge_all(vec![
        ("inside", after(std::slice::from_ref(&late)), confirm("17:02:59"), YES),
        ("over", after(&[late]), confirm("17:03:00"), LATE),
    ]);
}
