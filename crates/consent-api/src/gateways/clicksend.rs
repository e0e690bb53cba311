//! ClickSend: inbound texts and delivery receipts, as its rules post them. It signs nothing.
//!
//! An entry of an account's `secrets` is a token of your own, 16 characters or more; a good one comes out of
//! `openssl rand -hex 24`. Enter the webhook's URL at ClickSend with the token behind it:
//! `https://ledger.example.com/v1/webhooks/<account>?token=<token>`. It must stand there once. Have your proxy keep query strings
//! out of its logs.
//!
//! The token is all that a request is known by, and nothing proves its body: a firewall should admit ClickSend's
//! addresses only.
//!
//! To send, an account needs the credentials `username` and `api_key`; to report opt-outs also the setting
//! `opt_out_list_id`, the number of ClickSend's opt-out list. ClickSend itself blocks campaigns to that list, not texts
//! that are sent one by one. It answers no STOP, unless a rule of yours does: then set `provider_confirms`.
//!
//! A receipt does not name its recipient. Ours have the number as their `custom_string`, which comes back with them; do
//! the same in what you send by other ways.

// POST /v1/webhooks/clicksend?token=5ba1e0… HTTP/1.1
// Content-Type: application/x-www-form-urlencoded
//
// timestamp=1760000000&from=%2B14155550123&body=Stop&original_body=Hi%2C+reply+STOP+to+opt+out
// &original_message_id=C557B56E-83C0-4070-A74C-9BF05474B418&to=%2B14155550100&custom_string=c1&user_id=1
// &subaccount_id=1&message_id=C557B56E-83C0-4070-A74C-9BF05474B419&originalsenderid=%2B14155550100&message=Stop
// &sms=%2B14155550123&originalmessageid=C557B56E-83C0-4070-A74C-9BF05474B418
// &originalmessage=Hi%2C+reply+STOP+to+opt+out&customstring=c1

mod message;
mod sending;

use std::time::Duration;

use super::form::Form;
use super::proof::{any_key, same};
use super::{Account, Acknowledgement, Forged, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest};

const WEAK: &str = "ClickSend proves nothing: whoever learns the token in the webhook's URL can invent messages, so keep \
                    it out of logs and admit only ClickSend's addresses";

/// Characters of a token that nobody tries out.
const TOKEN: usize = 16;

pub(super) static GATEWAY: Gateway = Gateway {
    name: "clicksend",
    verify,
    parse,
    acknowledge,
    // Not published; other gateways wait longer.
    budget: Duration::from_secs(5),
    weak: |_| Some(WEAK),
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

/// Whether the URL has one of the account's tokens, and no other beside it.
fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let query = Form::decode(request.query().as_bytes());
    let mut tokens = query.bytes().filter(|(name, _)| *name == b"token").map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => any_key(account, |key| same(key.as_bytes(), token)),
        _ => Err(Forged::Unsigned),
    }
}

fn check(account: &Account) -> Result<(), String> {
    let long = account.keys().all(|key| key.len() >= TOKEN) && account.keys().next().is_some();
    if long { Ok(()) } else { Err(format!("every entry of `secrets` has to have {TOKEN} characters or more")) }
}

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (body, account) = (&verified.request().body, verified.account().name.as_str());
    let signal = message::signal(body, account);
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| Unparsed::new(reason, body))
}

/// ClickSend asks for 200.
fn acknowledge(_: &Verified) -> Acknowledgement {
    Acknowledgement { status: 200, ..Acknowledgement::empty() }
}

#[cfg(test)]
pub(super) mod tests;
