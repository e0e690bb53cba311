//! Whatever a gateway sends is refused, read or set aside, and what is read can be recorded. The first byte chooses the
//! gateway, the second the method and media type; what follows up to the first line break is the query, the rest the body.
#![no_main]

use std::sync::LazyLock;

use chrono::DateTime;
use consent_api::gateways::{Account, GATEWAYS, Gateway, WebhookRequest, verify};
use consent_core::event::Event;
use libfuzzer_sys::fuzz_target;

/// Every gateway, behind a door that believes anything.
static CREDULOUS: LazyLock<Vec<Gateway>> =
    LazyLock::new(|| GATEWAYS.iter().map(|gateway| Gateway { verify: |_, _| Ok(()), ..**gateway }).collect());

const MEDIA: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "text/plain; charset=UTF-8"];

fuzz_target!(|data: &[u8]| {
    let [kind, shape, rest @ ..] = data else { return };
    let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (query, body) = rest.split_at(at);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = WebhookRequest {
        method: if shape & 1 == 0 { "POST" } else { "GET" }.to_owned(),
        url: format!("https://ledger.example.com/v1/webhooks/main?{}", String::from_utf8_lossy(query)),
        headers: vec![header("content-type", MEDIA[usize::from(shape >> 1) % MEDIA.len()])],
        body: body.get(1..).unwrap_or_default().to_owned(),
        received: DateTime::UNIX_EPOCH,
        published_keys: None,
    };
    let at = usize::from(*kind) % GATEWAYS.len();
    let account = |kind| Account {
        name: "main".to_owned(),
        kind,
        secrets: vec!["secret".to_owned().into()],
        public_url: "https://ledger.example.com".to_owned(),
        provider_confirms: false,
        push_opt_outs: false,
        settings: Default::default(),
        credentials: Default::default(),
    };
    assert!(verify(&request, &account(GATEWAYS[at])).is_err(), "nobody signed this");
    let account = account(&CREDULOUS[at]);
    let Ok(verified) = verify(&request, &account) else { return };
    let signals = verified.parse().unwrap_or_else(|unparsed| vec![unparsed.signal("main")]);
    assert!((200..300).contains(&verified.acknowledge().status));
    for signal in signals {
        let Ok(written) = signal.event.to_json() else { panic!("it cannot be written") };
        assert_eq!(Event::from_json(written.into()).ok().as_ref(), Some(&signal.event));
    }
});
