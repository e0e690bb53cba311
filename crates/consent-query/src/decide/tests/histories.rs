//! Generated histories of a few people who share addresses: every type of event, at few times, so that ties occur.

mod beginnings;
mod consents;
mod facts;
mod mistakes;
mod opt_outs;
mod rights;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::stories::{OTHER_PHONE, PHONE, event_id, with};
pub(super) use consents::{consent, worthless_consent};
pub(super) use opt_outs::opt_out;
pub(super) use rights::erasure;

/// Numbers in Miami, Connecticut, Maryland, Oklahoma, Portland and New Orleans: their states add hours, limits and
/// rules for those who sell by telephone.
const MIAMI: &str = "+13055550199";
const CONNECTICUT: &str = "+12035550123";
const MARYLAND: &str = "+13015550123";
const OKLAHOMA: &str = "+14055550123";
const PORTLAND: &str = "+15035550123";
const NEW_ORLEANS: &str = "+15045550123";
/// A number in Toronto, and one that is free to call and says nothing of where anybody is.
const TORONTO: &str = "+14165550123";
const FREE: &str = "+18005550123";

/// The first is two years before most questions to the day; those of November 25 are a week before, one second apart.
const TIMES: &[&str] = &[
    "2024-12-02T22:00:00Z",
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
    "2026-11-25T17:00:00Z",
    "2026-11-25T17:00:01Z",
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
    pick(&[PHONE, PHONE, PHONE, PHONE, OTHER_PHONE, MIAMI, TORONTO, CONNECTICUT, PORTLAND])
}

fn email() -> impl Strategy<Value = &'static str> {
    pick(&["pat@example.com", "pat@example.com", "lee@example.com"])
}

fn channel() -> impl Strategy<Value = &'static str> {
    pick(&["sms", "sms", "sms", "mms", "voice", "voice", "email", "email", "push", "whatsapp", "postal"])
}

fn purpose() -> impl Strategy<Value = &'static str> {
    pick(&["special_offers", "special_offers", "updates", "transactional", "support", "inquiry_reply"])
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

/// Sometimes learnt at another time than that at which it happened: no two times of happening share one of learning.
fn learnt(
    event: impl Strategy<Value = Value>,
    times: &'static [(&'static str, &'static str)],
) -> impl Strategy<Value = Value> {
    (event, prop::bool::weighted(0.3)).prop_map(|(event, otherwise)| {
        let found = times.iter().find(|(at, _)| otherwise && event["at"] == *at);
        found.map_or(event.clone(), |(_, received)| with(&event, json!({"received_at": received})))
    })
}

/// What happened, in no order, and what somebody took back or found out about some of it.
pub(crate) fn history() -> impl Strategy<Value = Vec<Value>> {
    let event = prop_oneof![
        10 => consent(),
        6 => opt_out(),
        8 => facts::fact(),
        2 => worthless_consent(),
        1 => erasure(),
        1 => rights::answer(),
    ];
    let form = prop_oneof![
        3 => Just(json!({"type": "event_compensated"})),
        1 => Just(json!({"type": "review_resolved", "outcome": "is_not"})),
        1 => Just(json!({"type": "review_resolved", "outcome": "is_opt_out"})),
    ];
    let after = prop_oneof![
        3 => Just(Vec::new()),
        1 => prop::collection::vec((form, any::<Index>(), time()), 1..3),
    ];
    (beginnings::beginning(), prop::collection::vec(event, 0..7), after).prop_map(|(begun, events, after)| {
        let mut all = [begun, events].concat();
        for (form, which, at) in after {
            let about = event_id(which.index(all.len() + 1) as u64);
            all.push(with(&form, json!({"subject": "nobody", "event_id": about, "at": at})));
        }
        all
    })
}

/// A question, mostly about person A.
pub(crate) fn asked() -> impl Strategy<Value = Value> {
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
        "2026-12-02T18:30:00Z",
        "2026-12-02T22:30:00Z",
        "2026-12-03T01:30:00Z",
        "2026-12-06T14:30:00Z",
        "2027-02-03T17:00:00Z",
    ]);
    let rare = pick(&["optout_confirmation", "help_response", "policy_change_notice", "rights_response", "emergency"]);
    let reply = pick(&["optout_confirmation", "optout_confirmation", "help_response", "inquiry_reply"]);
    let what = prop_oneof![
        12 => (channel(), purpose()),
        1 => (channel(), rare),
        1 => (Just("voice"), Just("special_offers")),
        1 => (Just("mms"), Just("inquiry_reply")),
        2 => (Just("sms"), reply),
    ];
    let rest = (any::<bool>(), any::<bool>(), pick(&[None, Some("pos")]), pick(&[None, Some("spring")]));
    (whom, at, what, rest).prop_map(|(whom, at, (channel, purpose), (automated, way_out, line, about))| {
        let query = json!({"at": at, "channel": channel, "purpose": purpose, "automated": automated, "opt_out_in_message": way_out});
        with(&with(&whom, query), json!({"product_line": line, "subject_matter": about}))
    })
}
