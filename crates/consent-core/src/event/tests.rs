use serde_json::json;

use super::*;

fn faults(value: Value) -> Vec<(String, String)> {
    Event::from_json(value).unwrap_err().faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
}

fn pointers(value: Value) -> Vec<String> {
    faults(value).into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn a_fault_names_its_field() {
    let grant = json!({"type": "consent_granted", "subject": "A", "channels": ["sms"], "purposes": ["updates"], "level": "express"});
    let with = |name: &str, value: Value| {
        let mut changed = grant.clone();
        changed[name] = value;
        changed
    };
    assert!(Event::from_json(grant.clone()).is_ok());
    assert_eq!(pointers(with("colour", json!("red"))), ["/colour"]);
    assert_eq!(pointers(with("channels", json!(["sms", "fax"]))), ["/channels/1"]);
    assert_eq!(pointers(with("channels", json!("sms"))), ["/channels"]);
    assert_eq!(pointers(with("level", json!("maximum"))), ["/level"]);
    assert_eq!(pointers(with("affirmative_action", json!("yes"))), ["/affirmative_action"]);
    assert_eq!(pointers(with("signature", json!({"kind": "typed", "colour": 1}))), ["/signature/colour"]);
    assert_eq!(pointers(with("at", json!("yesterday"))), ["/at"]);
    assert_eq!(pointers(with("subject", json!("a b"))), ["/subject"]);
    assert_eq!(pointers(with("phone", json!("555-0123"))), ["/phone"]);
    assert_eq!(pointers(with("type", json!("consent_gained"))), ["/type"]);
    assert_eq!(pointers(with("channels", json!([]))), ["/channels"]);
    assert_eq!(pointers(with("note", json!("x".repeat(70_000)))), ["/note"]);
    assert_eq!(pointers(json!({"type": "purchase"})), ["/subject"]);
    assert_eq!(pointers(json!({})), ["/type"]);
    assert_eq!(pointers(json!([])), [""]);
}

#[test]
fn faults_do_not_repeat_the_value() {
    let value = json!({"type": "consent_granted", "phone": "+1 555 secret", "level": "secret", "channels": ["secret"]});
    for (_, detail) in faults(value) {
        assert!(!detail.contains("secret"), "{detail}");
    }
}

#[test]
fn an_opt_out_with_something_missing_or_unreadable_is_still_an_event() {
    for value in [
        json!({"type": "withdrawal_request"}),
        json!({"type": "withdrawal_request", "subject": "A", "phone": "555", "at": "yesterday", "scope": "newsletter"}),
        json!({"type": "inbound_sms", "from": "12345", "body": null}),
        json!({"type": "email_unsubscribe", "address": "nobody"}),
        json!({"type": "do_not_call_request", "channel": "fax"}),
        json!({"type": "preference_set", "off": ["everything"]}),
        json!({"type": "objection", "subject": "A", "phone": 7}),
    ] {
        let event = Event::from_json(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"));
        let again = Event::from_json(Value::Object(event.to_json().unwrap())).unwrap();
        assert_eq!(again, event, "{value}");
    }
    let event = Event::from_json(json!({"type": "withdrawal_request", "subject": "A", "phone": "555"})).unwrap();
    assert_eq!(event.unread, [("phone", json!("555"))]);
    assert_eq!(event.identities().len(), 1);
    assert_eq!(event.to_json().unwrap()["phone"], json!("555"));
}

#[test]
fn addresses_come_out_canonical_wherever_they_stand() {
    let sms = Event::from_json(json!({"type": "inbound_sms", "from": "12025550123", "body": "STOP"})).unwrap();
    assert_eq!(sms.identities(), [Identity::Phone(Phone::parse("+12025550123").unwrap())]);
    let mail =
        Event::from_json(json!({"type": "email_unsubscribe", "subject": "A", "address": "Pat@Example.com"})).unwrap();
    assert_eq!(mail.identities().iter().map(Identity::value).collect::<Vec<_>>(), ["pat@example.com", "A"]);
    let letter = json!({"type": "withdrawal_request", "from": "Pat@Example.com", "email": "pat@example.com"});
    assert_eq!(Event::from_json(letter).unwrap().identities().len(), 1);
}

#[test]
fn card_numbers_are_masked_before_anything_else_sees_them() {
    let event = Event::from_json(json!({"type": "inbound_sms", "from": "+12025550123", "body": "4111 1111 1111 1111"}))
        .unwrap();
    assert_eq!(event.to_json().unwrap()["body"], json!("**** **** **** 1111"));
}

/// Of every few hundred ids one has digits that could be those of a card.
#[test]
fn an_id_that_looks_like_a_card_number_is_still_an_id() {
    let mut ids = (0..).map(|n: u128| uuid::Uuid::from_u128(0x01a2_29e2_c0fe_71f9_8000_0000_0000_0000 + n * 0x1_0001));
    let id = ids.find(|id| card::mask(&id.to_string()).is_some()).unwrap();
    let fields = ["confirms", "report", "event_id", "event", "resolves", "compensates", "request"];
    let mut found = 0;
    for (name, field) in EventKind::NAMES.iter().flat_map(|name| fields.map(|field| (name, field))) {
        let about = |id: &str| {
            let mut fields = json!({"type": name, "subject": "A", field: id});
            if *name == "review_resolved" {
                fields["outcome"] = json!("is_not");
            }
            Event::from_json(fields)
        };
        // Which fields of which type name an event is learnt from an id that looks like nothing else.
        let plain = uuid::Uuid::from_u128(0xabcd_efab_cdef_7bcd_8bcd_efab_cdef_abcd);
        if about(&plain.to_string()).is_ok_and(|event| event.references() == [plain]) {
            let event = about(&id.to_string()).unwrap();
            assert_eq!(event.references(), [id], "{name} {field}");
            assert_eq!(Event::from_json(event.to_json().unwrap().into()).unwrap(), event, "{name} {field}");
            found += 1;
        }
    }
    assert!(found >= 8, "{found} fields name an event");
}

#[test]
fn a_part_of_a_text_says_which_it_is() {
    let place = json!({"reference": "4111111111111111", "number": 2, "total": 3});
    let event = Event::from_json(json!({"type": "inbound_sms", "body": "ting me", "part": place})).unwrap();
    assert_eq!(event.to_json().unwrap()["part"], place);
    for (part, piece) in [(place, true), (json!({}), true), (json!({"total": 1}), false), (json!(null), false)] {
        let event = Event::from_json(json!({"type": "inbound_sms", "part": part})).unwrap();
        let EventKind::InboundSms(sms) = &event.kind else { panic!("another type") };
        assert_eq!(sms.is_piece(), piece, "{part}");
    }
    assert!(Event::from_json(json!({"type": "inbound_sms", "part": {"index": 1}})).is_err());
}

#[test]
fn a_recorded_event_survives_the_way_into_the_ledger_and_back() {
    let event =
        Event::from_json(json!({"type": "purchase", "subject": "A", "at": "2026-01-31T12:00:00.123456789+02:00"}))
            .unwrap();
    let id = uuid::Uuid::from_u128(7);
    let received = "2026-01-31T12:00:01.000001Z".parse().unwrap();
    let body = Recorded::body(&event, id, received).unwrap();
    let recorded = Recorded::from_body(3, &body).unwrap();
    assert_eq!((recorded.seq, recorded.event_id, recorded.received_at), (3, id, received));
    assert_eq!(recorded.occurred_at().to_rfc3339(), "2026-01-31T10:00:00.123456+00:00");
    assert_eq!(Recorded::body(&recorded.event, id, received).unwrap(), body);
}

#[test]
fn nothing_happens_after_it_was_received() {
    let event = Event::from_json(json!({"type": "purchase", "subject": "A", "at": "2099-01-01T00:00:00Z"})).unwrap();
    let received_at = "2026-01-31T12:00:00Z".parse().unwrap();
    let recorded = Recorded { seq: 0, event_id: uuid::Uuid::nil(), received_at, event };
    assert_eq!(recorded.occurred_at(), received_at);
}

#[test]
fn every_type_has_a_reader_under_its_own_name_and_survives_being_kept() {
    for name in EventKind::NAMES {
        let mut value =
            json!({"type": name, "subject": "A", "channels": ["sms"], "purposes": ["updates"], "level": "express"});
        for field in ["channels", "purposes", "level"]
            .iter()
            .filter(|_| !matches!(*name, "consent_granted" | "consent_imported"))
        {
            value.as_object_mut().unwrap().remove(*field);
        }
        match *name {
            "policy_published" => value["version"] = json!("v"),
            "event_compensated" => value["event_id"] = json!("x"),
            "review_resolved" => (value["event_id"], value["outcome"]) = (json!("x"), json!("is_not")),
            "message_sent" => (value["channel"], value["purpose"]) = (json!("sms"), json!("updates")),
            _ => {}
        }
        let event = Event::from_json(value).unwrap();
        assert_eq!(event.kind.name(), *name);
        let body = Recorded::body(&event, uuid::Uuid::nil(), "2026-01-31T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(Recorded::from_body(0, &body).map(|recorded| recorded.event), Ok(event), "{name}");
    }
}

#[test]
fn what_an_opt_out_says_unreadably_can_be_kept_whatever_it_is() {
    for unreadable in [json!(1.5), json!(1e300), json!(u64::MAX), json!({"a": [0.1]}), json!([null]), json!(true)] {
        for field in ["at", "subject", "phone", "email", "note", "idempotency_key"] {
            let event = Event::from_json(json!({"type": "withdrawal_request", field: unreadable})).unwrap();
            assert_eq!(event.unread.len(), 1, "{field} {unreadable}");
            let body = Recorded::body(&event, uuid::Uuid::nil(), "2026-01-31T12:00:00Z".parse().unwrap()).unwrap();
            assert_eq!(Recorded::from_body(0, &body).unwrap().event, event, "{field} {unreadable}");
        }
    }
}

#[test]
fn an_event_that_could_not_be_kept_is_refused() {
    let long = "x".repeat(crate::limits::EVENT);
    let control = "\u{1}".repeat(crate::limits::TEXT_FIELD);
    for event in [
        json!({"type": "inbound_sms", "media": [long]}),
        json!({"type": "withdrawal_request", "at": {"a": long}}),
        json!({"type": "inbound_sms", "body": control, "note": control, "source": control}),
    ] {
        assert_eq!(Event::from_json(event).unwrap_err().faults[0].pointer, "");
    }
}
