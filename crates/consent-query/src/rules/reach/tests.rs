use serde_json::{Value, json};

use crate::stories::{OTHER_PHONE, PHONE, grant, judge_all, profile, question, with};

const GONE: &[&str] = &["NUMBER_REASSIGNED", "NO_CONSENT"];
const YES: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];

/// The number of person A went out of service on this day, as we learnt later.
fn disconnected(day: &str) -> Value {
    json!({"type": "number_deactivated", "phone": PHONE, "disconnected_on": day, "at": "2026-11-20T09:00:00Z"})
}

fn agreed(on: &str) -> Value {
    with(&grant(), json!({"at": format!("{on}T15:00:00Z")}))
}

fn on(channel: &str, purpose: &str) -> Value {
    with(&question(), json!({"channel": channel, "purpose": purpose}))
}

#[test]
fn a_consent_ends_when_its_number_goes_out_of_service() {
    let weak = with(&agreed("2026-11-12"), json!({"level": "express"}));
    let other = with(&agreed("2026-11-12"), json!({"purposes": ["support"]}));
    let timeless = with(&disconnected("2026-11-10"), json!({"disconnected_on": null}));
    let vague = with(&disconnected("2026-11-10"), json!({"disconnected_on": "last week"}));
    let elsewhere = with(&disconnected("2026-11-10"), json!({"phone": OTHER_PHONE}));
    let gateway = json!({"type": "delivery_reported", "phone": PHONE, "outcome": "deactivated",
        "at": "2026-11-20T09:00:00Z"});
    let nameless = json!({"type": "delivery_reported", "outcome": "deactivated", "at": "2026-11-20T09:00:00Z"});
    let twice = [disconnected("2026-11-15"), disconnected("2026-10-15")];
    judge_all(vec![
        ("before", vec![profile(), agreed("2026-11-09"), disconnected("2026-11-10")], question(), GONE),
        ("that day", vec![profile(), agreed("2026-11-10"), disconnected("2026-11-10")], question(), GONE),
        ("the day after", vec![profile(), agreed("2026-11-11"), disconnected("2026-11-10")], question(), YES),
        ("no day said", vec![profile(), agreed("2026-11-20"), timeless], question(), GONE),
        ("no day that could be read", vec![profile(), agreed("2026-11-21"), vague], question(), YES),
        ("another number", vec![profile(), agreed("2026-11-09"), elsewhere], question(), YES),
        ("by the gateway", vec![profile(), agreed("2026-11-09"), gateway], question(), GONE),
        ("by the gateway, of the person", vec![profile(), agreed("2026-11-09"), nameless], question(), GONE),
        ("the last day counts", [vec![profile(), agreed("2026-11-11")], twice.to_vec()].concat(), question(), GONE),
        (
            "anew, not in writing",
            vec![profile(), agreed("2026-11-01"), disconnected("2026-11-10"), weak],
            question(),
            &["CONSENT_INSUFFICIENT"],
        ),
        (
            "anew, for something else",
            vec![profile(), agreed("2026-11-01"), disconnected("2026-11-10"), other],
            question(),
            &["NUMBER_REASSIGNED", "CONSENT_PURPOSE_NOT_COVERED"],
        ),
        (
            "mail goes on",
            vec![profile(), disconnected("2026-11-10")],
            on("email", "billing"),
            &["TRANSACTIONAL_RELATIONSHIP"],
        ),
        (
            "notices too",
            vec![profile(), disconnected("2026-11-10")],
            on("sms", "policy_change_notice"),
            &["NUMBER_REASSIGNED"],
        ),
    ]);
}

#[test]
fn the_next_holder_of_a_number_starts_with_nothing() {
    let holder = with(&profile(), json!({"subject": "B", "email": null, "at": "2026-11-15T09:00:00Z"}));
    let known = |more: &[Value]| {
        [&[profile(), agreed("2026-11-01"), disconnected("2026-11-10"), holder.clone()], more].concat()
    };
    let asked = |who: &str| with(&question(), json!({"subject": who}));
    let own = with(&agreed("2026-11-16"), json!({"subject": "B"}));
    judge_all(vec![
        ("no consent", known(&[]), asked("B"), &["NO_CONSENT"]),
        ("the old holder", known(&[]), asked("A"), GONE),
        ("a consent of their own", known(&[own]), asked("B"), YES),
    ]);
}

#[test]
fn an_address_that_reaches_nobody_is_left_alone_until_it_is_given_again() {
    const LOST: &[&str] = &["ADDRESS_UNDELIVERABLE"];
    const SERVED: &[&str] = &["TRANSACTIONAL_RELATIONSHIP"];
    let bounce = |changes: Value| {
        let hard = json!({"type": "email_bounced", "address": "PAT@example.com", "kind": "hard",
            "at": "2026-11-01T09:00:00Z"});
        with(&hard, changes)
    };
    let bill = || on("email", "billing");
    let again = with(&profile(), json!({"at": "2026-11-02T09:00:00Z"}));
    let named = with(&grant(), json!({"at": "2026-11-02T09:00:00Z", "email": "pat@example.com"}));
    let bought = json!({"type": "purchase", "at": "2026-11-02T09:00:00Z"});
    let landline = json!({"type": "delivery_reported", "phone": PHONE, "outcome": "landline_or_invalid",
        "at": "2026-11-01T09:00:00Z"});
    let all = with(&grant(), json!({"channels": ["sms", "voice"]}));
    judge_all(vec![
        ("hard", vec![profile(), bounce(json!({}))], bill(), LOST),
        ("soft", vec![profile(), bounce(json!({"kind": "soft"}))], bill(), SERVED),
        ("of an unknown kind", vec![profile(), bounce(json!({"kind": null}))], bill(), LOST),
        ("another address", vec![profile(), bounce(json!({"address": "x@example.com"}))], bill(), SERVED),
        ("given again", vec![profile(), bounce(json!({})), again], bill(), SERVED),
        ("named in a consent", vec![profile(), bounce(json!({})), named], bill(), SERVED),
        ("bought something", vec![profile(), bounce(json!({})), bought], bill(), LOST),
        ("given before", vec![profile(), bounce(json!({"at": "2018-01-01T00:00:00Z"}))], bill(), SERVED),
        ("no text to a landline", vec![profile(), all.clone(), landline.clone()], question(), LOST),
        ("a call to a landline", vec![profile(), all, landline], on("voice", "updates"), YES),
    ]);
}
