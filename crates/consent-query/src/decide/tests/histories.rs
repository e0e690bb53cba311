//! Generated histories of a few people who share addresses: every type of event, at few times, so that ties occur.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stories::{OTHER_PHONE, PHONE, event_id, grant, profile, with};

/// A number in Miami, where the states add hours and limits.
const MIAMI: &str = "+13055550199";
/// A number in Toronto.
const TORONTO: &str = "+14165550123";

const TIMES: &[&str] = &[
    "2024-12-03T15:00:00Z",
    "2025-06-03T15:00:00Z",
    "2026-06-10T15:00:00Z",
    "2026-09-05T15:00:00Z",
    "2026-11-01T12:00:00Z",
    "2026-11-02T12:00:00Z",
    "2026-11-03T12:00:00Z",
    "2026-11-04T12:00:00Z",
    "2026-11-05T12:00:00Z",
    "2026-11-20T12:00:00Z",
    "2026-12-01T18:00:00Z",
    "2026-12-02T14:00:00Z",
    "2026-12-02T16:55:00Z",
    "2026-12-02T16:58:00Z",
    "2026-12-02T16:59:00Z",
    "2027-02-01T15:00:00Z",
];

fn pick<T: Clone + std::fmt::Debug + 'static>(from: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(from.to_vec())
}

fn time() -> impl Strategy<Value = &'static str> {
    pick(TIMES)
}

fn subject() -> impl Strategy<Value = &'static str> {
    pick(&["A", "A", "A", "A", "A", "B"])
}

fn phone() -> impl Strategy<Value = &'static str> {
    pick(&[PHONE, PHONE, PHONE, OTHER_PHONE, MIAMI, TORONTO])
}

fn email() -> impl Strategy<Value = &'static str> {
    pick(&["pat@example.com", "pat@example.com", "lee@example.com"])
}

fn channel() -> impl Strategy<Value = &'static str> {
    pick(&["sms", "sms", "sms", "mms", "voice", "voice", "email", "email", "push", "whatsapp", "postal"])
}

fn purpose() -> impl Strategy<Value = &'static str> {
    pick(&["special_offers", "special_offers", "updates", "transactional", "support"])
}

/// Whom an event names: a person, an address, or both.
fn whom() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => subject().prop_map(|who| json!({"subject": who})),
        1 => phone().prop_map(|phone| json!({"subject": "nobody", "phone": phone})),
        1 => (subject(), phone()).prop_map(|(who, phone)| json!({"subject": who, "phone": phone})),
        1 => (subject(), email()).prop_map(|(who, email)| json!({"subject": who, "email": email})),
    ]
}

/// An event of this form about anybody, at any time.
fn about_anybody(form: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (form, whom(), time()).prop_map(|(form, whom, at)| with(&with(&form, whom), json!({"at": at})))
}

fn text(bodies: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (phone(), pick(bodies), time())
        .prop_map(|(from, body, at)| json!({"type": "inbound_sms", "from": from, "body": body, "at": at}))
}

/// An event that takes permission away.
pub(super) fn opt_out() -> impl Strategy<Value = Value> {
    let scope = pick(&["unspecified", "all", "sms", "email", "voice", "special_offers", "transactional", "whatever"]);
    let right = pick(&["erasure", "objection"]);
    let withdrawal = scope.prop_map(|scope| json!({"type": "withdrawal_request", "scope": scope}));
    let request = (right, any::<bool>())
        .prop_map(|(right, verified)| json!({"type": "rights_request", "right": right, "identity_verified": verified}));
    let call = prop::option::of(channel())
        .prop_map(|on| with(&json!({"type": "do_not_call_request"}), json!({"channel": on})));
    let switch =
        (channel(), purpose()).prop_map(|(on, off)| json!({"type": "preference_set", "channel": on, "off": [off]}));
    let outcome = pick(&["opted_out", "deactivated", "landline_or_invalid"]);
    let mail = pick(&["email_unsubscribe", "email_complaint", "email_bounced"]);
    prop_oneof![
        4 => text(&["STOP", "STOP", "stop please", "wrong number"]),
        2 => about_anybody(withdrawal),
        1 => about_anybody(call),
        1 => about_anybody(Just(json!({"type": "objection", "scope": "direct_marketing"}))),
        1 => about_anybody(request),
        1 => about_anybody(switch),
        1 => about_anybody(Just(json!({"type": "push_permission", "state": "denied"}))),
        1 => about_anybody(outcome.prop_map(|outcome| json!({"type": "delivery_reported", "outcome": outcome}))),
        1 => (phone(), time()).prop_map(|(sender, at)| {
            json!({"type": "inbound_unparsed", "subject": "nobody", "sender": sender, "at": at})
        }),
        1 => (mail, email(), time()).prop_map(|(kind, address, at)| {
            json!({"type": kind, "subject": "nobody", "address": address, "at": at})
        }),
        1 => (phone(), pick(&["2026-11-01", "2026-11-03", "2026-11-20"]), time()).prop_map(|(phone, day, at)| {
            json!({"type": "number_deactivated", "subject": "nobody", "phone": phone, "disconnected_on": day, "at": at})
        }),
        1 => (phone(), time()).prop_map(|(phone, at)| {
            json!({"type": "national_dnc_listed", "subject": "nobody", "phone": phone, "at": at})
        }),
        1 => about_anybody(Just(json!({"type": "restriction_started"}))),
    ]
}

/// The data of a person is erased.
pub(super) fn erasure() -> impl Strategy<Value = Value> {
    about_anybody(Just(json!({"type": "erasure_completed"})))
}

/// A consent that counts, at least until it ends.
pub(super) fn consent() -> impl Strategy<Value = Value> {
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
    let terms = (level, channels, purposes, end, twice).prop_map(|(level, channels, purposes, end, twice)| {
        let terms = json!({"level": level, "channels": channels, "purposes": purposes, "expires_at": end, "double_opt_in": twice});
        with(&grant(), terms)
    });
    about_anybody(terms)
}

/// A consent that can never count.
pub(super) fn worthless_consent() -> impl Strategy<Value = Value> {
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

fn known() -> impl Strategy<Value = Value> {
    let phone = prop::option::weighted(0.8, phone());
    let email = prop::option::weighted(0.8, email());
    let country = pick(&[Some("US"), Some("US"), Some("CA"), Some("DE"), None]);
    let born = pick(&[None, None, None, None, None, None, Some("1980-05-05"), Some("2013-11-02"), Some("2016-01-01")]);
    let source = pick(&[None, None, None, Some("billing"), Some("billing"), Some("registration")]);
    let facts = (phone, email, country, born, source).prop_map(|(phone, email, country, born, source)| {
        let facts = json!({"phone": phone, "email": email, "country": country, "date_of_birth": born, "address_source": source});
        with(&profile(), facts)
    });
    (facts, subject(), time()).prop_map(|(facts, who, at)| with(&facts, json!({"subject": who, "at": at})))
}

/// What may permit something, or bears on what does.
fn fact() -> impl Strategy<Value = Value> {
    let sale = (pick(&["purchase", "inquiry"]), any::<bool>(), pick(&[None, Some("pos"), Some("pos"), Some("web")]))
        .prop_map(|(kind, offered, line)| {
            with(&json!({"type": kind, "opt_out_offered_at_collection": offered}), json!({"product_line": line}))
        });
    let plain = pick(&[
        json!({"type": "consent_confirmed"}),
        json!({"type": "push_permission", "state": "granted"}),
        json!({"type": "restriction_lift_notified"}),
        json!({"type": "restriction_lifted"}),
        json!({"type": "national_dnc_unlisted"}),
        json!({"type": "optout_clarified", "channels": ["sms"], "keep_purposes": ["transactional"]}),
        json!({"type": "optout_clarified", "channels": ["voice", "sms"], "keep_purposes": ["updates", "support"]}),
        json!({"type": "optout_clarified"}),
    ]);
    let sent = (
        channel(),
        pick(&["special_offers", "special_offers", "optout_confirmation", "help_response", "support"]),
        pick(&[None, Some("spring"), Some("spring"), Some("autumn")]),
    )
        .prop_map(|(on, purpose, about)| {
            with(&json!({"type": "message_sent", "channel": on, "purpose": purpose}), json!({"subject_matter": about}))
        });
    let link = (pick(&["identity_linked", "identity_unlinked"]), subject(), phone(), time())
        .prop_map(|(kind, who, phone, at)| json!({"type": kind, "subject": who, "phone": phone, "at": at}));
    let about_event = (
        0..9_u64,
        time(),
        prop_oneof![
            Just(json!({"type": "review_resolved", "outcome": "is_not"})),
            Just(json!({"type": "review_resolved", "outcome": "is_opt_out"})),
            Just(json!({"type": "event_compensated"})),
        ],
    )
        .prop_map(|(seq, at, form)| with(&form, json!({"subject": "nobody", "event_id": event_id(seq), "at": at})));
    prop_oneof![
        4 => known(),
        2 => about_anybody(sale),
        3 => about_anybody(plain),
        2 => about_anybody(sent),
        2 => link,
        3 => text(&["START", "YES", "HELP", "thanks", "START"]),
        1 => about_event,
    ]
}

/// How a story begins: with person A in Washington and, often, with something that the rules care about.
fn beginning() -> impl Strategy<Value = Vec<Value>> {
    let everything = with(
        &grant(),
        json!({"channels": ["sms", "mms", "voice", "email", "push", "whatsapp", "postal"],
            "purposes": ["special_offers", "updates", "transactional", "support"]}),
    );
    let living = |phone: &str, country: &str| with(&profile(), json!({"phone": phone, "country": country}));
    let event = |kind: &str, at: &str| json!({"type": kind, "at": at});
    let sent = |at: &str| json!({"type": "message_sent", "channel": "sms", "purpose": "updates", "at": at});
    let bought = json!({"type": "purchase", "at": "2026-06-10T15:00:00Z", "product_line": "pos",
        "opt_out_offered_at_collection": true});
    let stop = json!({"type": "inbound_sms", "from": PHONE, "body": "STOP", "at": "2026-12-02T16:58:00Z"});
    let help = with(&stop, json!({"body": "HELP"}));
    let confirmed = with(&sent("2026-12-02T16:59:00Z"), json!({"purpose": "optout_confirmation"}));
    let listed = with(&event("national_dnc_listed", "2025-06-03T15:00:00Z"), json!({"phone": PHONE}));
    let texts = [sent("2026-12-02T14:00:00Z"), sent("2026-12-02T16:55:00Z"), sent("2026-12-02T16:59:00Z")];
    pick(&[
        vec![],
        vec![profile()],
        vec![profile(), everything.clone()],
        vec![profile(), everything.clone()],
        vec![profile(), everything.clone()],
        vec![profile(), everything.clone(), stop.clone()],
        vec![profile(), everything.clone(), stop, confirmed],
        vec![profile(), everything.clone(), help],
        vec![living(TORONTO, "CA"), bought.clone()],
        vec![living(TORONTO, "DE"), bought.clone()],
        vec![living(TORONTO, "CA"), everything.clone()],
        vec![profile(), listed, bought],
        [vec![living(MIAMI, "US"), everything], texts.to_vec()].concat(),
    ])
}

/// What happened, in no order.
pub(super) fn history() -> impl Strategy<Value = Vec<Value>> {
    let event = prop_oneof![10 => consent(), 6 => opt_out(), 8 => fact(), 2 => worthless_consent(), 1 => erasure()];
    (beginning(), prop::collection::vec(event, 0..7)).prop_map(|(begun, events)| [begun, events].concat())
}

/// A question, mostly about person A.
pub(super) fn asked() -> impl Strategy<Value = Value> {
    let whom = prop_oneof![
        9 => Just(json!({"subject": "A"})),
        1 => Just(json!({"subject": "B"})),
        2 => phone().prop_map(|phone| json!({"phone": phone})),
        1 => (subject(), phone()).prop_map(|(who, phone)| json!({"subject": who, "phone": phone})),
        1 => email().prop_map(|email| json!({"email": email})),
    ];
    let at = pick(&[
        "2026-12-02T17:00:00Z",
        "2026-12-02T17:00:00Z",
        "2026-12-02T17:00:00Z",
        "2026-12-02T07:00:00Z",
        "2026-12-03T01:30:00Z",
        "2026-12-06T14:30:00Z",
        "2027-02-03T17:00:00Z",
    ]);
    let rare = pick(&["optout_confirmation", "help_response", "policy_change_notice", "rights_response", "emergency"]);
    let reply = pick(&["optout_confirmation", "optout_confirmation", "help_response"]);
    let what = prop_oneof![
        12 => (channel(), purpose()),
        1 => (channel(), rare),
        2 => (Just("sms"), reply),
    ];
    let rest = (any::<bool>(), any::<bool>(), pick(&[None, Some("pos")]), pick(&[None, Some("spring")]));
    (whom, at, what, rest).prop_map(|(whom, at, (channel, purpose), (automated, way_out, line, about))| {
        let query = json!({"at": at, "channel": channel, "purpose": purpose, "automated": automated, "opt_out_in_message": way_out});
        with(&with(&whom, query), json!({"product_line": line, "subject_matter": about}))
    })
}
