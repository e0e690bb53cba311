use serde_json::{Value, json};

use crate::stories::{ask_under, grant, judge_all, profile, question, with};

fn published(changes: Value) -> Value {
    let policy = json!({"type": "policy_published", "version": "2026-09-01", "at": "2026-08-01T09:00:00Z",
        "effective_at": "2026-09-01T00:00:00Z", "sms_purposes": ["special_offers", "support"]});
    with(&policy, changes)
}

#[test]
fn a_version_proves_a_consent_from_when_it_is_published_and_in_effect() {
    const PROVEN: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
    const UNPROVEN: &[&str] = &["CONSENT_UNPROVEN"];
    let after =
        |events: &[Value]| [events, &[profile(), with(&grant(), json!({"policy_version": "2026-09-01"}))]].concat();
    let policy = |changes: Value| after(&[published(changes)]);
    let (before, given, later) = ("2026-10-01T14:59:59Z", "2026-10-01T15:00:00Z", "2026-10-01T15:00:01Z");
    judge_all(vec![
        ("never published", after(&[]), question(), UNPROVEN),
        ("in effect", policy(json!({})), question(), PROVEN),
        ("another version", policy(json!({"version": "2026-09-02"})), question(), UNPROVEN),
        ("published as it was given", policy(json!({"at": given})), question(), PROVEN),
        ("published later", policy(json!({"at": later})), question(), UNPROVEN),
        ("in effect as it was given", policy(json!({"effective_at": given})), question(), PROVEN),
        ("in effect later", policy(json!({"effective_at": later})), question(), UNPROVEN),
        ("in effect at once", policy(json!({"effective_at": null, "at": before})), question(), PROVEN),
        ("at once, and later", policy(json!({"effective_at": null, "at": later})), question(), UNPROVEN),
    ]);
}

#[test]
fn going_on_under_a_version_adds_its_purposes_to_complete_consents_to_texts_where_that_is_chosen() {
    const NOT_COVERED: &str = "CONSENT_PURPOSE_NOT_COVERED";
    const ADDED: &str = "CONSENT_EXPRESS_WRITTEN";
    let used = |changes: Value| {
        with(&json!({"type": "continued_use", "version": "2026-09-01", "at": "2026-11-01T09:00:00Z"}), changes)
    };
    let confirmed = |day: &str| json!({"type": "consent_confirmed", "at": format!("{day}T09:00:00Z")});
    let story =
        |terms: Value, more: &[Value]| [&[profile(), published(json!({})), with(&grant(), terms)], more].concat();
    let plain = |changes: Value| story(json!({}), &[used(changes)]);
    let twice = || json!({"double_opt_in": true});
    for (name, events, channel, reason) in [
        ("nothing", story(json!({}), &[]), "sms", NOT_COVERED),
        ("used", plain(json!({})), "sms", ADDED),
        ("used as it was given", plain(json!({"at": "2026-10-01T15:00:00Z"})), "sms", ADDED),
        ("used before it was given", plain(json!({"at": "2026-10-01T14:59:59Z"})), "sms", NOT_COVERED),
        ("used before it was in effect", plain(json!({"at": "2026-08-31T23:59:59Z"})), "sms", NOT_COVERED),
        ("another version", plain(json!({"version": "2026-09-02"})), "sms", NOT_COVERED),
        ("no version", plain(json!({"version": null})), "sms", NOT_COVERED),
        ("by somebody else", plain(json!({"subject": "B"})), "sms", NOT_COVERED),
        ("a consent to calls", story(json!({"channels": ["voice"]}), &[used(json!({}))]), "voice", NOT_COVERED),
        ("unproven", story(json!({"policy_version": null}), &[used(json!({}))]), "sms", NOT_COVERED),
        ("confirmed before", story(twice(), &[confirmed("2026-10-20"), used(json!({}))]), "sms", ADDED),
        ("confirmed after", story(twice(), &[used(json!({})), confirmed("2026-11-20")]), "sms", NOT_COVERED),
    ] {
        let query = with(&question(), json!({"purpose": "support", "channel": channel}));
        let reason_if = |chosen: bool| {
            ask_under(&json!({"continued_use_extends_consent": chosen}), &events, &query).reason.as_str()
        };
        assert_eq!(reason_if(true), reason, "{name}");
        assert_eq!(reason_if(false), NOT_COVERED, "{name}");
    }
}
