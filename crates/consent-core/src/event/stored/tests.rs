//! The quick reader reads what is usual, and never reads it otherwise than the slow one.

use serde_json::json;

use super::*;
use crate::event::InPlace;
use crate::limits;

fn bodies() -> Vec<Vec<u8>> {
    let browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36";
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let events = [
        json!({
            "type": "consent_granted", "subject": "crm:7", "phone": "+12025550123", "at": "2026-01-10T15:00:00.000250Z",
            "channels": ["sms", "mms"], "purposes": ["updates"], "level": "express_written", "seller": "Ann & Söhne",
            "signature": {"kind": "typed_name", "name": "Pat O'Neil"}, "affirmative_action": true, "ip": "192.0.2.7",
            "user_agent": browser, "disclosure_sha256": hash, "policy_version": "2024-03-20", "expires_at": "2027-01-31",
            "condition_of_purchase": false, "evidence_ref": "form-7", "double_opt_in": false, "idempotency_key": "k\n1",
            "actor": "import", "source": "crm", "note": "said \\ so",
        }),
        json!({"type": "inbound_sms", "from": "+447700900123", "to": "+12025550100", "body": "STOP\n🙏", "gateway": "main",
            "part": {"reference": "7", "number": 1, "total": 2}, "media": ["https://a.example/1"], "opt_out_indicator": true}),
        json!({"type": "inbound_sms", "from": "12345", "body": "my card is 4111 1111 1112"}),
        json!({"type": "withdrawal_request", "scope": "newsletter", "from": "Pat@Example.com", "email": "pat@example.com"}),
        json!({"type": "preference_set", "subject": "A", "on": ["services"], "off": ["everything"], "channel": "fax"}),
        json!({"type": "profile_recorded", "subject": "A", "country": "US", "date_of_birth": "1990-02-28"}),
        json!({"type": "number_deactivated", "phone": "+12025550123", "disconnected_on": "no day"}),
        json!({"type": "policy_published", "version": "7", "effective_at": "2026-01-31", "sms_purposes": ["updates"]}),
        json!({"type": "review_resolved", "event_id": "00000000-0000-0000-0000-000000000001", "outcome": "is_not"}),
        json!({"type": "identity_linked", "subject": "A", "phone": "+12025550123"}),
        json!({"type": "message_sent", "phone": "+12025550123", "channel": "sms", "purpose": "updates", "permit": "p"}),
    ];
    let received_at = "2026-11-22T12:00:00.123456Z".parse().unwrap();
    let body = |event| Recorded::body(&Event::from_json(event).unwrap(), Uuid::from_u128(7), received_at).unwrap();
    events.into_iter().map(body).collect()
}

#[test]
fn what_we_write_is_read_quickly_and_as_it_is() {
    for body in bodies() {
        let read = Recorded::read_quickly(7, &body);
        assert_eq!(read, Recorded::read_json(7, &body).ok(), "{}", String::from_utf8_lossy(&body));
        assert_eq!(read.map(|read| Recorded::body(&read.event, read.event_id, read.received_at)), Some(Ok(body)));
    }
}

#[test]
fn what_was_submitted_is_the_body_without_what_the_service_added() {
    for body in bodies() {
        let (stored, mut submitted) = (InPlace::of(&body).unwrap(), Vec::new());
        stored.submitted(&mut submitted);
        let event = Recorded::from_body(7, &body).unwrap().event;
        assert_eq!(submitted, codec::canonical_object(&event.to_json().unwrap()).unwrap());
    }
}

#[test]
fn what_is_changed_is_read_as_the_slow_reader_reads_it_or_not_at_all() {
    let (mut tried, mut read) = (0, 0);
    for body in bodies() {
        for at in 0..body.len() {
            for new in b"\"\\{}[]:, 0e1-+n\x1f\xffAz" {
                let mut changed = body.clone();
                changed[at] = *new;
                let cut = [&body[..at], &body[at + 1..]].concat();
                let longer = [&body[..at], &[*new], &body[at..]].concat();
                for changed in [changed, cut, longer] {
                    let quick = Recorded::read_quickly(7, &changed);
                    tried += 1;
                    read += usize::from(quick.is_some());
                    let slow = Recorded::read_json(7, &changed).ok();
                    assert!(quick.is_none() || quick == slow, "{}", String::from_utf8_lossy(&changed));
                }
            }
        }
    }
    assert!(read * 10 > tried, "hardly anything was read: {read} of {tried}");
}

#[test]
fn what_must_be_masked_or_refused_is_left_to_the_slow_reader() {
    let sms = |text: &str| {
        let own = r#""received_at":"2026-11-22T12:00:00Z","subject":"A","type":"inbound_sms"}"#;
        format!(r#"{{"body":{text},"event_id":"{}",{own}"#, Uuid::nil()).into_bytes()
    };
    assert!(Recorded::read_quickly(7, &sms(r#""4111""#)).is_some());
    for text in [r#""4111 1111 1111 1111""#, r#""4111\n4111-1111-1111-1111""#, r#""4111111111111111""#] {
        let body = sms(text);
        assert_eq!(Recorded::read_quickly(7, &body), None, "{text}");
        let read = Recorded::from_body(7, &body).unwrap();
        assert!(!serde_json::to_string(&read.event.to_json().unwrap()).unwrap().contains("4111 1111"), "{text}");
    }
    let items = vec!["a"; limits::LIST_ITEMS + 1];
    let many =
        json!({"type": "inbound_sms", "media": items, "event_id": Uuid::nil(), "received_at": "2026-11-22T12:00:00Z"});
    let body = codec::canonical_json(&many).unwrap();
    assert_eq!(Recorded::read_quickly(7, &body), None);
    assert!(Recorded::from_body(7, &body).is_err());
}
