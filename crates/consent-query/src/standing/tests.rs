use serde_json::{Value, json};

use super::*;
use crate::stories::{OTHER_PHONE, PHONE, event_id, grant, profile, recorded, reply, time, with};

fn folded(events: &[Value]) -> Standing {
    fold(&recorded(events), View::LIVE, &Rules::embedded().unwrap())
}

fn phone(text: &str) -> Identity {
    Identity::Phone(text.parse().unwrap())
}

#[test]
fn a_message_delivered_twice_counts_once_at_its_first_receipt() {
    let first = with(&reply("STOP"), json!({"gateway": "g", "provider_message_id": "SM1"}));
    let again = with(&first, json!({"at": null, "received_at": "2026-12-02T09:00:00Z"}));
    let other = with(&again, json!({"gateway": "h"}));
    let changed = with(&again, json!({"body": "STOP ALL"}));
    for (second, count) in [(again, 1), (other, 2), (changed, 2)] {
        assert_eq!(folded(&[first.clone(), second]).withdrawals().len(), count);
    }
    assert_eq!(folded(&[first]).withdrawals()[0].at, time("2026-12-01T15:00:00Z"));
}

#[test]
fn a_key_used_twice_is_one_event_unless_that_would_lose_an_opt_out() {
    let key = json!({"idempotency_key": "k", "source": "crm"});
    let grants = [with(&grant(), key.clone()), with(&grant(), with(&key, json!({"at": "2026-11-01T00:00:00Z"})))];
    assert_eq!(folded(&grants).grants().len(), 1);
    let elsewhere = with(&grants[1], json!({"source": "shop"}));
    assert_eq!(folded(&[grants[0].clone(), elsewhere]).grants().len(), 2);
    let request = |scope: &str| {
        with(&json!({"type": "withdrawal_request", "at": "2026-11-01T00:00:00Z", "scope": scope}), key.clone())
    };
    assert_eq!(folded(&[request("sms"), request("sms")]).withdrawals().len(), 1);
    assert_eq!(folded(&[request("sms"), request("email")]).withdrawals().len(), 2);
    let switched = |choice: Value| {
        with(&json!({"type": "preference_set", "at": "2026-11-01T00:00:00Z", "channel": "sms"}), with(&key, choice))
    };
    let off = |purpose: &str| switched(json!({"off": [purpose]}));
    assert_eq!(folded(&[off("updates"), off("updates")]).withdrawals().len(), 1);
    assert_eq!(folded(&[off("updates"), off("services")]).withdrawals().len(), 2);
    assert_eq!(folded(&[switched(json!({"on": ["updates"]})), off("services")]).withdrawals().len(), 1);
}

#[test]
fn what_is_said_again_permits_from_the_earliest_time_that_is_told_of_it() {
    let start = with(&reply("START"), json!({"gateway": "g", "provider_message_id": "SM1"}));
    let heard = |at: Option<&str>, received_at: &str| with(&start, json!({"at": at, "received_at": received_at}));
    let stop = with(&reply("STOP"), json!({"at": "2026-12-01T15:00:00Z"}));
    let again = heard(None, "2026-12-01T15:00:01Z");
    let waited = heard(Some("2026-12-01T14:59:59Z"), "2026-12-01T15:00:05Z");
    let returned = |more: &[Value]| {
        let events = [vec![profile(), grant(), stop.clone(), again.clone()], more.to_vec()].concat();
        folded(&events).withdrawals()[0].returned.is_some()
    };
    assert!(returned(&[]));
    assert!(!returned(std::slice::from_ref(&waited)));
    for (other, why) in [
        (json!({"provider_message_id": "SM2"}), "another message"),
        (json!({"body": "YES"}), "the name of one, the words of another"),
        (json!({"at": "2026-12-01T15:00:00.5Z"}), "after the STOP as well"),
    ] {
        assert!(returned(&[with(&waited, other)]), "{why}");
    }
}

#[test]
fn one_entry_handed_over_twice_is_one_event() {
    let mut events = recorded(&[profile(), grant()]);
    events.extend(events.clone());
    assert_eq!(fold(&events, View::LIVE, &Rules::embedded().unwrap()).grants().len(), 1);
}

#[test]
fn a_view_shows_what_had_happened_and_what_was_known() {
    let late = with(&reply("STOP"), json!({"received_at": "2026-12-05T00:00:00Z"}));
    let count = |as_of: Option<&str>, known_at: Option<&str>| {
        let view = View { as_of: as_of.map(time), known_at: known_at.map(time) };
        fold(&recorded(std::slice::from_ref(&late)), view, &Rules::embedded().unwrap()).withdrawals().len()
    };
    assert_eq!(count(None, None), 1);
    assert_eq!(count(Some("2026-12-01T15:00:00Z"), None), 1);
    assert_eq!(count(Some("2026-12-01T14:59:59Z"), None), 0);
    assert_eq!(count(None, Some("2026-12-04T23:59:59Z")), 0);
    assert_eq!(count(None, Some("2026-12-05T00:00:00Z")), 1);
}

#[test]
fn a_consent_is_bound_to_the_addresses_in_force_when_it_was_given() {
    let moved = with(&profile(), json!({"at": "2026-11-01T00:00:00Z", "phone": OTHER_PHONE}));
    let points = |events: &[Value]| folded(events).grants()[0].points.clone();
    let mail = Identity::Email("pat@example.com".parse().unwrap());
    assert_eq!(points(&[profile(), grant(), moved.clone()]), [phone(PHONE), mail.clone()]);
    let own = with(&grant(), json!({"phone": OTHER_PHONE}));
    assert_eq!(points(&[profile(), own]), [phone(OTHER_PHONE), mail]);
    assert_eq!(points(&[grant(), moved]), []);
}

#[test]
fn a_consent_for_a_bare_number_is_its_holders() {
    let bare = with(&grant(), json!({"subject": "nobody", "phone": PHONE}));
    let giver = |events: &[Value]| folded(events).grants()[0].subject.clone().map(|subject| subject.to_string());
    assert_eq!(giver(&[profile(), bare.clone()]).as_deref(), Some("A"));
    assert_eq!(giver(&[profile(), with(&profile(), json!({"subject": "B"})), bare.clone()]), None);
    assert_eq!(giver(&[bare]), None);
}

#[test]
fn links_follow_profiles_links_and_their_undoing() {
    let at = |day: u32, event: Value| with(&event, json!({"at": format!("2026-01-{day:02}T00:00:00Z")}));
    let linked = json!({"type": "identity_linked", "phone": OTHER_PHONE});
    let unlinked = json!({"type": "identity_unlinked", "phone": OTHER_PHONE});
    let standing =
        folded(&[profile(), at(1, linked), at(3, unlinked), at(5, with(&profile(), json!({"phone": OTHER_PHONE})))]);
    let a = "A".parse().unwrap();
    let current = |day: u32| {
        let at = time(&format!("2026-01-{day:02}T12:00:00Z"));
        standing.links().in_force(&a, PointKind::Phone, Some(at)).cloned()
    };
    assert_eq!(current(1), Some(phone(PHONE)), "a link is one more address");
    assert_eq!(current(3), Some(phone(PHONE)));
    assert_eq!(current(5), Some(phone(OTHER_PHONE)));
    assert_eq!(
        standing.links().holders(&phone(PHONE), None).as_slice(),
        Vec::<&consent_core::address::SubjectId>::new()
    );
}

#[test]
fn of_a_profile_that_was_a_mistake_only_the_mention_stays() {
    let wrong = with(&profile(), json!({"phone": OTHER_PHONE, "at": "2026-01-01T00:00:00Z"}));
    let undo = json!({"type": "event_compensated", "event_id": event_id(1), "at": "2026-02-01T00:00:00Z"});
    let stop = with(&reply("STOP"), json!({"from": OTHER_PHONE}));
    let standing = folded(&[profile(), wrong, undo, stop]);
    let a = "A".parse().unwrap();
    assert_eq!(standing.links().in_force(&a, PointKind::Phone, None), Some(&phone(PHONE)));
    assert!(standing.withdrawals()[0].binds.contains(&phone(PHONE)), "an opt-out still binds both");
    let unlinked = json!({"type": "identity_unlinked", "phone": PHONE, "at": "2026-01-01T00:00:00Z"});
    let undo = json!({"type": "event_compensated", "event_id": event_id(1), "at": "2026-02-01T00:00:00Z"});
    assert_eq!(folded(&[profile(), unlinked, undo]).links().in_force(&a, PointKind::Phone, None), Some(&phone(PHONE)));
}

#[test]
fn an_opt_out_outlives_a_changed_number_but_not_an_undone_link() {
    let moved = with(&profile(), json!({"at": "2026-11-01T00:00:00Z", "phone": OTHER_PHONE}));
    let undone = json!({"type": "identity_unlinked", "phone": PHONE, "at": "2026-11-02T00:00:00Z"});
    let binds = |events: &[Value]| folded(events).withdrawals()[0].binds.contains(&phone(OTHER_PHONE));
    assert!(binds(&[profile(), moved.clone(), reply("STOP")]));
    assert!(!binds(&[profile(), moved.clone(), undone.clone(), reply("STOP")]));
    let before = with(&reply("STOP"), json!({"at": "2026-11-01T12:00:00Z"}));
    assert!(binds(&[profile(), moved, before, undone]));
}

#[test]
fn a_wrong_number_binds_the_number_and_not_the_person_we_took_for_its_holder() {
    let wrong = with(&reply("wrong number"), json!({"subject": "A"}));
    assert_eq!(folded(&[profile(), wrong]).withdrawals()[0].binds, [phone(PHONE)]);
}

#[test]
fn who_names_no_address_of_the_kind_means_every_address_of_the_person() {
    let mail = Identity::Email("pat@example.com".parse().unwrap());
    let a = Identity::Subject("A".parse().unwrap());
    let other = json!({"type": "identity_linked", "phone": OTHER_PHONE, "at": "2020-01-01T00:00:00Z"});
    let binds = |event: Value| {
        let at = with(&event, json!({"at": "2026-11-01T00:00:00Z"}));
        folded(&[profile(), other.clone(), at]).withdrawals()[0].binds.clone()
    };
    let everything = [phone(PHONE), phone(OTHER_PHONE), mail.clone(), a.clone()];
    let unreadable = json!({"type": "inbound_sms", "subject": "A", "from": "INFI", "body": "wrong number"});
    let request = json!({"type": "rights_request", "right": "erasure"});
    for (name, event, bound) in [
        ("mail", json!({"type": "email_unsubscribe"}), &everything[..]),
        (
            "this mail address",
            json!({"type": "email_complaint", "subject": "nobody", "address": "pat@example.com"}),
            &[mail],
        ),
        ("a number nobody can read", unreadable, &everything),
        ("a person", request.clone(), &[a]),
        ("a number", with(&request, json!({"subject": "nobody", "phone": PHONE})), &everything),
    ] {
        let mut bound = bound.to_vec();
        bound.sort();
        assert_eq!(binds(event), bound, "{name}");
    }
}

#[test]
fn an_opt_out_that_names_nobody_readable_still_folds() {
    let nobody = json!({"type": "inbound_sms", "from": "INFI", "body": "STOP", "at": "2026-12-01T15:00:00Z"});
    assert!(folded(&[nobody]).withdrawals().is_empty());
}

/// As long as a clock that went ahead is waited for, every entry is received at the same time.
#[test]
fn what_is_said_while_the_clock_stands_counts_in_the_order_of_the_ledger() {
    let received = |event: Value, at: Value| with(&event, json!({"at": at, "received_at": "2027-12-01T15:00:00Z"}));
    let (agreed, stop) = (received(grant(), json!(null)), received(reply("STOP"), json!("2026-12-01T15:00:00Z")));
    let times = |events: &[Value]| {
        let standing = folded(events);
        (standing.grants()[0].at, standing.withdrawals()[0].at)
    };
    let (given, ended) = times(&[agreed.clone(), stop.clone()]);
    assert!(ended >= given, "the consent outranks a STOP that came after it");
    let (given, ended) = times(&[stop, agreed]);
    assert!(ended < given, "the STOP outlives a consent that came after it");
}
