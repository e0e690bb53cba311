//! Bandwidth: the messaging webhooks, which carry user and password and no signature.
//!
//! An entry of an account's `secrets` is `user:password`, as they stand in the application's callback credentials; a
//! password may have colons in it. Incoming messages and status reports may have different ones: list both.
//!
//! Nothing in a request proves its body. Whoever learns the password can invent messages, so the account's name, which
//! is part of its URL, should be one that cannot be guessed, and a firewall should admit Bandwidth's addresses only.
//!
//! Bandwidth answers no STOP on long and short codes, so `provider_confirms` is true for toll-free numbers alone. To
//! send, an account needs the settings `account_id` and `application_id` and the credentials `api_user` and
//! `api_password`.

// POST /v1/webhooks/bandwidth HTTP/1.1
// Content-Type: application/json; charset=utf-8
// User-Agent: BandwidthAPI/v2
// Authorization: Basic YnctdXNlcjpzM2NyOmV04oKs
//
// [{"time": "2025-10-09T08:53:20.000Z", "type": "message-received", "to": "+14155550100",
//   "description": "Incoming message received", "message": {"id": "14762070468292kw2fuqty55yp2b2",
//   "owner": "+14155550100", "applicationId": "93de2206-9669-4e07-948d-329f4b722ee2",
//   "time": "2025-10-09T08:53:20.000Z", "segmentCount": 1, "direction": "in", "to": ["+14155550100"],
//   "from": "+14155550123", "text": "Stop", "media": []}}]

mod message;
mod sending;

use std::time::Duration;

use serde_json::Value;

use super::proof::{check_basic, check_logins};
use super::reading::each;
use super::{Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

const WEAK: &str = "Bandwidth proves itself by a password alone and its messages not at all: use an account name that \
                    cannot be guessed, and admit only Bandwidth's addresses";

pub(super) static GATEWAY: Gateway = Gateway {
    name: "bandwidth",
    verify: check_basic,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    budget: Duration::from_secs(10),
    weak: |_| Some(WEAK),
    check: check_logins,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

/// A list of events, mostly of one.
fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let read = |event: &Value| Ok(message::signal(event, account)?.into_iter().collect());
    match serde_json::from_slice(body) {
        Ok(Value::Array(events)) => Ok(each(&events, account, read)),
        Ok(event) => read(&event).map_err(|reason| Unparsed::new(reason, body)),
        Err(_) => Err(Unparsed::new("not JSON", body)),
    }
}

#[cfg(test)]
pub(super) mod tests;
