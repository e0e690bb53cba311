//! What a header line says, and how objects are added to.

use super::*;
use crate::scrub::lines::Lines;

#[test]
fn an_object_keeps_what_was_in_it_and_gets_what_is_added_once() {
    for (text, expected) in [
        (r#"{"a": 1.10}"#, r#"{"a": 1.10,"decision":"deny"}"#),
        (r#" {"a": 12345678901234567890123 } "#, r#" {"a": 12345678901234567890123,"decision":"deny"}"#),
        ("{}", r#"{"decision":"deny"}"#),
        (r#"{"decision":"allow","a":1}"#, r#"{"a":1,"decision":"deny"}"#),
    ] {
        let mut out = b"before".to_vec();
        with(text, &json!({"decision": "deny"}), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("before{expected}"), "{text}");
    }
}

#[test]
fn an_object_has_to_be_taken_apart_if_a_name_of_ours_stands_in_it() {
    for name in ADDED {
        assert!(clashes(&format!(r#"{{"a": 1, "{name}" : 2}}"#)), "{name}");
        assert!(!clashes(&format!(r#"{{"a{name}": 1, "{name}s": 2, "b": "an \n{name}"}}"#)), "{name}");
    }
    assert!(clashes(r#"{"deci\u0073ion": 1}"#), "a letter is written by its number");
}

#[test]
fn what_is_added_stands_in_the_order_of_its_names() {
    let verdict = |reason: Reason| Verdict {
        answer: reason.answer(),
        reason,
        valid_until: "2026-11-23T12:00:00Z".parse().ok(),
        next_eligible_at: "2026-11-23T12:00:00.25Z".parse().ok(),
        position: 1,
    };
    for reason in [Reason::InvalidRequest, Reason::ConsentExpress] {
        let mut lines = Lines::new(false);
        lines.feed(b"{}\n");
        let (row, verdict) = (lines.next().unwrap(), verdict(reason));
        let mut expected = json!({
            "decision": verdict.answer, "reason": reason, "valid_until": verdict.valid_until,
            "next_eligible_at": verdict.next_eligible_at,
        });
        if reason == Reason::InvalidRequest {
            (expected["line"], expected["detail"]) = (json!(1), json!("why"));
        }
        assert_eq!(serde_json::to_string(&Added::new(&row, &verdict, "why")).unwrap(), expected.to_string());
    }
}

fn order(query: &str) -> Order {
    let query = format!("purpose=updates&{query}");
    let query = actix_web::web::Query::<crate::scrub::ScrubQuery>::from_query(&query).unwrap().into_inner();
    Order::new(Format::Csv, query).unwrap()
}

#[test]
fn a_column_that_is_added_must_not_be_there() {
    for (keep, header, is_taken) in [
        ("all", "phone,Decision", false),
        ("all", "phone,\"reason \"", false),
        ("all", "phone,detail", false),
        ("denied", "phone,detail", false),
        ("denied", "phone,decision", true),
        ("allowed", "phone,decision,reason,detail", true),
    ] {
        let read = Header::read(Ok(header), &order(&format!("channel=sms&return={keep}")));
        assert_eq!(read.map_err(|problem| problem.body().status).err(), (!is_taken).then_some(400), "{keep} {header}");
    }
}

#[test]
fn the_column_is_the_most_telling_one_or_the_one_that_is_named() {
    let read = |text: &str, query: String| Header::read(Ok(text), &order(&query)).map(|header| header.column).ok();
    let header = |text: &str, wanted: Option<&str>| {
        read(text, format!("channel=sms{}", wanted.map(|name| format!("&column={name}")).unwrap_or_default()))
    };
    let by_email = read("phone,email", "channel=email".to_owned());
    assert_eq!(by_email, Some(1), "who is written to is who is asked about");
    for (text, wanted, column) in [
        ("email,Phone", None, Some(1)),
        ("\"E-mail\", email ", None, Some(1)),
        ("subject,address", None, Some(1)),
        ("mobile", None, None),
        ("phone,mobile", Some("Mobile"), Some(1)),
        ("phone", Some("mobile"), None),
        ("phone,name,Phone", None, None),
        ("phone,name,name", None, Some(0)),
    ] {
        assert_eq!(header(text, wanted), column, "{text} {wanted:?}");
    }
}
