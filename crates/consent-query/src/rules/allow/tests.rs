use serde_json::{Value, json};

use crate::reason::Reason;
use crate::stories::{OTHER_PHONE, PHONE, ask, grant, profile, question, reply, time, with};

#[test]
fn of_several_consents_the_most_explicit_is_relied_on_then_the_longest_then_the_latest() {
    let bill = with(&question(), json!({"purpose": "billing"}));
    let give = |changes: Value| with(&with(&grant(), json!({"purposes": ["billing"]})), changes);
    let ending = json!({"expires_at": "2027-01-01T00:00:00Z"});
    let later = json!({"at": "2026-11-01T00:00:00Z"});
    for (name, one, other, relied_on) in [
        ("explicit", give(json!({})), give(json!({"level": "express", "at": "2026-11-01T00:00:00Z"})), 1),
        ("long", give(json!({})), give(with(&later, ending)), 1),
        ("late", give(json!({})), give(later), 2),
        ("sufficing", give(json!({"double_opt_in": true})), give(json!({"level": "express"})), 2),
    ] {
        let decision = ask(&[profile(), one, other], &bill);
        assert_eq!(decision.relied_on[0].seq, relied_on, "{name}");
    }
}

#[test]
fn what_took_a_withdrawal_back_is_relied_on_beside_the_consent_and_once() {
    let at = |day: u32, event: Value| with(&event, json!({"at": format!("2026-11-{day:02}T15:00:00Z")}));
    let (stop, start) = (|day| at(day, reply("STOP")), |day| at(day, reply("START")));
    let device = |day, state: &str| at(day, json!({"type": "push_permission", "state": state}));
    let switch = |day, changes: Value| at(day, with(&json!({"type": "preference_set", "via": "portal"}), changes));
    let off = || switch(1, json!({"off": ["updates", "special_offers"]}));
    let agreed = with(&grant(), json!({"channels": ["sms", "push"]}));
    for (name, channel, more, relied_on) in [
        ("a STOP and a START", "sms", vec![stop(1), start(2)], vec![1, 3]),
        ("two STOPs and a START", "sms", vec![stop(1), stop(2), start(3)], vec![1, 4]),
        ("two of each", "sms", vec![stop(1), start(2), stop(3), start(4)], vec![1, 3, 5]),
        ("off and on again", "sms", vec![off(), switch(2, json!({"on": ["special_offers"]}))], vec![1, 3]),
        ("denied and permitted", "push", vec![device(1, "denied"), device(2, "granted")], vec![1, 3]),
        ("denied twice", "push", vec![device(1, "denied"), device(2, "denied"), device(3, "granted")], vec![1, 4]),
        ("denied to another channel", "sms", vec![device(1, "denied"), device(2, "granted")], vec![1]),
    ] {
        let query = with(&question(), json!({"channel": channel}));
        let decision = ask(&[vec![profile(), agreed.clone()], more].concat(), &query);
        assert_eq!(decision.relied_on.iter().map(|cited| cited.seq).collect::<Vec<_>>(), relied_on, "{name}");
    }
}

#[test]
fn what_took_a_withdrawal_back_for_others_is_not_relied_on() {
    let at = |day: u32, event: Value| with(&event, json!({"at": format!("2026-11-{day:02}T15:00:00Z")}));
    let of_b = |event: Value| with(&event, json!({"subject": "B", "phone": OTHER_PHONE, "email": null}));
    let link = |day, kind: &str| at(day, json!({"type": kind, "subject": "B", "phone": PHONE}));
    let shared = [profile(), of_b(profile()), link(1, "identity_linked"), at(2, reply("STOP"))];
    let parted = [link(3, "identity_unlinked"), at(4, reply("START")), at(5, of_b(grant()))];
    let decision = ask(&[shared.to_vec(), parted.to_vec()].concat(), &with(&question(), json!({"subject": "B"})));
    assert_eq!(decision.relied_on.iter().map(|cited| cited.seq).collect::<Vec<_>>(), [6]);
}

#[test]
fn an_allow_ends_with_the_consent_that_lifts_a_withdrawal_whatever_else_it_rests_on() {
    let lifting = |changes: Value| {
        let terms = json!({"level": "express", "expires_at": "2026-12-02T17:05:00Z"});
        with(&with(&grant(), terms), changes)
    };
    let listed = json!({"type": "national_dnc_listed", "phone": PHONE, "at": "2024-01-01T00:00:00Z"});
    let refused = json!({"type": "withdrawal_request", "scope": "voice", "at": "2026-09-01T15:00:00Z"});
    let to_calls = lifting(json!({"channels": ["voice"], "at": "2026-09-02T15:00:00Z"}));
    let bought = json!({"type": "purchase", "at": "2026-09-03T15:00:00Z"});
    let call = with(&question(), json!({"channel": "voice", "automated": false}));
    let to_texts = lifting(json!({"at": "2026-12-01T16:00:00Z"}));
    let imported = with(&grant(), json!({"type": "consent_imported", "at": "2026-12-01T17:00:00Z"}));
    for (name, events, query, reason) in [
        ("a relationship", vec![profile(), listed, refused, to_calls, bought], call, Reason::EbrExemption),
        ("an import", vec![profile(), reply("STOP"), to_texts, imported], question(), Reason::ConsentExpressWritten),
    ] {
        let decision = ask(&events, &query);
        let end = "2026-12-02T17:05:00Z";
        assert_eq!((decision.reason, decision.valid_until), (reason, Some(time(end))), "{name}");
        assert_eq!(ask(&events, &with(&query, json!({"at": end}))).reason, Reason::OptedOutChannel, "{name}");
    }
}

#[test]
fn a_start_does_not_end_with_the_consent_beside_it() {
    let start = with(&reply("START"), json!({"at": "2026-12-01T16:00:00Z"}));
    let ending = json!({"level": "express", "at": "2026-12-01T17:00:00Z", "expires_at": "2026-12-02T17:05:00Z"});
    let decision = ask(&[profile(), grant(), reply("STOP"), start, with(&grant(), ending)], &question());
    assert_eq!(decision.reason, Reason::ConsentExpressWritten);
    assert_eq!(decision.valid_until, Some(time("2026-12-02T17:15:00Z")));
}
