//! What is taken apart where it lies is what is taken apart of the event.

use consent_core::event::Event;
use consent_core::token::Pepper;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::decide::tests::histories::history;
use crate::decide::tests::random;
use crate::stories::{profile, recorded, with};

fn index() -> Index {
    Index::new(Pepper::new(&[7; 32]))
}

fn body(recorded: &Recorded) -> Vec<u8> {
    Recorded::body(&recorded.event, recorded.event_id, recorded.received_at).unwrap()
}

/// Everything about an event that the index takes in.
fn all(prepared: &Prepared) -> impl PartialEq + std::fmt::Debug + use<> {
    let Prepared { seq, event_id, received_at, at, parts, references } = prepared;
    let parts = parts.as_ref().map(|(worded, taken)| (worded.bytes.clone(), taken.clone()));
    (*seq, *event_id, *received_at, *at, parts, references.clone())
}

fn compare(index: &Index, wordings: &Wordings, event: &Recorded) {
    let stored = index.prepare_stored(event.seq, &body(event), wordings).unwrap();
    assert_eq!(all(&stored), all(&index.prepare(event)), "{event:?}");
}

proptest! {
    #![proptest_config(random(300))]

    #[test]
    fn what_is_taken_apart_where_it_lies_is_what_is_taken_apart_of_the_event(events in history()) {
        let (index, wordings) = (index(), Wordings::default());
        for event in recorded(&[events.clone(), events].concat()) {
            compare(&index, &wordings, &event);
        }
    }
}

/// Everything that has a fate of its own, alone and together, as it may be written.
#[test]
fn whatever_an_event_says_of_itself_it_is_taken_apart_alike() {
    let (index, wordings) = (index(), Wordings::default());
    let id = "0192f0c1-0000-7000-8000-000000000001";
    let grant =
        json!({"type": "consent_granted", "channels": ["sms"], "purposes": ["updates"], "level": "express_written"});
    let bases = [
        grant.clone(),
        with(&grant, json!({"type": "consent_imported"})),
        json!({"type": "inbound_sms", "body": "STOP"}),
        json!({"type": "inbound_unparsed", "gateway": "main"}),
        json!({"type": "withdrawal_request", "scope": "everything"}),
        json!({"type": "email_complaint"}),
        json!({"type": "message_sent", "channel": "sms", "purpose": "updates"}),
        json!({"type": "delivery_reported"}),
        json!({"type": "consent_confirmed"}),
        json!({"type": "rights_request_verified"}),
        json!({"type": "event_compensated", "event_id": id}),
        json!({"type": "review_resolved", "event_id": id, "outcome": "is_not"}),
        json!({"type": "policy_published", "version": "7"}),
    ];
    let more = [
        json!({"subject": "crm:7"}),
        json!({"subject": "crm:8", "phone": "+12025550123", "email": "pat@example.com"}),
        json!({"phone": "+447700900123", "from": "+447700900123"}),
        json!({"from": "+12025550123"}),
        json!({"from": "12025550123"}),
        json!({"from": "tel:+12025550123", "to": "+12025550100"}),
        json!({"from": "40404"}),
        json!({"from": "Pat@Example.com", "email": "pat@example.com"}),
        json!({"sender": "+12025550123", "bytes": "AAAA"}),
        json!({"address": "pat@example.com"}),
        json!({"idempotency_key": "one"}),
        json!({"idempotency_key": "one", "actor": "ann"}),
        json!({"idempotency_key": "one", "actor": "4111 1111 1111 1111"}),
        json!({"idempotency_key": "line\nbreak", "note": "said \"so\""}),
        json!({"actor": "ann", "note": "n", "source": "crm"}),
        json!({"source": "another"}),
        json!({"note": "4111 1111 1111 1111", "source": "4111 1111 1111 1111"}),
        json!({"provider_message_id": "SM1", "permit": "p1"}),
        json!({"provider_message_id": "SM2"}),
        json!({"media": ["https://a.example/1"]}),
        json!({"confirms": id}),
        json!({"confirms": "0192F0C1-0000-7000-8000-000000000001"}),
        json!({"confirms": "no id", "request": id}),
        json!({"request": id}),
        json!({"signature": {"kind": "checkbox", "name": "Pat"}, "evidence_ref": "form-1", "ip": "192.0.2.7"}),
        json!({"signature": {"name": "Pat \u{7}"}, "user_agent": "x\ty"}),
        json!({"evidence_ref": "form-2", "disclosure_sha256": "00", "user_agent": "x"}),
        json!({"evidence_ref": ""}),
        json!({"seller": "INFI", "double_opt_in": true}),
    ];
    let mut compared = 0;
    for base in &bases {
        for (one, other) in more.iter().flat_map(|one| more.iter().map(move |other| (one, other))) {
            for at in [Value::Null, json!("2026-11-01T12:00:00Z")] {
                let whole = with(&with(&with(base, one.clone()), other.clone()), json!({"at": at}));
                let Some(event) = without_what_it_has_not(whole) else { continue };
                compare(&index, &wordings, &event);
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000, "{compared} were events");
}

/// An event of these fields, without those that its type has not.
fn without_what_it_has_not(mut fields: Value) -> Option<Recorded> {
    loop {
        let error = match Event::from_json(fields.clone()) {
            Ok(event) => return Some(Recorded { event, ..recorded(&[profile()]).remove(0) }),
            Err(error) => error,
        };
        for fault in error.faults {
            fields.as_object_mut()?.remove(fault.pointer.split('/').nth(1)?)?;
        }
    }
}

/// To read every event would be right and slow.
#[test]
fn what_is_usual_is_read_once() {
    let (index, wordings) = (index(), Wordings::default());
    let usual = |n: usize| {
        let phone = format!("+1202555{n:04}");
        recorded(&[
            json!({
                "type": "consent_granted", "subject": format!("crm:{n}"), "phone": phone, "email": format!("{n}@example.com"),
                "at": format!("2026-01-10T15:00:{:02}Z", n % 60), "channels": ["sms", "mms"], "purposes": ["updates"],
                "level": "express_written", "signature": {"kind": "checkbox", "name": format!("Person {n}")},
                "evidence_ref": format!("form-{n}"), "ip": "192.0.2.7", "idempotency_key": format!("k{n}"),
            }),
            json!({"type": "inbound_sms", "at": "2026-01-10T15:00:00Z", "from": phone, "body": "STOP", "provider_message_id": format!("SM{n}")}),
            json!({"type": "message_sent", "at": "2026-01-10T15:00:00Z", "phone": phone, "channel": "sms", "purpose": "updates", "permit": format!("p{n}")}),
            json!({"type": "consent_confirmed", "at": "2026-01-10T15:00:00Z", "phone": phone, "confirms": uuid::Uuid::from_u128(n as u128).to_string()}),
        ])
    };
    for n in 0..50 {
        usual(n).iter().for_each(|event| compare(&index, &wordings, event));
    }
    assert_eq!(wordings.0.read().unwrap().len(), 4);
}

#[test]
fn they_are_all_forgotten_before_there_are_too_many() {
    let (index, wordings) = (index(), Wordings::default());
    for n in 0..=REMEMBERED {
        let text =
            json!({"type": "inbound_sms", "at": "2026-01-10T15:00:00Z", "from": "+12025550123", "body": n.to_string()});
        compare(&index, &wordings, &recorded(&[text])[0]);
    }
    assert_eq!(wordings.0.read().unwrap().len(), 1);
}

#[test]
fn what_is_no_event_is_refused_though_others_with_its_words_are_known() {
    let (index, wordings) = (index(), Wordings::default());
    let text = json!({"type": "message_sent", "at": "2026-01-10T15:00:00Z", "phone": "+12025550123", "channel": "sms", "purpose": "updates"});
    let event = &recorded(&[text])[0];
    compare(&index, &wordings, event);
    let whole = String::from_utf8(body(event)).unwrap();
    for (text, other) in
        [("+12025550123", "12"), ("message_sent", "message_lost"), ("2026-01-10T15:00:00Z", "now"), ("}", "")]
    {
        let broken = whole.replace(text, other);
        assert!(index.prepare_stored(0, broken.as_bytes(), &wordings).is_err(), "{broken}");
    }
}
