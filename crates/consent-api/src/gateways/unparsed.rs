//! Authentic, but not understood: kept whole, and held against its sender until a person has read it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use consent_core::address::Phone;
use consent_core::event::kinds::InboundUnparsed;
use consent_core::event::{Event, EventKind};
use consent_core::limits;
use sha2::{Digest, Sha256};

use super::{Signal, form};

/// An authentic message that could not be read. The text may be an opt-out, so it must not be lost.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("authentic, but not understood: {reason}")]
pub struct Unparsed {
    /// What could not be read, for the log.
    pub reason: &'static str,
    /// The sender, as far as one could be made out.
    pub sender: Option<Phone>,
    /// What was signed and could not be read: the body, or the query of a GET.
    pub raw: Vec<u8>,
}

impl Unparsed {
    /// Sets a message aside, looking for its sender in whatever way it may be written.
    pub(super) fn new(reason: &'static str, raw: &[u8]) -> Self {
        Self { reason, sender: find_sender(raw), raw: raw.to_owned() }
    }

    /// What goes into the ledger for it. The bytes name it: sent again, it is the same message.
    pub fn signal(&self, account: &str) -> Signal {
        let kept = self.raw.get(..limits::RAW_MESSAGE).unwrap_or(&self.raw);
        let event = Event::new(EventKind::InboundUnparsed(InboundUnparsed {
            gateway: Some(account.to_owned()),
            bytes: Some(STANDARD.encode(kept)),
            sender: self.sender.as_ref().map(ToString::to_string),
            truncated: (kept.len() < self.raw.len()).then_some(true),
        }));
        let digest = Sha256::digest(&self.raw);
        Signal { event, dedupe_key: format!("unparsed/{}", form::hex(&digest)) }
    }
}

/// Without the message: errors are logged.
impl fmt::Debug for Unparsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unparsed({})", self.reason)
    }
}

/// What gateways call the sender of a message, in lower case; the likeliest first.
const SENDERS: &[&str] = &["from", "originator", "destination"];

/// The number behind something called like a sender, else the first number that is written with a `+`.
fn find_sender(raw: &[u8]) -> Option<Phone> {
    let text = String::from_utf8_lossy(&form::percent_decode(raw)).replace("\\u002b", "+").replace("\\u002B", "+");
    // Lower case only in ASCII: the positions stay those of the text.
    let lower = text.to_ascii_lowercase();
    let named =
        |name: &&str| lower.match_indices(*name).find_map(|(at, name)| named_number(text.get(at + name.len()..)?));
    SENDERS
        .iter()
        .find_map(named)
        .or_else(|| text.match_indices('+').filter_map(|(at, _)| text.get(at..)).find_map(number))
}

/// The number after a field's name: `=+1415…`, `": "whatsapp:+1415…"`.
fn named_number(after_name: &str) -> Option<Phone> {
    let value = after_name.trim_start_matches(['=', ':', '"', '\'', ' ', '\t', '[', '{']);
    let value = ["whatsapp:", "rcs:"].iter().find_map(|channel| value.strip_prefix(channel)).unwrap_or(value);
    (value.len() < after_name.len()).then(|| number(value)).flatten()
}

/// The number at the very beginning of a text.
fn number(text: &str) -> Option<Phone> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    if digits.len() > limits::E164_MAX_DIGITS {
        return None;
    }
    Phone::parse_from_gateway(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_found_however_the_message_is_broken() {
        for raw in [
            "From=%2B14155550123",
            "To=%2B14155550100&From=%2b14155550123&Bo",
            "Body=STOP&From=+14155550123",
            "From=14155550123&Body=STOP",
            "FromZip=94105&To=%2B14155550100&From=whatsapp%3A%2B14155550123",
            r#"{"to":"+14155550100","from":"+14155550123","#,
            r#"{"from": "\u002b14155550123"#,
            "{'FROM' : 'whatsapp:+14155550123'",
            "STOP says +14155550123",
            "\u{fffd}\0+14155550123\0",
            "From=+1&x=+14155550123",
            "recipient=14155550100&originator=14155550123",
            r#"{"content":{"sender":"14155550100","destination":"14155550123"}}"#,
            r#"{"destination":"+14155550100","from":"14155550123"}"#,
        ] {
            let found = find_sender(raw.as_bytes()).map(|phone| phone.to_string());
            assert_eq!(found.as_deref(), Some("+14155550123"), "{raw}");
        }
    }

    #[test]
    fn no_number_is_no_sender() {
        for raw in
            ["", "From=", "From=12345", "from:", "From=%2B", "+", "From=+123456789012345678", "FromZip=9410500", "%2"]
        {
            assert_eq!(find_sender(raw.as_bytes()), None, "{raw}");
        }
    }

    #[test]
    fn what_is_kept_can_be_read_back_however_long_it_is() {
        for (len, truncated) in
            [(0, None), (limits::RAW_MESSAGE, None), (limits::RAW_MESSAGE + 1, Some(true)), (300_000, Some(true))]
        {
            let signal = Unparsed::new("test", &vec![0xff; len]).signal("main");
            let again = Event::from_json(signal.event.to_json().unwrap().into()).unwrap();
            assert_eq!(again, signal.event);
            let EventKind::InboundUnparsed(fields) = again.kind else { panic!("another type") };
            assert_eq!(fields.truncated, truncated, "{len}");
        }
    }

    #[test]
    fn the_log_sees_nothing_of_the_message() {
        let unparsed = Unparsed::new("no MessageSid", b"From=%2B14155550123&Body=secret");
        let log = format!("{unparsed:?} {unparsed}");
        assert!(!log.contains("4155550123") && !log.contains("secret"), "{log}");
    }
}
