//! What SNS wraps around a message: whose topic it is, and what the signature covers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::address;
use crate::gateways::proof::{any_key, check_age, same};
use crate::gateways::{Account, Forged, WebhookRequest};

/// What a message of SNS is about.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

/// How a message is signed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Version {
    /// With SHA-1.
    #[serde(rename = "1")]
    One,
    /// With SHA-256.
    #[serde(rename = "2")]
    Two,
}

/// A message of SNS, as it is written. A field that stands twice is an error. Lambda functions get it with the second
/// spellings, and may pass it on.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    #[serde(rename = "Type")]
    kind: Kind,
    message_id: String,
    topic_arn: String,
    message: String,
    subject: Option<String>,
    timestamp: String,
    token: Option<String>,
    #[serde(rename = "SubscribeURL", alias = "SubscribeUrl")]
    subscribe_url: Option<String>,
    signature_version: Version,
    signature: String,
    #[serde(rename = "SigningCertURL", alias = "SigningCertUrl")]
    signing_cert_url: String,
}

/// A message of SNS.
pub(super) struct Envelope {
    pub(super) kind: Kind,
    pub(super) message_id: String,
    pub(super) message: String,
    /// When it was published.
    pub(super) at: DateTime<Utc>,
    pub(super) subscribe_url: Option<String>,
    pub(super) version: Version,
    pub(super) signature: Vec<u8>,
    pub(super) certificate_url: String,
    topic: String,
    subject: Option<String>,
    timestamp: String,
    token: Option<String>,
}

impl Envelope {
    /// Reads a message, and believes nothing of it.
    pub(super) fn read(body: &[u8]) -> Result<Self, Forged> {
        let written: Written = serde_json::from_slice(body).map_err(|_| Forged::Malformed)?;
        let at = DateTime::parse_from_rfc3339(&written.timestamp).map_err(|_| Forged::Malformed)?;
        let envelope = Self {
            kind: written.kind,
            message_id: written.message_id,
            message: written.message,
            at: at.to_utc(),
            subscribe_url: written.subscribe_url,
            version: written.signature_version,
            signature: STANDARD.decode(&written.signature).map_err(|_| Forged::Malformed)?,
            certificate_url: written.signing_cert_url,
            topic: written.topic_arn,
            subject: written.subject,
            timestamp: written.timestamp,
            token: written.token,
        };
        if envelope.is_plain() { Ok(envelope) } else { Err(Forged::Malformed) }
    }

    /// All that can be checked of a request before SNS's certificate is at hand.
    pub(super) fn admit(request: &WebhookRequest, account: &Account) -> Result<Self, Forged> {
        if request.method != "POST" {
            return Err(Forged::Malformed);
        }
        // Delivered raw, the body is what anybody wrote, and nothing is signed.
        if request.header("x-amz-sns-rawdelivery").is_some_and(|raw| raw.eq_ignore_ascii_case("true")) {
            return Err(Forged::Unsigned);
        }
        let envelope = Self::read(&request.body)?;
        let ours = any_key(account, |topic| same(topic.as_bytes(), envelope.topic.as_bytes()));
        ours.map_err(|why| if why == Forged::Mismatch { Forged::NotOurs } else { why })?;
        check_age(envelope.at, request, account)?;
        let outdated = envelope.version == Version::One && account.setting("signature_version") == Some("2");
        let any_name = account.setting("certificate_path") == Some("any");
        if outdated || !address::is_of_certificate(&envelope.certificate_url, any_name) {
            return Err(Forged::Malformed);
        }
        Ok(envelope)
    }

    /// Names and values are signed line by line. Only the message may have several lines, and it comes first; so no
    /// other message can be written with the same lines.
    fn is_plain(&self) -> bool {
        let lines = [Some(&self.message_id), self.subject.as_ref(), self.subscribe_url.as_ref(), self.token.as_ref()];
        let whole = lines.into_iter().flatten().chain([&self.timestamp, &self.topic]).all(|line| !line.contains('\n'));
        let told_how = self.subscribe_url.is_some() && self.token.is_some();
        whole && (told_how || self.kind == Kind::Notification)
    }

    /// What is signed.
    ///
    /// `Token` belongs to both confirmations, as SNS signs and documents it; its own library for JavaScript leaves it
    /// out of one.
    pub(super) fn signed(&self) -> String {
        let confirms = self.kind != Kind::Notification;
        let kind = match self.kind {
            Kind::Notification => "Notification",
            Kind::SubscriptionConfirmation => "SubscriptionConfirmation",
            Kind::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        };
        let fields = [
            ("Message", Some(self.message.as_str())),
            ("MessageId", Some(&self.message_id)),
            ("Subject", self.subject.as_deref().filter(|_| !confirms)),
            ("SubscribeURL", self.subscribe_url.as_deref().filter(|_| confirms)),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", self.token.as_deref().filter(|_| confirms)),
            ("TopicArn", Some(&self.topic)),
            ("Type", Some(kind)),
        ];
        let line = |(name, value): (&str, Option<&str>)| value.map(|value| format!("{name}\n{value}\n"));
        fields.into_iter().filter_map(line).collect()
    }
}
