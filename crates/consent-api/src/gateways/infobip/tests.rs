mod proofs;

use consent_core::event::EventKind;
use serde_json::json;

use super::*;
use crate::gateways::tests::{account, posted};
use crate::gateways::{WebhookRequest, verify};

pub(in crate::gateways) use proofs::{PASSWORDS, SIGNATURES};

fn request(body: &str) -> WebhookRequest {
    posted("application/json", body, &[("authorization", "Basic dXNlcjpwYXNz")])
}

fn parse(body: &Value) -> Result<Vec<Signal>, Unparsed> {
    let account = account("infobip", &["user:pass"]);
    verify(&request(&body.to_string()), &account).unwrap_or_else(|forged| panic!("{forged}")).parse()
}

/// The one signal of a result: its key, and its event as it would be written.
fn only(result: &Value) -> (String, Value) {
    let signals = parse(&json!({"results": [result]})).unwrap();
    let [signal] = signals.as_slice() else { panic!("{} signals", signals.len()) };
    (signal.dedupe_key.clone(), signal.event.to_json().unwrap().into())
}

/// A result with some of its fields changed.
fn changed(mut result: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        result[name] = value.clone();
    }
    result
}

fn message(changes: &Value) -> Value {
    let message = json!({
        "messageId": "81779", "from": "14155550123", "to": "14155550100", "text": "Stop", "cleanText": "",
        "keyword": "STOP", "receivedAt": "2025-10-09T08:53:20.000+0000", "smsCount": 1, "callbackData": "c1",
    });
    changed(message, changes)
}

fn block(event: &str, source: &str) -> Value {
    json!({
        "event": event, "receivedAt": "2025-10-09T08:53:20.797+0000", "messageId": "1695",
        "content": {"sender": "14155550100", "destination": "14155550123", "sourceType": source},
    })
}

fn report(status: &Value, error: &Value) -> Value {
    json!({
        "bulkId": "B1", "messageId": "M1", "to": "14155550123", "sender": "InfoSMS", "messageCount": 1,
        "sentAt": "2025-10-09T08:53:20.000+0000", "doneAt": "2025-10-09T08:53:21.000+0000",
        "status": status, "error": error,
    })
}

#[test]
fn an_inbound_message_becomes_an_event() {
    let expected = json!({
        "type": "inbound_sms", "at": "2025-10-09T08:53:20Z", "gateway": "main", "from": "14155550123",
        "to": "14155550100", "body": "Stop", "provider_message_id": "81779",
    });
    assert_eq!(only(&message(&json!({}))), ("81779".to_owned(), expected));
}

#[test]
fn what_a_message_brings_with_it() {
    for (changes, expected) in [
        (json!({"text": ""}), json!({"body": ""})),
        (json!({"text": "STOP it", "cleanText": "it"}), json!({"body": "STOP it"})),
        (
            json!({"text": null, "message": {"type": "TEXT", "text": "Stop"}, "integrationType": "WHATSAPP"}),
            json!({"body": "Stop", "source": "whatsapp"}),
        ),
        (
            json!({"text": null, "message": {"type": "IMAGE", "url": "https://a", "caption": "Stop"}}),
            json!({"body": "Stop", "media": ["https://a"]}),
        ),
        (json!({"text": null, "message": {"url": "https://a"}}), json!({"body": "", "media": ["https://a"]})),
        (json!({"from": "+14155550123"}), json!({"from": "+14155550123"})),
        (json!({"from": null, "sender": "14155550123"}), json!({"from": "14155550123"})),
        (
            json!({"messageId": 81779, "to": 14_155_550_100_u64}),
            json!({"provider_message_id": "81779", "to": "14155550100"}),
        ),
        (json!({"receivedAt": "yesterday"}), json!({"at": null})),
        (json!({"to": null, "something": ["new"]}), json!({"to": null})),
    ] {
        let (_, event) = only(&message(&changes));
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(event.get(name).unwrap_or(&Value::Null), value, "{changes} {name}");
        }
    }
}

#[test]
fn a_block_is_an_opt_out_whatever_brought_it_about() {
    for source in ["MO", "CAMPAIGN", "URL_OPT_OUT", "CUSTOM", ""] {
        let expected = json!({
            "type": "inbound_sms", "at": "2025-10-09T08:53:20.797000Z", "gateway": "main", "from": "14155550123",
            "to": "14155550100", "body": "", "provider_message_id": "1695", "opt_out_indicator": "STOP",
        });
        assert_eq!(only(&block("BLOCK", source)), ("1695/BLOCK/14155550123".to_owned(), expected), "{source}");
    }
}

/// Taken off the list by a colleague is not asked for by the person.
#[test]
fn only_a_text_of_the_person_makes_an_unblock_an_opt_in() {
    let (key, event) = only(&block("UNBLOCK", "MO"));
    assert_eq!((key.as_str(), &event["opt_out_indicator"]), ("1695/UNBLOCK/14155550123", &json!("START")));
    for source in ["CAMPAIGN", "URL_OPT_OUT", "CUSTOM", ""] {
        assert_eq!(parse(&json!({"results": [block("UNBLOCK", source)]})), Ok(vec![]), "{source}");
    }
}

#[test]
fn an_opt_out_is_not_lost_for_what_else_is_missing() {
    for (changes, key) in [
        (json!({"messageId": null}), "2025-10-09T08:53:20.797+0000/BLOCK/14155550123"),
        (json!({"receivedAt": null}), "1695/BLOCK/14155550123"),
        (json!({"event": "block"}), "1695/BLOCK/14155550123"),
        (json!({"content": {"destination": "14155550123"}}), "1695/BLOCK/14155550123"),
        (json!({"content": {"destination": "+14155550123"}}), "1695/BLOCK/+14155550123"),
    ] {
        let (found, event) = only(&changed(block("BLOCK", "MO"), &changes));
        assert_eq!((found.as_str(), &event["opt_out_indicator"]), (key, &json!("STOP")), "{changes}");
    }
    let whatsapp = json!({"content": {"destination": "14155550123", "channel": "WHATSAPP"}});
    let signals = parse(&json!({"results": [changed(block("BLOCK", "MO"), &whatsapp)]})).unwrap();
    assert_eq!(signals[0].event.source.as_deref(), Some("whatsapp"));
    assert_eq!(signals[0].event.identities().len(), 1);
}

#[test]
fn a_delivery_report_becomes_an_outcome() {
    let failed =
        json!({"groupId": 2, "groupName": "UNDELIVERABLE", "id": 4, "name": "UNDELIVERABLE_REJECTED_OPERATOR"});
    for (error, outcome) in [
        (603, "opted_out"),
        (2050, "opted_out"),
        (2052, "opted_out"),
        (3041, "deactivated"),
        (15017, "deactivated"),
        (1, "landline_or_invalid"),
        (9, "landline_or_invalid"),
        (11, "landline_or_invalid"),
        (351, "landline_or_invalid"),
        (352, "landline_or_invalid"),
        (375, "blocked_unknown"),
        (604, "blocked_unknown"),
        (2049, "blocked_unknown"),
        (6, "temporary"),
        (27, "temporary"),
        (31, "temporary"),
    ] {
        let expected = json!({
            "type": "delivery_reported", "at": "2025-10-09T08:53:21Z", "phone": "+14155550123", "gateway": "main",
            "provider_message_id": "M1", "outcome": outcome, "code": format!("UNDELIVERABLE_REJECTED_OPERATOR/{error}"),
        });
        let found = only(&report(&failed, &json!({"id": error, "permanent": false})));
        assert_eq!(found, ("M1/4/14155550123".to_owned(), expected), "{error}");
    }
}

#[test]
fn a_status_says_what_no_error_does() {
    let of = |group: i64, name: &str, id: i64| json!({"groupId": group, "groupName": name, "id": id, "name": "X"});
    for (status, error, outcome) in [
        (of(3, "DELIVERED", 5), json!({"id": 0, "permanent": false}), "delivered"),
        (json!({"groupId": 3, "id": 5}), json!(null), "delivered"),
        (json!({"groupId": 3, "name": "DELIVERED_TO_HANDSET", "groupName": "Delivered"}), json!(null), "delivered"),
        (of(5, "REJECTED", 14), json!(null), "opted_out"),
        (of(5, "REJECTED", 14), json!({"id": 1, "permanent": true}), "opted_out"),
        (of(5, "REJECTED", 6), json!({"id": 7777, "permanent": true}), "blocked_unknown"),
        (of(5, "REJECTED", 6), json!({"id": 7777, "permanent": false}), "temporary"),
        (of(4, "EXPIRED", 15), json!({"id": 27}), "temporary"),
        (of(2, "UNDELIVERABLE", 9), json!({"id": 0}), "temporary"),
        (of(1, "PENDING", 7), json!({"id": 603}), "opted_out"),
        (of(9, "SOMETHING_NEW", 99), json!(null), "temporary"),
    ] {
        let (_, event) = only(&report(&status, &error));
        assert_eq!(event["outcome"], json!(outcome), "{status} {error}");
    }
}

#[test]
fn a_message_under_way_is_no_news() {
    for status in [
        json!({"groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE"}),
        json!({"groupId": 0, "groupName": "ACCEPTED", "id": 0, "name": "ACCEPTED"}),
        json!({"groupId": 1, "id": 26}),
    ] {
        assert_eq!(parse(&json!({"results": [report(&status, &json!({"id": 27}))]})), Ok(vec![]), "{status}");
    }
    assert_eq!(parse(&json!({"results": [], "messageCount": 0})), Ok(vec![]));
}

#[test]
fn a_report_names_message_status_and_recipient() {
    let mut old = report(&json!({"groupName": "EXPIRED", "name": "EXPIRED_EXPIRED"}), &json!(null));
    (old["to"], old["destination"], old["doneAt"], old["channel"]) =
        (json!(null), json!("14155550177"), json!(null), json!("RCS"));
    let (key, event) = only(&old);
    assert_eq!(key, "M1/EXPIRED_EXPIRED/14155550177");
    assert_eq!((&event["code"], &event["at"]), (&json!("EXPIRED_EXPIRED"), &json!("2025-10-09T08:53:20Z")));
    assert_eq!(event["source"], json!("rcs"));
}

#[test]
fn what_cannot_be_read_keeps_its_sender_and_leaves_the_others() {
    let failed = json!({"groupName": "EXPIRED", "id": 15});
    for result in [
        message(&json!({"messageId": null})),
        message(&json!({"text": null})),
        changed(block("PAUSE", "MO"), &json!({})),
        changed(block("BLOCK", "MO"), &json!({"messageId": null, "receivedAt": null})),
        changed(report(&failed, &json!(null)), &json!({"messageId": null, "from": "14155550123"})),
        changed(report(&failed, &json!(null)), &json!({"to": "", "from": "14155550123"})),
        changed(report(&json!({}), &json!(null)), &json!({"from": "14155550123"})),
    ] {
        let signals = parse(&json!({"results": [result, message(&json!({}))]})).unwrap();
        let EventKind::InboundUnparsed(held) = &signals[0].event.kind else { panic!("{result}") };
        assert_eq!(held.sender.as_deref(), Some("+14155550123"), "{result}");
        assert_eq!((signals.len(), signals[1].dedupe_key.as_str()), (2, "81779"), "{result}");
        // Alone it is set aside as it came.
        assert_eq!(parse(&result).unwrap_err().raw, result.to_string().as_bytes());
    }
    for result in [message(&json!({"from": ""})), changed(block("BLOCK", "MO"), &json!({"content": {}}))] {
        assert!(parse(&result).is_err(), "{result}");
    }
    assert_eq!(parse(&message(&json!({}))).unwrap().len(), 1);
    assert!(parse(&json!({"results": {"from": "14155550123"}})).is_err());
    let account = account("infobip", &["user:pass"]);
    assert!(verify(&request("<reportResponse/>"), &account).unwrap().parse().is_err());
}

#[test]
fn the_answer_is_200_without_a_word() {
    let account = account("infobip", &["user:pass"]);
    let answer = verify(&request("{}"), &account).unwrap().acknowledge();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}
