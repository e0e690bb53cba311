//! Vonage, SMS API: webhooks for inbound texts and delivery receipts.
//!
//! An entry of an account's `secrets` is the signature secret of the Vonage account:
//!
//! - `signing_secret_32chars_0123456789`
//!
//! | setting or credential | meaning |
//! |---|---|
//! | setting `signature_method` | how the account signs, as it is set at Vonage: `sha256` (the default), `sha512`, `sha1`, `md5` or `md5hash`. No other is accepted. |
//! | setting `api_key` | the key of the Vonage account, `abcd1234`; requests of another one are refused. Needed to send. |
//! | credential `api_secret` | the secret of that key. Needed to send. |
//! | setting `signature_window` | the seconds that a signature may be old, 300 to 86400; no limit if it is left out, since Vonage does not say whether a retry is signed anew |
//! | setting `api_url` | scheme and host of the API, if not `https://rest.nexmo.com` |
//!
//! Signed webhooks are off until they are turned on for the account, and unsigned ones are refused. GET, POST and
//! POST-JSON will all do. A long text comes in parts; each is recorded as it comes, and is read by itself and together
//! with those next to it. There is no opt-out indicator: texts are read here.

// POST /v1/webhooks/vonage HTTP/1.1
// Content-Type: application/x-www-form-urlencoded
//
// api-key=abcd1234&msisdn=447700900001&to=447700900000&messageId=0A0000000123ABCD1&text=Stop&type=text&keyword=STOP
// &message-timestamp=2025-10-09+08%3A53%3A20&timestamp=1760000000&nonce=aaaaaaaa-bbbb-cccc-dddd-0123456789ab
// &sig=8335A29F67C85F7136C6F6F482DF18FD85C752AD25B9F621F6DA18E99A9A0172

mod message;
mod parameters;
mod sending;
mod signature;

use std::time::Duration;

use super::proof::check_window;
use super::{Account, Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified};
use parameters::Parameters;

pub(super) static GATEWAY: Gateway = Gateway {
    name: "vonage_sms",
    verify: signature::verify,
    parse,
    acknowledge: |_| Acknowledgement::empty(),
    // Vonage does not say; shorter than any time-out it is known to have.
    budget: Duration::from_secs(5),
    weak,
    check,
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let parameters = Parameters::read(verified.request()).map_err(|_| "neither parameters nor JSON");
    let signal = parameters.and_then(|parameters| message::signal(&parameters, &verified.account().name));
    signal.map(|signal| signal.into_iter().collect()).map_err(|reason| verified.set_aside(reason))
}

fn weak(account: &Account) -> Option<&'static str> {
    let plain = account.setting(signature::METHOD) == Some("md5hash");
    plain.then_some("md5hash can be made to fit another text: choose sha256 or sha512 at Vonage.")
}

fn check(account: &Account) -> Result<(), String> {
    if account.keys().next().is_none() {
        return Err("`secrets` needs the signature secret of the Vonage account".to_owned());
    }
    signature::check_method(account)?;
    check_window(account)
}

#[cfg(test)]
pub(super) mod tests;
