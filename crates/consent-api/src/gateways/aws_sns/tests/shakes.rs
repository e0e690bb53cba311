//! What is fetched, and when.

use super::*;

#[test]
fn the_certificate_is_fetched_for_a_message_that_may_be_genuine_alone() {
    let shake = |change: &dyn Fn(&mut Value)| {
        let mut body = notification("{}");
        body["Signature"] = json!("AAAA");
        change(&mut body);
        keys_at(&posted(&body), &ours())
    };
    let with = |name: &str, value: &str| shake(&|body| body[name] = json!(value));
    assert_eq!(shake(&|_| ()).as_deref(), Some(CERTIFICATE_URL));
    for (name, value) in [
        ("SigningCertURL", "https://evil.example/x.pem"),
        (
            "SigningCertURL",
            "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
        ),
        ("TopicArn", "arn:aws:sns:us-east-1:123456789012:another"),
        ("Timestamp", "2025-10-10T08:53:20.655Z"),
        ("Signature", "?"),
        ("SignatureVersion", "3"),
    ] {
        assert_eq!(with(name, value), None, "{name} {value}");
    }
    let lambda = |body: &mut Value| {
        let url = body.as_object_mut().unwrap().remove("SigningCertURL").unwrap();
        body["SigningCertUrl"] = url;
    };
    assert_eq!(shake(&lambda).as_deref(), Some(CERTIFICATE_URL));
}

#[test]
fn another_name_of_the_certificate_must_be_allowed() {
    let url = "https://sns.us-east-1.amazonaws.com/another/name.pem";
    let mut body = notification("{}");
    body["SigningCertURL"] = json!(url);
    let mut account = ours();
    let request = signed(body);
    assert_eq!(keys_at(&request, &account), None);
    account.settings.insert("certificate_path".to_owned(), "any".to_owned());
    assert_eq!(keys_at(&request, &account).as_deref(), Some(url));
    assert!(verify(&request, &account).is_ok());
}

#[test]
fn a_subscription_is_agreed_to_and_its_end_is_left_alone() {
    let agreed = |body: Value| {
        let (request, account) = (signed(body), ours());
        let verified = verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}"));
        assert!(verified.parse().unwrap().is_empty());
        assert_eq!((verified.acknowledge().status, verified.acknowledge().body.as_str()), (200, ""));
        agree_at(&verified)
    };
    let url = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37f";
    assert_eq!(agreed(confirmation("SubscriptionConfirmation")).as_deref(), Some(url));
    assert_eq!(agreed(confirmation("UnsubscribeConfirmation")), None);
    let mut elsewhere = confirmation("SubscriptionConfirmation");
    elsewhere["SubscribeURL"] = json!("https://evil.example/?Action=ConfirmSubscription");
    assert_eq!(agreed(elsewhere), None);
}

#[test]
fn a_message_agrees_to_nothing() {
    let mut body = notification(&text(&json!({})).to_string());
    body["SubscribeURL"] = json!("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription");
    let (request, account) = (signed(body), ours());
    assert_eq!(agree_at(&verify(&request, &account).unwrap_or_else(|forged| panic!("{forged}"))), None);
}
