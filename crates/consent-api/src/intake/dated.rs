//! Events that are recorded later than they came.
//!
//! Whoever wanted messages did so before all that the ledger took while the event waited, such as a STOP: what may
//! permit something counts from when it came. What only forbids counts from when it is recorded, which is no earlier.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::event::kinds::InboundSms;
use consent_core::event::{Event, EventKind};
use consent_core::keywords::Meaning;
use consent_core::review;
use consent_store::{AppendError, Ledger, Receipt, SourceKey, Submission};
use uuid::Uuid;

use crate::limits;

/// The event as it is recorded, having waited since this time.
pub(crate) fn dated(submission: &Submission, came: Option<DateTime<Utc>>) -> Submission {
    let event = &submission.event;
    let at = event.at.or_else(|| came.filter(|_| may_permit(&event.kind)));
    Submission { event: Event { at, ..event.clone() }, ..submission.clone() }
}

/// By what the name of an event was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// By the same event, with a time because it waited: here, or, where a gateway says it, among the refused requests.
    Same,
    /// By the same event, which counts from later on than this one came.
    Later,
    /// By another event.
    Otherwise,
}

/// What stands where this event would.
pub(crate) async fn taken(
    ledger: &Ledger,
    submission: &Submission,
    came: Option<DateTime<Utc>>,
    first: Receipt,
) -> Result<Taken, AppendError> {
    let event = &submission.event;
    let by_gateway = submission.key.as_ref().is_some_and(|name| name.source.starts_with("gateway:"));
    let permits = may_permit(&event.kind);
    if event.at.is_some() || !(by_gateway || permits) {
        return Ok(Taken::Otherwise);
    }
    let entry = ledger.find(first.event_id).await.map_err(|error| AppendError::Store(Arc::new(error)))?;
    let Some(recorded) = entry.and_then(|entry| entry.recorded().ok().flatten()) else {
        return Ok(Taken::Otherwise);
    };
    let counts_from = recorded.occurred_at();
    if bare(recorded.event) != bare(event.clone()) {
        return Ok(Taken::Otherwise);
    }
    let is_itself = first.event_id == submission.event_id;
    let late = if is_itself { limits::AS_IT_CAME } else { TimeDelta::zero() };
    let is_late = came.is_some_and(|came| permits && counts_from - came > late);
    Ok(if is_late { Taken::Later } else { Taken::Same })
}

/// An event without its time and its name, given or not, readable or not: those may be ours.
fn bare(mut event: Event) -> Event {
    event.unread.retain(|(name, _)| !["at", "idempotency_key"].contains(name));
    Event { at: None, idempotency_key: None, ..event }
}

/// An event that is known by its name wherever it is read, not only where it is recorded: what is told twice is one
/// event to the fold only then. One that has a time of its own counts from that, however often it is told.
pub(crate) fn named(event: Event, key: Option<&SourceKey>, event_id: Uuid) -> Event {
    let has_id = matches!(&event.kind, EventKind::InboundSms(sms) if sms.provider_message_id.is_some());
    let is_known = has_id || event.idempotency_key.is_some() || event.at.is_some();
    if is_known || !event.kind.forbids() || !may_permit(&event.kind) {
        return event;
    }
    Event { idempotency_key: Some(key.map_or_else(|| event_id.to_string(), |name| name.key.clone())), ..event }
}

/// Whether an event may permit something. The answer to the confirmation of an opt-out forbids as well, but what it
/// keeps it must not keep of a STOP that came after it.
pub(crate) fn may_permit(kind: &EventKind) -> bool {
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
    fn what_may_wait_and_permit_is_known_by_its_name_wherever_it_is_read() {
        let key = SourceKey { source: "api:crm".to_owned(), key: "K".to_owned() };
        let named = |event: Value, key| named(Event::from_json(event).unwrap(), key, Uuid::nil()).idempotency_key;
        let name = |event: Value| named(event, Some(&key));
        assert_eq!(named(text("START"), None), Some(Uuid::nil().to_string()), "by its id, if by nothing else");
        let with_id =
            json!({"type": "inbound_sms", "from": "+12025550123", "body": "START", "provider_message_id": "m1"});
        let with_key = json!({"type": "inbound_sms", "from": "+12025550123", "body": "START", "idempotency_key": "L"});
        let with_time =
            json!({"type": "inbound_sms", "from": "+12025550123", "body": "START", "at": "2026-12-01T14:00:00Z"});
        let bought = json!({"type": "purchase", "subject": "A"});
        for (event, expected) in [
            (text("START"), Some("K")),
            (with_key, Some("L")),
            (with_id, None),
            (with_time, None),
            (text("STOP"), None),
            (bought, None),
        ] {
            assert_eq!(name(event.clone()).as_deref(), expected, "{event}");
        }
    }

    #[test]
    fn a_time_that_somebody_gave_stays() {
        let mut start = text("START");
        start["at"] = json!("2026-12-01T14:00:00Z");
        assert_eq!(time(start), Some("2026-12-01T14:00:00Z".parse().unwrap()));
    }
}
