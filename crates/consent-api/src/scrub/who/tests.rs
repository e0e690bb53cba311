//! Who is meant by a row.

use super::*;

fn named<'a>(who: &'a Who<'_>) -> Vec<(&'static str, Cow<'a, str>)> {
    let borrowed = |kind, text: &'a str| vec![(kind, Cow::Borrowed(text))];
    match who {
        Who::Phone(text) => borrowed("phone", text),
        Who::Email(text) => borrowed("email", text),
        Who::Subject(text) => borrowed("subject", text),
        Who::Several(named) => {
            let Named { phone, email, subject } = &**named;
            let kinds = [("phone", phone), ("email", email), ("subject", subject)];
            kinds.into_iter().filter_map(|(kind, text)| Some((kind, text.clone()?))).collect()
        }
    }
}

#[test]
fn an_address_is_what_its_column_says_or_what_it_looks_like() {
    for (name, address, kind) in [
        ("", " +12025550123 ", "phone"),
        ("", "pat@example.com", "email"),
        ("", "crm:42", "subject"),
        ("", "crm:pat@example.com", "email"),
        ("", "nonsense", "phone"),
        ("phone", "pat@example.com", "phone"),
        ("email", "pat", "email"),
        ("subject", "42", "subject"),
        ("mobile", "+12025550123", "phone"),
        ("address", "pat@example.com", "email"),
    ] {
        assert_eq!(named(&addressed(name, address)), [(kind, Cow::Borrowed(address.trim()))], "{name} {address}");
        let header = Header { columns: 2, column: 1, name: name.to_owned() };
        for record in [format!("\"a,\",{address}"), format!("a,\"{address}\"")] {
            assert_eq!(named(&self::record(&header, &record).unwrap()), [(kind, Cow::Borrowed(address.trim()))]);
        }
        let escaped = format!("a,\"{address}\"\"\"");
        let quoted = self::record(&header, &escaped).unwrap();
        assert_eq!(named(&quoted), [(kind, Cow::Owned(format!("{address}\"").trim().to_owned()))]);
    }
}

/// What an object says, read in the plainest way.
fn plainly(text: &str) -> Result<Vec<(&'static str, String)>, String> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| "the line is no JSON object")?;
    let mut named = Vec::new();
    for name in ["phone", "email", "subject"] {
        match object.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => named.push((name, text.clone())),
            Some(_) => return Err(format!("{name} must be a text")),
        }
    }
    Ok(named)
}

#[test]
fn an_object_is_read_as_plain_json() {
    for text in [
        "{}",
        r#"{"phone": "1"}"#,
        r#" {"phone": "1", "email": "a@b.c", "subject": "s", "n": [1, {"phone": 2}]} "#,
        r#"{"email": "a\u0040b.c"}"#,
        r#"{"ph\u006fne": "1"}"#,
        r#"{"phone": null, "subject": "s"}"#,
        r#"{"phone": 1}"#,
        r#"{"phone": -1.5, "email": true}"#,
        r#"{"email": [1, "2"], "subject": {"a": 1}}"#,
        r#"{"subject": true}"#,
        r#"{"decision": 1, "phone": "1"}"#,
        r#"{"decision": 1e999, "phone": "1"}"#,
        r#"{"phone": 1e999}"#,
        r#"{"phone": "1"} x"#,
        r#"{"phone": "1""#,
        r#"{"phone": "1\ud800"}"#,
        "[]",
        "null",
        "\"phone\"",
        "x",
    ] {
        let owned = |who: Who<'_>| named(&who).into_iter().map(|(kind, text)| (kind, text.into_owned())).collect();
        assert_eq!(object(text).map(owned), plainly(text), "{text}");
    }
}

#[test]
fn an_object_that_names_somebody_twice_is_about_nobody() {
    for text in [
        r#"{"phone": "1", "phone": "2"}"#,
        r#"{"phone": 1, "ph\u006fne": "2"}"#,
        r#"{"email": "1", "n": 1, "email": null}"#,
    ] {
        assert_eq!(object(text), Err("an address is there twice".to_owned()), "{text}");
    }
}
