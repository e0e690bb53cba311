use consent_core::address::{Identity, SubjectId};
use serde_json::{Value, json};

use super::*;
use crate::rules::Rules;
use crate::standing::{Standing, View, fold};
use crate::stories::{OTHER_PHONE, PHONE, event_id, profile, recorded, reply, with};

const THIRD_PHONE: &str = "+12025550177";

fn folded(events: &[Value]) -> Standing {
    fold(&recorded(events), View::LIVE, &Rules::embedded().unwrap())
}

fn phone(text: &str) -> Identity {
    Identity::Phone(text.parse().unwrap())
}

fn on(day: u32, kind: &str, phone: &str) -> Value {
    json!({"type": kind, "phone": phone, "at": format!("2026-01-{day:02}T00:00:00Z")})
}

fn undone(seq: u64) -> Value {
    json!({"type": "event_compensated", "event_id": event_id(seq), "at": "2026-02-01T00:00:00Z"})
}

#[test]
fn a_person_is_reached_at_the_number_of_the_profile_or_else_at_the_one_linked_last() {
    let linked = |day, phone: &str| on(day, "identity_linked", phone);
    let left = |day, phone: &str| on(day, "identity_unlinked", phone);
    for (name, events, number) in [
        ("linked besides", vec![profile(), linked(1, OTHER_PHONE)], PHONE),
        ("the profile's linked as well", vec![profile(), linked(1, PHONE), linked(2, OTHER_PHONE)], PHONE),
        ("linked last", vec![linked(1, OTHER_PHONE), linked(2, THIRD_PHONE)], THIRD_PHONE),
        ("linked again", vec![linked(1, OTHER_PHONE), linked(2, THIRD_PHONE), linked(3, OTHER_PHONE)], OTHER_PHONE),
        ("linked by mistake", vec![linked(1, OTHER_PHONE), linked(2, THIRD_PHONE), undone(1)], OTHER_PHONE),
        ("the profile's left", vec![profile(), linked(1, OTHER_PHONE), left(2, PHONE)], OTHER_PHONE),
        ("the linked one left", vec![profile(), linked(1, OTHER_PHONE), left(2, OTHER_PHONE)], PHONE),
        ("left by mistake", vec![profile(), left(1, PHONE), undone(1)], PHONE),
    ] {
        let a: SubjectId = "A".parse().unwrap();
        let standing = folded(&events);
        assert_eq!(standing.links().in_force(&a, PointKind::Phone, None), Some(&phone(number)), "{name}");
        assert_eq!(standing.links().holders(&phone(number), None).as_slice(), [&a], "{name}");
    }
}

#[test]
fn an_opt_out_binds_who_was_named_with_its_number_unless_they_had_left_it() {
    let stop =
        |day: u32| with(&reply("STOP"), json!({"from": OTHER_PHONE, "at": format!("2026-01-{day:02}T00:00:00Z")}));
    let linked = |day| on(day, "identity_linked", OTHER_PHONE);
    let left = |day| on(day, "identity_unlinked", OTHER_PHONE);
    let named = |day| on(day, "purchase", OTHER_PHONE);
    for (name, events, binds) in [
        ("never named", vec![profile(), stop(5)], false),
        ("linked", vec![profile(), linked(1), stop(5)], true),
        ("linked by mistake", vec![profile(), linked(1), undone(1), stop(5)], true),
        ("named once", vec![profile(), named(1), stop(5)], true),
        ("named later", vec![profile(), stop(5), named(7)], true),
        ("left before", vec![profile(), linked(1), left(4), stop(5)], false),
        ("left at that instant", vec![profile(), linked(1), left(5), stop(5)], true),
        ("left later", vec![profile(), linked(1), left(6), stop(5)], true),
        ("left and linked again", vec![profile(), linked(1), left(3), linked(4), stop(5)], true),
        ("left and named at that instant", vec![profile(), linked(1), left(3), named(3), stop(5)], true),
        ("left twice", vec![profile(), linked(1), left(2), named(3), left(4), stop(5)], false),
        ("said by mistake to have been left", vec![profile(), left(1), undone(1), stop(5)], false),
    ] {
        let standing = folded(&events);
        assert_eq!(standing.withdrawals()[0].binds.contains(&phone(PHONE)), binds, "{name}");
    }
}

#[test]
fn somebody_of_whom_a_number_alone_is_known_holds_it_and_is_bound_with_it() {
    let standing = folded(&[with(&profile(), json!({"email": null})), reply("STOP")]);
    let a: SubjectId = "A".parse().unwrap();
    assert_eq!(standing.links().holders(&phone(PHONE), None).as_slice(), [&a]);
    assert_eq!(standing.withdrawals()[0].binds, [phone(PHONE), Identity::Subject(a)]);
}
