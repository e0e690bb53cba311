//! Who is turned away, and why.

use super::*;

fn refusal(request: &WebhookRequest, account: &Account) -> Option<Forged> {
    verify(request, account).err()
}

/// Why a message is refused that SNS signed after it was changed.
fn signed_with(change: &dyn Fn(&mut Value)) -> Option<Forged> {
    let mut body = notification(&text(&json!({})).to_string());
    change(&mut body);
    refusal(&signed(body), &ours())
}

/// Why a message is refused that was changed after SNS signed it.
fn changed(change: &dyn Fn(&mut Value)) -> Option<Forged> {
    let mut body = serde_json::from_slice(&signed(notification("{}")).body).unwrap();
    change(&mut body);
    refusal(&posted(&body), &ours())
}

#[test]
fn a_message_must_be_for_a_topic_of_ours_and_new() {
    for (name, value, expected) in [
        ("Message", "x", None),
        ("Subject", "My subject", None),
        ("TopicArn", "arn:aws:sns:us-east-1:123456789012:two-way-sms-other", Some(Forged::NotOurs)),
        ("TopicArn", "arn:aws:sns:us-east-1:210987654321:two-way-sms", Some(Forged::NotOurs)),
        ("TopicArn", "", Some(Forged::NotOurs)),
        ("Timestamp", "2015-10-09T07:53:20.000Z", None),
        ("Timestamp", "2025-10-09T08:58:20.000Z", None),
        ("Timestamp", "2025-10-09T08:58:20.001Z", Some(Forged::Stale)),
        ("Timestamp", "+262142-12-31T23:59:59Z", Some(Forged::Malformed)),
        ("Timestamp", "today", Some(Forged::Malformed)),
        ("Type", "SomethingNew", Some(Forged::Malformed)),
        // A confirmation without its token and address.
        ("Type", "SubscriptionConfirmation", Some(Forged::Malformed)),
        // One of these lines could otherwise be moved into another field.
        ("MessageId", "1\nSubject\nx", Some(Forged::Malformed)),
        ("Subject", "1\nTimestamp\nx", Some(Forged::Malformed)),
    ] {
        assert_eq!(signed_with(&|body| body[name] = json!(value)), expected, "{name} {value:?}");
    }
}

#[test]
fn a_signature_must_be_one_and_fit() {
    for (name, value, expected) in [
        ("UnsubscribeURL", json!("x"), None),
        ("Message", json!("{} "), Some(Forged::Mismatch)),
        ("Subject", json!("x"), Some(Forged::Mismatch)),
        ("MessageId", json!("x"), Some(Forged::Mismatch)),
        ("Timestamp", json!("2025-10-09T08:53:20.656Z"), Some(Forged::Mismatch)),
        ("Signature", json!("AAAA"), Some(Forged::Mismatch)),
        ("Signature", json!(""), Some(Forged::Mismatch)),
        ("Signature", json!("not base64"), Some(Forged::Malformed)),
        ("Signature", json!(null), Some(Forged::Malformed)),
        ("SignatureVersion", json!("1"), Some(Forged::Mismatch)),
        ("SignatureVersion", json!("3"), Some(Forged::Malformed)),
        ("SignatureVersion", json!(2), Some(Forged::Malformed)),
        ("SigningCertURL", json!("https://evil.example/x.pem"), Some(Forged::Malformed)),
        ("SigningCertURL", json!("https://sns.us-east-1.amazonaws.com/x.pem"), Some(Forged::Malformed)),
        ("SigningCertUrl", json!(CERTIFICATE_URL), Some(Forged::Malformed)),
    ] {
        assert_eq!(changed(&|body| body[name] = value.clone()), expected, "{name} {value}");
    }
}

#[test]
fn a_raw_message_is_refused() {
    let request = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = signed(notification("{}"));
        change(&mut request);
        refusal(&request, &ours())
    };
    let raw = text(&json!({})).to_string();
    assert_eq!(request(&|request| request.body = raw.clone().into_bytes()), Some(Forged::Malformed));
    let header = ("x-amz-sns-rawdelivery".to_owned(), "true".to_owned());
    assert_eq!(request(&|request| request.headers.push(header.clone())), Some(Forged::Unsigned));
    assert_eq!(request(&|request| request.body = Vec::new()), Some(Forged::Malformed));
    assert_eq!(request(&|request| request.method = "GET".to_owned()), Some(Forged::Malformed));
}

#[test]
fn without_the_certificate_of_sns_nothing_is_believed() {
    let with = |pem: Option<&str>, account: &Account| {
        let mut request = signed(notification("{}"));
        request.published_keys = pem.map(|pem| pem.as_bytes().to_owned());
        refusal(&request, account)
    };
    let pem = |name: &str| CERTIFICATES[name].as_str();
    let trusting = |name: Option<&str>| {
        let mut account = account("aws_sns", &[TOPIC]);
        let pinned = name.and_then(pem).map(|pem| ("trust_anchor".to_owned(), pem.to_owned()));
        account.settings.extend(pinned);
        account
    };
    assert_eq!(with(None, &ours()), Some(Forged::UnknownKey));
    assert_eq!(with(Some(""), &ours()), Some(Forged::UnknownKey));
    assert_eq!(with(pem("sns"), &trusting(None)), None);
    assert_eq!(with(pem("sns"), &trusting(Some("issuer"))), None);
    assert_eq!(with(pem("sns"), &trusting(Some("another_root"))), Some(Forged::UnknownKey));
    assert_eq!(with(pem("somebody_else"), &trusting(None)), Some(Forged::UnknownKey));
    assert_eq!(with(pem("another_key"), &trusting(None)), Some(Forged::Mismatch));
}

#[test]
fn an_account_can_insist_on_sha_256() {
    let mut account = ours();
    account.settings.insert("signature_version".to_owned(), "2".to_owned());
    let recorded = |name: &str| {
        let case = RECORDED["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
        posted(&serde_json::from_str(case["body"].as_str().unwrap()).unwrap())
    };
    assert_eq!(refusal(&recorded("v1-inbound-stop"), &ours()), None);
    assert_eq!(refusal(&recorded("v1-inbound-stop"), &account), Some(Forged::Malformed));
    assert_eq!(refusal(&recorded("v2-inbound-stop"), &account), None);
    assert!(weak(&ours()).unwrap().contains("SHA-1"));
    assert_eq!(weak(&account), None);
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (secret, name, value, wrong) in [
        (TOPIC, "signature_version", "2", None),
        (TOPIC, "signature_version", "3", Some("signature_version")),
        (TOPIC, "certificate_path", "any", None),
        (TOPIC, "certificate_path", "/x", Some("certificate_path")),
        (TOPIC, "trust_anchor", "/etc/ssl/x.pem", Some("trust_anchor")),
        (TOPIC, "trust_anchor", broken, Some("trust_anchor")),
        ("two-way-sms", "", "", Some("secrets")),
    ] {
        let mut account = account("aws_sns", &[secret]);
        account.settings.insert(name.to_owned(), value.to_owned());
        let found = check(&account).err();
        assert_eq!(found.is_some(), wrong.is_some(), "{name} {value}");
        assert!(found.unwrap_or_default().contains(wrong.unwrap_or_default()), "{name} {value}");
    }
    assert_eq!(check(&ours()), Ok(()));
}
