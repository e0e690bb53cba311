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
        let fields: Value = json!({
            "type": "delivery_reported",
            "at": self.at,
            "phone": Some(e164(self.to)).filter(|to| !to.is_empty()),
            "source": self.channel,
            "gateway": self.account,
            "provider_message_id": self.id,
            "outcome": self.outcome,
            "code": self.code,
        });
        Signal::read(fields, self.key).map_err(|_| "too long")
    }
}

/// The number with its `+`, which the report's own field cannot do without; what is no number stays as it is.
pub(super) fn e164(number: &str) -> String {
    Phone::parse_from_gateway(number).map_or_else(|_| number.to_owned(), |phone| phone.to_string())
}

/// The outcome that a code stands for; a code that is not listed may pass.
pub(super) fn of_code(codes: &[(&str, Outcome)], code: &str) -> Outcome {
    codes.iter().find(|(known, _)| *known == code).map_or(Outcome::Temporary, |(_, outcome)| *outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_about_a_number_however_it_is_written() {
        for (to, phone) in [
            ("+14155550123", json!("+14155550123")),
            ("14155550123", json!("+14155550123")),
            ("12345", json!("12345")),
            ("", Value::Null),
        ] {
            let (outcome, key) = (Outcome::OptedOut, "1".to_owned());
            let report = Report { account: "main", id: "1", to, outcome, code: "x", at: None, channel: None, key };
            let event = report.signal().unwrap().event;
            assert_eq!(event.to_json().unwrap().remove("phone").unwrap_or_default(), phone, "{to}");
            assert_eq!(event.identities().len(), usize::from(to.len() > 5), "{to}");
        }
    }
}
