use std::collections::BTreeMap;
use std::sync::Arc;

use consent_store::{KeyKind, Keyring};

use super::*;
use crate::clock;
use crate::gateways::GATEWAYS;

fn account(name: &str, public_url: &str) -> Account {
    Account {
        name: name.to_owned(),
        kind: GATEWAYS[0],
        secrets: Vec::new(),
        public_url: public_url.to_owned(),
        provider_confirms: false,
        push_opt_outs: false,
        settings: BTreeMap::new(),
        credentials: BTreeMap::new(),
    }
}

fn request(account: &Account, body: &[u8]) -> WebhookRequest {
    WebhookRequest {
        method: "POST".to_owned(),
        url: account.url("/v1/webhooks/main?x=%2B1"),
        headers: vec![("x-twilio-signature".to_owned(), "abc=".to_owned())],
        body: body.to_owned(),
        received: clock::now(),
        published_keys: None,
    }
}

struct Place {
    directory: tempfile::TempDir,
    vault: Vault,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::new(Arc::new(Keyring::init(&directory.path().join("keys")).unwrap()));
        Self { directory, vault }
    }

    fn open(&self, accounts: &[&Account]) -> Refused {
        Refused::open(&self.directory.path().join("refused"), &self.vault, accounts.iter().copied()).unwrap()
    }
}

#[tokio::test]
async fn a_refused_request_is_read_back_as_it_came_after_a_restart_a_new_key_and_another_public_url() {
    let place = Place::new();
    let main = account("main", "https://old.example.com/");
    let first = request(&main, b"Body=STOP\xff");
    let refused = place.open(&[&main]);
    refused.keep(&first, &main, Forged::Mismatch);
    refused.finish().await;
    place.vault.keys().rotate(KeyKind::Kek).unwrap();
    let vault = Vault::new(Arc::new(Keyring::load(&place.directory.path().join("keys")).unwrap()));
    let main = account("main", "https://new.example.com");
    let place = Place { vault, ..place };
    let again = place.open(&[&main]);
    let paths = again.of(&main);
    let read = again.read(&paths[0], &main).unwrap();
    assert_eq!(read.url, "https://new.example.com/v1/webhooks/main?x=%2B1");
    assert_eq!((read.method, read.headers, read.body), (first.method, first.headers, first.body));
    assert_eq!(read.received, first.received);
    again.forget(&paths[0]);
    assert!(again.of(&main).is_empty());
}

#[tokio::test]
async fn what_is_kept_is_sealed_and_opens_for_its_own_account_alone() {
    let place = Place::new();
    let (main, other) = (account("main", "https://a.example"), account("../other", "https://a.example"));
    let refused = place.open(&[&main, &other]);
    refused.keep(&request(&main, b"From=%2B14155550123&Body=STOP"), &main, Forged::Mismatch);
    refused.finish().await;
    let path = &refused.of(&main)[0];
    let sealed = std::fs::read(path).unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("4155550123"));
    assert!(refused.read(path, &main).is_some() && refused.read(path, &other).is_none());
    std::fs::write(path, &sealed[..sealed.len() / 2]).unwrap();
    assert!(refused.read(path, &main).is_none(), "half a request is none");
    assert!(path.starts_with(place.directory.path().join("refused")));
}

#[tokio::test]
async fn what_carries_no_signature_takes_no_place_from_what_does_and_one_account_none_from_another() {
    let place = Place::new();
    let (main, other) = (account("main", "https://a.example"), account("other", "https://a.example"));
    let refused = place.open(&[&main, &other]);
    for _ in 0..3 * limits::REFUSED_BURST {
        refused.keep(&request(&main, b"garbage"), &main, Forged::Unsigned);
    }
    refused.finish().await;
    let full = refused.of(&main).len();
    assert!(full <= limits::REFUSED_BURST as usize + 1);
    refused.keep(&request(&main, b"Body=STOP"), &main, Forged::Mismatch);
    refused.keep(&request(&other, b"Body=STOP"), &other, Forged::Unsigned);
    refused.finish().await;
    assert_eq!((refused.of(&main).len(), refused.of(&other).len()), (full + 1, 1));
}

#[tokio::test]
async fn what_is_too_large_is_not_kept() {
    let place = Place::new();
    let main = account("main", "https://a.example");
    let refused = place.open(&[&main]);
    refused.keep(&request(&main, &vec![b'x'; limits::REFUSED_BYTES]), &main, Forged::Mismatch);
    refused.finish().await;
    assert!(refused.of(&main).is_empty());
}
