//! Telnyx: messaging webhooks of API v2.
//!
//! An entry of an account's `secrets` is a public key of the Telnyx account, as its portal shows it: base64 of 32
//! bytes, such as `vaobCn6/JstQez8zg6zIjAazPWkstkR+H2EaabnUVO8=`.
//!
//! To send, the account needs the credential `api_key`. The setting `api_url` puts another address in the place of
//! `https://api.telnyx.com`.
//!
//! Telnyx waits two seconds for an answer. Its own block list, which a STOP enters, can be read but not written: what
//! it does not take for a STOP is blocked by us alone.

// POST /v1/webhooks/telnyx HTTP/1.1
// Content-Type: application/json
// Telnyx-Timestamp: 1759999998
// Telnyx-Signature-Ed25519: TP0B0M7KkmLgRf1IoWNfON8xO5p3qUVM0IqJOwJLRU3nVOyAqUdYwATJnuvyF94anVNa+UeKbmQkknSCkkw3AQ==
//
// {"data": {"event_type": "message.received", "id": "b301ed3f-1490-491f-995f-6e64e69674d4",
//   "occurred_at": "2025-10-09T08:53:19.872+00:00", "payload": {"autoresponse_type": "STOP", "cc": [],
//   "direction": "inbound", "errors": [], "from": {"carrier": "T-Mobile USA", "line_type": "Wireless",
//   "phone_number": "+14155550123", "status": "webhook_delivered"}, "id": "84cca175-9755-4859-b67f-4730d7f58aa3",
//   "media": [], "received_at": "2025-10-09T08:53:19.612+00:00", "record_type": "message", "text": "Stop",
//   "to": [{"phone_number": "+14155550100", "status": "webhook_delivered"}], "type": "SMS"},
//   "record_type": "event"}, "meta": {"attempt": 1, "delivered_to": "https://ledger.example.com/v1/webhooks/telnyx"}}

mod message;
mod sending;
mod signature;

use std::time::Duration;

use serde_json::Value;

use super::{Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

pub(super) static GATEWAY: Gateway = Gateway {
    name: "telnyx",
    verify: signature::verify,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    budget: Duration::from_secs(2),
    weak: |_| None,
    check: signature::check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let event: Result<Value, _> = serde_json::from_slice(body);
    let signals = event.map_err(|_| "not JSON").and_then(|event| message::signals(&event, account));
    signals.map_err(|reason| Unparsed::new(reason, body))
}

#[cfg(test)]
pub(super) mod tests;
