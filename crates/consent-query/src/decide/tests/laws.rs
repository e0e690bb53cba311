//! Laws that hold for every history: generated histories of a few people who share addresses.

use consent_core::event::Recorded;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

use crate::reason::Answer;
use crate::stories::{OTHER_PHONE, PHONE, ask_of, grant, profile, recorded, with};

/// A time in 2026: days are few, so that equal times occur.
fn day() -> impl Strategy<Value = String> {
    (1..=20_u32).prop_map(|day| format!("2026-11-{day:02}T12:00:00Z"))
}

fn subject() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("A"), 1 => Just("B")]
}

fn phone() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just(PHONE), 1 => Just(OTHER_PHONE)]
}

fn purpose() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just("special_offers"), 1 => Just("updates"), 1 => Just("transactional")]
}

fn channel() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("sms"), 1 => Just("email"), 1 => Just("voice"), 1 => Just("push")]
}

/// An event that takes permission away.
fn opt_out() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        phone().prop_map(|from| json!({"type": "inbound_sms", "from": from, "body": "STOP"})),
        (phone(), subject()).prop_map(|(from, subject)| {
            json!({"type": "inbound_sms", "from": from, "subject": subject, "body": "wrong number"})
        }),
        (subject(), prop_oneof![Just("unspecified"), Just("sms"), Just("special_offers"), Just("whatever")])
            .prop_map(|(who, scope)| json!({"type": "withdrawal_request", "subject": who, "scope": scope})),
        phone().prop_map(|phone| json!({"type": "do_not_call_request", "subject": "nobody", "phone": phone})),
        subject().prop_map(|who| json!({"type": "objection", "subject": who, "scope": "direct_marketing"})),
        subject().prop_map(|who| json!({"type": "rights_request", "subject": who, "right": "erasure"})),
        phone().prop_map(|sender| json!({"type": "inbound_unparsed", "subject": "nobody", "sender": sender})),
        Just(json!({"type": "email_unsubscribe", "subject": "nobody", "address": "PAT@example.com"})),
        (subject(), phone(), purpose()).prop_map(|(who, phone, off)| {
            json!({"type": "preference_set", "subject": who, "phone": phone, "channel": "sms", "off": [off]})
        }),
        subject().prop_map(|who| json!({"type": "push_permission", "subject": who, "state": "denied"})),
    ];
    (kind, day()).prop_map(|(event, at)| with(&event, json!({"at": at})))
}

fn consent() -> impl Strategy<Value = Value> {
    let level = prop_oneof![3 => Just("express_written"), 1 => Just("express"), 1 => Just("policy_acceptance")];
    let given_for = prop_oneof![
        subject().prop_map(|who| json!({"subject": who})),
        phone().prop_map(|phone| json!({"subject": "nobody", "phone": phone})),
        (subject(), phone()).prop_map(|(who, phone)| json!({"subject": who, "phone": phone})),
    ];
    (given_for, level, any::<bool>(), day()).prop_map(|(given_for, level, twice, at)| {
        let all = json!({"channels": ["sms", "email", "voice", "push"], "purposes": ["special_offers", "transactional"],
            "level": level, "double_opt_in": twice, "at": at});
        with(&with(&grant(), all), given_for)
    })
}

/// A consent that can never count.
fn worthless_consent() -> impl Strategy<Value = Value> {
    let flaw = prop_oneof![
        Just(json!({"policy_version": null})),
        Just(json!({"policy_version": "1999"})),
        Just(json!({"condition_of_purchase": true})),
        Just(json!({"condition_of_purchase": null})),
        Just(json!({"affirmative_action": false})),
        Just(json!({"seller": "Somebody Else, LLC"})),
        Just(json!({"type": "consent_imported", "evidence_ref": null})),
    ];
    (consent(), flaw).prop_map(|(grant, flaw)| with(&grant, flaw))
}

fn fact() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        (subject(), phone(), prop_oneof![Just("US"), Just("DE")]).prop_map(|(who, phone, country)| {
            with(&profile(), json!({"subject": who, "phone": phone, "country": country}))
        }),
        (subject(), phone()).prop_map(|(who, at)| json!({"type": "identity_linked", "subject": who, "phone": at})),
        (subject(), phone()).prop_map(|(who, at)| json!({"type": "identity_unlinked", "subject": who, "phone": at})),
        subject().prop_map(|who| json!({"type": "consent_confirmed", "subject": who})),
        subject().prop_map(|who| json!({"type": "purchase", "subject": who})),
    ];
    (kind, day()).prop_map(|(event, at)| with(&event, json!({"at": at})))
}

fn history() -> impl Strategy<Value = Vec<Value>> {
    let known_since = prop_oneof![4 => Just(vec![profile()]), 1 => Just(Vec::new())];
    let event = prop_oneof![5 => consent(), 2 => opt_out(), 2 => fact(), 1 => worthless_consent()];
    (known_since, prop::collection::vec(event, 0..9)).prop_map(|(known, events)| [known, events].concat())
}

fn asked() -> impl Strategy<Value = Value> {
    let whom = prop_oneof![
        subject().prop_map(|who| json!({"subject": who})),
        phone().prop_map(|phone| json!({"phone": phone})),
        (subject(), phone()).prop_map(|(who, phone)| json!({"subject": who, "phone": phone})),
        Just(json!({"email": "pat@example.com"})),
    ];
    (whom, channel(), purpose()).prop_map(|(whom, channel, purpose)| {
        with(&whom, json!({"at": "2026-12-02T17:00:00Z", "channel": channel, "purpose": purpose}))
    })
}

fn answer(events: &[Recorded], query: &Value) -> Answer {
    ask_of(events, query, &Map::new()).decision
}

/// The same events, of which no two happened at one time.
fn distinct_times(mut events: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    events.retain(|event| seen.insert(event["at"].to_string()));
    events
}

fn added(mut events: Vec<Value>, more: Value) -> Vec<Recorded> {
    events.push(more);
    recorded(&events)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn an_opt_out_never_turns_a_no_into_a_yes(events in history(), more in opt_out(), query in asked()) {
        let before = answer(&recorded(&events), &query);
        let after = answer(&added(events, more), &query);
        prop_assert!(before == Answer::Allow || after == Answer::Deny);
    }

    #[test]
    fn a_worthless_consent_never_turns_a_no_into_a_yes(
        events in history(), more in worthless_consent(), query in asked(),
    ) {
        let before = answer(&recorded(&events), &query);
        let after = answer(&added(events, more), &query);
        prop_assert!(before == Answer::Allow || after == Answer::Deny);
    }

    #[test]
    fn the_order_in_which_events_are_handed_over_does_not_matter(
        (events, shuffled) in history().prop_map(|events| recorded(&events)).prop_flat_map(|events| {
            (Just(events.clone()), Just(events).prop_shuffle())
        }),
        query in asked(),
    ) {
        prop_assert_eq!(ask_of(&events, &query, &Map::new()), ask_of(&shuffled, &query, &Map::new()));
    }

    /// Arrival in another order gives other positions and nothing else. Equal times are told apart by position alone.
    #[test]
    fn the_order_in_which_events_arrive_does_not_matter(
        (events, shuffled) in history().prop_map(distinct_times).prop_flat_map(|events| {
            (Just(events.clone()), Just(events).prop_shuffle())
        }),
        query in asked(),
    ) {
        let one = ask_of(&recorded(&events), &query, &Map::new());
        let other = ask_of(&recorded(&shuffled), &query, &Map::new());
        prop_assert_eq!((one.reason, one.also_blocking), (other.reason, other.also_blocking));
    }

    #[test]
    fn a_stop_is_obeyed_at_once(events in history(), query in asked()) {
        let stop = json!({"type": "inbound_sms", "from": PHONE, "body": "STOP", "at": "2026-12-02T16:59:59Z"});
        let query = with(&query, json!({"phone": PHONE, "channel": "sms"}));
        prop_assert_eq!(answer(&added(events, stop), &query), Answer::Deny);
    }
}

/// The laws above would hold for a program that always says no.
#[test]
fn some_of_these_histories_allow() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut allowed = 0;
    for _ in 0..500 {
        let (events, query) = (history(), asked()).new_tree(&mut runner).unwrap().current();
        allowed += usize::from(answer(&recorded(&events), &query) == Answer::Allow);
    }
    assert!(allowed > 25, "{allowed} of 500");
}
