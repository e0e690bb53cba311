//! What is agreed with a gateway besides single messages: keys that it publishes, subscriptions that it wants confirmed.

use super::{Account, Acknowledgement, Verified, WebhookRequest};

/// The hand-shakes of a kind of gateway. None of them is called by a request that has not been checked as far as it can
/// be: an address in it must be the gateway's own.
#[derive(Clone, Copy)]
pub struct Handshake {
    /// Where the keys are published that a request is checked with. The address is fetched before the check, so it
    /// must be one that only the gateway can publish at, or one from the configuration.
    pub keys_at: fn(&WebhookRequest, &Account) -> Option<String>,
    /// Whether the account is proved by published keys alone, so that it has no secrets.
    pub keyless: fn(&Account) -> bool,
    /// The answer to an `OPTIONS` request by which the gateway asks whether it may call.
    pub greet: fn(&WebhookRequest, &Account) -> Option<Acknowledgement>,
    /// The address that is fetched once to agree to a subscription, from a genuine request.
    pub agree_at: fn(&Verified) -> Option<String>,
}

impl Handshake {
    /// For a gateway that just calls.
    pub const NONE: Self = Self { keys_at: |_, _| None, keyless: |_| false, greet: |_, _| None, agree_at: |_| None };
}
