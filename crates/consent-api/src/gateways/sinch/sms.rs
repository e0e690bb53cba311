//! Sinch: callbacks of the SMS API (XMS).
//!
//! An entry of an account's `secrets` is the secret with which callbacks are signed, as text. Signatures have to be
//! switched on by Sinch's account manager. With the setting `auth = "basic"` an entry is written `user:password`, and
//! callbacks are asked for that instead; the body is then not proved.
//!
//! Further settings: `signature_window`, the seconds that a signature may be old (300 to 86400; no limit if it is left
//! out, for Sinch does not say whether a retry, the last of them after almost a day, is signed anew, and a callback that
//! we refuse is never sent again).
//!
//! To send, the account needs the setting `service_plan_id`, the setting `region` (`us` if it is left out) and the
//! credential `api_token`. The setting `api_url` puts another address in the place of
//! `https://{region}.sms.api.sinch.com`.
//!
//! The SMS API has no word for an opt-out of its own: what counts is the text.

// POST /v1/webhooks/sinch HTTP/1.1
// Content-Type: application/json
// X-Sinch-Webhook-Signature: 0zlnCWaKPrtpXjfLqm7OH0111UTYj42J7QO6E+fSuk0=
// X-Sinch-Webhook-Signature-Nonce: 01K73T0000000000000000000A
// X-Sinch-Webhook-Signature-Timestamp: 1760000000
// X-Sinch-Webhook-Signature-Algorithm: HmacSHA256
//
// {"body":"Stop","from":"14155550123","id":"01FC66621XXXXX119Z8PMV1QPA","operator_id":"310260",
//  "received_at":"2025-10-09T08:53:20.612Z","sent_at":"2025-10-09T08:53:19Z","to":"14155550100","type":"mo_text"}

mod callback;
mod sending;

use std::time::Duration;

use serde_json::Value;

use super::signature;
use crate::gateways::proof::check_basic;
use crate::gateways::{
    Account, Acknowledgement, Forged, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest,
};

pub(in crate::gateways) static GATEWAY: Gateway = Gateway {
    name: "sinch_sms",
    verify,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    // Sinch does not say; this is what others grant.
    budget: Duration::from_secs(10),
    weak: |account| asks_password(account).then_some("a password proves the sender of a callback, but not its body"),
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    if asks_password(account) { check_basic(request, account) } else { signature::verify(request, account) }
}

/// Which of the two proofs counts is a matter of configuration; a request has no say in it.
fn asks_password(account: &Account) -> bool {
    account.setting("auth") == Some("basic")
}

fn check(account: &Account) -> Result<(), String> {
    let is_login =
        |key: &str| key.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty());
    match account.setting("auth") {
        None | Some("signature") => {}
        Some("basic") if account.keys().all(is_login) => {}
        Some("basic") => return Err("every entry of `secrets` has to be written user:password".to_owned()),
        Some(_) => return Err("the setting `auth` has to be signature or basic".to_owned()),
    }
    super::check(account)?;
    super::check_call(account, &["api_token"], &["service_plan_id"])
}

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let callback: Result<Value, _> = serde_json::from_slice(body);
    let signals = callback.map_err(|_| "not JSON").and_then(|callback| callback::signals(&callback, account));
    signals.map_err(|reason| Unparsed::new(reason, body))
}

#[cfg(test)]
pub(in crate::gateways) mod tests;
