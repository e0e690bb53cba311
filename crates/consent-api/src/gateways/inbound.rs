//! A message from a person: what a gateway delivers, in the ledger's words.

use consent_core::limits;
use serde_json::json;

use super::Signal;

/// One message that a gateway delivered.
#[derive(Default)]
pub(super) struct Inbound<'a> {
    /// Our name for the account.
    pub(super) account: &'a str,
    /// The gateway's id of the message, if it gives one.
    pub(super) id: Option<&'a str>,
    /// Who sent it, in E.164 or as digits.
    pub(super) from: &'a str,
    /// To which of our numbers.
    pub(super) to: Option<&'a str>,
    /// The text, whole; empty with a picture alone.
    pub(super) body: &'a str,
    /// When, as RFC 3339, if the gateway says.
    pub(super) at: Option<String>,
    /// The gateway's name of the channel.
    pub(super) channel: Option<&'a str>,
    /// Addresses of pictures and the like.
    pub(super) media: Vec<String>,
    /// What the gateway says it did: `STOP`, `START` or `HELP` in any letter case. Another word is kept, and a person
    /// reads the message.
    pub(super) indicator: Option<&'a str>,
    /// Unique within the account.
    pub(super) key: String,
}

impl Inbound<'_> {
    pub(super) fn signal(mut self) -> Result<Signal, &'static str> {
        self.media.truncate(limits::LIST_ITEMS);
        let fields = json!({
            "type": "inbound_sms",
            "at": self.at,
            "source": self.channel.and_then(other_channel),
            "gateway": self.account,
            "from": self.from,
            "to": self.to,
            "body": self.body,
            "provider_message_id": self.id,
            "media": self.media,
            "opt_out_indicator": self.indicator,
        });
        Signal::read(fields, self.key).map_err(|_| "too long")
    }
}

/// A channel in lower case, unless it is the one for texts.
pub(super) fn other_channel(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    (!matches!(name.as_str(), "" | "sms" | "mms")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_written_with_what_is_known_of_it() {
        let media = vec!["https://a/0".to_owned(); limits::LIST_ITEMS + 1];
        let message =
            Inbound { account: "main", from: "+14155550123", channel: Some("RCS"), media, ..Inbound::default() };
        let event = message.signal().unwrap().event.to_json().unwrap();
        assert_eq!((&event["source"], event["media"].as_array().unwrap().len()), (&json!("rcs"), limits::LIST_ITEMS));
        let names: Vec<_> = event.keys().map(String::as_str).collect();
        assert_eq!(names, ["body", "from", "gateway", "media", "source", "type"]);
        assert_eq!(["SMS", "mms", "", "WhatsApp"].map(other_channel), [None, None, None, Some("whatsapp".to_owned())]);
    }
}
