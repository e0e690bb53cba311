//! One of Plivo's messages, by the names of its parameters.

use std::collections::BTreeMap;

use consent_core::event::kinds::Outcome;
use consent_core::limits;
use serde_json::json;

use crate::gateways::Signal;
use crate::gateways::form::Form;
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::rfc3339;

/// What error codes mean for the recipient; every other error may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("200", Outcome::OptedOut),
    ("70", Outcome::Deactivated),
    ("50", Outcome::LandlineOrInvalid),
    ("30", Outcome::BlockedUnknown),
    ("100", Outcome::BlockedUnknown),
    ("201", Outcome::BlockedUnknown),
];

/// What Plivo found a message to mean, and our word for it.
const INTENTS: &[(&str, &str)] = &[("optout", "STOP"), ("optin", "START"), ("help", "HELP")];

/// What cannot be read in a message, for the log.
type Reason = &'static str;

/// The parameters of a message.
pub(super) struct Message(BTreeMap<String, String>);

impl Message {
    /// A form's parameters. A name that has two values may mean either.
    pub(super) fn read(form: &Form) -> Result<Self, Reason> {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in form.texts() {
            if fields.get(name.as_ref()).is_some_and(|first| *first != value) {
                return Err("one name, two values");
            }
            fields.insert(name.into_owned(), value.into_owned());
        }
        Ok(Self(fields))
    }

    /// A parameter that says something.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether it reports on a message of ours, rather than bringing one to us.
    pub(super) fn is_report(&self) -> bool {
        self.get("Status").is_some_and(|status| status != "received")
    }

    /// What it says to the ledger; nothing, if it carries no news.
    pub(super) fn signal(&self, account: &str) -> Result<Option<Signal>, Reason> {
        if self.is_report() { self.report(account) } else { self.inbound(account).map(Some) }
    }

    fn inbound(&self, account: &str) -> Result<Signal, Reason> {
        let id = self.get("MessageUUID").ok_or("no MessageUUID")?;
        // It may be empty, as with a picture, but if there is none it may have been hidden in another parameter.
        let body = self.0.get("Text").or_else(|| self.0.get("Body")).ok_or("neither Text nor Body")?;
        let fields = json!({
            "type": "inbound_sms",
            "source": self.channel(),
            "gateway": account,
            "from": self.get("From").ok_or("no From")?,
            "to": self.get("To").ok_or("no To")?,
            "body": body,
            "provider_message_id": id,
            "media": self.media(),
            "opt_out_indicator": self.get("MessageIntent").map(indicator),
        });
        Signal::read(fields, id).map_err(|_| "too long")
    }

    fn report(&self, account: &str) -> Result<Option<Signal>, Reason> {
        let status = self.get("Status").unwrap_or_default();
        let error = self.get("ErrorCode").map(|code| code.trim_start_matches('0')).filter(|code| !code.is_empty());
        let Some(outcome) = outcome(status, error) else {
            return Ok(None);
        };
        let id = self.get("MessageUUID").ok_or("no MessageUUID")?;
        let to = self.get("To").ok_or("no To")?;
        let code = error.map_or_else(|| status.to_owned(), |code| format!("{status}/{code}"));
        let at = self.get("DeliveryReportTime").and_then(rfc3339);
        let key = format!("{id}/{status}");
        Report { account, id, to, outcome, code: &code, at, channel: self.channel().as_deref(), key }.signal().map(Some)
    }

    /// What it came by, if not by SMS.
    fn channel(&self) -> Option<String> {
        self.get("Type").map(str::to_ascii_lowercase).filter(|channel| channel != "sms")
    }

    fn media(&self) -> Vec<&str> {
        (0..limits::LIST_ITEMS).map_while(|n| self.get(&format!("Media{n}"))).collect()
    }
}

/// What became of the message; `None` while it is under way.
fn outcome(status: &str, error: Option<&str>) -> Option<Outcome> {
    if let Some(error) = error {
        return Some(of_code(OUTCOMES, error));
    }
    match status {
        "delivered" | "read" => Some(Outcome::Delivered),
        "failed" | "undelivered" | "rejected" => Some(Outcome::Temporary),
        _ => None,
    }
}

/// Our own word for the intent, or Plivo's as it came.
fn indicator(intent: &str) -> &str {
    INTENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(intent)).map_or(intent, |(_, word)| word)
}
