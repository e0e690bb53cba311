//! Which messages wait until a person has read them.
//!
//! [`why_held`] is the only place that says so: what is held when questions are answered and what is listed for
//! reviewers cannot differ.

use crate::event::EventKind;
use crate::event::kinds::{InboundSms, ReviewResolved};
use crate::keywords::{Explained, Meaning, explain};
use crate::scope::{Lenient, words};

words! {
    /// Why a message waits for a person.
    Why, "reason for a review" {
        /// It is authentic, but was not understood.
        Unparsed = "unparsed",
        /// It may be an opt-out.
        NeedsReview = "needs_review",
        /// It answers the question what an opt-out was meant to cover.
        Clarification = "clarification",
        /// The gateway says that it did something of which we do not know what it is.
        UnknownIndicator = "unknown_indicator",
        /// It has neither text nor pictures.
        NothingSaid = "nothing_said",
        /// A reasonable person would take it for an opt-out, but it is no keyword. It waits where only keywords count.
        Interpreted = "interpreted",
    }
}

words! {
    /// What a person found in a message.
    Finding, "finding" {
        /// It is an opt-out.
        IsOptOut = "is_opt_out",
        /// It is none.
        IsNot = "is_not",
    }
}

/// Why this event waits for a person; `None` if it does not.
///
/// ```
/// use consent_core::event::Event;
/// use consent_core::review::{Why, why_held};
///
/// let text = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "maybe stop?"});
/// assert_eq!(why_held(&Event::from_json(text)?.kind), Some(Why::NeedsReview));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn why_held(kind: &EventKind) -> Option<Why> {
    match kind {
        EventKind::InboundUnparsed(_) => Some(Why::Unparsed),
        EventKind::InboundSms(sms) => why_reply_held(sms, &read(sms)),
        _ => None,
    }
}

/// What a review found; `None` if it says neither, so that the message waits on.
pub fn finding(review: &ReviewResolved) -> Option<Finding> {
    review.outcome.as_deref()?.parse().ok()
}

/// What a text means, and which rule says so.
pub fn read(sms: &InboundSms) -> Explained {
    let indicator = sms.opt_out_indicator.as_ref().and_then(Lenient::known);
    explain(sms.body.as_deref().unwrap_or_default(), indicator)
}

/// The same for a text that was [`read`] already.
pub fn why_reply_held(sms: &InboundSms, read: &Explained) -> Option<Why> {
    let unknown_word = sms.opt_out_indicator.as_ref().is_some_and(|indicator| indicator.known().is_none());
    match read.meaning {
        Meaning::OptOut => (!read.is_exact()).then_some(Why::Interpreted),
        Meaning::NeedsReview => Some(Why::NeedsReview),
        // The opt-out that a clarification follows stands as it is; without one, a person has to read it.
        Meaning::Clarification => Some(Why::Clarification),
        Meaning::Ordinary if unknown_word => Some(Why::UnknownIndicator),
        Meaning::Ordinary if sms.body.is_none() && sms.media.is_empty() => Some(Why::NothingSaid),
        Meaning::OptIn | Meaning::Help | Meaning::WrongNumber | Meaning::Ordinary => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::Event;

    fn why(mut event: Value) -> Option<&'static str> {
        if event["type"].is_null() {
            event["type"] = json!("inbound_sms");
        }
        why_held(&Event::from_json(event).unwrap().kind).map(Why::as_str)
    }

    #[test]
    fn what_may_be_an_opt_out_waits_and_says_why() {
        for (event, expected) in [
            (json!({"type": "inbound_unparsed"}), Some("unparsed")),
            (json!({"body": "maybe stop?"}), Some("needs_review")),
            (json!({"body": "marketing only"}), Some("clarification")),
            (json!({"body": "Hello", "opt_out_indicator": "PAUSE"}), Some("unknown_indicator")),
            (json!({}), Some("nothing_said")),
            (json!({"body": "please take me off your list"}), Some("interpreted")),
        ] {
            assert_eq!(why(event.clone()), expected, "{event}");
        }
    }

    #[test]
    fn what_is_certain_waits_for_nobody() {
        for event in [
            json!({"body": "STOP"}),
            json!({"body": "Hello"}),
            json!({"body": ""}),
            json!({"media": ["https://example.com/1"]}),
            json!({"body": "HELP"}),
            json!({"body": "START"}),
            json!({"body": "wrong number"}),
            json!({"body": "Hello", "opt_out_indicator": "STOP"}),
            json!({"type": "withdrawal_request", "phone": "+12025550123"}),
        ] {
            assert_eq!(why(event.clone()), None, "{event}");
        }
    }
}
