use super::*;

fn entry() -> Entry {
    Entry { bod: [1; 32], sub: [2; 32], t: 1_790_000_000, typ: "inbound_sms".into() }
}

#[test]
fn an_entry_has_the_documented_bytes() {
    let bytes = entry().encode().unwrap();
    let expected = "{\"bod\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\",\
        \"sub\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\",\"t\":1790000000,\"typ\":\"inbound_sms\",\"v\":1}";
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    assert_eq!(Entry::decode(&bytes), Ok(entry()));
}

#[test]
fn bytes_that_are_not_their_own_canonical_form_are_refused() {
    let good = String::from_utf8(entry().encode().unwrap()).unwrap();
    for (altered, why) in [
        (good.replace(",\"t\"", ", \"t\""), "white space"),
        (good.replace("\"v\":1", "\"v\":2"), "version"),
        (good.replace("\"v\":1", "\"v\":1.0"), "float"),
        (good.replace("1790000000", "17e8"), "exponent"),
        (good.replace("inbound_sms", "inbound\\u005fsms"), "needless escape"),
        (good.replace("inbound_sms", "no_such_type"), "unknown type"),
        (good.replace("\"v\":1", "\"v\":1,\"x\":1"), "unknown field"),
        (good.replace("\"v\":1", "\"v\":1,\"v\":1"), "repeated field"),
        (good.replace("AQE\"", "AQF\""), "loose base64"),
        (good.replace("\"t\":1790000000,\"typ\":\"inbound_sms\"", "\"typ\":\"inbound_sms\",\"t\":1790000000"), "order"),
        (format!("{good}\n"), "trailing newline"),
    ] {
        assert_ne!(altered, good, "{why}: nothing was altered");
        assert!(Entry::decode(altered.as_bytes()).is_err(), "{why}");
    }
}

#[test]
fn an_entry_is_read_the_quick_way_exactly_if_the_slow_way_takes_it() {
    let mut texts = vec![entry().encode().unwrap()];
    for t in ["0", "01", "00", "", "9007199254740991", "9007199254740992", "99999999999999999999999", "-1", "1.0"] {
        let text = String::from_utf8(texts[0].clone()).unwrap();
        texts.push(text.replace("1790000000", t).into_bytes());
    }
    assert!(Entry::read_canonical(&texts[0]).is_some());
    for text in &texts {
        assert_eq!(Entry::read_canonical(text), Entry::read_json(text).ok(), "{}", String::from_utf8_lossy(text));
    }
    for at in 0..texts[0].len() {
        let mut shorter = texts[0].clone();
        shorter.remove(at);
        assert_eq!(Entry::read_canonical(&shorter), Entry::read_json(&shorter).ok(), "without byte {at}");
        for byte in 0..=u8::MAX {
            let mut altered = texts[0].clone();
            altered[at] = byte;
            assert_eq!(Entry::read_canonical(&altered), Entry::read_json(&altered).ok(), "{byte} at {at}");
        }
    }
}

/// `fixtures/jcs.json` was written by the reference RFC 8785 implementation for Python (see its header).
#[test]
fn bodies_have_the_bytes_that_two_other_implementations_give_them() {
    let vectors: Value = serde_json::from_str(include_str!("../../fixtures/jcs.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 10);
    for case in cases {
        let ours = String::from_utf8(canonical_json(&case["value"]).unwrap()).unwrap();
        assert_eq!(ours, case["canonical"].as_str().unwrap());
        assert_eq!(ours.as_bytes(), serde_json_canonicalizer::to_vec(&case["value"]).unwrap());
    }
}

#[test]
fn golden_vectors_of_the_entry_format_hold() {
    let vectors: Value = serde_json::from_str(include_str!("../../fixtures/entries.json")).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let unhex = |text: &Value| -> Hash {
        let text = text.as_str().unwrap();
        let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
        bytes.try_into().unwrap()
    };
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let pepper = crate::token::Pepper::new(&unhex(&case["pepper"]));
        let recorded = crate::event::Recorded::from_body(0, case["body"].as_str().unwrap().as_bytes()).unwrap();
        let body = crate::event::Recorded::body(&recorded.event, recorded.event_id, recorded.received_at).unwrap();
        assert_eq!(String::from_utf8(body.clone()).unwrap(), case["body"].as_str().unwrap());
        let identities = recorded.event.identities();
        let token = identities.first().map_or_else(|| pepper.nobody(), |identity| pepper.token(identity));
        assert_eq!(hex(&token), case["token"].as_str().unwrap());
        let entry = Entry {
            bod: commit_body(&unhex(&case["r_bod"]), &body),
            sub: commit_subject(&unhex(&case["r_sub"]), &token),
            t: recorded.received_at.timestamp() as u64,
            typ: recorded.type_name().to_owned(),
        };
        let bytes = entry.encode().unwrap();
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), case["entry"].as_str().unwrap());
        assert_eq!(hex(&crate::merkle::leaf_hash(&bytes)), case["leaf"].as_str().unwrap());
    }
}

#[test]
fn numbers_that_readers_would_round_are_refused() {
    for text in ["1.5", "9007199254740992", "1e400"] {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            assert_eq!(canonical_json(&value), Err(CodecError::Number), "{text}");
        }
    }
    assert!(canonical_json(&Value::from(9_007_199_254_740_991_u64)).is_ok());
}
