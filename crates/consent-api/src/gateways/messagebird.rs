//! MessageBird (`rest.messagebird.com`): incoming messages and status reports, by POST or GET.
//!
//! An entry of an account's `secrets` is the signing key of the developer settings, which is not the API key.
//!
//! A request carries a JWT over its whole URL and its body that is good for a minute, so the URL at MessageBird has to
//! be exactly ours. The signature that came before it does not cover the path; set `legacy_signature` to `"allowed"`
//! only if an old webhook of yours has no other.
//!
//! MessageBird answers no STOP by itself, unless a flow of yours does: then set `provider_confirms`. To send, an
//! account needs the credential `access_key`. There is no interface for opt-outs.

// POST /v1/webhooks/messagebird HTTP/1.1
// Content-Type: application/x-www-form-urlencoded
// MessageBird-Signature-JWT: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTc2MDAwMDAw…
//
// id=e8077d803532c0b5937c639b60216938&recipient=14155550100&originator=14155550123&body=Stop
// &createdDatetime=2025-10-09T08%3A53%3A20%2B00%3A00

mod legacy;
mod message;
pub(super) mod outcomes;
mod sending;
mod signature;

use std::time::Duration;

use super::proof::check_any_key;
use super::{Account, Acknowledgement, Forged, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest};

const WEAK: &str = "MessageBird's old signature is allowed (legacy_signature), which does not cover the path of the \
                    URL: have it send MessageBird-Signature-JWT";

pub(super) static GATEWAY: Gateway = Gateway {
    name: "messagebird",
    verify,
    parse,
    acknowledge,
    // Not published; other gateways wait longer.
    budget: Duration::from_secs(5),
    weak: |account| allows_legacy(account).then_some(WEAK),
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

/// A request with a JWT is known by it alone, whatever stands beside it.
fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let has_token = request.headers.iter().any(|(name, _)| name == signature::TOKEN);
    if !has_token && allows_legacy(account) {
        legacy::verify(request, account)
    } else {
        signature::verify(request, account)
    }
}

fn allows_legacy(account: &Account) -> bool {
    account.setting("legacy_signature") == Some("allowed")
}

fn check(account: &Account) -> Result<(), String> {
    if account.setting("legacy_signature").is_some() && !allows_legacy(account) {
        return Err("the setting `legacy_signature` is \"allowed\" or not there".to_owned());
    }
    check_any_key(account)
}

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let raw = signed(verified.request());
    let signal = message::signal(raw, &verified.account().name);
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| Unparsed::new(reason, raw))
}

/// The parameters: the body, or the query where there is none.
fn signed(request: &WebhookRequest) -> &[u8] {
    let in_query = request.method == "GET" && !request.query().is_empty() || request.body.is_empty();
    if in_query { request.query().as_bytes() } else { &request.body }
}

/// MessageBird asks for 200.
fn acknowledge(_: &Verified) -> Acknowledgement {
    Acknowledgement { status: 200, ..Acknowledgement::empty() }
}

#[cfg(test)]
pub(super) mod tests;
