//! What a gateway's message means to the ledger.

use consent_core::event::Event;
use consent_core::event::fault::EventError;
use consent_store::SourceKey;
use serde_json::Value;

use super::Account;
use super::reading::is_plausible;

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
    ///
    /// A time that no message can have is left out: the event then counts from when it was received.
    pub(super) fn read(mut fields: Value, dedupe_key: impl Into<String>) -> Result<Self, EventError> {
        let at = fields["at"].as_str().and_then(|at| at.parse().ok());
        if at.is_some_and(|at| !is_plausible(at)) {
            fields["at"] = Value::Null;
        }
        Ok(Self { event: Event::from_json(fields)?, dedupe_key: dedupe_key.into() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A STOP of 1970 would come before every consent.
    #[test]
    fn a_clock_that_was_never_set_does_not_date_an_opt_out() {
        for (at, kept) in [
            (json!("2025-10-09T08:53:20Z"), true),
            (json!("1970-01-01T00:00:00Z"), false),
            (json!("0001-01-01T00:00:00+00:00"), false),
            (json!(null), false),
        ] {
            let fields = json!({"type": "inbound_sms", "from": "+14155550123", "body": "STOP", "at": at});
            assert_eq!(Signal::read(fields, "1").unwrap().event.at.is_some(), kept, "{at}");
        }
    }
}
