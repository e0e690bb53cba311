//! Who is meant by a row, and how objects are added to.

use super::*;

#[test]
fn an_address_is_what_its_column_says_or_what_it_looks_like() {
    for (name, address, kind) in [
        ("", " +12025550123 ", "phone"),
        ("", "pat@example.com", "email"),
        ("", "crm:42", "subject"),
        ("", "nonsense", "phone"),
        ("phone", "pat@example.com", "phone"),
        ("email", "pat", "email"),
        ("subject", "42", "subject"),
        ("mobile", "+12025550123", "phone"),
        ("address", "pat@example.com", "email"),
    ] {
        let asked = about(QuestionBody::default(), name, address);
        let kinds = [("phone", asked.phone), ("email", asked.email), ("subject", asked.subject)];
        let named: Vec<_> = kinds.iter().filter_map(|(kind, value)| Some((*kind, value.as_deref()?))).collect();
        assert_eq!(named, [(kind, address.trim())], "{name} {address}");
    }
}

#[test]
fn an_object_keeps_what_was_in_it_and_gets_what_is_added_once() {
    for (text, expected) in [
        (r#"{"a": 1.10}"#, r#"{"a": 1.10,"decision":"deny"}"#),
        (r#" {"a": 12345678901234567890123 } "#, r#" {"a": 12345678901234567890123,"decision":"deny"}"#),
        ("{}", r#"{"decision":"deny"}"#),
        (r#"{"decision":"allow","a":1}"#, r#"{"a":1,"decision":"deny"}"#),
    ] {
        assert_eq!(with(text, json!({"decision": "deny"})), expected, "{text}");
    }
}

#[test]
fn the_column_is_the_most_telling_one_or_the_one_that_is_named() {
    let header = |text: &str, wanted| {
        Header::read(&Row { line: 1, text: Ok(text.to_owned()), end: "\n" }, wanted).map(|header| header.column).ok()
    };
    for (text, wanted, column) in [
        ("email,Phone", None, Some(1)),
        ("\"E-mail\", email ", None, Some(1)),
        ("subject,address", None, Some(1)),
        ("mobile", None, None),
        ("phone,mobile", Some("Mobile"), Some(1)),
        ("phone", Some("mobile"), None),
    ] {
        assert_eq!(header(text, wanted), column, "{text} {wanted:?}");
    }
}
