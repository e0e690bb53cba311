//! Laws that hold for every history.

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::event::Recorded;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

use super::histories::{asked, erasure, history, opt_out, worthless_consent};
use super::random;
use crate::reason::Answer;
use crate::stories::{PHONE, ask_of, recorded, with};

fn answer(events: &[Recorded], query: &Value) -> Answer {
    ask_of(events, query, &Map::new()).decision
}

/// The same events, of which no two happened at one time and none names another by its position.
fn distinct_times(mut events: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    events.retain(|event| event.get("event_id").is_none() && seen.insert(event["at"].to_string()));
    events
}

fn added(mut events: Vec<Value>, more: Value) -> Vec<Recorded> {
    events.push(more);
    recorded(&events)
}

proptest! {
    #![proptest_config(random(1000))]

    #[test]
    fn an_opt_out_never_turns_a_no_into_a_yes(events in history(), more in opt_out(), query in asked()) {
        let before = answer(&recorded(&events), &query);
        let after = answer(&added(events, more), &query);
        let confirms = query["purpose"] == "optout_confirmation";
        prop_assert!(confirms || before == Answer::Allow || after == Answer::Deny);
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
    fn erasing_never_turns_a_no_into_a_yes(events in history(), more in erasure(), query in asked()) {
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
        let query = with(&query, json!({"phone": PHONE, "channel": "sms", "purpose": "support",
            "at": "2026-12-02T17:00:00Z"}));
        prop_assert_eq!(answer(&added(events, stop), &query), Answer::Deny);
    }

    #[test]
    fn a_permission_holds_until_it_ends_if_nothing_happens(events in history(), query in asked()) {
        let events = recorded(&events);
        let decision = ask_of(&events, &query, &Map::new());
        if let Some(until) = decision.valid_until {
            let last = later(&query, until - TimeDelta::seconds(1));
            prop_assert_eq!(answer(&events, &last), Answer::Allow, "{}", until);
        }
    }

    #[test]
    fn waiting_helps_from_the_second_that_is_said_and_not_before(events in history(), query in asked()) {
        let events = recorded(&events);
        let query = with(&query, json!({"at": "2026-12-03T02:30:00Z"}));
        let decision = ask_of(&events, &query, &Map::new());
        if let Some(next) = decision.next_eligible_at {
            prop_assert_eq!(answer(&events, &later(&query, next)), Answer::Allow, "{}", next);
            let before = later(&query, next - TimeDelta::seconds(1));
            prop_assert_eq!(answer(&events, &before), Answer::Deny, "{}", next);
        }
    }
}

/// The same question at another moment, about what is known now.
fn later(query: &Value, at: DateTime<Utc>) -> Value {
    with(query, json!({"at": at.to_rfc3339(), "as_of": query["at"], "known_at": query["at"]}))
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
