//! One of Twilio's messages, by the names of its parameters.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use consent_core::event::kinds::{Indicator, Outcome};
use consent_core::limits;
use serde_json::{Value, json};

use crate::gateways::Signal;
use crate::gateways::form::Form;
use crate::gateways::outcome::{Report, of_code};
use crate::gateways::reading::scalar;

/// What the ledger lives on; a message that says one of them in two ways is not understood.
const ONCE: &[&str] = &["Body", "ErrorCode", "From", "MessageSid", "MessageStatus", "OptOutType", "SmsStatus", "To"];

/// Channels that reach a phone number. Ids of other channels, such as `messenger:`, may look like one.
const CHANNELS: &[&str] = &["whatsapp", "rcs"];

/// Types of CloudEvents, up to the word that is the status: `received`, `delivered`, `failed`.
const EVENTS: &[&str] = &["com.twilio.messaging.inbound-message.", "com.twilio.messaging.message."];

/// What error codes mean for the recipient; every other error may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("21610", Outcome::OptedOut),
    ("63014", Outcome::OptedOut),
    ("30005", Outcome::Deactivated),
    ("30006", Outcome::LandlineOrInvalid),
    ("21211", Outcome::LandlineOrInvalid),
    ("21217", Outcome::LandlineOrInvalid),
    ("21614", Outcome::LandlineOrInvalid),
    ("21635", Outcome::LandlineOrInvalid),
    ("30004", Outcome::BlockedUnknown),
    ("30007", Outcome::BlockedUnknown),
];

/// What cannot be read in a message, for the log.
type Reason = &'static str;

/// The parameters of a message, under the names they have in a form.
pub(super) struct Message<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Message<'a> {
    /// A form's parameters.
    pub(super) fn from_form(form: &'a Form) -> Result<Self, Reason> {
        let mut fields: BTreeMap<Cow<str>, Cow<str>> = BTreeMap::new();
        for (name, value) in form.texts() {
            match fields.get(name.as_ref()) {
                Some(first) if *first != value && ONCE.contains(&name.as_ref()) => return Err("one name, two values"),
                Some(_) => {}
                None => drop(fields.insert(name, value)),
            }
        }
        Ok(Self(fields))
    }

    /// The data of a CloudEvent of Event Streams; `messageSid` there is `MessageSid` here.
    pub(super) fn from_cloud_event(event: &'a Value) -> Result<Self, Reason> {
        let kind = event.get("type").and_then(Value::as_str).ok_or("a CloudEvent without a type")?;
        let status =
            EVENTS.iter().find_map(|prefix| kind.strip_prefix(prefix)).ok_or("a CloudEvent of another type")?;
        let data = event.get("data").and_then(Value::as_object).ok_or("a CloudEvent without data")?;
        let mut fields: BTreeMap<_, _> =
            data.iter().filter_map(|(name, value)| Some((capitalised(name).into(), scalar(value)?.into()))).collect();
        fields.insert("MessageStatus".into(), status.into());
        Ok(Self(fields))
    }

    /// A parameter that says something.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref).filter(|value| !value.is_empty())
    }

    fn status(&self) -> Option<&str> {
        self.get("MessageStatus").or_else(|| self.get("SmsStatus"))
    }

    /// Whether it reports on a message of ours, rather than bringing one to us. Reports of old have `SmsStatus` alone,
    /// which messages have too.
    pub(super) fn is_report(&self) -> bool {
        let may_be = self.get("MessageStatus").is_some() || !self.0.contains_key("Body");
        may_be && self.status().is_some_and(|status| !matches!(status, "receiving" | "received"))
    }

    /// What it says to the ledger; nothing, if it carries no news.
    pub(super) fn signal(&self, account: &str) -> Result<Option<Signal>, Reason> {
        if self.is_report() { self.report(account) } else { self.inbound(account).map(Some) }
    }

    fn inbound(&self, account: &str) -> Result<Signal, Reason> {
        let id = self.get("MessageSid").ok_or("no MessageSid")?;
        let (from, channel) = address(self.get("From").ok_or("no From")?);
        // It may be empty, as with a picture, but Twilio never leaves it out.
        let body = self.0.get("Body").ok_or("no Body")?;
        let fields = json!({
            "type": "inbound_sms",
            "at": self.get("Timestamp"),
            "source": channel,
            "gateway": account,
            "from": from,
            "to": self.get("To").map(|to| address(to).0),
            "body": body,
            "provider_message_id": id,
            "media": self.media(),
            "opt_out_indicator": self.get("OptOutType").map(indicator),
        });
        Signal::read(fields, id).map_err(|_| "too long")
    }

    fn report(&self, account: &str) -> Result<Option<Signal>, Reason> {
        let status = self.status().unwrap_or_default();
        let error = self.get("ErrorCode").filter(|code| *code != "0");
        let Some(outcome) = outcome(status, error) else {
            return Ok(None);
        };
        let id = self.get("MessageSid").ok_or("no MessageSid")?;
        let (to, channel) = address(self.get("To").ok_or("no To")?);
        let code = error.map_or_else(|| status.to_owned(), |code| format!("{status}/{code}"));
        let at = self.get("Timestamp").map(ToOwned::to_owned);
        let key = format!("{id}/{status}");
        Report { account, id, to, outcome, code: &code, at, channel, key }.signal().map(Some)
    }

    fn media(&self) -> Vec<&str> {
        (0..limits::LIST_ITEMS).map_while(|n| self.get(&format!("MediaUrl{n}"))).collect()
    }
}

/// What became of the message; `None` while it is under way.
fn outcome(status: &str, error: Option<&str>) -> Option<Outcome> {
    if let Some(error) = error {
        return Some(of_code(OUTCOMES, error));
    }
    match status {
        "delivered" | "read" => Some(Outcome::Delivered),
        "failed" | "undelivered" => Some(Outcome::Temporary),
        _ => None,
    }
}

/// The address without the channel, and the channel where one is named: `whatsapp:+14155550123`.
fn address(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((channel, address)) if CHANNELS.contains(&channel) => (address, Some(channel)),
        _ => (text, None),
    }
}

/// Our own word for the indicator, or Twilio's as it came.
fn indicator(word: &str) -> String {
    let upper = word.to_ascii_uppercase();
    if Indicator::from_str(&upper).is_ok() { upper } else { word.to_owned() }
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
