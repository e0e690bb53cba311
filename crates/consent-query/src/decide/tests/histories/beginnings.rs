//! How a story begins: with person A somewhere and, often, with something that the rules care about.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::facts::{ANNIVERSARIES, sale};
use super::{
    CONNECTICUT, FREE, MARYLAND, MIAMI, NEW_ORLEANS, OKLAHOMA, PORTLAND, TORONTO, channel, mistakes, pick, purpose,
    rights, time,
};
use crate::stories::{OTHER_PHONE, PHONE, grant, profile, with};

type Home = (&'static str, Option<&'static str>);

fn home() -> impl Strategy<Value = Home> {
    let washington = Just((PHONE, Some("US")));
    let states = pick(&[MIAMI, CONNECTICUT, MARYLAND, OKLAHOMA, PORTLAND, NEW_ORLEANS, FREE]);
    let abroad = pick(&[
        (TORONTO, Some("CA")),
        (TORONTO, Some("CA")),
        (TORONTO, Some("DE")),
        (TORONTO, None),
        (PHONE, None),
        (FREE, None),
        (PHONE, Some("BR")),
        (PHONE, Some("AU")),
        (CONNECTICUT, Some("BR")),
    ]);
    prop_oneof![6 => washington, 4 => states.prop_map(|phone| (phone, Some("US"))), 4 => abroad]
}

fn living(home: Home) -> Value {
    with(&profile(), json!({"phone": home.0, "country": home.1}))
}

/// A consent to whatever these tests ask about.
fn everything() -> Value {
    let terms = json!({"channels": ["sms", "mms", "voice", "email", "push", "whatsapp", "postal"],
        "purposes": ["special_offers", "updates", "transactional", "support"]});
    with(&grant(), terms)
}

/// Mostly an express consent, sometimes one that was only implied.
fn agreed() -> impl Strategy<Value = Vec<Value>> {
    (home(), prop::bool::weighted(0.8)).prop_map(|(home, express)| {
        let implied = json!({"level": "implied", "at": "2024-12-02T23:00:00Z"});
        let consent = if express { everything() } else { with(&everything(), implied) };
        vec![living(home), consent]
    })
}

/// A consent, and something that may have been a mistake.
fn mistaken() -> impl Strategy<Value = Vec<Value>> {
    home().prop_flat_map(|home| {
        let begun = vec![living(home), everything()];
        mistakes::mistaken(home.0, begun.len()).prop_map(move |events| [begun.clone(), events].concat())
    })
}

/// How a story begins.
pub(super) fn beginning() -> impl Strategy<Value = Vec<Value>> {
    let plain = (home(), any::<Index>())
        .prop_map(|(home, which)| [vec![living(home)], which.get(&cases(home.0)).clone()].concat());
    let bought = (home(), sale(), pick(ANNIVERSARIES)).prop_map(|(home, sale, at)| {
        let sale = with(&sale, json!({"subject": "A", "phone": null, "email": null, "at": at}));
        vec![living(home), sale]
    });
    let asked = (agreed(), rights::answered(2)).prop_map(|(begun, asked)| [begun, asked].concat());
    let switched = (agreed(), switches()).prop_map(|(begun, switches)| [begun, switches].concat());
    let moved = (agreed(), links()).prop_map(|(begun, links)| [begun, links].concat());
    prop_oneof![
        1 => Just(Vec::new()),
        3 => agreed(),
        6 => plain,
        3 => mistaken(),
        3 => bought,
        2 => asked,
        1 => switched,
        1 => moved,
        2 => lifted(),
    ]
}

/// Something is withdrawn, and a consent lifts that until shortly after most questions. Other things may last longer:
/// that service by mail needs no consent, a purchase of somebody on the list, an import.
fn lifted() -> impl Strategy<Value = Vec<Value>> {
    let beside = pick(&["national_dnc_listed", "consent_imported"]);
    (home(), beside).prop_map(|(home, beside)| {
        let off = json!({"type": "preference_set", "off": ["special_offers", "transactional", "support"]});
        let ending = json!({"level": "express", "expires_at": "2026-12-02T17:05:00Z"});
        let at = |event: &Value, at: &str| with(event, json!({"at": at}));
        let more = match beside {
            "consent_imported" => with(&everything(), json!({"type": beside})),
            _ => json!({"type": beside, "phone": home.0}),
        };
        vec![
            living(home),
            at(&off, "2026-06-10T15:00:00Z"),
            at(&with(&everything(), ending), "2026-09-05T15:00:00Z"),
            at(&more, "2026-11-01T12:00:00Z"),
            at(&json!({"type": "purchase"}), "2026-11-02T12:00:00Z"),
        ]
    })
}

/// Off, and on again.
fn switches() -> impl Strategy<Value = Vec<Value>> {
    let channel = || prop::option::weighted(0.8, channel());
    let via = pick(&["portal", "portal", "api"]);
    (channel(), channel(), purpose(), via, time()).prop_map(|(off, on, purpose, via, at)| {
        let choice = json!({"type": "preference_set", "at": "2026-11-01T12:00:00Z", "off": [purpose]});
        let again = json!({"type": "preference_set", "at": at, "on": [purpose], "via": via});
        vec![with(&choice, json!({"channel": off})), with(&again, json!({"channel": on}))]
    })
}

/// Another number is linked, and perhaps the first one left.
fn links() -> impl Strategy<Value = Vec<Value>> {
    (pick(&[OTHER_PHONE, MIAMI, PHONE]), any::<bool>(), time()).prop_map(|(phone, leaves, at)| {
        let linked = json!({"type": "identity_linked", "phone": phone, "at": "2025-06-03T15:00:00Z"});
        let left = json!({"type": "identity_unlinked", "phone": PHONE, "at": at});
        if leaves { vec![linked, left] } else { vec![linked] }
    })
}

/// What may follow to or from a number.
fn cases(phone: &str) -> Vec<Vec<Value>> {
    let event = |kind: &str, at: &str| json!({"type": kind, "at": at});
    let text = |body: &str, at: &str| json!({"type": "inbound_sms", "from": phone, "body": body, "at": at});
    let stop = text("STOP", "2026-12-02T16:58:00Z");
    let late = with(&text("STOP", "2026-12-02T16:50:00Z"), json!({"received_at": "2026-12-02T16:56:00Z"}));
    let sent = |at: &str| json!({"type": "message_sent", "channel": "sms", "purpose": "updates", "at": at});
    let confirmed = with(&sent("2026-12-02T16:59:00Z"), json!({"purpose": "optout_confirmation"}));
    let bought = json!({"type": "purchase", "at": "2026-06-10T15:00:00Z", "product_line": "pos",
        "opt_out_offered_at_collection": true});
    let listed = with(&event("national_dnc_listed", "2025-06-03T15:00:00Z"), json!({"phone": phone}));
    let named = |at: &str, name: &str| {
        let about = if name == "m3" { "autumn" } else { "spring" };
        with(&sent(at), json!({"provider_message_id": name, "subject_matter": about}))
    };
    let earlier = named("2026-12-01T16:00:00Z", "m1");
    let elsewhere = with(&named("2026-12-02T16:55:00Z", "m1"), json!({"phone": OTHER_PHONE}));
    let wrote = text("where is my order", "2026-11-27T12:00:00Z");
    let again = with(&profile(), json!({"phone": phone, "at": "2026-11-29T12:00:00Z"}));
    let restricted = [
        with(&event("rights_request", "2026-11-01T12:00:00Z"), json!({"right": "restriction"})),
        event("restriction_started", "2026-11-02T12:00:00Z"),
        event("restriction_lift_notified", "2026-11-03T12:00:00Z"),
        event("restriction_lifted", "2026-11-04T12:00:00Z"),
    ];
    let sends = |names: [&str; 3]| -> Vec<Value> {
        let times = ["2026-12-02T14:00:00Z", "2026-12-02T16:55:00Z", "2026-12-02T16:59:00Z"];
        std::iter::zip(times, names).map(|(at, name)| named(at, name)).collect()
    };
    vec![
        vec![],
        vec![everything(), stop.clone()],
        vec![everything(), late],
        vec![everything(), stop, confirmed],
        vec![everything(), text("HELP", "2026-12-02T16:58:00Z")],
        vec![text("are you open on Sundays", "2026-12-01T18:00:00Z")],
        vec![text("are you open on Sundays", "2026-11-25T17:00:00Z")],
        vec![
            wrote.clone(),
            with(&event("number_deactivated", "2026-11-28T12:00:00Z"), json!({"phone": phone})),
            again.clone(),
        ],
        vec![wrote, event("erasure_completed", "2026-11-28T12:00:00Z"), again],
        vec![bought.clone()],
        vec![listed, bought.clone()],
        [vec![everything()], restricted.to_vec()].concat(),
        [vec![everything()], sends(["m1", "m2", "m3"])].concat(),
        [vec![everything()], sends(["m1", "m2", "m4"])].concat(),
        [vec![everything()], sends(["m1", "m1", "m2"])].concat(),
        [vec![everything(), earlier], sends(["m1", "m2", "m4"])].concat(),
        [vec![everything()], sends(["m1", "m1", "m2"]), vec![elsewhere]].concat(),
        [vec![everything(), bought], sends(["m1", "m2", "m3"])].concat(),
    ]
}
