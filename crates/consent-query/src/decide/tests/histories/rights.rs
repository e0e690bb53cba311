//! Requests under data protection law, and what became of them.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{about_anybody, pick};
use crate::stories::{event_id, with};

/// A request, or a restriction that begins.
pub(super) fn request() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => about_anybody(asked()),
        1 => about_anybody(Just(json!({"type": "restriction_started"}))),
    ]
}

fn asked() -> impl Strategy<Value = Value> {
    let right = pick(&["erasure", "erasure", "erasure", "restriction", "objection", "oblivion", "access", ""]);
    let right = right.prop_map(|right| Some(right).filter(|right| !right.is_empty()));
    let ground = pick(&[None, None, Some("no_longer_necessary"), Some("no more Marketing")]);
    (right, ground, any::<bool>()).prop_map(|(right, ground, verified)| {
        let request = json!({"type": "rights_request", "identity_verified": verified});
        with(&request, json!({"right": right, "ground": ground}))
    })
}

/// The data of a person is erased.
pub(in crate::decide::tests) fn erasure() -> impl Strategy<Value = Value> {
    about_anybody(Just(json!({"type": "erasure_completed"})))
}

/// The answer to any request, or to one that nobody knows.
pub(super) fn answer() -> impl Strategy<Value = Value> {
    let named = prop::option::weighted(0.2, Just(event_id(77)));
    about_anybody((kind_of_answer(), named).prop_map(|(kind, named)| json!({"type": kind, "request": named})))
}

fn kind_of_answer() -> impl Strategy<Value = &'static str> {
    pick(&["rights_request_refused", "rights_request_completed", "rights_request_verified", "erasure_completed"])
}

/// A request and its answer, which names it by the position at which it will stand. They share one time, so that
/// whoever wants no two events at one time takes the answer out.
pub(super) fn answered(position: u64) -> impl Strategy<Value = Vec<Value>> {
    let time = pick(&["2026-11-01T12:00:00Z", "2026-11-20T12:00:00Z", "2026-12-01T18:00:00Z"]);
    (asked(), kind_of_answer(), prop::bool::weighted(0.7), time).prop_map(move |(request, kind, by_name, at)| {
        let named = by_name.then(|| event_id(position));
        let answer = with(&json!({"type": kind, "at": at}), json!({"request": named}));
        vec![with(&request, json!({"at": at})), answer]
    })
}
