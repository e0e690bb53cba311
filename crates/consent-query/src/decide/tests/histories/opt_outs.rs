//! Events that take permission away.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{about_anybody, channel, email, learnt, phone, pick, purpose, rights, text, time};
use crate::stories::with;

/// When some of them were learnt: five minutes before most questions, later, or too late for them.
const LATE: &[(&str, &str)] = &[
    ("2026-11-20T12:00:00Z", "2026-12-02T16:55:00Z"),
    ("2026-12-01T18:00:00Z", "2026-12-02T16:55:01Z"),
    ("2026-12-02T14:00:00Z", "2026-12-02T16:59:30Z"),
    ("2026-12-02T16:55:00Z", "2026-12-02T16:57:00Z"),
    ("2026-12-02T16:58:00Z", "2026-12-02T17:01:00Z"),
];

/// An event that takes permission away.
pub(in crate::decide::tests) fn opt_out() -> impl Strategy<Value = Value> {
    let sent = prop_oneof![
        4 => text(&["STOP", "STOP", "stop please", "wrong number"]),
        1 => (phone(), time()).prop_map(|(sender, at)| {
            json!({"type": "inbound_unparsed", "subject": "nobody", "sender": sender, "at": at})
        }),
    ];
    learnt(prop_oneof![5 => sent, 4 => asked_for(), 2 => rights::request(), 5 => reported()], LATE)
}

/// What somebody asked for otherwise than by text.
fn asked_for() -> impl Strategy<Value = Value> {
    let scope = pick(&["unspecified", "all", "sms", "email", "voice", "special_offers", "transactional", "whatever"]);
    let withdrawal = scope.prop_map(|scope| json!({"type": "withdrawal_request", "scope": scope}));
    let call = prop::option::of(channel())
        .prop_map(|on| with(&json!({"type": "do_not_call_request"}), json!({"channel": on})));
    let switch = (prop::option::weighted(0.8, channel()), purpose())
        .prop_map(|(on, off)| with(&json!({"type": "preference_set", "off": [off]}), json!({"channel": on})));
    let why = pick(&["direct_marketing", "profiling", "legitimate_interest", "legitimate_interest"]);
    let outcome = pick(&[None, Some("upheld"), Some("refused"), Some("overridden"), Some("not_upheld")]);
    let objection = (why, outcome)
        .prop_map(|(scope, outcome)| with(&json!({"type": "objection", "scope": scope}), json!({"outcome": outcome})));
    prop_oneof![
        2 => about_anybody(withdrawal),
        1 => about_anybody(call),
        1 => about_anybody(objection),
        1 => about_anybody(switch),
    ]
}

/// What a device, a carrier, a mail server or a list says.
fn reported() -> impl Strategy<Value = Value> {
    let outcome = pick(&["opted_out", "deactivated", "landline_or_invalid"]);
    let mail = pick(&["email_unsubscribe", "email_complaint", "email_bounced"]);
    prop_oneof![
        1 => about_anybody(Just(json!({"type": "push_permission", "state": "denied"}))),
        1 => about_anybody(outcome.prop_map(|outcome| json!({"type": "delivery_reported", "outcome": outcome}))),
        1 => (mail, email(), time()).prop_map(|(kind, address, at)| {
            json!({"type": kind, "subject": "nobody", "address": address, "at": at})
        }),
        1 => (phone(), pick(&["2026-11-01", "2026-11-03", "2026-11-20"]), time()).prop_map(|(phone, day, at)| {
            json!({"type": "number_deactivated", "subject": "nobody", "phone": phone, "disconnected_on": day, "at": at})
        }),
        1 => (phone(), time()).prop_map(|(phone, at)| {
            json!({"type": "national_dnc_listed", "subject": "nobody", "phone": phone, "at": at})
        }),
    ]
}
