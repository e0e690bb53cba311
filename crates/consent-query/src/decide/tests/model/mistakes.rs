//! What was said by mistake: what of it can be taken back, and what stays.

use consent_core::event::EventKind;
use consent_core::event::kinds::{DeliveryReported, InboundSms, Outcome};
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::Lenient;

use super::Event;

/// Marks every event that was taken back.
pub(super) fn mark(events: &mut [Event<'_>]) {
    let mistakes: Vec<String> = events.iter().filter_map(mistake).collect();
    for event in events {
        event.mistaken = mistakes.contains(&event.id.to_string());
    }
}

fn mistake(event: &Event<'_>) -> Option<String> {
    match event.kind {
        EventKind::EventCompensated(mistake) => mistake.event_id.clone(),
        _ => None,
    }
}

/// Whether an event counts for nothing any more. A mistake can be taken back if it permits, not if it forbids.
/// Of a switch and of an answer to a confirmation only the half that permits goes: they stay, and stay marked.
pub(super) fn is_gone(event: &Event<'_>) -> bool {
    event.mistaken && can_go(event.kind)
}

fn can_go(kind: &EventKind) -> bool {
    use EventKind::*;
    match kind {
        ProfileRecorded(_) | IdentityLinked(_) | IdentityUnlinked(_) => true,
        ConsentGranted(_) | ConsentImported(_) | ConsentConfirmed(_) => true,
        Purchase(_) | Inquiry(_) | MessageSent(_) => true,
        NationalDncUnlisted(_) | RestrictionLiftNotified(_) | RestrictionLifted(_) => true,
        NumberDeactivated(_) | EmailBounced(_) => true,
        RightsRequestRefused(_) | RightsRequestCompleted(_) => true,
        DeliveryReported(report) => outcome(report) != Some(Outcome::OptedOut),
        InboundSms(sms) => permits_or_asks(sms),
        PushPermission(permission) => permission.state.as_deref() == Some("granted"),
        ReviewResolved(review) => review.outcome.as_deref() == Some("is_not"),
        _ => false,
    }
}

/// Whatever is no opt-out: START and YES permit, HELP and a question ask for an answer.
fn permits_or_asks(sms: &InboundSms) -> bool {
    let meaning = classify(sms.body.as_deref().unwrap_or(""), None);
    matches!(meaning, Meaning::OptIn | Meaning::Help | Meaning::Ordinary)
}

/// What became of a message.
pub(super) fn outcome(report: &DeliveryReported) -> Option<Outcome> {
    report.outcome.as_ref().and_then(Lenient::known)
}
