//! Objections, and requests to be forgotten or left alone.

use consent_core::event::kinds::{Objection, RightsRequest};
use consent_core::scope::Channel;
use uuid::Uuid;

use super::{Origin, Reach, Refusal};
use crate::reason::Reason;
use crate::rules::Settings;
use crate::standing::coverage::Coverage;
use crate::standing::requests::Requests;

/// An objection ends marketing at once (GDPR Art 21(3), policy P44). One to a legitimate interest is weighed, and may be
/// overruled (policy P43); until then marketing stops as well.
pub(super) fn objection(objection: &Objection) -> Option<Refusal> {
    let weighed = objection.scope.as_deref() == Some("legitimate_interest");
    let overruled = matches!(
        objection.outcome.as_deref(),
        Some("refused" | "rejected" | "overridden" | "overruled" | "dismissed" | "not_upheld")
    );
    (!(weighed && overruled)).then(|| no_marketing(Reason::ObjectionMarketing))
}

/// A request to be forgotten or left alone stops marketing until it is settled, and once met it stays (policy P40, P59).
/// A right that is not understood is taken for one of them. An objection waits for no identity check; a restriction
/// counts by itself once it has begun.
pub(super) fn request(request: &RightsRequest, id: Uuid, requests: &Requests, settings: &Settings) -> Option<Refusal> {
    let hold = |origin| Refusal { origin, reach: Reach::Subject, ..no_marketing(Reason::RequestPendingVerification) };
    match request.right.as_deref() {
        Some("access" | "portability" | "correction") => None,
        Some("objection") => Some(no_marketing(Reason::ObjectionMarketing)),
        Some("restriction") => (!requests.is_refused(id) && !requests.is_started(id)).then(|| hold(Origin::Pending)),
        _ if is_about_marketing(request) => Some(no_marketing(Reason::ObjectionMarketing)),
        Some("erasure") if !settings.pending_erasure_stops_marketing => None,
        _ if requests.is_refused(id) => None,
        _ if requests.is_completed(id) => Some(hold(Origin::Forgotten)),
        _ => Some(hold(Origin::Pending)),
    }
}

/// The ground "I no longer wish to get marketing" is an objection to it, whatever becomes of the data (policy P40).
fn is_about_marketing(request: &RightsRequest) -> bool {
    request.ground.as_deref().is_some_and(|ground| ground.to_lowercase().contains("marketing"))
}

fn no_marketing(reason: Reason) -> Refusal {
    Refusal::new(reason, Coverage::marketing(Channel::ALL), Reach::Person)
}
