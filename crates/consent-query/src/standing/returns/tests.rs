use serde_json::{Value, json};

use crate::rules::Rules;
use crate::standing::{View, fold};
use crate::stories::{PHONE, grant, judge_all, profile, question, recorded, reply, with};

const YES: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
const STOPPED: &[&str] = &["OPTED_OUT_CHANNEL"];
const ALL: &[&str] = &["OPTED_OUT_ALL"];
const OFF: &[&str] = &["OPTED_OUT_PURPOSE"];

#[expect(clippy::needless_pass_by_value, reason = "callers write the fields in place")]
fn on(day: u32, fields: Value) -> Value {
    with(&fields, json!({"at": format!("2026-11-{day:02}T09:00:00Z")}))
}

fn text(day: u32, body: &str) -> Value {
    on(day, reply(body))
}

/// What happened after person A had agreed in writing to offers by text, telephone and notification.
fn after(more: &[Value]) -> Vec<Value> {
    let agreed =
        with(&grant(), json!({"channels": ["sms", "voice", "push"], "purposes": ["special_offers", "updates"]}));
    [&[profile(), agreed], more].concat()
}

/// Person A agrees to something else, by which nothing that is asked here is lifted.
fn agreed_to_support(day: u32, changes: Value) -> Value {
    with(&on(day, with(&grant(), json!({"purposes": ["support"]}))), changes)
}

fn asked(changes: Value) -> Value {
    with(&question(), changes)
}

#[test]
fn a_start_returns_what_earlier_stops_of_its_number_took_and_nothing_else() {
    let then_start = |one: Value| after(&[one, text(3, "START")]);
    let carrier = on(2, json!({"type": "delivery_reported", "phone": PHONE, "outcome": "opted_out"}));
    let requested = on(2, json!({"type": "withdrawal_request", "phone": PHONE}));
    let by_mail = on(2, json!({"type": "email_complaint", "address": "pat@example.com", "phone": PHONE}));
    let mail = with(&grant(), json!({"channels": ["email"]}));
    judge_all(vec![
        ("a STOP", then_start(text(2, "STOP")), question(), YES),
        ("a STOP of the same instant", after(&[text(3, "STOP"), text(3, "START")]), question(), STOPPED),
        ("a later STOP", then_start(text(4, "STOP")), question(), STOPPED),
        ("what the carrier reported", then_start(carrier), question(), YES),
        ("what was asked for by another way", then_start(requested), question(), ALL),
        (
            "what a mail provider reported",
            vec![profile(), mail, by_mail, text(3, "START")],
            asked(json!({"channel": "email"})),
            STOPPED,
        ),
    ]);
}

#[test]
fn with_a_complete_consent_a_new_chapter_begins_and_no_start_returns_what_was_taken_before_it() {
    let chapters = |between: Value| after(&[text(2, "STOP"), between, text(4, "STOP"), text(5, "START")]);
    let between = |changes: Value| chapters(agreed_to_support(3, changes));
    let support = || asked(json!({"purpose": "support"}));
    let last = json!({"at": "2026-11-04T09:00:00Z"});
    let b = json!({"subject": "B", "phone": "+12025550177"});
    judge_all(vec![
        ("complete", between(json!({})), question(), STOPPED),
        ("complete: what was taken after it", between(json!({})), support(), YES),
        ("unproven", between(json!({"policy_version": null})), question(), YES),
        ("not confirmed", between(json!({"double_opt_in": true})), question(), YES),
        ("not explicit", between(json!({"level": "policy_acceptance"})), question(), YES),
        ("of somebody else", between(b), question(), YES),
        ("as the last STOP came", between(last), question(), YES),
    ]);
}

#[test]
fn an_answer_to_the_confirmation_narrows_the_stops_before_it_and_nothing_else() {
    let keep = |day, changes: Value| {
        let answer =
            json!({"type": "optout_clarified", "channels": ["voice"], "keep_purposes": ["updates", "support"]});
        with(&on(day, answer), changes)
    };
    let updates = || asked(json!({"purpose": "updates"}));
    let requested = on(2, json!({"type": "withdrawal_request", "scope": "sms"}));
    let chapters = || after(&[text(2, "STOP"), agreed_to_support(3, json!({})), text(4, "STOP"), keep(5, json!({}))]);
    judge_all(vec![
        ("a STOP", after(&[text(2, "STOP"), keep(3, json!({}))]), updates(), YES),
        ("what it did not name", after(&[text(2, "STOP"), keep(3, json!({}))]), question(), STOPPED),
        ("a STOP of the same instant", after(&[text(2, "STOP"), keep(2, json!({}))]), updates(), STOPPED),
        ("by somebody else", after(&[text(2, "STOP"), keep(3, json!({"subject": "B"}))]), updates(), STOPPED),
        ("what was asked for by another way", after(&[requested, keep(3, json!({}))]), updates(), STOPPED),
        ("from before a consent", chapters(), updates(), STOPPED),
        ("from after a consent", chapters(), asked(json!({"purpose": "support"})), YES),
    ]);
}

#[test]
fn a_switch_or_a_device_returns_what_it_took_itself() {
    let switch = |day, changes: Value| {
        on(day, with(&json!({"type": "preference_set", "channel": "sms", "via": "portal"}), changes))
    };
    let switched_on = || switch(3, json!({"on": ["special_offers"]}));
    let device = |day, state: &str| on(day, json!({"type": "push_permission", "state": state}));
    let of_b = |event: Value| with(&event, json!({"subject": "B"}));
    let off = switch(2, json!({"off": ["special_offers"]}));
    let shared = after(&[of_b(profile()), of_b(grant()), off, of_b(switched_on())]);
    let by_push = || asked(json!({"channel": "push"}));
    let requested = || on(2, json!({"type": "withdrawal_request", "scope": "push"}));
    judge_all(vec![
        ("a STOP and a switch", after(&[text(2, "STOP"), switched_on()]), question(), STOPPED),
        ("a switch of one who has the number", shared, asked(json!({"subject": "B"})), OFF),
        ("off after it", after(&[switched_on(), switch(4, json!({"off": ["special_offers"]}))]), question(), OFF),
        ("a device", after(&[device(2, "denied"), device(3, "granted")]), by_push(), YES),
        ("a device at one instant", after(&[device(2, "denied"), device(2, "granted")]), by_push(), STOPPED),
        ("a device, the other way round", after(&[device(2, "granted"), device(3, "denied")]), by_push(), STOPPED),
        ("a device of somebody else", after(&[device(2, "denied"), of_b(device(3, "granted"))]), by_push(), STOPPED),
        ("a request and a device", after(&[requested(), device(3, "granted")]), by_push(), STOPPED),
    ]);
}

#[test]
fn turning_a_switch_on_parts_only_a_withdrawal_that_took_the_same() {
    let switch = |day, changes: Value| on(day, with(&json!({"type": "preference_set", "via": "portal"}), changes));
    let off = switch(2, json!({"off": ["updates", "special_offers"]}));
    for (purpose, parts) in [("updates", 2), ("support", 1)] {
        let events = recorded(&after(&[off.clone(), switch(3, json!({"on": [purpose]}))]));
        let standing = fold(&events, View::LIVE, &Rules::embedded().unwrap());
        assert_eq!(standing.withdrawals().len(), parts, "{purpose}");
    }
}
