//! Recorded requests of every gateway.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::Value;

use crate::gateways::form::{self, Form};
use crate::gateways::{Account, WebhookRequest, find, verify};

/// The fixtures of one gateway: recorded requests with the verdict that the gateway's own library gave.
struct Fixtures {
    gateway: &'static str,
    /// The headers that carry the proof, the signature first.
    proof: &'static [&'static str],
    vectors: &'static str,
}

const FIXTURES: &[Fixtures] = &[Fixtures {
    gateway: "twilio",
    proof: &["x-twilio-signature", "x-twilio-webhooks-signature-settings"],
    vectors: include_str!("../../../../../tests/fixtures/twilio/vectors.json"),
}];

/// One request, the account that it came for, and the verdict.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) account: Account,
    pub(super) request: WebhookRequest,
    pub(super) proof: &'static [&'static str],
    pub(super) genuine: bool,
}

/// All of them.
pub(super) fn samples() -> Vec<Sample> {
    let of = |fixtures: &Fixtures| {
        let vectors: Value = serde_json::from_str(fixtures.vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap().clone();
        cases.into_iter().map(|case| sample(fixtures, &case)).collect::<Vec<_>>()
    };
    FIXTURES.iter().flat_map(of).collect()
}

/// Those that have to be accepted.
pub(super) fn genuine() -> Vec<Sample> {
    samples().into_iter().filter(|sample| sample.genuine).collect()
}

fn sample(fixtures: &Fixtures, case: &Value) -> Sample {
    let text = |name: &str| case[name].as_str().unwrap().to_owned();
    let header = |(name, value): (&String, &Value)| (name.to_lowercase(), value.as_str().unwrap().to_owned());
    Sample {
        name: format!("{}/{}", fixtures.gateway, text("name")),
        account: account(fixtures.gateway, &[&text("secret")]),
        request: WebhookRequest {
            method: text("method"),
            url: text("url"),
            headers: case["headers"].as_object().unwrap().iter().map(header).collect(),
            body: text("body").into_bytes(),
        },
        proof: fixtures.proof,
        genuine: case["valid"].as_bool().unwrap(),
    }
}

/// An account at this kind of gateway.
pub(in crate::gateways) fn account(kind: &str, secrets: &[&str]) -> Account {
    Account {
        name: "main".to_owned(),
        kind: find(kind).unwrap(),
        secrets: secrets.iter().map(|secret| SecretString::from(*secret)).collect(),
        public_url: "https://ledger.example.com".to_owned(),
        provider_confirms: true,
        settings: BTreeMap::new(),
    }
}

pub(super) fn copy(request: &WebhookRequest) -> WebhookRequest {
    WebhookRequest {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
    }
}

impl Sample {
    pub(super) fn accepts(&self, request: &WebhookRequest) -> bool {
        verify(request, &self.account).is_ok()
    }

    /// The request, changed.
    pub(super) fn with(&self, change: impl FnOnce(&mut WebhookRequest)) -> WebhookRequest {
        let mut changed = copy(&self.request);
        change(&mut changed);
        changed
    }
}

/// What a request says, whatever its spelling.
#[derive(PartialEq)]
pub(super) struct Said {
    url: String,
    headers: Vec<(String, String)>,
    parameters: BTreeSet<(Vec<u8>, Vec<u8>)>,
    /// Unless it is a form.
    body: Vec<u8>,
}

pub(super) fn said(request: &WebhookRequest) -> Said {
    let (form, body) = match form::is_form(request) {
        true => (&request.body[..], Vec::new()),
        false => (&b""[..], request.body.clone()),
    };
    let form = Form::decode(form);
    let parameters = form.bytes().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Said { url: request.url.clone(), headers: request.headers.clone(), parameters, body }
}
