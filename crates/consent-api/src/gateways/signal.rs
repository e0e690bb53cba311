//! What a gateway's message means to the ledger.

use consent_core::event::Event;
use consent_core::event::fault::EventError;
use consent_store::SourceKey;
use serde_json::Value;

use super::Account;

/// What a message says, as an event, with the key under which the gateway names it for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// The event, not yet recorded.
    pub event: Event,
    /// Unique within the account: gateways deliver at least once, often more.
    pub dedupe_key: String,
}

impl Signal {
    /// The name under which it is recorded.
    pub fn key(&self, account: &Account) -> SourceKey {
        SourceKey { source: format!("gateway:{}", account.name), key: self.dedupe_key.clone() }
    }

    /// Reads the fields of an event. They take the same way as events from anywhere else, because that way masks
    /// card numbers and refuses what could not be read back.
    pub(super) fn read(fields: Value, dedupe_key: impl Into<String>) -> Result<Self, EventError> {
        Ok(Self { event: Event::from_json(fields)?, dedupe_key: dedupe_key.into() })
    }
}
