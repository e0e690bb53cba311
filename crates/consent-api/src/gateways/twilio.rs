//! Twilio: programmable messaging webhooks and Event Streams.
//!
//! An entry of an account's `secrets` is one of
//!
//! - the auth token: `5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29`
//! - a SharedKey with its id: `sharedkey:webhooks_sharedkey_01j0000000000000000000000:5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29`
//!
//! An account with SharedKeys alone refuses requests that are signed with the auth token. There is no time in a
//! signature: a request that is sent again is genuine again, and is recognised by its [`Signal::dedupe_key`].

// POST /v1/hooks/twilio/inbound HTTP/1.1
// Content-Type: application/x-www-form-urlencoded; charset=UTF-8
// X-Twilio-Signature: nrJ27ccpc2ccPRayhOETikRigPg=
//
// ToCountry=US&ToState=CA&SmsMessageSid=SM2f6d1c1f3f0f4a8db0a4b3f0a1c2d3e4&NumMedia=0&ToCity=&FromZip=94105
// &SmsSid=SM2f6d1c1f3f0f4a8db0a4b3f0a1c2d3e4&OptOutType=STOP&FromState=CA&SmsStatus=received&FromCity=SAN+FRANCISCO
// &Body=Stop&FromCountry=US&To=%2B14155550100&MessagingServiceSid=MG00000000000000000000000000000001&ToZip=
// &NumSegments=1&MessageSid=SM2f6d1c1f3f0f4a8db0a4b3f0a1c2d3e4&AccountSid=AC00000000000000000000000000000001
// &From=%2B14155550123&ApiVersion=2010-04-01

mod message;
mod sending;
mod signature;

use std::time::Duration;

use serde_json::Value;

use super::form::{self, Form};
use super::{Acknowledgement, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest};
use message::Message;

/// Twilio reads the answer to an inbound message as TwiML, and texts plain text to its sender.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

pub(super) static GATEWAY: Gateway = Gateway {
    name: "twilio",
    verify: signature::verify,
    parse,
    acknowledge,
    // The longest read time-out that can be set on a webhook, and the default.
    budget: Duration::from_secs(15),
    weak: |_| None,
    check: |_| Ok(()),
    handshake: Handshake::NONE,
    outbox: Some(&sending::OUTBOX),
};

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let (request, account) = (verified.request(), verified.account().name.as_str());
    match signed_form(request) {
        Some(raw) => {
            let form = Form::decode(raw);
            let signal = Message::from_form(&form).and_then(|message| message.signal(account));
            signal.map(|signal| signal.into_iter().collect()).map_err(|reason| Unparsed::new(reason, raw))
        }
        None => parse_events(&request.body, account),
    }
}

/// CloudEvents, alone or in a list. One event of a list that cannot be read must not take the others with it.
fn parse_events(body: &[u8], account: &str) -> Result<Vec<Signal>, Unparsed> {
    let signal = |event: &Value| Message::from_cloud_event(event)?.signal(account);
    match serde_json::from_slice(body) {
        Ok(Value::Array(events)) => {
            let set_aside = |event: &Value, reason| Unparsed::new(reason, event.to_string().as_bytes()).signal(account);
            let read = |event| signal(event).unwrap_or_else(|reason| Some(set_aside(event, reason)));
            Ok(events.iter().filter_map(read).collect())
        }
        Ok(event) => {
            signal(&event).map(|signal| signal.into_iter().collect()).map_err(|reason| Unparsed::new(reason, body))
        }
        Err(_) => Err(Unparsed::new("neither a form nor JSON", body)),
    }
}

/// Whatever may be a message is answered as one, understood or not.
fn acknowledge(verified: &Verified) -> Acknowledgement {
    let form = signed_form(verified.request()).map(Form::decode);
    if form.is_none_or(|form| Message::from_form(&form).is_ok_and(|message| message.is_report())) {
        return Acknowledgement::empty();
    }
    Acknowledgement::with_body("text/xml", NO_REPLY)
}

/// The parameters as far as the signature covers them, which for a GET is the query alone.
fn signed_form(request: &WebhookRequest) -> Option<&[u8]> {
    if request.method == "GET" {
        return Some(request.query().as_bytes());
    }
    form::is_form(request).then_some(&request.body)
}

#[cfg(test)]
pub(super) mod tests;
