//! What a callback of the Conversation API says: an envelope with one thing in it, by the name of which it is read.

use consent_core::event::kinds::Outcome;
use serde_json::Value;

use crate::gateways::Signal;
use crate::gateways::inbound::{Inbound, other_channel};
use crate::gateways::outcome::Report;
use crate::gateways::reading::{Reason, first_text, rfc3339, text};

/// Reads what a callback says; nothing, if it carries no news.
type Read = fn(&Callback<'_>) -> Result<Option<Signal>, Reason>;

/// How the things are read that may be in the envelope. A redaction is the message again, without personal data.
const READERS: &[(&str, Read)] = &[
    ("message", inbound),
    ("message_redaction", inbound),
    ("message_delivery_report", report),
    ("opt_out_notification", opt_out),
    ("opt_in_notification", opt_in),
];

/// What says nothing about consent.
const NO_NEWS: &[&str] = &[
    "capability_notification",
    "channel_event_notification",
    "contact_create_notification",
    "contact_delete_notification",
    "contact_identities_duplication_notification",
    "contact_merge_notification",
    "contact_update_notification",
    "conversation_delete_notification",
    "conversation_start_notification",
    "conversation_stop_notification",
    "event",
    "event_delivery_report",
    "message_submit_notification",
    "record_notification",
    "smart_conversation_notification",
    "smart_conversations_event",
];

/// What reasons mean for the recipient; every other reason may pass.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("RECIPIENT_NOT_OPTED_IN", Outcome::OptedOut),
    ("RECIPIENT_INVALID_CHANNEL_IDENTITY", Outcome::LandlineOrInvalid),
    ("DELIVERY_REJECTED_DUE_TO_POLICY", Outcome::BlockedUnknown),
    ("CHANNEL_REJECT", Outcome::BlockedUnknown),
];

/// Channels on which a person is known by a phone number. Ids of other channels may look like one.
const BY_NUMBER: &[&str] = &["", "MMS", "RCS", "SMS", "VIBERBM", "WHATSAPP"];

/// One thing, and the envelope it came in.
struct Callback<'a> {
    account: &'a str,
    envelope: &'a Value,
    thing: &'a Value,
}

/// Everything that a callback says.
pub(super) fn signals(envelope: &Value, account: &str) -> Result<Vec<Signal>, Reason> {
    let present = |name: &&str| envelope.get(name).is_some_and(|thing| !thing.is_null());
    let found: Vec<_> = READERS.iter().filter(|(name, _)| present(name)).collect();
    if found.is_empty() && !NO_NEWS.iter().any(present) {
        return Err("a callback of another kind");
    }
    let read = |(name, read): &(&str, Read)| read(&Callback { account, envelope, thing: &envelope[*name] }).transpose();
    found.into_iter().filter_map(read).collect()
}

fn inbound(callback: &Callback<'_>) -> Result<Option<Signal>, Reason> {
    let message = callback.thing;
    // A message of ours that comes back must not be taken for an answer to it.
    if text(message, "/direction").is_some_and(|direction| direction == "TO_CONTACT") {
        return Ok(None);
    }
    let id = text(message, "/id").ok_or("no id")?;
    let (channel, to) = (callback.channel("/channel_identity/channel"), text(message, "/sender_id"));
    let (body, media) = content(&message["contact_message"]).ok_or("no text")?;
    let inbound = Inbound {
        account: callback.account,
        id: Some(&id),
        from: &callback.address(&channel, "/channel_identity/identity").ok_or("no identity")?,
        to: to.as_deref(),
        body: &body,
        at: callback.time("/accept_time"),
        channel: Some(&channel),
        media,
        key: id.clone(),
        ..Inbound::default()
    };
    inbound.signal().map(Some)
}

/// The text of a message, and the addresses of its media. What was chosen from a list or pressed counts as written.
fn content(message: &Value) -> Option<(String, Vec<String>)> {
    const TEXTS: &[&str] =
        &["/text_message/text", "/choice_response_message/postback_data", "/media_card_message/caption"];
    let media = ["/media_message/url", "/media_card_message/url"].iter().filter_map(|place| text(message, place));
    let media: Vec<_> = media.collect();
    let body = first_text(message, TEXTS).or_else(|| (!media.is_empty()).then(String::new));
    body.map(|body| (body, media))
}

fn report(callback: &Callback<'_>) -> Result<Option<Signal>, Reason> {
    let report = callback.thing;
    let (status, code) = (text(report, "/status").ok_or("no status")?, text(report, "/reason/code"));
    let Some(outcome) = outcome(&status, code.as_deref()) else { return Ok(None) };
    let id = text(report, "/message_id").ok_or("no message_id")?;
    let channel = callback.channel("/channel_identity/channel");
    let to = callback.address(&channel, "/channel_identity/identity").ok_or("no identity")?;
    let code = code.map_or_else(|| status.clone(), |code| format!("{status}/{code}"));
    let key = format!("{id}/{channel}/{status}");
    let channel = other_channel(&channel);
    let (account, at, channel) = (callback.account, callback.time(""), channel.as_deref());
    Report { account, id: &id, to: &to, outcome, code: &code, at, channel, key }.signal().map(Some)
}

/// What became of the message; `None` while it is under way, which it is while Sinch tries one channel after another.
fn outcome(status: &str, reason: Option<&str>) -> Option<Outcome> {
    let known = || OUTCOMES.iter().find(|(known, _)| Some(*known) == reason).map(|(_, outcome)| *outcome);
    match status {
        "DELIVERED" | "READ" => Some(Outcome::Delivered),
        "FAILED" => known().or(Some(Outcome::Temporary)),
        _ => known(),
    }
}

/// Somebody does not want to be written to, whether or not Sinch managed to note it.
fn opt_out(callback: &Callback<'_>) -> Result<Option<Signal>, Reason> {
    notification(callback, "STOP", "opt_out").map(Some)
}

/// An opt-in that failed is none, and one on another channel says nothing of texts.
fn opt_in(callback: &Callback<'_>) -> Result<Option<Signal>, Reason> {
    let succeeded = text(callback.thing, "/status").is_some_and(|status| status == "OPT_IN_SUCCEEDED");
    let by_text = matches!(callback.channel("/channel").as_str(), "SMS" | "MMS");
    if succeeded && by_text { notification(callback, "START", "opt_in").map(Some) } else { Ok(None) }
}

fn notification(callback: &Callback<'_>, indicator: &str, kind: &str) -> Result<Signal, Reason> {
    let id = text(callback.thing, "/request_id").ok_or("no request_id")?;
    let channel = callback.channel("/channel");
    let inbound = Inbound {
        account: callback.account,
        id: Some(&id),
        from: &callback.address(&channel, "/identity").ok_or("no identity")?,
        at: callback.time(""),
        channel: Some(&channel),
        indicator: Some(indicator),
        key: format!("{kind}/{id}"),
        ..Inbound::default()
    };
    inbound.signal()
}

impl Callback<'_> {
    /// The name of the channel, in capitals; empty if none is named.
    fn channel(&self, pointer: &str) -> String {
        text(self.thing, pointer).unwrap_or_default().to_ascii_uppercase()
    }

    /// A person's address on a channel: the number, or the id with the name of the channel before it.
    fn address(&self, channel: &str, pointer: &str) -> Option<String> {
        let identity = text(self.thing, pointer)?;
        let by_number = BY_NUMBER.contains(&channel);
        Some(if by_number { identity } else { format!("{}:{identity}", channel.to_ascii_lowercase()) })
    }

    /// The time that the thing itself gives, or else its envelope.
    fn time(&self, pointer: &str) -> Option<String> {
        let envelope = ["/event_time", "/accepted_time"].map(|name| text(self.envelope, name));
        let all = [text(self.thing, pointer)].into_iter().chain(envelope);
        all.flatten().find_map(|time| rfc3339(&time))
    }
}
