//! The engine against the model.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::histories::{asked, history};
use super::model::{self, Asked};
use super::random;
use crate::stories::{ask_of, recorded, time};

/// The question as the model reads it.
fn plain(query: &Value) -> Asked {
    let text = |name: &str| query.get(name).and_then(Value::as_str).map(str::to_owned);
    let named = |name: &str| text(name).map(|value| format!("{name}:{value}"));
    Asked {
        at: time(&text("at").unwrap()),
        subject: named("subject"),
        phone: named("phone"),
        email: named("email"),
        channel: text("channel").unwrap().parse().unwrap(),
        purpose: text("purpose").unwrap().parse().unwrap(),
        automated: query["automated"].as_bool().unwrap(),
        product_line: text("product_line"),
        subject_matter: text("subject_matter"),
        opt_out_in_message: query["opt_out_in_message"].as_bool().unwrap(),
    }
}

proptest! {
    #![proptest_config(random(4000))]

    /// `PROPTEST_CASES=1000000 cargo test --release -p consent-query same_reason` compares a million.
    #[test]
    fn the_engine_and_the_model_give_the_same_reason(events in history(), query in asked()) {
        let events = recorded(&events);
        let decision = ask_of(&events, &query, &Map::new());
        prop_assert_eq!(decision.reason.as_str(), model::reason(&events, &plain(&query)));
    }
}

/// Comparing would prove little if few questions came through, or always for the same reason.
#[test]
fn the_histories_lead_to_most_of_the_reasons() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..4000 {
        let (events, query) = (history(), asked()).new_tree(&mut runner).unwrap().current();
        *seen.entry(model::reason(&recorded(&events), &plain(&query))).or_insert(0) += 1;
    }
    assert!(seen.len() >= 32, "{seen:?}");
}
