//! Sinch: webhooks of the Conversation API.
//!
//! An entry of an account's `secrets` is the secret of the webhook, as text. The webhook needs the triggers
//! `MESSAGE_INBOUND`, `MESSAGE_DELIVERY`, `OPT_OUT` and `OPT_IN`.
//!
//! Further settings: `signature_window`, the seconds that a signature may be old (300 to 86400; no limit if it is left
//! out, for Sinch does not say whether a retry is signed anew, and a callback that we refuse is never sent again).
//!
//! To send, the account needs the settings `project_id`, `app_id` and `region` (`us` if it is left out), and an access
//! key as the credentials `key_id` and `key_secret`. The setting `api_url` puts another address in the place of
//! `https://{region}.conversation.api.sinch.com`.
//!
//! An opt-out that Sinch reports counts on whatever channel it was, and even if Sinch itself failed to carry it out. An
//! opt-in that it reports counts if it was on SMS and succeeded.

// POST /v1/webhooks/sinch HTTP/1.1
// Content-Type: application/json
// X-Sinch-Webhook-Signature: uopbalanJWrmf/nQMwRUCR50qILtr2FDQ6XZZPgIBgM=
// X-Sinch-Webhook-Signature-Nonce: 01K73T0000000000000000000A
// X-Sinch-Webhook-Signature-Timestamp: 1760000000
// X-Sinch-Webhook-Signature-Algorithm: HmacSHA256
//
// {"app_id":"01APP","accepted_time":"2025-10-09T08:53:20.724083Z","event_time":"2025-10-09T08:53:20Z",
//  "project_id":"p","opt_out_notification":{"request_id":"r1","contact_id":"c1","channel":"SMS",
//  "identity":"14155550123","status":"OPT_OUT_SUCCEEDED","processing_mode":"CONVERSATION"},
//  "message_metadata":"","correlation_id":""}

mod callback;
mod sending;

use std::time::Duration;

use serde_json::Value;

use super::signature;
use crate::gateways::{Account, Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

pub(in crate::gateways) static GATEWAY: Gateway = Gateway {
    name: "sinch_conversation",
    verify: signature::verify,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    // Sinch does not say; this is what others grant.
    budget: Duration::from_secs(10),
    weak: |_| None,
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn check(account: &Account) -> Result<(), String> {
    super::check(account)?;
    super::check_call(account, &["key_id", "key_secret"], &["project_id", "app_id"])
}

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let callback: Result<Value, _> = serde_json::from_slice(body);
    let signals = callback.map_err(|_| "not JSON").and_then(|callback| callback::signals(&callback, account));
    signals.map_err(|reason| Unparsed::new(reason, body))
}

#[cfg(test)]
pub(in crate::gateways) mod tests;
