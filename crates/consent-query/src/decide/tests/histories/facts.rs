//! What may permit something, or bears on what does.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{about_anybody, channel, email, learnt, phone, pick, purpose, subject, text, time, whom};
use crate::stories::{profile, with};

/// Three years, two, eighteen months, six and three before a question to the day, and a day more than two years.
pub(super) const ANNIVERSARIES: &[&str] = &[
    "2023-12-02T22:00:00Z",
    "2024-02-03T16:00:00Z",
    "2024-12-01T22:00:00Z",
    "2024-12-02T23:00:00Z",
    "2025-06-02T22:00:00Z",
    "2025-08-03T16:00:00Z",
    "2026-06-02T22:00:00Z",
    "2026-09-02T22:00:00Z",
];

/// What permits may come from a clock that runs ahead.
const EARLY: &[(&str, &str)] = &[
    ("2026-11-04T12:00:00Z", "2026-11-02T11:00:00Z"),
    ("2026-12-02T16:58:00Z", "2026-12-02T16:54:30Z"),
    ("2026-12-02T16:59:00Z", "2026-12-02T16:56:30Z"),
];

fn known() -> impl Strategy<Value = Value> {
    let phone = prop::option::weighted(0.8, phone());
    let email = prop::option::weighted(0.8, email());
    let country = pick(&[Some("US"), Some("US"), Some("CA"), Some("DE"), None, Some("BR"), Some("AU")]);
    let born = pick(&[None, None, None, None, None, None, Some("1980-05-05"), Some("2013-11-02"), Some("2016-01-01")]);
    let source = pick(&[None, None, None, Some("billing"), Some("billing"), Some("registration")]);
    let facts = (phone, email, country, born, source).prop_map(|(phone, email, country, born, source)| {
        let facts = json!({"phone": phone, "email": email, "country": country, "date_of_birth": born, "address_source": source});
        with(&profile(), facts)
    });
    (facts, subject(), time()).prop_map(|(facts, who, at)| with(&facts, json!({"subject": who, "at": at})))
}

pub(super) fn sale() -> impl Strategy<Value = Value> {
    let form = (pick(&["purchase", "inquiry"]), any::<bool>(), pick(&[None, Some("pos"), Some("pos"), Some("web")]))
        .prop_map(|(kind, offered, line)| {
            with(&json!({"type": kind, "opt_out_offered_at_collection": offered}), json!({"product_line": line}))
        });
    let at = prop_oneof![time(), pick(ANNIVERSARIES)];
    (form, whom(), at).prop_map(|(form, whom, at)| with(&with(&form, whom), json!({"at": at})))
}

/// What gives something back, and what was done with it.
fn plain() -> impl Strategy<Value = Value> {
    let form = pick(&[
        json!({"type": "consent_confirmed"}),
        json!({"type": "push_permission", "state": "granted"}),
        json!({"type": "restriction_lift_notified"}),
        json!({"type": "restriction_lifted"}),
        json!({"type": "national_dnc_unlisted"}),
        json!({"type": "optout_clarified", "channels": ["sms"], "keep_purposes": ["transactional"]}),
        json!({"type": "optout_clarified", "channels": ["voice", "sms"], "keep_purposes": ["updates", "support"]}),
        json!({"type": "optout_clarified"}),
    ]);
    let via = pick(&[Some("portal"), Some("portal"), Some("portal"), Some("api"), None]);
    let off = prop::option::weighted(0.2, purpose());
    let switch = (prop::option::weighted(0.7, channel()), purpose(), off, via).prop_map(|(channel, on, off, via)| {
        let form = json!({"type": "preference_set", "on": [on], "off": off.map_or(vec![], |off| vec![off])});
        with(&form, json!({"channel": channel, "via": via}))
    });
    about_anybody(prop_oneof![3 => form, 1 => switch])
}

fn sent() -> impl Strategy<Value = Value> {
    let purpose = pick(&["special_offers", "special_offers", "optout_confirmation", "help_response", "support"]);
    let about = pick(&[None, Some("spring"), Some("spring"), Some("autumn")]);
    let name = pick(&[None, Some("m1"), Some("m1"), Some("m2")]);
    about_anybody((channel(), purpose, about, name).prop_map(|(on, purpose, about, name)| {
        let form = json!({"type": "message_sent", "channel": on, "purpose": purpose});
        with(&form, json!({"subject_matter": about, "provider_message_id": name}))
    }))
}

fn link() -> impl Strategy<Value = Value> {
    let address = prop_oneof![
        3 => phone().prop_map(|phone| json!({"phone": phone})),
        1 => email().prop_map(|email| json!({"email": email})),
    ];
    (pick(&["identity_linked", "identity_linked", "identity_unlinked"]), subject(), address, time())
        .prop_map(|(kind, who, address, at)| with(&address, json!({"type": kind, "subject": who, "at": at})))
}

/// What may permit something, or bears on what does.
pub(super) fn fact() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => known(),
        2 => sale(),
        4 => learnt(plain(), EARLY),
        2 => sent(),
        2 => link(),
        3 => learnt(text(&["START", "YES", "HELP", "thanks", "START"]), EARLY),
    ]
}
