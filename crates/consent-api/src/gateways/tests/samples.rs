//! Recorded requests of every gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::dice::Part;
use crate::gateways::form::{self, Form};
use crate::gateways::{
    Account, WebhookRequest, aws_sns, azure_event_grid, bandwidth, bird, clicksend, find, infobip, messagebird, plivo,
    sinch, standard_webhooks, telnyx, twilio, verify, vonage_messages, vonage_sms,
};

/// How far a proof covers the body.
#[derive(Clone, Copy)]
pub(in crate::gateways) enum Body {
    /// Every byte, but for the spelling of a form.
    Whole,
    /// Some fields: what they say.
    Fields(fn(&WebhookRequest) -> Vec<u8>),
    /// Not at all.
    Open,
}

/// The recorded requests of one kind of gateway, with the verdict that its own library gave, and what they have to show.
pub(in crate::gateways) struct Fixtures {
    pub(in crate::gateways) gateway: &'static str,
    /// The headers that carry the proof, the signature first, or `?name` for a parameter of the URL; none, if it
    /// stands in the body.
    pub(in crate::gateways) proof: &'static [&'static str],
    /// What the proof covers.
    pub(in crate::gateways) covers: Covers,
    /// A file of `cases`: each with `name`, `body`, `valid` and what else differs from a POST to the account's webhook.
    pub(in crate::gateways) vectors: &'static str,
    /// The account that a case is for; `None` for a case of another kind of gateway.
    pub(in crate::gateways) account: fn(&Value) -> Option<Account>,
}

/// What cannot be changed without the proof failing.
#[derive(Clone, Copy)]
pub(in crate::gateways) struct Covers {
    pub(in crate::gateways) body: Body,
    pub(in crate::gateways) url: bool,
    /// A time, so that a request is refused that comes long after.
    pub(in crate::gateways) time: bool,
}

const FIXTURES: &[Fixtures] = &[
    aws_sns::tests::FIXTURES,
    azure_event_grid::tests::FIXTURES,
    azure_event_grid::tests::QUERY_FIXTURES,
    bandwidth::tests::FIXTURES,
    bird::tests::FIXTURES,
    clicksend::tests::FIXTURES,
    infobip::tests::PASSWORDS,
    infobip::tests::SIGNATURES,
    messagebird::tests::LEGACY,
    messagebird::tests::TOKENS,
    plivo::tests::FIXTURES,
    plivo::tests::LOOSE_FIXTURES,
    plivo::tests::V2_FIXTURES,
    sinch::conversation::tests::FIXTURES,
    sinch::sms::tests::FIXTURES,
    standard_webhooks::tests::FIXTURES,
    telnyx::tests::FIXTURES,
    twilio::tests::FIXTURES,
    vonage_messages::tests::FIXTURES,
    vonage_sms::tests::FIXTURES,
];

/// When requests come whose recording does not say.
pub(in crate::gateways) const NOW: DateTime<Utc> = DateTime::from_timestamp(1_760_000_000, 0).unwrap();

/// One request, the account that it came for, and the verdict.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) account: Account,
    pub(super) request: WebhookRequest,
    pub(super) proof: &'static [&'static str],
    pub(super) covers: Covers,
    pub(super) genuine: bool,
}

/// All of them.
pub(super) fn samples() -> Vec<Sample> {
    let of = |fixtures: &Fixtures| {
        let vectors: Value = serde_json::from_str(fixtures.vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap().clone();
        cases.into_iter().filter_map(|case| sample(fixtures, &case)).collect::<Vec<_>>()
    };
    FIXTURES.iter().flat_map(of).collect()
}

/// Those that have to be accepted.
pub(super) fn genuine() -> Vec<Sample> {
    samples().into_iter().filter(|sample| sample.genuine).collect()
}

fn sample(fixtures: &Fixtures, case: &Value) -> Option<Sample> {
    let text = |name: &str, default: &str| case[name].as_str().unwrap_or(default).to_owned();
    let header = |(name, value): (&String, &Value)| (name.to_lowercase(), value.as_str().unwrap().to_owned());
    let now = case["now"].as_f64().and_then(|now| DateTime::from_timestamp(now as i64, 0));
    Some(Sample {
        name: format!("{}/{}", fixtures.gateway, case["name"].as_str().unwrap()),
        account: (fixtures.account)(case)?,
        request: WebhookRequest {
            method: text("method", "POST"),
            url: text("url", "https://ledger.example.com/v1/webhooks/main"),
            headers: case["headers"].as_object().unwrap().iter().map(header).collect(),
            body: case["body"].as_str().unwrap().to_owned().into_bytes(),
            received: now.unwrap_or(NOW),
            published_keys: case["certificate_pem"].as_str().map(|pem| pem.to_owned().into_bytes()),
        },
        proof: fixtures.proof,
        covers: fixtures.covers,
        genuine: case["valid"].as_bool().unwrap(),
    })
}

/// An account at this kind of gateway.
pub(in crate::gateways) fn account(kind: &str, secrets: &[&str]) -> Account {
    Account {
        name: "main".to_owned(),
        kind: find(kind).unwrap(),
        secrets: secrets.iter().map(|secret| SecretString::from(*secret)).collect(),
        public_url: "https://ledger.example.com".to_owned(),
        provider_confirms: true,
        push_opt_outs: false,
        settings: BTreeMap::new(),
        credentials: BTreeMap::new(),
    }
}

/// A POST to the account's webhook.
pub(in crate::gateways) fn posted(media_type: &str, body: &str, headers: &[(&str, &str)]) -> WebhookRequest {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    WebhookRequest {
        method: "POST".to_owned(),
        url: "https://ledger.example.com/v1/webhooks/main".to_owned(),
        headers: [("content-type", media_type)].iter().chain(headers).map(header).collect(),
        body: body.as_bytes().to_owned(),
        received: NOW,
        published_keys: None,
    }
}

pub(super) fn copy(request: &WebhookRequest) -> WebhookRequest {
    WebhookRequest {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        received: request.received,
        published_keys: request.published_keys.clone(),
    }
}

impl Sample {
    pub(super) fn accepts(&self, request: &WebhookRequest) -> bool {
        verify(request, &self.account).is_ok()
    }

    /// What cannot be changed without the proof failing.
    pub(super) fn parts(&self) -> Vec<Part> {
        let first = self.proof.first().copied().unwrap_or_default();
        let headers = self.request.headers.iter().enumerate();
        let proof = headers.filter(|(_, (name, _))| first == name).map(|(at, _)| Part::Header(at));
        let parameter = first.strip_prefix('?').map(Part::Parameter);
        // What stands in the body of a GET is never read.
        let body = !matches!(self.covers.body, Body::Open) && !self.request.body.is_empty();
        let covered = [(self.covers.url, Part::Url), (body, Part::Body)];
        let covered = covered.into_iter().filter(|(is, _)| *is).map(|(_, part)| part);
        proof.chain(parameter).chain(covered).collect()
    }

    /// The request without a part of its proof, with an empty one, and with it twice; nothing, if it has no such part.
    pub(super) fn without(&self, proof: &str) -> Vec<(&'static str, WebhookRequest)> {
        if let Some(name) = proof.strip_prefix('?') {
            return self.without_parameter(name);
        }
        let Some(at) = self.request.headers.iter().position(|(name, _)| name == proof) else { return Vec::new() };
        let header = self.request.headers[at].clone();
        vec![
            ("without", self.with(|request| drop(request.headers.remove(at)))),
            ("empty", self.with(|request| request.headers[at].1.clear())),
            ("twice", self.with(|request| request.headers.push(header))),
        ]
    }

    fn without_parameter(&self, name: &str) -> Vec<(&'static str, WebhookRequest)> {
        let value = value_of(&self.request.url, name);
        let whole = value.start - name.len() - 1..value.end;
        let again = format!("&{}", &self.request.url[whole.clone()]);
        vec![
            ("without", self.with(|request| request.url.replace_range(whole, ""))),
            ("empty", self.with(|request| request.url.replace_range(value, ""))),
            ("twice", self.with(|request| request.url.push_str(&again))),
        ]
    }

    /// The same account with other secrets.
    pub(super) fn account_with(&self, secrets: &[&str]) -> Account {
        let (settings, credentials) = (self.account.settings.clone(), self.account.credentials.clone());
        Account { settings, credentials, ..account(self.account.kind.name, secrets) }
    }

    /// A secret that is written like the account's own, and is another.
    pub(super) fn another_key(&self) -> String {
        let mut secret = self.account.secrets[0].expose_secret().to_owned().into_bytes();
        let middle = secret.len() / 2;
        let other = |byte: u8| if byte == b'A' { b'B' } else { b'A' };
        if let Some(byte) = secret[middle..].iter_mut().find(|byte| byte.is_ascii_alphanumeric()) {
            *byte = other(*byte);
        }
        String::from_utf8(secret).unwrap()
    }

    /// Whether a changed request says something else than the genuine one, as far as the proof covers it.
    pub(super) fn differs(&self, changed: &WebhookRequest) -> bool {
        match self.covers.body {
            Body::Fields(meant) => meant(changed) != meant(&self.request),
            Body::Whole | Body::Open => said(changed) != said(&self.request),
        }
    }

    /// The request, changed.
    pub(super) fn with(&self, change: impl FnOnce(&mut WebhookRequest)) -> WebhookRequest {
        let mut changed = copy(&self.request);
        change(&mut changed);
        changed
    }
}

/// Where the value of a parameter stands in a URL.
pub(super) fn value_of(url: &str, name: &str) -> Range<usize> {
    let found = ["?", "&"].iter().find_map(|before| url.find(&format!("{before}{name}=")));
    let start = found.unwrap() + name.len() + 2;
    start..url[start..].find('&').map_or(url.len(), |at| start + at)
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
    // The name of a scheme of authentication may be written in any case (RFC 9110).
    let scheme = |(name, value): &(String, String)| match value.split_once(' ') {
        Some((scheme, rest)) if name == "authorization" => (name.clone(), format!("{} {rest}", scheme.to_lowercase())),
        _ => (name.clone(), value.clone()),
    };
    Said { url: request.url.clone(), headers: request.headers.iter().map(scheme).collect(), parameters, body }
}
