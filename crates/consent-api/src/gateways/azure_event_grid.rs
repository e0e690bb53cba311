//! Azure Communication Services: texts and delivery reports, as Event Grid posts them, in its own schema or as
//! CloudEvents.
//!
//! Event Grid signs nothing. Who calls is proved in one of two ways, by the setting `auth`:
//!
//! - `entra` (the default if `tenant_id` is set): Event Grid sends a token of Microsoft Entra ID. Settings: `tenant_id`,
//!   `audience` (the application id that the subscription names), and if need be `client_id` (who calls; else Event
//!   Grid's own) and `jwks_url` (where Entra's keys stand). The account needs no `secrets`.
//! - `secret`: an entry of `secrets` stands in the address as `?code=…`, or, with the setting `secret_header`, in that
//!   header, which is entered at the subscription as a delivery property. Whoever sees the address knows the secret;
//!   this is the weaker way.
//!
//! Settings for both: `topic`, the resource whose events these must be (`/subscriptions/…/communicationServices/…`), and
//! `origin`, who may ask for CloudEvents to be sent (else `eventgrid.azure.net`).
//!
//! To answer texts and to report opt-outs: the setting `endpoint` (`https://….communication.azure.com`) and the
//! credential `access_key`, both of the Communication Services resource.

// POST /v1/webhooks/azure?code=… HTTP/1.1
// Content-Type: application/json; charset=utf-8
// aeg-event-type: Notification
//
// [{"id": "Incoming_20251009085320d29ebbea",
//   "topic": "/subscriptions/aaaa0a0a-…/providers/microsoft.communication/communicationservices/acs",
//   "subject": "/phonenumber/14155550100",
//   "data": {"messageId": "Incoming_20251009085320d29ebbea", "from": "14155550123", "to": "14155550100",
//     "message": "Stop", "receivedTimestamp": "2025-10-09T08:53:20.32Z", "segmentCount": 1},
//   "eventType": "Microsoft.Communication.SMSReceived", "dataVersion": "1.0", "metadataVersion": "1",
//   "eventTime": "2025-10-09T08:53:21Z"}]

mod events;
mod proof;
mod sending;
mod token;

use std::time::Duration;

use serde_json::json;

use super::{Account, Acknowledgement, Gateway, Handshake, Verified, WebhookRequest};

/// Who asks whether CloudEvents may be sent.
const ORIGIN: &str = "eventgrid.azure.net";

pub(super) static GATEWAY: Gateway = Gateway {
    name: "azure_event_grid",
    verify: proof::verify,
    parse: events::signals,
    acknowledge,
    budget: Duration::from_secs(30),
    weak: proof::weak,
    check: proof::check,
    handshake: Handshake { keys_at: token::keys_at, keyless: proof::by_entra, greet, ..Handshake::NONE },
    outbox: Some(&sending::OUTBOX),
};

/// Event Grid takes 200 to 204 for success; 200 alone, with the code, when it asks whether we are we. Its other way, an
/// address to be fetched, is not followed: it could lead anywhere.
fn acknowledge(verified: &Verified) -> Acknowledgement {
    match events::validation_code(&verified.request().body) {
        Some(code) => Acknowledgement::with_body("application/json", json!({"validationResponse": code}).to_string()),
        None => Acknowledgement { status: 200, ..Acknowledgement::empty() },
    }
}

/// The answer to Event Grid's question whether it may send CloudEvents here (CloudEvents web hooks, section 4).
fn greet(request: &WebhookRequest, account: &Account) -> Option<Acknowledgement> {
    let origin = request.header("webhook-request-origin")?;
    if !origin.eq_ignore_ascii_case(account.setting("origin").unwrap_or(ORIGIN)) {
        return None;
    }
    let asked = request.header("webhook-request-rate");
    let rate = asked.filter(|rate| !rate.is_empty() && rate.bytes().all(|byte| byte.is_ascii_digit())).unwrap_or("*");
    let headers = vec![("webhook-allowed-origin", origin.to_owned()), ("webhook-allowed-rate", rate.to_owned())];
    Some(Acknowledgement { status: 200, headers, ..Acknowledgement::empty() })
}

#[cfg(test)]
pub(super) mod tests;
