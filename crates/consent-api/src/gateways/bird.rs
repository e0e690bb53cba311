//! Bird (`api.bird.com`): webhook subscriptions to its channels. For `rest.messagebird.com` see `messagebird`.
//!
//! An entry of an account's `secrets` is the signing key of a webhook subscription. A request is signed over its time,
//! its whole URL and its body, so the URL of the subscription has to be exactly ours. Subscribe to the events
//! `sms.inbound` and `sms.outbound` of the service `channels`, and to those of other channels that reach phone numbers.
//!
//! Whether Bird answers a STOP is set in its workspace, under compliance keywords: if it does, set
//! `provider_confirms`. To send, an account needs the settings `workspace_id` and `channel_id` and the credential
//! `access_key`; our number is that of the channel. There is no interface for opt-outs.

// POST /v1/webhooks/bird HTTP/1.1
// Content-Type: application/json
// messagebird-signature: UwAj4AJES/5otkdbmqTkAGYcMlvYUgHzQF3ubbNuQgg=
// messagebird-request-timestamp: 1760000000
//
// {"service":"channels","event":"sms.inbound","payload":{"id":"96a0b5fa-a986-453d-be5c-3117f989f025",
// "channelId":"614208aa-b153-4d5d-9989-2fddfc0ce4c3","sender":{"contact":{"id":"32cf5eee-f940-422c-ab8c-5f753aad5efd",
// "identifierKey":"phonenumber","identifierValue":"+14155550123"}},"receiver":{"connector":{"id":"86cc4dc0-3dc0-41b7-…",
// "identifierValue":"+14155550100"}},"body":{"type":"text","text":{"text":"Stop"}},"status":"delivered",
// "direction":"incoming","createdAt":"2025-10-09T08:53:20.736Z"}}

mod message;
mod sending;
mod signature;

use std::time::Duration;

use consent_core::address::Phone;
use serde_json::Value;

use super::proof::check_any_key;
use super::{Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

pub(super) static GATEWAY: Gateway = Gateway {
    name: "bird",
    verify: signature::verify,
    parse,
    acknowledge,
    // Not published; other gateways wait longer.
    budget: Duration::from_secs(5),
    weak: |_| None,
    check: check_any_key,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let body = &verified.request().body;
    let Ok(event) = serde_json::from_slice::<Value>(body) else { return Err(Unparsed::new("not JSON", body)) };
    message::signals(&event, &verified.account().name).map_err(|reason| {
        let unparsed = Unparsed::new(reason, body);
        // Numbers of both sides have the same name, and either may stand first.
        let sender = message::sender(&event).and_then(|sender| Phone::parse_from_gateway(&sender).ok());
        Unparsed { sender: sender.or(unparsed.sender), ..unparsed }
    })
}

/// Bird asks for 200.
fn acknowledge(_: &Verified) -> Acknowledgement {
    Acknowledgement { status: 200, ..Acknowledgement::empty() }
}

#[cfg(test)]
pub(super) mod tests;
