//! Infobip: incoming texts, delivery reports and the events of its block list.
//!
//! How its requests are proved is agreed on its side, in the notification profile; the setting `auth` has to say the
//! same:
//!
//! - `basic` (default): an entry of `secrets` is `user:password`.
//! - `bearer`: an entry is the token that stands behind `Authorization: Bearer`.
//! - `hmac`: an entry is the secret key. The HMAC is over the body; Infobip does not write down which header it stands
//!   in and how, so look at a first request and set `hmac_header` (its name), `hmac_algorithm` (`md5`, `sha1`,
//!   `sha224`, `sha256` (default), `sha384`, `sha512`), `hmac_encoding` (`hex` (default) or `base64`) and
//!   `hmac_prefix` (what stands before it, such as `sha256=`; default nothing).
//!
//! Choose `hmac` where you can: with the others nothing proves the body. Then the account's name, which is part of its
//! URL, should be one that cannot be guessed, and a firewall should admit Infobip's addresses only.
//!
//! To send and to report opt-outs an account needs the setting `base_url` (`xyz123.api.infobip.com`) and the
//! credential `api_key`; the setting `sender` names ours where an opt-out came to none.

// POST /v1/webhooks/infobip HTTP/1.1
// Content-Type: application/json
// Authorization: Basic aW5mb2JpcDpzM2NyZXQtcGFzc3dvcmQ=
//
// {"results": [{"event": "BLOCK", "receivedAt": "2025-10-09T08:53:20.797+0000", "messageId": "1695640910883409241",
//   "content": {"sender": "14155550100", "destination": "14155550123", "sourceType": "MO",
//   "outboundMessageReference": {"bulkId": "2034072219640523072", "outboundMessageId": "2250be2d4219-3af1-78856-…",
//   "sendAt": "2025-10-09T08:50:00.000+0000"}, "inboundMessageReference": {"inboundMessageId": "8695640910883409241"}}}]}

mod message;
mod sending;
mod signature;

use std::time::Duration;

use serde_json::Value;

use super::reading::each;
use super::{Account, Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};

const WEAK: &str = "Infobip proves itself by a password alone and its messages not at all: have it sign (auth = \
                    \"hmac\"), or use an account name that cannot be guessed and admit only Infobip's addresses";

pub(super) static GATEWAY: Gateway = Gateway {
    name: "infobip",
    verify: signature::verify,
    parse,
    acknowledge,
    // Not published; other gateways wait longer.
    budget: Duration::from_secs(5),
    weak,
    check: signature::check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn weak(account: &Account) -> Option<&'static str> {
    (account.setting("auth") != Some("hmac")).then_some(WEAK)
}

/// Up to a hundred results in one request.
fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let unparsed = |reason| Err(Unparsed::new(reason, body));
    let Ok(message) = serde_json::from_slice::<Value>(body) else { return unparsed("not JSON") };
    let read = |result: &Value| Ok(message::signal(result, account)?.into_iter().collect());
    match message.get("results") {
        Some(Value::Array(results)) => Ok(each(results, account, read)),
        Some(_) => unparsed("results are no list"),
        None => read(&message).or_else(unparsed),
    }
}

/// Infobip asks for 200.
fn acknowledge(_: &Verified) -> Acknowledgement {
    Acknowledgement { status: 200, ..Acknowledgement::empty() }
}

#[cfg(test)]
pub(super) mod tests;
