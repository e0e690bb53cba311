//! What was recorded and then, mostly, taken back as a mistake.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::pick;
use crate::stories::{OTHER_PHONE, PHONE, event_id, grant, profile, with};

/// Something to or from a number, and that the last of it was a mistake. It begins at this position of the story.
pub(super) fn mistaken(phone: &'static str, position: usize) -> impl Strategy<Value = Vec<Value>> {
    let later = pick(&["2026-11-20T12:00:00Z", "2026-12-02T16:59:00Z"]);
    (any::<Index>(), prop::bool::weighted(0.7), later).prop_map(move |(which, mistaken, at)| {
        let mut events = which.get(&[acts(phone), texts(phone, position)].concat()).clone();
        let last = event_id((position + events.len() - 1) as u64);
        if mistaken {
            events.push(json!({"type": "event_compensated", "subject": "nobody", "event_id": last, "at": at}));
        }
        events
    })
}

fn acts(phone: &str) -> Vec<Vec<Value>> {
    let first = |form: Value| with(&form, json!({"at": "2026-11-01T12:00:00Z"}));
    let then = |form: Value| with(&form, json!({"at": "2026-11-03T12:00:00Z"}));
    let last = |form: Value| with(&form, json!({"at": "2026-11-05T12:00:00Z"}));
    let reported = |outcome: &str| then(json!({"type": "delivery_reported", "phone": phone, "outcome": outcome}));
    let listed = |kind: &str| json!({"type": kind, "phone": phone});
    let push = |state: &str| json!({"type": "push_permission", "state": state});
    let off = json!({"type": "preference_set", "channel": "sms", "off": ["special_offers"]});
    let on = json!({"type": "preference_set", "on": ["special_offers"], "off": ["updates"], "via": "portal"});
    vec![
        vec![then(json!({"type": "email_bounced", "address": "pat@example.com"}))],
        vec![then(json!({"type": "number_deactivated", "phone": phone}))],
        vec![reported("deactivated")],
        vec![reported("landline_or_invalid")],
        vec![reported("opted_out")],
        vec![first(listed("national_dnc_listed")), then(listed("national_dnc_unlisted"))],
        vec![
            first(json!({"type": "restriction_started"})),
            then(json!({"type": "restriction_lift_notified"})),
            last(json!({"type": "restriction_lifted"})),
        ],
        vec![first(push("denied")), then(push("granted"))],
        vec![first(off), then(on)],
        vec![then(with(&profile(), json!({"phone": OTHER_PHONE})))],
        vec![then(json!({"type": "identity_linked", "phone": OTHER_PHONE, "subject": "B"}))],
        vec![then(json!({"type": "identity_linked", "phone": PHONE, "subject": "B"}))],
        vec![then(json!({"type": "identity_unlinked", "phone": phone}))],
    ]
}

fn texts(phone: &str, position: usize) -> Vec<Vec<Value>> {
    let text = |body: &str, at: &str| json!({"type": "inbound_sms", "from": phone, "body": body, "at": at});
    let stop = text("STOP", "2026-11-01T12:00:00Z");
    let held = json!({"type": "inbound_unparsed", "subject": "nobody", "sender": phone, "at": "2026-11-01T12:00:00Z"});
    let no_opt_out = json!({"type": "review_resolved", "subject": "nobody", "event_id": event_id(position as u64),
        "outcome": "is_not", "at": "2026-11-03T12:00:00Z"});
    let kept = json!({"type": "optout_clarified", "at": "2026-11-03T12:00:00Z", "phone": phone, "channels": ["voice"],
        "keep_purposes": ["updates", "transactional"]});
    let twice = with(&grant(), json!({"double_opt_in": true}));
    vec![
        vec![stop.clone(), text("START", "2026-11-03T12:00:00Z")],
        vec![stop, kept],
        vec![text("HELP", "2026-12-01T18:00:00Z")],
        vec![text("are you open on Sundays", "2026-12-01T18:00:00Z")],
        vec![held, no_opt_out],
        vec![twice, text("YES", "2026-11-03T12:00:00Z")],
    ]
}
