//! The doors for gateways: what Twilio and its like post to us about messages.
//!
//! A request is a [`WebhookRequest`], raw as it came. [`verify`] proves that the account's gateway sent it and hands
//! out the [`Verified`] without which nothing can be parsed; [`Verified::parse`] reads it into [`Signal`]s, events
//! with the key under which they are recorded once and never twice.
//!
//! A gateway is data: one [`Gateway`] in a file of its own, one line in [`GATEWAYS`], one folder of fixtures, and
//! the shared tests demand of it what they demand of all.

mod form;
mod signal;
mod twilio;
mod unparsed;
mod verified;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

pub use signal::Signal;
pub use unparsed::Unparsed;
pub use verified::{Verified, verify};

/// Every gateway there is.
pub static GATEWAYS: &[&Gateway] = &[&twilio::GATEWAY];

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
    /// What its proof leaves open, in a sentence for the operator; `None` where body and sender are proved.
    pub weak: Option<&'static str>,
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
    /// What only this kind of gateway asks for.
    pub settings: BTreeMap<String, String>,
}

impl Account {
    /// The URL that the gateway called, for [`WebhookRequest::url`]. The request's own `Host` has no say in it:
    /// whoever forges a request chooses that too.
    pub fn url(&self, raw_path_and_query: &str) -> String {
        format!("{}{raw_path_and_query}", self.public_url.trim_end_matches('/'))
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
}

/// What a gateway wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: String,
}

impl Acknowledgement {
    /// 204, and not a word.
    pub fn empty() -> Self {
        Self { status: 204, content_type: None, body: String::new() }
    }
}

#[cfg(test)]
mod tests;
