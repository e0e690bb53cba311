//! AWS End User Messaging: texts and delivery events, as Amazon SNS posts them.
//!
//! There is no shared secret. SNS signs with a certificate that anybody may fetch, for every customer alike: whoever
//! has an AWS account can have a message signed. What makes a message ours is the topic it was published to, so an
//! entry of `secrets` is the ARN of a topic of ours: `arn:aws:sns:us-east-1:123456789012:two-way-sms`
//!
//! The subscription must be to the HTTPS address of the account's webhook, with raw message delivery off: a raw message
//! carries no signature and is refused. SNS asks once to confirm the subscription, which is done here.
//!
//! Settings:
//!
//! - `signature_version = "2"` refuses SHA-1 signatures; the topic needs the attribute `SignatureVersion` 2, too.
//! - `trust_anchor`: certificates in PEM form, one of which must have issued SNS's certificate. SNS publishes its
//!   certificate alone, without those above it, so name the issuers here (at present `Amazon RSA 2048 M01` and its
//!   like). Without this setting the certificate is believed because it was fetched by TLS from SNS's own host; that
//!   it is SNS's by name, and valid at the time, is checked either way.
//! - `signature_window`: the seconds that a signature may be old, 300 to 86400. No limit if it is left out: what SNS
//!   could not deliver may be sent again days later, and a repetition is recognised by its name.
//! - `certificate_path = "any"`: the certificate may have another name than `SimpleNotificationService-….pem`.
//!
//! To answer texts and to report opt-outs: the credentials `access_key_id` and `secret_access_key` (and `session_token`
//! for passing ones), the setting `region`, and if wanted `origination_identity` (instead of the number that the text
//! came to), `configuration_set` and `opt_out_list` (else `Default`).

// POST /v1/webhooks/aws HTTP/1.1
// Content-Type: text/plain; charset=UTF-8
// x-amz-sns-message-type: Notification
// x-amz-sns-topic-arn: arn:aws:sns:us-east-1:123456789012:two-way-sms
//
// {"Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
//  "TopicArn": "arn:aws:sns:us-east-1:123456789012:two-way-sms",
//  "Message": "{\"originationNumber\": \"+14155550123\", \"destinationNumber\": \"+14155550100\",
//    \"messageKeyword\": \"keyword_123456789012\", \"messageBody\": \"Stop\",
//    \"inboundMessageId\": \"cae173d2-66b9-564c-8309-21f858e9fb84\"}",
//  "Timestamp": "2025-10-09T08:53:20.655Z", "SignatureVersion": "1", "Signature": "fgwfmq/sSsoBAlt4…",
//  "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
//  "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:…"}

mod address;
mod certificate;
mod envelope;
mod message;
mod sending;
mod sigv4;

use std::time::Duration;

use super::proof::check_window;
use super::{Account, Acknowledgement, Forged, Gateway, Handshake, Signal, Unparsed, Verified, WebhookRequest};
use certificate::Certificate;
use envelope::{Envelope, Kind};

pub(super) static GATEWAY: Gateway = Gateway {
    name: "aws_sns",
    verify,
    parse,
    // SNS takes every status from 200 to 499 for an answer, and reads no body.
    acknowledge: |_| Acknowledgement { status: 200, ..Acknowledgement::empty() },
    budget: Duration::from_secs(15),
    weak,
    check,
    handshake: Handshake { keys_at, agree_at, ..Handshake::NONE },
    outbox: Some(&sending::OUTBOX),
};

/// The certificate, for a message that is in order but for its signature.
fn keys_at(request: &WebhookRequest, account: &Account) -> Option<String> {
    Envelope::admit(request, account).ok().map(|envelope| envelope.certificate_url)
}

fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let envelope = Envelope::admit(request, account)?;
    let published = request.published_keys.as_deref().ok_or(Forged::UnknownKey)?;
    let host = address::host(&envelope.certificate_url).ok_or(Forged::Malformed)?;
    let certificate = Certificate::read(published)?;
    certificate.check(host, account.setting("trust_anchor"), request.received)?;
    certificate.verify(envelope.version, envelope.signed().as_bytes(), &envelope.signature)
}

fn parse(verified: &Verified) -> Result<Vec<Signal>, Unparsed> {
    let envelope = Envelope::read(&verified.request().body).map_err(|_| verified.set_aside("not an SNS message"))?;
    match envelope.kind {
        Kind::Notification => message::signal(&envelope, verified).map(|signal| signal.into_iter().collect()),
        Kind::SubscriptionConfirmation => Ok(Vec::new()),
        Kind::UnsubscribeConfirmation => {
            tracing::error!(account = verified.account().name, "the topic is no longer subscribed: no texts will come");
            Ok(Vec::new())
        }
    }
}

/// Where a subscription is confirmed. The end of a subscription brings such an address too; it is left alone, for
/// somebody meant to end it.
fn agree_at(verified: &Verified) -> Option<String> {
    let envelope = Envelope::read(&verified.request().body).ok()?;
    let confirms = envelope.kind == Kind::SubscriptionConfirmation;
    envelope.subscribe_url.filter(|url| confirms && address::host(url).is_some())
}

fn weak(account: &Account) -> Option<&'static str> {
    let strict = account.setting("signature_version") == Some("2");
    (!strict).then_some(
        "signatures with SHA-1 are accepted; set SignatureVersion 2 at the topic and signature_version = \"2\" here",
    )
}

fn check(account: &Account) -> Result<(), String> {
    if !account.keys().all(address::is_topic) {
        return Err("an entry of secrets is not the ARN of an SNS topic".to_owned());
    }
    if account.setting("signature_version").is_some_and(|version| !matches!(version, "1" | "2")) {
        return Err("settings.signature_version must be \"1\" or \"2\"".to_owned());
    }
    if account.setting("certificate_path").is_some_and(|path| path != "any") {
        return Err("settings.certificate_path can only be \"any\"".to_owned());
    }
    check_window(account)?;
    let anchors = account.setting("trust_anchor").map_or(Ok(Vec::new()), certificate::anchors);
    anchors.map_err(|_| "settings.trust_anchor holds no certificate in PEM form".to_owned())?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
