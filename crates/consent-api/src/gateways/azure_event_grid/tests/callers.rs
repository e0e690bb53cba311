//! Who may call, and who may not.

use super::*;

static ENTRA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../../tests/fixtures/azure_event_grid/entra.json")).unwrap()
});

/// An account that is proved by Entra, without secrets.
fn by_entra(more: &[(&str, &str)]) -> Account {
    let own = [("tenant_id", ENTRA["tenant"].as_str().unwrap()), ("audience", ENTRA["audience"].as_str().unwrap())];
    let mut account = ours(&[&own[..], more].concat());
    account.secrets.clear();
    account
}

fn bearing(token: &str) -> WebhookRequest {
    let mut request = posted(&json!([received(&json!({}))]).to_string());
    request.url = URL.to_owned();
    request.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    request.published_keys = Some(ENTRA["keys"].to_string().into_bytes());
    request
}

fn token(name: &str) -> &'static str {
    ENTRA["tokens"].as_array().unwrap().iter().find(|token| token["name"] == name).unwrap()["token"].as_str().unwrap()
}

fn refusal(request: &WebhookRequest, account: &Account) -> Option<Forged> {
    verify(request, account).err()
}

/// The tokens were made by PyJWT 2.
#[test]
fn only_a_token_of_event_grid_for_us_is_accepted() {
    for case in ENTRA["tokens"].as_array().unwrap() {
        let accepted = verify(&bearing(case["token"].as_str().unwrap()), &by_entra(&[])).is_ok();
        assert_eq!(json!(accepted), case["valid"], "{}", case["name"]);
    }
}

#[test]
fn a_refusal_says_why() {
    for (name, expected) in [
        ("v2", None),
        ("another audience", Some(Forged::NotOurs)),
        ("another tenant v1", Some(Forged::NotOurs)),
        ("another application v1", Some(Forged::NotOurs)),
        ("expired", Some(Forged::Stale)),
        ("not yet", Some(Forged::Stale)),
        ("signed by another key", Some(Forged::Mismatch)),
        ("no expiry", Some(Forged::Mismatch)),
        ("unknown key", Some(Forged::UnknownKey)),
        ("RS512", Some(Forged::Malformed)),
        ("HS256 with the public key", Some(Forged::Malformed)),
        ("alg none", Some(Forged::Malformed)),
    ] {
        assert_eq!(refusal(&bearing(token(name)), &by_entra(&[])), expected, "{name}");
    }
}

#[test]
fn a_token_is_good_for_its_time_by_our_clock() {
    for (seconds, expected) in [(-359, None), (-361, Some(Forged::Stale)), (3_899, None), (3_901, Some(Forged::Stale))]
    {
        let mut request = bearing(token("v2"));
        request.received += chrono::TimeDelta::seconds(seconds);
        assert_eq!(refusal(&request, &by_entra(&[])), expected, "{seconds}");
    }
}

#[test]
fn every_flipped_character_of_a_token_is_noticed() {
    let genuine = token("v2");
    // The last character holds bits that no byte is made of.
    for at in 0..genuine.len() - 1 {
        let mut changed = genuine.to_owned().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(verify(&bearing(&changed), &by_entra(&[])).is_err(), "{at}");
    }
}

#[test]
fn without_a_token_or_its_keys_nobody_is_let_in() {
    let change = |change: &dyn Fn(&mut WebhookRequest)| {
        let mut request = bearing(token("v2"));
        change(&mut request);
        refusal(&request, &by_entra(&[]))
    };
    let keys = |keys: &Value| change(&|request| request.published_keys = Some(keys.to_string().into_bytes()));
    let with = |name: &str, value: &str| {
        let mut changed = ENTRA["keys"].clone();
        changed["keys"][0][name] = json!(value);
        keys(&changed)
    };
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|request| drop(request.headers.pop())), Some(Forged::Unsigned));
    assert_eq!(change(&|request| request.headers.push(request.headers[1].clone())), Some(Forged::Unsigned));
    let basic = format!("Basic {}", token("v2"));
    assert_eq!(change(&|request| request.headers[1].1.clone_from(&basic)), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.method = "GET".to_owned()), Some(Forged::Malformed));
    assert_eq!(change(&|request| request.published_keys = None), Some(Forged::UnknownKey));
    assert_eq!(change(&|request| request.published_keys = Some(b"<html>".to_vec())), Some(Forged::UnknownKey));
    assert_eq!(keys(&json!({"keys": []})), Some(Forged::UnknownKey));
    assert_eq!(with("use", "enc"), Some(Forged::UnknownKey));
    assert_eq!(with("kty", "oct"), Some(Forged::UnknownKey));
}

/// The secret of the address has no say where tokens are asked for, nor the other way round.
#[test]
fn one_way_does_not_stand_in_for_the_other() {
    let mut account = by_entra(&[]);
    account.secrets = ours(&[]).secrets;
    assert_eq!(refusal(&posted("[]"), &account), Some(Forged::Unsigned));
    assert_eq!(refusal(&bearing(token("v2")), &ours(&[])), Some(Forged::Unsigned));
    account.settings.insert("auth".to_owned(), "secret".to_owned());
    assert_eq!(refusal(&posted("[]"), &account), None);
    account.settings.insert("auth".to_owned(), "none".to_owned());
    assert_eq!(refusal(&posted("[]"), &account), Some(Forged::UnknownKey));
}

#[test]
fn the_keys_stand_where_the_configuration_says() {
    let request = bearing(token("another tenant v2"));
    let tenant = ENTRA["tenant"].as_str().unwrap();
    let own = format!("https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys");
    assert_eq!(token::keys_at(&request, &by_entra(&[])), Some(own));
    let other = by_entra(&[("jwks_url", "https://keys.example/jwks")]);
    assert_eq!(token::keys_at(&request, &other).as_deref(), Some("https://keys.example/jwks"));
    assert_eq!(token::keys_at(&posted("[]"), &other), None);
    assert_eq!(token::keys_at(&bearing("abc"), &other), None);
    assert_eq!(token::keys_at(&request, &ours(&[])), None);
}

#[test]
fn another_caller_can_be_named() {
    let account = by_entra(&[("client_id", ENTRA["audience"].as_str().unwrap())]);
    assert_eq!(refusal(&bearing(token("another application v2")), &account), None);
    assert_eq!(refusal(&bearing(token("v2")), &account), Some(Forged::NotOurs));
}

#[test]
fn the_secret_stands_in_the_address_or_in_its_header() {
    let at = |query: &str, headers: &[(&str, &str)], settings: &[(&str, &str)]| {
        let mut request = posted("[]");
        request.url = format!("{URL}{query}");
        request.headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let mut account = ours(settings);
        account.secrets.push("a+b/c=".into());
        refusal(&request, &account)
    };
    let code = format!("?code={SECRET}");
    let header = &[("secret_header", "X-Ledger-Secret")][..];
    for (query, headers, settings, expected) in [
        (code.as_str(), &[][..], &[][..], None),
        (&format!("?a=b&code={SECRET}&c=d"), &[], &[], None),
        ("?code=a%2Bb%2Fc%3D", &[], &[], None),
        ("?code=a+b/c=", &[], &[], None),
        (&format!("{code}&code={SECRET}"), &[], &[], Some(Forged::Unsigned)),
        (&format!("?Code={SECRET}"), &[], &[], Some(Forged::Unsigned)),
        ("", &[], &[], Some(Forged::Unsigned)),
        ("?code=", &[], &[], Some(Forged::Unsigned)),
        (&code[..code.len() - 1], &[], &[], Some(Forged::Mismatch)),
        ("", &[("x-ledger-secret", SECRET)], header, None),
        (&code, &[], header, Some(Forged::Unsigned)),
        ("", &[("x-ledger-secret", "x")], header, Some(Forged::Mismatch)),
        ("", &[("x-ledger-secret", SECRET)], &[], Some(Forged::Unsigned)),
    ] {
        assert_eq!(at(query, headers, settings), expected, "{query} {headers:?} {settings:?}");
    }
}

#[test]
fn events_of_another_resource_are_not_ours() {
    let account = ours(&[("topic", "/Subscriptions/S/acs")]);
    let event = |name: &str, topic: &str| json!({name: topic, "eventType": "x"});
    let ours = event("topic", "/subscriptions/s/acs");
    for (body, expected) in [
        (json!([ours]), None),
        (json!(event("source", "/subscriptions/s/acs")), None),
        (json!([ours, event("topic", "/subscriptions/s/other")]), Some(Forged::NotOurs)),
        (json!([event("source", "/subscriptions/s/acs2")]), Some(Forged::NotOurs)),
        (json!([{"eventType": "x"}]), Some(Forged::NotOurs)),
        (json!(["x"]), Some(Forged::NotOurs)),
    ] {
        assert_eq!(refusal(&posted(&body.to_string()), &account), expected, "{body}");
    }
    assert_eq!(refusal(&posted("Stop"), &account), None);
}

#[test]
fn the_operator_is_told_what_is_not_proved() {
    assert!(proof::weak(&by_entra(&[])).unwrap().contains("token"));
    assert!(proof::weak(&ours(&[])).unwrap().contains("secret"));
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let tenant = ("tenant_id", "11111111-2222-3333-4444-555555555555");
    for (settings, wrong) in [
        (&[][..], None),
        (&[("secret_header", "X-Ledger-Secret")], None),
        (&[("secret_header", "X: y")], Some("secret_header")),
        (&[("auth", "none")], Some("auth")),
        (&[("auth", "entra")], Some("tenant_id")),
        (&[tenant], Some("audience")),
        (&[tenant, ("audience", "a")], None),
        (&[("tenant_id", "a/../b"), ("audience", "a")], Some("tenant_id")),
        (&[tenant, ("audience", "a"), ("jwks_url", "http://keys.example")], Some("jwks_url")),
        (&[("endpoint", "contoso.communication.azure.com")], Some("endpoint")),
    ] {
        let found = proof::check(&ours(settings)).err();
        assert_eq!(found.is_some(), wrong.is_some(), "{settings:?} {found:?}");
        assert!(found.unwrap_or_default().contains(wrong.unwrap_or_default()), "{settings:?}");
    }
    let mut account = ours(&[]);
    account.credentials.insert("access_key".to_owned(), "?".into());
    assert!(proof::check(&account).unwrap_err().contains("access_key"));
    account.secrets = vec!["".into()];
    assert!(proof::check(&account).unwrap_err().contains("secrets"));
    assert_eq!(proof::check(&by_entra(&[])), Ok(()));
    assert!(proof::by_entra(&by_entra(&[])) && !proof::by_entra(&ours(&[])));
}
