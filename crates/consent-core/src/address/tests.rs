use super::*;

#[test]
fn every_spelling_of_a_number_has_one_canonical_form() {
    for (written, canonical) in [
        ("+12025550123", "+12025550123"),
        ("+1 (202) 555-0123", "+12025550123"),
        (" +1.202.555.0123 ", "+12025550123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("+4407700900123", "+447700900123"),
        ("+447700900123", "+447700900123"),
        ("+49 30 901820", "+4930901820"),
        ("+39 06 6982", "+39066982"),
        ("\u{ff0b}\u{ff11}2025550123", "+12025550123"),
    ] {
        assert_eq!(Phone::parse(written).unwrap().as_str(), canonical, "{written}");
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in [
        "",
        "+",
        "2025550123",
        "+1",
        "+120255501",
        "+120255501234567890",
        "STOP",
        "12345",
        "+999123456789",
        "+1202555012x",
        "+12025550123 ext. 5",
        "tel:",
    ] {
        assert_eq!(Phone::parse(text), Err(AddressError::Phone), "{text}");
    }
}

#[test]
fn the_fast_path_agrees_with_the_library() {
    for area in ["201", "202", "305", "800", "987"] {
        for exchange in ["200", "555", "999"] {
            let text = format!("+1{area}{exchange}0123");
            assert!(is_canonical_nanp(text.as_bytes()));
            let number = PHONE_NUMBER_UTIL.parse(&text, None).unwrap();
            assert!(PHONE_NUMBER_UTIL.is_possible_number(&number));
            assert_eq!(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164), text);
        }
    }
    for text in ["+1102555012", "+11025550123", "+12021550123", "+120255501234", "12025550123", "+1202555O123"] {
        assert!(!is_canonical_nanp(text.as_bytes()), "{text}");
    }
}

#[test]
fn gateways_may_leave_out_the_plus() {
    assert_eq!(Phone::parse_from_gateway("12025550123").unwrap().as_str(), "+12025550123");
    for text in ["+12025550123", "tel:+1-202-555-0123", "whatsapp:+12025550123", "0012025550123", "1 (202) 555-0123"] {
        assert_eq!(Phone::parse_from_gateway(text).unwrap().as_str(), "+12025550123", "{text}");
    }
    for text in ["(202) 555-0123", "tel:", "mailto:+12025550123", "202-555-0123"] {
        assert!(Phone::parse_from_gateway(text).is_err(), "{text}");
    }
    for sender in ["12345", "INFI", ""] {
        assert_eq!(Phone::parse_from_gateway(sender), Err(AddressError::Phone));
    }
}

#[test]
fn a_country_is_read_from_the_numbering_plan() {
    assert_eq!(Phone::parse("+12025550123").unwrap().country().as_deref(), Some("US"));
    assert_eq!(Phone::parse("+14165550123").unwrap().country().as_deref(), Some("CA"));
    assert_eq!(Phone::parse("+4930901820").unwrap().country().as_deref(), Some("DE"));
}

#[test]
fn a_number_is_its_digits_and_the_digits_are_the_number() {
    for text in ["+12025550123", "+447700900123", "+4930901820", "+39066982", "+999999999999999"] {
        let phone = Phone(Text::new(text));
        assert_eq!(phone.number(), text[1..].parse().ok(), "{text}");
        assert_eq!(phone.number().map(Phone::of_number), Some(phone));
    }
    for text in ["+", "+12a", "+99999999999999999999", ""] {
        assert_eq!(Phone(Text::new(text)).number(), None, "{text}");
    }
}

#[test]
fn letter_case_and_international_domains_do_not_part_an_email_address() {
    for (written, canonical) in [
        ("Pat@Example.COM", "pat@example.com"),
        ("PAT+news@example.com", "pat+news@example.com"),
        ("jos\u{e9}@example.com", "jos\u{e9}@example.com"),
        ("JOSE\u{301}@example.com", "jos\u{e9}@example.com"),
        ("kim@B\u{dc}CHER.example", "kim@xn--bcher-kva.example"),
        ("a@example.com.", "a@example.com"),
    ] {
        assert_eq!(Email::parse(written).unwrap().as_str(), canonical, "{written}");
    }
    for text in
        ["", "@", "a@", "@b.example", "a b@c.example", "a@b", "Pat <pat@example.com>", "a@b..example", "a@-x_.example"]
    {
        assert_eq!(Email::parse(text), Err(AddressError::Email), "{text}");
    }
}

#[test]
fn a_subject_is_an_opaque_id() {
    assert!(SubjectId::parse("crm:42_A.b-c").is_ok());
    for text in ["", "a b", "caf\u{e9}", &"x".repeat(129)] {
        assert_eq!(SubjectId::parse(text), Err(AddressError::Subject));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_email_address_that_is_taken_as_it_stands_is_canonical(text in "[a-z0-9._+-]{0,8}@[a-z0-9-]{1,6}(\\.[a-z0-9-]{0,66}){0,5}") {
        if is_canonical_email(&text) {
            let (_, domain) = text.rsplit_once('@').unwrap();
            let domain_read = idna::domain_to_ascii_strict(domain);
            proptest::prop_assert_eq!(domain_read.as_deref().ok(), Some(domain));
        }
    }
}

#[test]
fn only_plain_email_addresses_are_taken_as_they_stand() {
    let long = "a".repeat(64);
    for text in ["pat@example.com", "a.b+c_d-e@x1.example", "0@1.2", &format!("{long}@example.com")] {
        assert!(is_canonical_email(text) && Email::parse(text).unwrap().as_str() == text, "{text}");
    }
    for text in [
        "Pat@example.com",
        "pat@Example.com",
        "pat@xn--bcher-kva.example",
        "pat@a--b.example",
        "pat@-a.example",
        "pat@a-.example",
        "pat@example.com.",
        "pat@example",
        "pat@a..example",
        "@example.com",
        "pat",
        "p!t@example.com",
        "jos\u{e9}@example.com",
        &format!("{long}a@example.com"),
        &format!("pat@{long}.example"),
        &format!("pat@{}example", "abcdefgh.".repeat(28)),
    ] {
        assert!(!is_canonical_email(text), "{text}");
    }
}
