//! Events that are recorded later than they came.
//!
//! Whoever wanted messages did so before all that the ledger took while the event waited, such as a STOP: what may
//! permit something counts from when it came. What only forbids counts from when it is recorded, which is no earlier.

use chrono::{DateTime, Utc};
use consent_core::event::kinds::InboundSms;
use consent_core::event::{Event, EventKind};
use consent_core::keywords::Meaning;
use consent_core::review;
use consent_store::{Ledger, Receipt, Submission};

/// The event as it is recorded, having waited since this time.
pub(crate) fn dated(submission: &Submission, came: Option<DateTime<Utc>>) -> Submission {
    let event = &submission.event;
    let at = event.at.or_else(|| came.filter(|_| may_permit(&event.kind)));
    Submission { event: Event { at, ..event.clone() }, ..submission.clone() }
}

/// Whether this says again, without a time, what is recorded with one, because it waited when it came first: here, or,
/// where a gateway says it, among the refused requests. It is not if this one came before that time.
pub(crate) async fn is_known(
    ledger: &Ledger,
    submission: &Submission,
    came: Option<DateTime<Utc>>,
    first: Receipt,
) -> bool {
    let event = &submission.event;
    let by_gateway = submission.key.as_ref().is_some_and(|name| name.source.starts_with("gateway:"));
    if event.at.is_some() || !(by_gateway || may_permit(&event.kind)) {
        return false;
    }
    let Ok(Some(entry)) = ledger.find(first.event_id).await else { return false };
    let Ok(Some(recorded)) = entry.recorded() else { return false };
    let is_earlier = came.is_some_and(|came| may_permit(&event.kind) && came < recorded.occurred_at());
    !is_earlier && Event { at: None, ..recorded.event } == *event
}

/// Whether an event may permit something. The answer to the confirmation of an opt-out forbids as well, but what it
/// keeps it must not keep of a STOP that came after it.
fn may_permit(kind: &EventKind) -> bool {
    match kind {
        EventKind::InboundSms(sms) => text_may_permit(sms),
        EventKind::OptoutClarified(answer) => !answer.keep_purposes.is_empty(),
        kind => !kind.narrows(),
    }
}

/// The same of a text: a START, a YES, a question that may be answered. Not one that is or may be an opt-out, nor a
/// piece, which may be an opt-out together with others.
fn text_may_permit(sms: &InboundSms) -> bool {
    let read = review::read(sms);
    let forbids = matches!(read.meaning, Meaning::OptOut | Meaning::WrongNumber);
    !forbids && !sms.is_piece() && review::why_reply_held(sms, &read).is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    /// When it came.
    fn came() -> DateTime<Utc> {
        "2026-12-01T15:00:00Z".parse().unwrap()
    }

    fn time(event: Value) -> Option<DateTime<Utc>> {
        let event = Event::from_json(event).unwrap();
        dated(&Submission { event, event_id: Uuid::nil(), key: None }, Some(came())).event.at
    }

    fn text(body: &str) -> Value {
        json!({"type": "inbound_sms", "from": "+12025550123", "body": body})
    }

    /// The last of so many parts.
    fn part(body: &str, total: u32) -> Value {
        let mut text = text(body);
        text["part"] = json!({"reference": "7", "number": total, "total": total});
        text
    }

    #[test]
    fn what_may_permit_something_counts_from_when_it_came_and_what_only_forbids_does_not() {
        let answer =
            |keep: &[&str]| json!({"type": "optout_clarified", "phone": "+12025550123", "keep_purposes": keep});
        for (event, counts) in [
            (text("START"), true),
            (text("YES"), true),
            (text("HELP"), true),
            (text("Hello"), true),
            (part("START", 1), true),
            (part("START", 2), false),
            (text("STOP"), false),
            (text("please take me off your list"), false),
            (text("wrong number"), false),
            (text("maybe stop?"), false),
            (text("marketing only"), false),
            (json!({"type": "inbound_sms", "from": "+12025550123"}), false),
            (json!({"type": "inbound_unparsed"}), false),
            (json!({"type": "withdrawal_request", "phone": "+12025550123"}), false),
            (json!({"type": "email_unsubscribe", "address": "pat@example.com"}), false),
            (answer(&[]), false),
            (answer(&["updates"]), true),
            (json!({"type": "purchase", "subject": "A"}), true),
        ] {
            assert_eq!(time(event.clone()), counts.then(came), "{event}");
        }
    }

    #[test]
    fn a_time_that_somebody_gave_stays() {
        let mut start = text("START");
        start["at"] = json!("2026-12-01T14:00:00Z");
        assert_eq!(time(start), Some("2026-12-01T14:00:00Z".parse().unwrap()));
    }
}
