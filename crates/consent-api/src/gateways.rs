//! The doors for gateways: what Twilio and its like post to us about messages.
//!
//! A request is a [`WebhookRequest`], raw as it came. [`verify`] proves that the account's gateway sent it and hands
//! out the [`Verified`] without which nothing can be parsed; [`Verified::parse`] reads it into [`Signal`]s, events
//! with the key under which they are recorded once and never twice.
//!
//! A gateway is data: one [`Gateway`] in a file of its own, one line in [`GATEWAYS`], one folder of fixtures, and
//! the shared tests demand of it what they demand of all.

mod aws_sns;
mod azure_event_grid;
mod bandwidth;
mod bird;
mod clicksend;
mod ed25519;
mod form;
mod handshake;
mod inbound;
mod infobip;
mod messagebird;
mod outcome;
mod outgoing;
mod plivo;
mod proof;
mod reading;
mod signal;
mod sinch;
mod standard_webhooks;
mod telnyx;
mod twilio;
mod unparsed;
mod verified;
mod vonage_messages;
mod vonage_sms;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

pub(crate) use form::percent_encode;
pub use handshake::Handshake;
pub use outgoing::{Answer, Call, Incomplete, OptOut, Outbox, Text};
pub use signal::Signal;
pub use unparsed::Unparsed;
pub use verified::{Verified, verify};

/// Every gateway there is.
pub static GATEWAYS: &[&Gateway] = &[
    &aws_sns::GATEWAY,
    &azure_event_grid::GATEWAY,
    &bandwidth::GATEWAY,
    &bird::GATEWAY,
    &clicksend::GATEWAY,
    &infobip::GATEWAY,
    &messagebird::GATEWAY,
    &plivo::GATEWAY,
    &sinch::conversation::GATEWAY,
    &sinch::sms::GATEWAY,
    &standard_webhooks::GATEWAY,
    &telnyx::GATEWAY,
    &twilio::GATEWAY,
    &vonage_messages::GATEWAY,
    &vonage_sms::GATEWAY,
];

/// The gateway of this name.
pub fn find(kind: &str) -> Option<&'static Gateway> {
    GATEWAYS.iter().copied().find(|gateway| gateway.name == kind)
}

/// A kind of gateway: how its requests are proved, read and answered. Every field is required; there is no default
/// for a signature.
pub struct Gateway {
    /// The name used in configuration, such as `twilio`.
    pub name: &'static str,
    /// Whether a request carries the signature of this account. Call [`verify`] instead.
    pub verify: fn(&WebhookRequest, &Account) -> Result<(), Forged>,
    /// What a request says; nothing, if it carries no news. Call [`Verified::parse`] instead.
    pub parse: fn(&Verified) -> Result<Vec<Signal>, Unparsed>,
    /// The answer by which the gateway knows that we have the request for good.
    pub acknowledge: fn(&Verified) -> Acknowledgement,
    /// How long the gateway waits for that answer.
    pub budget: Duration,
    /// What the proof of this account leaves open, in a sentence for the operator; `None` where body and sender are
    /// proved.
    pub weak: fn(&Account) -> Option<&'static str>,
    /// What is wrong with an account's secrets and settings, for the operator; asked once, at start.
    pub check: fn(&Account) -> Result<(), String>,
    /// What is agreed with the gateway besides single messages.
    pub handshake: Handshake,
    /// How texts are sent through it and opt-outs reported to it; `None` if it has no interface for either.
    pub outbox: Option<&'static Outbox>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway({})", self.name)
    }
}

/// One account at a gateway, as it is configured.
#[derive(Debug)]
pub struct Account {
    /// Our name for it: part of the webhook's path, and `gateway` in its events.
    pub name: String,
    /// The kind of gateway.
    pub kind: &'static Gateway,
    /// What the gateway signs with, newest first; every one is tried, so that keys can be changed without a gap.
    /// Each kind says how an entry is written.
    pub secrets: Vec<SecretString>,
    /// Scheme and host under which the gateway reaches us, such as `https://ledger.example.com`.
    pub public_url: String,
    /// The gateway itself answers an opt-out, so that we must not send a second confirmation.
    pub provider_confirms: bool,
    /// Opt-outs that came elsewhere are reported to it.
    pub push_opt_outs: bool,
    /// What only this kind of gateway asks for.
    pub settings: BTreeMap<String, String>,
    /// What this kind of gateway asks for when we call it, by name.
    pub credentials: BTreeMap<String, SecretString>,
}

impl Account {
    /// The URL that the gateway called, for [`WebhookRequest::url`]. The request's own `Host` has no say in it:
    /// whoever forges a request chooses that too.
    pub fn url(&self, raw_path_and_query: &str) -> String {
        format!("{}{raw_path_and_query}", self.public_url.trim_end_matches('/'))
    }

    /// The secrets that are any: an empty one is nobody's.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty())
    }

    /// A setting that says something.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A credential that says something.
    pub(crate) fn credential(&self, name: &str) -> Option<&str> {
        self.credentials.get(name).map(ExposeSecret::expose_secret).filter(|value| !value.is_empty())
    }
}

/// A request as it came, nothing decoded. It holds addresses and messages and is therefore not `Debug`.
pub struct WebhookRequest {
    /// `POST` or `GET`.
    pub method: String,
    /// The public URL with path and query as they were received; see [`Account::url`].
    pub url: String,
    /// Headers with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// When it came, by our clock.
    pub received: DateTime<Utc>,
    /// What stands at [`Handshake::keys_at`], if the gateway publishes its keys.
    pub published_keys: Option<Vec<u8>>,
}

impl WebhookRequest {
    /// The value of a header (name in lower case). A header that stands twice has none: two readers could differ on
    /// which counts.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }

    /// What stands behind the `?` of the URL, undecoded.
    pub fn query(&self) -> &str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Why a request is not taken for genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// There is no signature, or there are two.
    #[error("no signature")]
    Unsigned,
    /// What the gateway itself would never send: a signature in no known form, a body that it could not have signed.
    #[error("signed in a way that this gateway does not use")]
    Malformed,
    /// It names a key that this account does not have, or the account has none.
    #[error("no key is configured for this signature")]
    UnknownKey,
    /// The signature belongs to another request, URL or key.
    #[error("the signature does not match")]
    Mismatch,
    /// Signed too long ago, or for a time to come.
    #[error("the signature is too old, or too new")]
    Stale,
    /// Signed by the gateway, but for somebody else.
    #[error("meant for another account")]
    NotOurs,
}

/// What a gateway wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Acknowledgement {
    /// 204, and not a word.
    pub fn empty() -> Self {
        Self { status: 204, content_type: None, headers: Vec::new(), body: String::new() }
    }

    /// 200 with a body.
    pub fn with_body(content_type: &'static str, body: impl Into<String>) -> Self {
        Self { status: 200, content_type: Some(content_type), headers: Vec::new(), body: body.into() }
    }
}

#[cfg(test)]
mod tests;
