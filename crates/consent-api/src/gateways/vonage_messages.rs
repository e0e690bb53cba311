//! Vonage, Messages API: webhooks for inbound messages and for message status.
//!
//! An entry of an account's `secrets` is the signature secret of the Vonage account whose key is in the token:
//!
//! - `c4e2a1f0b3d5968778695a4b3c2d1e0f99887766`
//!
//! | setting or credential | meaning |
//! |---|---|
//! | setting `api_key` | the key of the Vonage account, `a1b2c3d4`; requests that are signed for another one are refused. Needed to send. |
//! | credential `api_secret` | the secret of that key. Needed to send. |
//! | setting `signature_window` | the seconds that a signature may be old, 300 to 86400; no limit if it is left out, since Vonage does not say whether a retry is signed anew |
//! | setting `api_url` | scheme and host of the API, if not `https://api.nexmo.com` |
//!
//! Webhooks have to be signed with the signature secret (HS256). Vonage has no opt-out indicator: texts are read here.

// POST /v1/webhooks/vonage HTTP/1.1
// Content-Type: application/json
// Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjAwMDAwMDAsImp0aSI6Im…
//
// {"to":"14155550100","from":"14155550123","channel":"sms","message_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
// "timestamp":"2025-10-09T08:53:20Z","usage":{"price":"0.0057","currency":"EUR"},"message_type":"text","text":"Stop",
// "sms":{"num_messages":"1","keyword":"STOP"},"context_status":"none","origin":{"network_code":"310260"}}

mod message;
mod sending;
mod token;

use std::time::Duration;

use super::proof::check_window;
use super::{Account, Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

pub(super) static GATEWAY: Gateway = Gateway {
    name: "vonage_messages",
    verify: token::verify,
    parse,
    // 200 to 205 are all taken for received.
    acknowledge: |_| Acknowledgement::empty(),
    // Vonage does not say; shorter than any time-out it is known to have.
    budget: Duration::from_secs(5),
    weak: |_| None,
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let request = verified.request();
    let read = serde_json::from_slice(&request.body).map_err(|_| "no JSON");
    let signal = read.and_then(|message| message::signal(&message, &verified.account().name));
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| verified.set_aside(reason))
}

fn check(account: &Account) -> Result<(), String> {
    if account.keys().next().is_none() {
        return Err("`secrets` needs the signature secret of the Vonage account".to_owned());
    }
    check_window(account)
}

#[cfg(test)]
pub(super) mod tests;
