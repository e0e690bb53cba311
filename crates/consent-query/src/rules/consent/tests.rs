use serde_json::{Value, json};

use crate::reason::Reason;
use crate::stories::{OTHER_PHONE, PHONE, ask, ask_under, event_id, grant, judge_all, profile, question, with};

/// Person A and a consent with these changes.
fn given(changes: Value) -> Vec<Value> {
    vec![profile(), with(&grant(), changes)]
}

/// Person A, living in this country with a number of that country, and a consent with these changes.
fn living_in(country: &str, phone: &str, changes: Value) -> Vec<Value> {
    vec![with(&profile(), json!({"country": country, "phone": phone})), with(&grant(), changes)]
}

fn asked(changes: Value) -> Value {
    with(&question(), changes)
}

const WRITTEN: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
const EXPRESS: &[&str] = &["CONSENT_EXPRESS"];
const INSUFFICIENT: &[&str] = &["CONSENT_INSUFFICIENT"];
const UNPROVEN: &[&str] = &["CONSENT_UNPROVEN"];
const INVALID: &[&str] = &["CONSENT_INVALID"];

#[test]
fn each_thing_missing_of_a_consent_has_its_own_reason() {
    judge_all(vec![
        ("nothing", given(json!({})), question(), WRITTEN),
        ("consent", vec![profile()], question(), &["NO_CONSENT"]),
        ("policy version", given(json!({"policy_version": null})), question(), UNPROVEN),
        ("published policy version", given(json!({"policy_version": "2031-01-01"})), question(), UNPROVEN),
        ("an act", given(json!({"affirmative_action": null})), question(), UNPROVEN),
        ("an act, in so many words", given(json!({"affirmative_action": false})), question(), INVALID),
        ("word on conditions", given(json!({"condition_of_purchase": null})), question(), UNPROVEN),
        ("freedom", given(json!({"condition_of_purchase": true})), question(), INVALID),
        ("our name", given(json!({"seller": "Leads R Us"})), question(), INVALID),
        ("our own list", given(json!({"method": "purchased_list_import"})), question(), INVALID),
        ("our own list, by source", given(json!({"source": "list broker"})), question(), INVALID),
        ("nothing, with our name", given(json!({"seller": "INFI USA, Inc."})), question(), WRITTEN),
        ("evidence", given(json!({"type": "consent_imported", "evidence_ref": null})), question(), UNPROVEN),
        ("nothing, imported", given(json!({"type": "consent_imported"})), question(), WRITTEN),
        ("level, imported", given(json!({"type": "consent_imported", "level": null})), question(), UNPROVEN),
        ("writing", given(json!({"level": "express"})), question(), INSUFFICIENT),
        ("confirmation", given(json!({"double_opt_in": true})), question(), &["CONSENT_UNCONFIRMED"]),
        ("this channel", given(json!({})), asked(json!({"channel": "mms"})), &["CONSENT_CHANNEL_NOT_COVERED"]),
        ("this purpose", given(json!({})), asked(json!({"purpose": "billing"})), &["CONSENT_PURPOSE_NOT_COVERED"]),
        ("time", given(json!({"expires_at": "2026-12-02T17:00:00Z"})), question(), &["CONSENT_EXPIRED"]),
        ("nothing, one second more", given(json!({"expires_at": "2026-12-02T17:00:01Z"})), question(), WRITTEN),
    ]);
}

#[test]
fn the_law_of_the_place_says_how_explicit_consent_must_be() {
    let service = json!({"purposes": ["billing"], "level": "express"});
    let mail = |level: &str| json!({"channels": ["email"], "level": level});
    let by_mail = asked(json!({"channel": "email"}));
    let bill = asked(json!({"purpose": "billing"}));
    let express = json!({"level": "express"});
    let noon_in_japan = asked(json!({"at": "2026-12-02T03:00:00Z"}));
    judge_all(vec![
        ("US service texts", given(service.clone()), bill.clone(), EXPRESS),
        ("US policy accepted", given(with(&service, json!({"level": "policy_acceptance"}))), bill, EXPRESS),
        ("US mail, express", given(mail("express")), by_mail.clone(), EXPRESS),
        ("US mail, policy accepted", given(mail("policy_acceptance")), by_mail.clone(), INSUFFICIENT),
        ("US mail, implied", given(mail("implied")), by_mail.clone(), INSUFFICIENT),
        ("CA texts", living_in("CA", "+14165550123", express.clone()), question(), EXPRESS),
        ("EU texts", living_in("de", "+4930901820", express.clone()), question(), EXPRESS),
        ("UK texts", living_in("GB", "+447700900123", express.clone()), question(), EXPRESS),
        ("EU mail, policy accepted", living_in("DE", "+4930901820", mail("policy_acceptance")), by_mail, INSUFFICIENT),
        ("elsewhere", living_in("JP", "+81312345678", express.clone()), noon_in_japan.clone(), INSUFFICIENT),
        ("elsewhere, in writing", living_in("JP", "+81312345678", json!({})), noon_in_japan, WRITTEN),
        ("in two places, the stricter", living_in("CA", PHONE, express), question(), INSUFFICIENT),
    ]);
}

#[test]
fn the_consent_nearest_to_sufficing_gives_the_reason() {
    let with_both = |one: Value, other: Value| vec![profile(), with(&grant(), one), with(&grant(), other)];
    let wrong_channel = json!({"channels": ["voice"]});
    let pending = json!({"double_opt_in": true});
    let over = json!({"expires_at": "2026-11-01T00:00:00Z"});
    judge_all(vec![
        ("over, channel", with_both(over.clone(), wrong_channel), question(), &["CONSENT_EXPIRED"]),
        ("over, pending", with_both(over, pending.clone()), question(), &["CONSENT_UNCONFIRMED"]),
        ("pending, sufficing", with_both(pending, json!({})), question(), WRITTEN),
        (
            "both of one",
            given(json!({"channels": ["voice"], "policy_version": null})),
            question(),
            &["CONSENT_CHANNEL_NOT_COVERED"],
        ),
    ]);
}

#[test]
fn a_second_step_completes_the_consent_it_belongs_to() {
    let step = |changes: Value| {
        let step = json!({"type": "consent_confirmed", "at": "2026-10-01T15:01:00Z"});
        [given(json!({"double_opt_in": true})), vec![with(&step, changes)]].concat()
    };
    let early = json!({"at": "2026-10-01T14:59:00Z"});
    let text = |body: &str, changes: Value| with(&json!({"type": "inbound_sms", "from": PHONE, "body": body}), changes);
    let then = |terms: Value, text: Value| {
        let step = with(&json!({"at": "2026-10-01T15:01:00Z"}), text);
        [given(with(&json!({"double_opt_in": true}), terms)), vec![step]].concat()
    };
    let calls = || json!({"channels": ["voice"]});
    let by_voice = || asked(json!({"channel": "voice"}));
    judge_all(vec![
        ("by text", then(json!({}), text("YES", json!({}))), question(), WRITTEN),
        ("a text of another kind", then(json!({}), text("hm", json!({}))), question(), &["CONSENT_UNCONFIRMED"]),
        ("by text, too early", then(json!({}), text("YES", early.clone())), question(), &["CONSENT_UNCONFIRMED"]),
        ("to calls, by text", then(calls(), text("YES", json!({}))), by_voice(), &["CONSENT_UNCONFIRMED"]),
        ("by person", step(json!({})), question(), WRITTEN),
        ("by number", step(json!({"subject": "nobody", "phone": PHONE})), question(), WRITTEN),
        ("by id", step(json!({"confirms": event_id(1)})), question(), WRITTEN),
        ("by another id", step(json!({"confirms": event_id(0)})), question(), &["CONSENT_UNCONFIRMED"]),
        ("by somebody else", step(json!({"subject": "B"})), question(), &["CONSENT_UNCONFIRMED"]),
        ("too early", step(early), question(), &["CONSENT_UNCONFIRMED"]),
    ]);
    let decision = ask(&step(json!({})), &question());
    assert_eq!(decision.relied_on.iter().map(|cited| cited.seq).collect::<Vec<_>>(), [1, 2]);
    let decision = ask(&then(json!({"double_opt_in": false}), text("YES", json!({}))), &question());
    assert_eq!(decision.relied_on.iter().map(|cited| cited.seq).collect::<Vec<_>>(), [1], "it was complete before");
}

#[test]
fn consent_stays_with_the_address_and_the_person_it_was_given_by() {
    let moved = with(&profile(), json!({"at": "2026-11-01T00:00:00Z", "phone": OTHER_PHONE}));
    let newcomer = with(&profile(), json!({"at": "2026-11-01T00:00:00Z", "subject": "B", "email": null}));
    let unlinked = json!({"type": "identity_unlinked", "at": "2026-11-01T00:00:00Z", "phone": PHONE});
    let newcomer_then = with(&newcomer, json!({"at": "2026-10-01T15:00:00Z"}));
    let at_once = with(&moved, json!({"at": "2026-10-01T15:00:00Z"}));
    let again = with(&profile(), json!({"at": "2026-11-01T00:00:00Z"}));
    let early = with(&unlinked, json!({"at": "2025-01-01T00:00:00Z"}));
    let profile_again = with(&profile(), json!({"at": "2025-02-01T00:00:00Z"}));
    let and = |more: &Value| [given(json!({})), vec![more.clone()]].concat();
    let number = |phone: &str| asked(json!({"subject": "nobody", "phone": phone}));
    let both = asked(json!({"phone": PHONE}));
    let b = asked(json!({"subject": "B"}));
    judge_all(vec![
        ("asked by number", given(json!({})), number(PHONE), WRITTEN),
        (
            "asked by mail address",
            given(json!({})),
            asked(json!({"subject": "nobody", "email": "PAT@example.com"})),
            WRITTEN,
        ),
        ("another number", given(json!({})), number(OTHER_PHONE), &["NO_CONSENT"]),
        ("changed number", and(&moved), question(), &["NO_CONSENT"]),
        ("the number before the change", and(&moved), both.clone(), &["NO_CONSENT"]),
        ("unlinked number", and(&unlinked), number(PHONE), &["NO_CONSENT"]),
        (
            "the number before a change of that instant",
            vec![profile(), with(&grant(), json!({"phone": PHONE})), at_once],
            both.clone(),
            WRITTEN,
        ),
        (
            "a number that was unlinked before",
            vec![profile(), early, profile_again, with(&grant(), json!({}))],
            number(PHONE),
            WRITTEN,
        ),
        ("a number that was recorded again", and(&again), number(PHONE), WRITTEN),
        ("a newcomer on the number", and(&newcomer), b, &["NO_CONSENT"]),
        ("a newcomer of the same instant", and(&newcomer_then), number(PHONE), &["NO_CONSENT"]),
        ("the number, meant for nobody in particular", and(&newcomer), number(PHONE), &["NO_CONSENT"]),
        ("the number, meant for the one who agreed", and(&newcomer), both, WRITTEN),
    ]);
}

#[test]
fn an_address_named_in_a_consent_alone_is_found_and_a_worthless_consent_names_none() {
    let named = |changes: Value| vec![with(&with(&grant(), json!({"phone": PHONE})), changes)];
    judge_all(vec![
        ("flawless", named(json!({})), question(), WRITTEN),
        ("unproven", named(json!({"policy_version": null})), question(), &["NO_CONSENT", "TIMEZONE_UNKNOWN"]),
    ]);
}

#[test]
fn a_consent_recorded_by_mistake_is_taken_back() {
    let undo = json!({"type": "event_compensated", "at": "2026-11-01T00:00:00Z", "event_id": event_id(1)});
    let events = [given(json!({})), vec![undo]].concat();
    assert_eq!(ask(&events, &question()).reason, Reason::NoConsent);
}

#[test]
fn what_accepting_the_policy_is_worth_is_a_setting_for_the_united_states() {
    let accepted = json!({"level": "policy_acceptance"});
    let more = json!({"policy_acceptance_level": "express_written"});
    assert_eq!(ask_under(&more, &given(accepted.clone()), &question()).reason, Reason::ConsentExpressWritten);
    let abroad = living_in("DE", "+4930901820", accepted);
    assert_eq!(ask_under(&more, &abroad, &question()).reason, Reason::ConsentInsufficient);
}

#[test]
fn a_message_goes_to_the_one_number_that_all_who_share_a_mail_address_have() {
    let b = |phone: &str| with(&profile(), json!({"subject": "B", "phone": phone}));
    let shared = |phone: &str| vec![profile(), b(phone), grant()];
    let by_mail_address = || asked(json!({"subject": "nobody", "email": "pat@example.com"}));
    judge_all(vec![
        ("the same", shared(PHONE), by_mail_address(), WRITTEN),
        ("different ones", shared(OTHER_PHONE), by_mail_address(), &["NO_CONSENT", "QUIET_HOURS"]),
    ]);
}

#[test]
fn devices_and_letters_are_reached_through_the_person() {
    let push = json!({"channels": ["push"], "level": "express"});
    let by_push = asked(json!({"channel": "push"}));
    judge_all(vec![
        ("by person", given(push.clone()), by_push.clone(), EXPRESS),
        ("by number", given(push.clone()), with(&by_push, json!({"subject": "nobody", "phone": PHONE})), EXPRESS),
        ("another person", given(push), with(&by_push, json!({"subject": "B"})), &["NO_CONSENT"]),
    ]);
}

#[test]
fn who_wrote_is_answered_where_they_wrote_from() {
    const ANSWER: &[&str] = &["REPLY_TO_CONSUMER_REQUEST"];
    const NONE: &[&str] = &["NO_CONSENT"];
    let wrote = |body: &str, changes: Value| {
        let text = json!({"type": "inbound_sms", "from": PHONE, "body": body, "at": "2026-12-02T16:00:00Z"});
        vec![profile(), with(&text, changes)]
    };
    let asks = |changes: Value| wrote("What does the small one cost?", changes);
    let reply = |changes: Value| asked(with(&json!({"purpose": "inquiry_reply"}), changes));
    let stopped = [asks(json!({})), wrote("STOP", json!({"at": "2026-12-02T16:30:00Z"}))].concat();
    let week = |at: &str| asks(json!({"at": at}));
    judge_all(vec![
        ("asked", asks(json!({})), reply(json!({})), ANSWER),
        ("answered with a picture", asks(json!({})), reply(json!({"channel": "mms"})), ANSWER),
        ("answered by telephone", asks(json!({})), reply(json!({"channel": "voice"})), NONE),
        ("answered with something else", asks(json!({})), asked(json!({"purpose": "support"})), NONE),
        ("from another number", asks(json!({"from": OTHER_PHONE})), reply(json!({})), NONE),
        ("a week ago less a second", week("2026-11-25T17:00:01Z"), reply(json!({})), ANSWER),
        ("a week ago", week("2026-11-25T17:00:00Z"), reply(json!({})), NONE),
        ("then STOP", stopped, reply(json!({})), &["OPTED_OUT_CHANNEL"]),
        ("help is another thing", wrote("HELP", json!({})), reply(json!({})), NONE),
        ("nothing", wrote(" ", json!({})), reply(json!({})), NONE),
        ("flagged by the gateway", asks(json!({"opt_out_indicator": "Pause"})), reply(json!({})), NONE),
        (
            "in an unknown country",
            [vec![with(&profile(), json!({"country": "JP"}))], asks(json!({}))[1..].to_vec()].concat(),
            reply(json!({})),
            NONE,
        ),
    ]);
}

#[test]
fn connecticut_and_maryland_want_sales_calls_in_writing() {
    let called = |phone: &str, level: &str| {
        let agreed = with(&grant(), json!({"channels": ["voice"], "level": level}));
        (
            vec![with(&profile(), json!({"phone": phone})), agreed],
            asked(json!({"channel": "voice", "automated": false})),
        )
    };
    for (phone, level, codes) in [
        ("+12035550123", "express", INSUFFICIENT),
        ("+12035550123", "express_written", WRITTEN),
        ("+13015550123", "express", INSUFFICIENT),
        (PHONE, "express", EXPRESS),
    ] {
        let (events, query) = called(phone, level);
        judge_all(vec![(phone, events, query, codes)]);
    }
}
