//! Consents, good and worthless.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{about_anybody, channel, learnt, pick, purpose};
use crate::stories::{grant, with};

/// A consent counts from when it was learnt, if that was earlier than the time it gives for itself.
const EARLY: &[(&str, &str)] = &[
    ("2026-11-05T12:00:00Z", "2026-11-04T11:00:00Z"),
    ("2026-12-02T14:00:00Z", "2026-12-01T17:00:00Z"),
    ("2026-12-02T16:59:00Z", "2026-12-02T16:57:30Z"),
];

/// A consent that counts, at least until it ends.
pub(in crate::decide::tests) fn consent() -> impl Strategy<Value = Value> {
    let level =
        pick(&["express_written", "express_written", "express_written", "express", "policy_acceptance", "implied"]);
    let channels = prop_oneof![
        3 => Just(json!(["sms", "mms", "voice", "email", "push", "whatsapp", "postal"])),
        1 => channel().prop_map(|on| json!([on])),
    ];
    let purposes = prop_oneof![
        3 => Just(json!(["special_offers", "updates", "transactional"])),
        1 => purpose().prop_map(|purpose| json!([purpose])),
    ];
    let end = pick(&[None, None, None, Some("2026-12-02T16:58:00Z"), Some("2027-02-03T17:10:00Z")]);
    let twice = pick(&[false, false, false, true]);
    let kind = pick(&["consent_granted", "consent_granted", "consent_granted", "consent_imported"]);
    let terms = (kind, level, channels, purposes, end, twice);
    let terms = terms.prop_map(|(kind, level, channels, purposes, end, twice)| {
        let terms = json!({"type": kind, "level": level, "channels": channels, "purposes": purposes,
            "expires_at": end, "double_opt_in": twice});
        with(&grant(), terms)
    });
    learnt(about_anybody(terms), EARLY)
}

/// A consent that can never count.
pub(in crate::decide::tests) fn worthless_consent() -> impl Strategy<Value = Value> {
    let flaw = pick(&[
        json!({"policy_version": null}),
        json!({"policy_version": "1999"}),
        json!({"condition_of_purchase": true}),
        json!({"condition_of_purchase": null}),
        json!({"affirmative_action": false}),
        json!({"affirmative_action": null}),
        json!({"seller": "Somebody Else, LLC"}),
        json!({"type": "consent_imported", "evidence_ref": null}),
    ]);
    (consent(), flaw).prop_map(|(grant, flaw)| with(&grant, flaw))
}
