//! Who is turned away, and why.

use chrono::TimeDelta;

use super::*;
use crate::gateways::Forged;

const BODY: &str = r#"{"text":"Stop"}"#;

fn refusal(request: &WebhookRequest) -> Option<Forged> {
    verify(request, &account("vonage_messages", &[SECRET])).err()
}

/// The refusal of a token with another claim.
fn claiming(name: &str, value: Value) -> Option<Forged> {
    let mut claims = claims(BODY);
    claims[name] = value;
    refusal(&signed_by(Algorithm::HS256, &claims, BODY))
}

#[test]
fn a_refusal_says_why() {
    let change = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = signed(BODY);
        change(&mut request);
        refusal(&request)
    };
    let header = |text: &str| change(&|request| request.headers[0].1 = text.to_owned());
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|request| request.headers[0].1 = request.headers[0].1.replace("Bearer", "bearer")), None);
    assert_eq!(change(&|request| request.headers.clear()), Some(Forged::Unsigned));
    assert_eq!(header(""), Some(Forged::Unsigned));
    assert_eq!(header("Bearer"), Some(Forged::Malformed));
    assert_eq!(header("Basic dTpw"), Some(Forged::Malformed));
    assert_eq!(header("Bearer a.b.c"), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.headers[0].1.push('A')), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.body.push(b' ')), Some(Forged::Mismatch));
    assert_eq!(change(&|request| request.body.clear()), Some(Forged::Mismatch));
}

#[test]
fn only_one_algorithm_signs() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(refusal(&signed_by(algorithm, &claims(BODY), BODY)), Some(Forged::Malformed), "{algorithm:?}");
    }
}

#[test]
fn a_token_is_vonages_for_this_body() {
    assert_eq!(claiming("iss", json!("Vonage")), None);
    assert_eq!(claiming("iss", json!("vonage")), Some(Forged::Malformed));
    assert_eq!(claiming("payload_hash", claims(BODY)["payload_hash"].as_str().unwrap().to_uppercase().into()), None);
    assert_eq!(claiming("payload_hash", json!(null)), Some(Forged::Unsigned));
    assert_eq!(claiming("payload_hash", json!("")), Some(Forged::Mismatch));
    assert_eq!(claiming("iat", json!(null)), Some(Forged::Mismatch));
    assert_eq!(claiming("exp", json!(1)), None);
    assert_eq!(claiming("aud", json!("x")), None);
    let mut bare = claims("");
    bare["payload_hash"] = json!(null);
    assert_eq!(refusal(&signed_by(Algorithm::HS256, &bare, "")), None);
}

#[test]
fn a_signature_holds_as_long_as_is_set_and_is_never_of_a_time_to_come() {
    for (seconds, window, expected) in [
        (86_400 * 365, None, None),
        (-300, None, None),
        (-301, None, Some(Forged::Stale)),
        (300, Some("300"), None),
        (301, Some("300"), Some(Forged::Stale)),
        (-301, Some("300"), Some(Forged::Stale)),
    ] {
        let mut request = signed(BODY);
        request.received += TimeDelta::seconds(seconds);
        let mut account = account("vonage_messages", &[SECRET]);
        account.settings.extend(window.map(|window: &str| ("signature_window".to_owned(), window.to_owned())));
        assert_eq!(verify(&request, &account).err(), expected, "{seconds} {window:?}");
    }
}

#[test]
fn a_token_for_another_vonage_account_is_not_ours() {
    let mut account = account("vonage_messages", &[SECRET]);
    account.settings.insert("api_key".to_owned(), "a1b2c3d4".to_owned());
    assert_eq!(verify(&signed(BODY), &account).err(), None);
    let mut other = claims(BODY);
    for key in [json!("ffffffff"), json!(null)] {
        other["api_key"] = key;
        let request = signed_by(Algorithm::HS256, &other, BODY);
        assert_eq!(verify(&request, &account).err(), Some(Forged::NotOurs));
    }
}

#[test]
fn an_account_without_a_secret_is_noticed_at_start() {
    assert!(check(&account("vonage_messages", &[""])).unwrap_err().contains("`secrets`"));
    assert_eq!(check(&account("vonage_messages", &["", SECRET])), Ok(()));
    assert_eq!(refusal(&signed(BODY)), None);
    assert_eq!(verify(&signed(BODY), &account("vonage_messages", &[""])).err(), Some(Forged::UnknownKey));
}
