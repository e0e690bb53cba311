//! What became of a message of ours: a gateway's report, in the ledger's words.

use consent_core::address::Phone;
use consent_core::event::kinds::Outcome;
use serde_json::{Value, json};

use super::Signal;

/// One gateway's report on one message to one number.
pub(super) struct Report<'a> {
    /// Our name for the account.
    pub(super) account: &'a str,
    /// The gateway's id of the message.
    pub(super) id: &'a str,
    /// To whom the message was sent, in E.164 or as digits; empty if the gateway does not say.
    pub(super) to: &'a str,
    /// What became of it.
    pub(super) outcome: Outcome,
    /// The gateway's own status and code: `failed/30006`.
    pub(super) code: &'a str,
    /// When, as RFC 3339, if the gateway says.
    pub(super) at: Option<String>,
    /// Channel other than SMS, such as `whatsapp`.
    pub(super) channel: Option<&'a str>,
    /// Unique within the account.
    pub(super) key: String,
}

impl Report<'_> {
    pub(super) fn signal(self) -> Result<Signal, &'static str> {
        // Many gateways write numbers without a plus; what is no number is kept as it is.
        let to = Phone::parse_from_gateway(self.to).map_or_else(|_| self.to.to_owned(), |phone| phone.to_string());
        let fields: Value = json!({
            "type": "delivery_reported",
            "at": self.at,
            "phone": Some(to).filter(|to| !to.is_empty()),
            "source": self.channel,
            "gateway": self.account,
            "provider_message_id": self.id,
            "outcome": self.outcome,
            "code": self.code,
        });
        Signal::read(fields, self.key).map_err(|_| "too long")
    }
}

/// The outcome that a code stands for; a code that is not listed may pass.
pub(super) fn of_code(codes: &[(&str, Outcome)], code: &str) -> Outcome {
    codes.iter().find(|(known, _)| *known == code).map_or(Outcome::Temporary, |(_, outcome)| *outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(to: &str) -> Signal {
        let (outcome, key) = (Outcome::OptedOut, "m1/failed".to_owned());
        Report { account: "main", id: "m1", to, outcome, code: "failed", at: None, channel: None, key }
            .signal()
            .unwrap()
    }

    #[test]
    fn a_report_is_about_the_recipient_however_the_number_is_written() {
        for (to, phone) in [
            ("+14155550123", Some("+14155550123")),
            ("14155550123", Some("+14155550123")),
            ("0014155550123", Some("+14155550123")),
            ("22395", None),
            ("", None),
        ] {
            let found = report(to).event.phone.map(|phone| phone.to_string());
            assert_eq!(found.as_deref(), phone, "{to}");
        }
        assert_eq!(report("22395").event.to_json().unwrap()["phone"], "22395");
        assert!(!report("").event.to_json().unwrap().contains_key("phone"));
    }
}
