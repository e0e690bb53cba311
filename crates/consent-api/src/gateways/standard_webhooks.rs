//! Standard Webhooks (specification 1.0.0, also known from Svix): for systems that are no gateway of this list, and
//! tell us themselves of messages and wishes.
//!
//! An entry of an account's `secrets` is one of
//!
//! - a shared secret, with or without its prefix: `whsec_` and base64 of 24 to 64 bytes (signatures `v1`)
//! - the sender's public key: `whpk_` and base64 of 32 bytes (signatures `v1a`)
//!
//! The headers are called `webhook-*` or `svix-*`. There are no settings, and nothing can be sent.
//!
//! The body is an event in the ledger's own words, `{"type": "inbound_sms", "from": "+14155550123", "body": "STOP"}`,
//! or such an event in an envelope: `{"type": …, "timestamp": …, "data": {…}}`. These types are taken: `inbound_sms`,
//! `delivery_reported`, `withdrawal_request`, `email_unsubscribe`, `email_complaint`, `email_bounced`,
//! `do_not_call_request`, `objection`, `rights_request`, `restriction_started`, `number_deactivated`,
//! `national_dnc_listed`, and `preference_set` and `push_permission` as far as they take something back. No consent can
//! be given this way: every other type is kept for a person to read. Fields that are not known are left out; `gateway`
//! is always the account's name. The header with the id names the event: sent again, it is the same.

// POST /v1/webhooks/crm HTTP/1.1
// Content-Type: application/json
// Webhook-Id: msg_p5jXN8AQM9LWM0D4loKWxJek
// Webhook-Timestamp: 1614265330
// Webhook-Signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
//
// {"type":"inbound_sms","timestamp":"2025-10-09T08:53:20Z",
//  "data":{"to":"+14155550100","from":"+14155550123","body":"Arrêt 🛑","provider_message_id":"7"}}

mod event;
mod signature;

use std::time::Duration;

use super::{Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

pub(super) static GATEWAY: Gateway = Gateway {
    name: "standard_webhooks",
    verify: signature::verify,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    // The shortest time-out that the specification recommends.
    budget: Duration::from_secs(15),
    weak: |_| None,
    check: signature::check,
    handshake: Handshake::NONE,
    outbox: None,
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (verified.request(), verified.account().name.as_str());
    let signal = signature::id(request).ok_or("no id").and_then(|id| event::signal(&request.body, id, account));
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| Unparsed::new(reason, &request.body))
}

#[cfg(test)]
pub(super) mod tests;
