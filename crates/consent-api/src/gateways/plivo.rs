//! Plivo: webhooks for inbound messages and for message status.
//!
//! An entry of an account's `secrets` is the auth token of the Plivo account, or of the main account that signs for it:
//!
//! - `MDJkN2UzYWI0YTQ5ZjQ3MmEwZmU3ZjQ0ZjRkNTI0`
//!
//! | setting or credential | meaning |
//! |---|---|
//! | setting `signature_version` | `v3` (the default), or `v2` if Plivo sends this account no V3 signatures. A V2 signature covers neither the body nor the query; with `v2` a request that has a V3 signature too is judged by that. |
//! | setting `auth_id` | the id of the Plivo account, `MAXXXXXXXXXXXXXXXXXX`. Needed to send. |
//! | credential `auth_token` | its token. Needed to send. |
//! | setting `api_url` | scheme and host of the API, if not `https://api.plivo.com` |
//!
//! There is no time in a signature: a request that is sent again is genuine again, and is recognised by its
//! [`Signal::dedupe_key`].

// POST /v1/webhooks/plivo HTTP/1.1
// Content-Type: application/x-www-form-urlencoded
// X-Plivo-Signature-V3: ClSgqDpHVN6iQ0OBRLWBVWO+yhkIhwVS1VKBgc0SGM4=
// X-Plivo-Signature-V3-Nonce: 05429567804466091622
//
// From=14155550123&MessageIntent=optout&MessageUUID=ff25223a-1c9f-11e4-80aa-12313f048015&PowerpackUUID=&Text=Stop
// &To=14155550100&TotalAmount=0&TotalRate=0&Type=sms&Units=1

mod message;
mod sending;
mod signature;

use std::time::Duration;

use super::form::{self, Form};
use super::{Account, Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest};
use message::Message;

/// Plivo reads the answer to an inbound message as instructions; this one has none.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

pub(super) static GATEWAY: Gateway = Gateway {
    name: "plivo",
    verify: signature::verify,
    parse,
    acknowledge,
    // Plivo does not say; the shortest time-out that is told of.
    budget: Duration::from_secs(5),
    weak,
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let raw = parameters(verified.request()).ok_or("no form");
    let message = raw.and_then(|raw| Message::read(&Form::decode(raw)));
    let signal = message.and_then(|message| message.signal(&verified.account().name));
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| verified.set_aside(reason))
}

/// Whatever may be a message is answered as one, understood or not.
fn acknowledge(verified: &Verified) -> Acknowledgement {
    let message = parameters(verified.request()).and_then(|raw| Message::read(&Form::decode(raw)).ok());
    if message.is_some_and(|message| message.is_report()) {
        return Acknowledgement::empty();
    }
    Acknowledgement::with_body("application/xml", NO_REPLY)
}

/// The parameters as they came.
fn parameters(request: &WebhookRequest) -> Option<&[u8]> {
    if request.method == "GET" {
        return Some(request.query().as_bytes());
    }
    form::is_form(request).then_some(&request.body)
}

fn weak(account: &Account) -> Option<&'static str> {
    signature::allows_v2(account).then_some(
        "Signatures of version 2 cover neither the body nor the query: who has seen one request can send any other to \
         the same address. Keep the address secret, or have Plivo sign with version 3.",
    )
}

fn check(account: &Account) -> Result<(), String> {
    if account.keys().next().is_none() {
        return Err("`secrets` needs the auth token of the Plivo account".to_owned());
    }
    match account.setting(signature::VERSION) {
        None | Some("v2" | "v3") => Ok(()),
        Some(_) => Err(format!("the setting `{}` is not one of v2, v3", signature::VERSION)),
    }
}

#[cfg(test)]
pub(super) mod tests;
