//! Requests under data protection law, and what became of them.

use consent_core::event::EventKind;
use consent_core::event::kinds::RightsRequest;

use super::Event;
use super::acts::What;
use super::people::same_person;

/// What a request takes back.
pub(super) fn taken(event: &Event<'_>, request: &RightsRequest, events: &[Event<'_>]) -> Option<(&'static str, What)> {
    let objection = ("OBJECTION_MARKETING", What::Objection);
    let pending = ("REQUEST_PENDING_VERIFICATION", What::Pending);
    let came = |answer: Answer| events.iter().any(|other| answers(other, answer, event));
    let marketing = request.ground.as_deref().is_some_and(|ground| ground.to_lowercase().contains("marketing"));
    match request.right.as_deref().unwrap_or_default() {
        "access" | "portability" | "correction" => None,
        "objection" => Some(objection),
        "restriction" if came(refusal) || came(start) => None,
        "restriction" => Some(pending),
        // For good, whatever becomes of the data.
        _ if marketing => Some(objection),
        // No word, or one that nobody knows, may mean the same.
        _ if came(refusal) => None,
        _ if came(completion) => Some(("", What::Met)),
        _ => Some(pending),
    }
}

/// The request that an event of a kind answers: `Some(None)` if it names none.
type Answer = fn(&EventKind) -> Option<Option<&str>>;

fn refusal(kind: &EventKind) -> Option<Option<&str>> {
    match kind {
        EventKind::RightsRequestRefused(answer) => Some(answer.request.as_deref()),
        _ => None,
    }
}

fn completion(kind: &EventKind) -> Option<Option<&str>> {
    match kind {
        EventKind::RightsRequestCompleted(answer) => Some(answer.request.as_deref()),
        EventKind::ErasureCompleted(answer) => Some(answer.request.as_deref()),
        _ => None,
    }
}

fn start(kind: &EventKind) -> Option<Option<&str>> {
    matches!(kind, EventKind::RestrictionStarted(_)).then_some(None)
}

/// By name or, if it names none, because it is about the same person and not earlier.
fn answers(other: &Event<'_>, answer: Answer, event: &Event<'_>) -> bool {
    match answer(other.kind) {
        None => false,
        Some(Some(named)) => named == event.id.to_string(),
        Some(None) => other.at >= event.at && same_person(&event.named, &other.named),
    }
}
