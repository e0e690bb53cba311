use consent_core::event::kinds::Level;

use super::*;

#[test]
fn the_required_basis_follows_jurisdiction_channel_and_class() {
    use Channel::*;
    use Jurisdiction::*;
    use Level::*;
    let rules = Rules::embedded().unwrap();
    let at = "2026-12-02T17:00:00Z".parse().unwrap();
    for (places, channel, purpose, automated, level) in [
        (&[Us][..], Sms, Purpose::Updates, true, ExpressWritten),
        (&[Us], Mms, Purpose::Services, true, ExpressWritten),
        (&[Us], Whatsapp, Purpose::SpecialOffers, true, ExpressWritten),
        (&[Us], Voice, Purpose::SpecialOffers, true, ExpressWritten),
        (&[Us], Voice, Purpose::SpecialOffers, false, Express),
        (&[Us], Sms, Purpose::Transactional, true, Express),
        (&[Us], Email, Purpose::Updates, true, Express),
        (&[Ca], Sms, Purpose::Updates, true, Express),
        (&[Eu], Email, Purpose::Updates, true, Express),
        (&[Uk], Email, Purpose::Updates, true, Express),
        (&[Eu], Postal, Purpose::Updates, true, Express),
        // Of an unknown place what the strictest of the others asks for, and nothing in its place.
        (&[Unknown], Postal, Purpose::Updates, true, Express),
        (&[Unknown], Email, Purpose::Updates, true, Express),
        (&[Unknown], Sms, Purpose::Updates, true, ExpressWritten),
        (&[Unknown], Sms, Purpose::Support, true, Express),
        (&[], Voice, Purpose::Updates, true, ExpressWritten),
        (&[], Sms, Purpose::HelpResponse, true, ExpressWritten),
        (&[], Push, Purpose::Updates, true, Express),
        (&[Ca, Us], Sms, Purpose::Updates, true, ExpressWritten),
        (&[Us, Eu], Email, Purpose::Updates, true, Express),
    ] {
        let required = rules.required(places, &[], MessageKind { channel, purpose, automated }, at)[0];
        assert_eq!(required.level, level, "{places:?} {channel} {purpose} {automated}: {}", required.id);
    }
}

#[test]
fn some_states_ask_for_more_than_the_rest() {
    let rules = Rules::embedded().unwrap();
    let call = |automated| MessageKind { channel: Channel::Voice, purpose: Purpose::Updates, automated };
    let levels = |state: &str, automated, day: &str| {
        let states = [crate::zones::State::parse(state).unwrap()];
        let at = format!("{day}T00:00:00Z").parse().unwrap();
        let required = rules.required(&[Jurisdiction::Us], &states, call(automated), at);
        required.iter().map(|one| (one.id.to_owned(), one.level)).collect::<Vec<_>>()
    };
    let own = |id: &str| (id.to_owned(), Level::ExpressWritten);
    let live = ("us-live-voice-marketing".to_owned(), Level::Express);
    assert_eq!(levels("CT", false, "2026-12-02"), [own("ct-live-voice-marketing"), live.clone()]);
    assert_eq!(levels("CT", false, "2023-09-30"), std::slice::from_ref(&live));
    assert_eq!(levels("MD", false, "2024-01-01"), [own("md-live-voice-marketing"), live.clone()]);
    assert_eq!(levels("VA", false, "2026-12-02"), [live]);
    assert_eq!(levels("CT", true, "2026-12-02"), [own("us-automated-voice-marketing")]);
}

#[test]
fn a_row_counts_from_its_date_on() {
    let rules = Rules::embedded().unwrap();
    let mail = MessageKind { channel: Channel::Email, purpose: Purpose::Updates, automated: true };
    let before = "2014-06-30T23:59:59Z".parse().unwrap();
    let from = "2014-07-01T00:00:00Z".parse().unwrap();
    assert_eq!(rules.required(&[Jurisdiction::Ca], &[], mail, before)[0].id, "strictest");
    assert_eq!(rules.required(&[Jurisdiction::Ca], &[], mail, from)[0].id, "ca-electronic");
    assert_eq!(rules.next_change(before), Some(from));
}

#[test]
fn countries_are_read_in_any_letter_case() {
    let rules = Rules::embedded().unwrap();
    assert_eq!(rules.jurisdiction("us"), Jurisdiction::Us);
    assert_eq!(rules.jurisdiction(" DE "), Jurisdiction::Eu);
    assert_eq!(rules.jurisdiction("JP"), Jurisdiction::Unknown);
}

#[test]
fn settings_change_one_by_one_and_unknown_ones_are_refused() {
    let rules = Rules::embedded().unwrap();
    let change = |json: Value| rules.with_settings(json.as_object().unwrap());
    let changed = change(serde_json::json!({"max_ttl": "PT5M"})).unwrap();
    assert_eq!(changed.settings().max_ttl.delta().num_minutes(), 5);
    assert_eq!(changed.settings().stop_scope, rules.settings().stop_scope);
    assert!(change(serde_json::json!({"max_tll": "PT5M"})).is_err());
    assert!(change(serde_json::json!({"max_ttl": "PT0S"})).is_err());
    assert!(change(serde_json::json!({"stop_scope": "nobody"})).is_err());
}

#[test]
fn editions_are_told_apart_by_name() {
    let text = include_str!("../../../rules.toml");
    let before = Rules::parse(text).unwrap();
    let edited =
        text.replacen("max_ttl = \"PT15M\"", "max_ttl = \"PT5M\"", 1).replacen("months = 24", "months = 23", 1);
    let after = Rules::parse(&edited.replacen("id = \"wy\"", "id = \"wyoming\"", 1)).unwrap();
    assert!(Rules::diff(&before, &before).is_empty());
    let changes = Rules::diff(&before, &after);
    let names: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
    let expected =
        ["exemption casl-purchase 2014-07-01", "hours wy 2002-01-01", "hours wyoming 2002-01-01", "settings max_ttl"];
    assert_eq!(names, expected);
    assert!(changes[1].after.is_none() && changes[2].before.is_none());
    assert_eq!((&changes[3].before, &changes[3].after), (&Some("PT15M".into()), &Some("PT5M".into())));
    let set = before.with_settings(serde_json::json!({"max_ttl": "PT5M"}).as_object().unwrap()).unwrap();
    assert_eq!(Rules::diff(&before, &set).len(), 1);
    assert_eq!(Rules::check(text), Ok(before.version().to_string()));
    assert!(Rules::check("version = 1").is_err());
}

#[test]
fn every_setting_of_the_design_has_its_default() {
    let settings = serde_json::to_value(Rules::embedded().unwrap().settings()).unwrap();
    let defaults = serde_json::json!({
        "order_by": "occurred_at",
        "stop_scope": "person_and_number",
        "stop_blocks_transactional_sms": true,
        "start_keyword_restores": "prior_scope",
        "policy_acceptance_level": "express",
        "continued_use_extends_consent": false,
        "state_quiet_hours": "strictest_candidate",
        "state_frequency_caps": true,
        "optout_confirmation_max_delay": "PT300S",
        "help_reply_after_stop": true,
        "explicit_consent_lifts_objection": true,
        "pending_erasure_stops_marketing": true,
        "free_text_classifier": "exact_keyword_or_reasonable_person",
        "revoke_all_effective": "2027-01-31",
        "suppression_expiry": "never",
        "max_ttl": "PT900S",
    });
    assert_eq!(settings, defaults);
    let rules = Rules::embedded().unwrap();
    assert_eq!(rules.with_settings(defaults.as_object().unwrap()).unwrap().settings(), rules.settings());
}

#[test]
fn a_newer_version_of_a_cap_replaces_the_older() {
    let newer = "[[cap]]\nid = \"fl\"\neffective_from = \"2027-01-01\"\nsource = \"test\"\nstates = [\"FL\"]\n\
        messages = 5\nwithin = \"PT24H\"\nper_subject = true\n";
    let rules = Rules::parse(&format!("{}\n{newer}", include_str!("../../../rules.toml"))).unwrap();
    let florida = [State::parse("FL").unwrap()];
    let messages = |at: &str| {
        let caps = rules.caps(&florida, at.parse().unwrap());
        caps.map(|row| row.messages).collect::<Vec<_>>()
    };
    assert_eq!(messages("2026-12-31T23:59:59Z"), [3]);
    assert_eq!(messages("2027-01-01T00:00:00Z"), [5]);
    assert_eq!(messages("2021-01-01T00:00:00Z"), Vec::<usize>::new());
}
