//! How withdrawals are settled without a new consent: requests answered, mistakes taken back, switches turned on again.

use serde_json::{Value, json};

use crate::reason::Reason;
use crate::stories::{OTHER_PHONE, PHONE, ask, ask_under, event_id, grant, judge_all, profile, question, reply, with};

const YES: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
const STOPPED: &[&str] = &["OPTED_OUT_CHANNEL"];
const PENDING: &[&str] = &["REQUEST_PENDING_VERIFICATION"];
const MARKETING: &[&str] = &["OBJECTION_MARKETING"];

#[expect(clippy::needless_pass_by_value, reason = "callers write the fields in place")]
fn on(day: u32, fields: Value) -> Value {
    with(&fields, json!({"at": format!("2026-11-{day:02}T09:00:00Z")}))
}

/// What happened after person A had agreed in writing to everything.
fn after(more: &[Value]) -> Vec<Value> {
    let channels = json!(["sms", "mms", "voice", "email", "push", "whatsapp", "postal"]);
    let purposes = json!(["updates", "special_offers", "services", "transactional"]);
    let everything = with(&grant(), json!({"channels": channels, "purposes": purposes}));
    [&[profile(), everything], more].concat()
}

fn asked(changes: Value) -> Value {
    with(&question(), changes)
}

/// Takes back the event at this position of a story.
fn undo(seq: u64) -> Value {
    on(25, json!({"type": "event_compensated", "subject": "nobody", "event_id": event_id(seq)}))
}

#[test]
fn a_request_to_be_forgotten_stops_marketing_until_it_is_settled() {
    let erase = |more: Value| on(2, with(&json!({"type": "rights_request", "right": "erasure"}), more));
    let refused = on(9, json!({"type": "rights_request_refused", "reason_code": "legal_claim"}));
    let elsewhere = with(&refused, json!({"subject": "B"}));
    let shared = with(&elsewhere, json!({"phone": PHONE}));
    let tired = json!({"ground": "no longer wish to get marketing"});
    let chosen = json!({"ground": "no_longer_necessary", "identity_verified": true});
    judge_all(vec![
        ("asked", after(&[erase(json!({}))]), question(), PENDING),
        ("verified", after(&[erase(chosen.clone())]), question(), PENDING),
        ("service goes on", after(&[erase(json!({}))]), asked(json!({"purpose": "transactional"})), YES),
        ("refused", after(&[erase(chosen), refused.clone()]), question(), YES),
        ("refused to somebody else", after(&[erase(json!({})), elsewhere]), question(), PENDING),
        ("refused to one who has their number", after(&[erase(json!({"phone": PHONE})), shared]), question(), PENDING),
        ("refused by mistake", after(&[erase(json!({})), refused.clone(), undo(3)]), question(), PENDING),
        ("refused, but it was about marketing", after(&[erase(tired), refused]), question(), MARKETING),
    ]);
}

#[test]
fn nothing_but_an_explicit_consent_follows_a_request_to_be_forgotten() {
    let erase = on(2, json!({"type": "rights_request", "right": "erasure"}));
    let erased = on(3, json!({"type": "erasure_completed"}));
    let german = |at: &str| with(&profile(), json!({"country": "DE", "at": at}));
    let back = german("2026-11-05T09:00:00Z");
    let bought = on(6, json!({"type": "purchase", "product_line": "pos", "opt_out_offered_at_collection": true}));
    let mail = asked(json!({"channel": "email", "product_line": "pos", "opt_out_in_message": true}));
    let all = json!({"channels": ["sms", "email"]});
    let anew = with(&on(7, grant()), all.clone());
    let imported = with(&anew, json!({"type": "consent_imported"}));
    let start = || vec![german("2019-01-02T12:00:00Z"), with(&grant(), all.clone()), erase.clone(), erased.clone()];
    let then = |more: &[Value]| [&start(), more].concat();
    let done = on(3, json!({"type": "rights_request_completed"}));
    let unerased =
        |agreed: Value| vec![german("2019-01-02T12:00:00Z"), with(&agreed, all.clone()), erase.clone(), done.clone()];
    let soft = vec![german("2019-01-02T12:00:00Z"), bought.clone()];
    judge_all(vec![
        ("erased", then(&[]), mail.clone(), &["ERASED", "NO_CONSENT"]),
        ("registered again", then(std::slice::from_ref(&back)), mail.clone(), &["NO_CONSENT"]),
        ("without all that", soft, mail.clone(), &["SOFT_OPT_IN"]),
        ("bought again", then(&[back.clone(), bought]), mail.clone(), &["NO_CONSENT"]),
        ("imported again", then(&[back.clone(), imported]), mail.clone(), &["NO_CONSENT"]),
        ("agreed again", then(&[back, anew]), mail.clone(), YES),
        ("said to be done, and nothing erased", unerased(grant()), mail.clone(), &["NO_CONSENT"]),
        ("agreed as they asked for it", unerased(on(2, grant())), mail, &["NO_CONSENT"]),
    ]);
}

#[test]
fn a_request_is_about_the_person_who_makes_it_and_a_stop_about_the_number() {
    let of_b = |event: &Value| with(event, json!({"subject": "B", "email": "b@example.com"}));
    let shared = |more: Value| vec![profile(), of_b(&profile()), of_b(&grant()), more];
    let about = |whom: Value| with(&question(), whom);
    let erase = on(2, json!({"type": "rights_request", "right": "erasure"}));
    judge_all(vec![
        ("the other one", shared(erase.clone()), about(json!({"subject": "B"})), YES),
        ("whoever has the number", shared(erase), about(json!({"subject": "nobody", "phone": PHONE})), PENDING),
        ("a STOP", shared(reply("STOP")), about(json!({"subject": "B"})), STOPPED),
    ]);
}

#[test]
fn what_permits_can_be_taken_back_as_a_mistake() {
    let stop = || on(2, reply("STOP"));
    let pending = with(&grant(), json!({"double_opt_in": true}));
    let keep = on(3, json!({"type": "optout_clarified", "channels": ["sms"], "keep_purposes": ["updates"]}));
    let device = |day, state: &str| on(day, json!({"type": "push_permission", "state": state}));
    let held = || on(2, json!({"type": "inbound_unparsed", "subject": "nobody", "sender": PHONE}));
    let cleared = on(3, json!({"type": "review_resolved", "event_id": event_id(2), "outcome": "is_not"}));
    let gone = on(2, json!({"type": "number_deactivated", "phone": PHONE, "disconnected_on": "2026-11-01"}));
    let updates = || asked(json!({"purpose": "updates"}));
    judge_all(vec![
        ("START", after(&[stop(), on(3, reply("START"))]), question(), YES),
        ("START undone", after(&[stop(), on(3, reply("START")), undo(3)]), question(), STOPPED),
        ("STOP cannot be undone", after(&[stop(), undo(2)]), question(), STOPPED),
        ("YES", vec![profile(), pending.clone(), on(3, reply("YES"))], question(), YES),
        ("YES undone", vec![profile(), pending, on(3, reply("YES")), undo(2)], question(), &["CONSENT_UNCONFIRMED"]),
        ("kept", after(&[stop(), keep.clone()]), updates(), YES),
        ("kept by mistake", after(&[stop(), keep, undo(3)]), updates(), STOPPED),
        (
            "permitted by mistake",
            after(&[device(2, "denied"), device(3, "granted"), undo(3)]),
            asked(json!({"channel": "push"})),
            STOPPED,
        ),
        ("cleared", after(&[held(), cleared.clone()]), question(), YES),
        ("cleared by mistake", after(&[held(), cleared, undo(3)]), question(), &["REVOCATION_PENDING_REVIEW"]),
        ("gone by mistake", after(&[gone, undo(2)]), question(), YES),
    ]);
}

#[test]
fn a_switch_turned_on_again_returns_what_turning_it_off_took() {
    let switch = |day, changes: Value| {
        on(day, with(&json!({"type": "preference_set", "channel": "sms", "via": "portal"}), changes))
    };
    let off = || switch(2, json!({"off": ["updates", "special_offers"]}));
    let back = |changes: Value| after(&[off(), switch(3, with(&json!({"on": ["special_offers"]}), changes))]);
    const OFF: &[&str] = &["OPTED_OUT_PURPOSE"];
    judge_all(vec![
        ("on again", back(json!({})), question(), YES),
        ("the other one stays off", back(json!({})), asked(json!({"purpose": "updates"})), OFF),
        ("picture messages with it", back(json!({})), asked(json!({"channel": "mms"})), YES),
        ("on every channel", back(json!({"channel": null})), question(), YES),
        ("on another channel", back(json!({"channel": "email"})), question(), OFF),
        ("by another system", back(json!({"via": "api"})), question(), OFF),
        ("by somebody else", back(json!({"subject": "B"})), question(), OFF),
        ("at the same time", after(&[off(), switch(2, json!({"on": ["special_offers"]}))]), question(), OFF),
        ("off again", [back(json!({})), vec![switch(4, json!({"off": ["special_offers"]}))]].concat(), question(), OFF),
        ("after a STOP", [back(json!({})), vec![reply("STOP")]].concat(), question(), STOPPED),
        (
            "no consent beneath",
            vec![profile(), switch(3, json!({"on": ["special_offers"]}))],
            question(),
            &["NO_CONSENT"],
        ),
    ]);
}

#[test]
fn an_objection_to_a_legitimate_interest_may_be_overruled_and_one_to_marketing_not() {
    let objection = |scope: &str, outcome: Option<&str>| {
        after(&[on(2, with(&json!({"type": "objection", "scope": scope}), json!({"outcome": outcome})))])
    };
    judge_all(vec![
        ("not decided", objection("legitimate_interest", None), question(), MARKETING),
        ("upheld", objection("legitimate_interest", Some("upheld")), question(), MARKETING),
        ("overruled", objection("legitimate_interest", Some("refused")), question(), YES),
        ("to marketing", objection("direct_marketing", Some("refused")), question(), MARKETING),
        ("to profiles", objection("profiling", None), question(), MARKETING),
    ]);
}

#[test]
fn what_a_reasonable_person_takes_for_an_opt_out_can_be_left_to_one() {
    let events = |body: &str| after(&[on(2, reply(body))]);
    let exact = json!({"free_text_classifier": "exact_keyword"});
    let reason = |body: &str| ask_under(&exact, &events(body), &question()).reason;
    assert_eq!(ask(&events("please take me off your list"), &question()).reason, Reason::OptedOutChannel);
    assert_eq!(reason("please take me off your list"), Reason::RevocationPendingReview);
    assert_eq!(reason("Stop!"), Reason::OptedOutChannel);
}

#[test]
fn an_import_undoes_no_opt_out_whatever_it_proves() {
    let imported = |day| on(day, with(&grant(), json!({"type": "consent_imported"})));
    judge_all(vec![
        ("nothing to undo", vec![profile(), imported(5)], question(), YES),
        ("after a STOP", after(&[on(2, reply("STOP")), imported(5)]), question(), STOPPED),
    ]);
}

#[test]
fn from_its_day_on_one_refusal_by_telephone_ends_what_machines_send_and_dial() {
    let set = |changes: Value| with(&json!({"revoke_all_effective": "2026-11-02"}), changes);
    let on_voice = asked(json!({"channel": "voice"}));
    let by_text = asked(json!({"channel": "sms"}));
    let dialled = asked(json!({"channel": "voice", "automated": false}));
    let no_calls = |day| on(day, json!({"type": "do_not_call_request", "channel": "voice"}));
    let held = || on(2, json!({"type": "inbound_unparsed", "subject": "nobody", "sender": PHONE}));
    let found = on(3, json!({"type": "review_resolved", "event_id": event_id(2), "outcome": "is_opt_out"}));
    let linked = on(1, json!({"type": "identity_linked", "phone": OTHER_PHONE}));
    let other = asked(json!({"channel": "voice", "phone": OTHER_PHONE}));
    let near = json!({"stop_scope": "number"});
    let first = with(&reply("STOP"), json!({"at": "2026-11-02T00:00:00Z"}));
    for (name, config, events, query, reason) in [
        ("a STOP", json!({}), vec![on(2, reply("STOP"))], &on_voice, "OPTED_OUT_ALL"),
        ("a STOP as it begins", json!({}), vec![first], &on_voice, "OPTED_OUT_ALL"),
        ("a STOP the day before", json!({}), vec![on(1, reply("STOP"))], &on_voice, YES[0]),
        ("a STOP, and a person dials", json!({}), vec![on(2, reply("STOP"))], &dialled, YES[0]),
        ("something else", json!({}), vec![on(2, reply("See you at noon"))], &on_voice, YES[0]),
        ("no calls", json!({}), vec![no_calls(2)], &by_text, "OPTED_OUT_ALL"),
        ("no calls, the day before", json!({}), vec![no_calls(1)], &by_text, YES[0]),
        ("not read yet", json!({}), vec![held()], &on_voice, "REVOCATION_PENDING_REVIEW"),
        ("read, and found to be one", json!({}), vec![held(), found], &on_voice, "OPTED_OUT_ALL"),
        ("another number of theirs", near.clone(), vec![linked.clone(), on(2, reply("STOP"))], &other, "OPTED_OUT_ALL"),
        ("that number, the day before", near, vec![linked, on(1, reply("STOP"))], &other, "NO_CONSENT"),
    ] {
        assert_eq!(ask_under(&set(config), &after(&events), query).reason.as_str(), reason, "{name}");
    }
}

#[test]
fn what_a_stop_leaves_as_set_is_left_by_no_other_request() {
    let spared = json!({"stop_blocks_transactional_sms": false});
    let scope = |scope: &str| after(&[on(2, json!({"type": "withdrawal_request", "scope": scope}))]);
    let receipt = |channel: &str| asked(json!({"channel": channel, "purpose": "transactional"}));
    assert_eq!(ask_under(&spared, &scope("sms"), &receipt("sms")).reason.as_str(), YES[0]);
    assert_eq!(ask_under(&spared, &scope("voice"), &receipt("voice")).reason.as_str(), STOPPED[0]);
}
