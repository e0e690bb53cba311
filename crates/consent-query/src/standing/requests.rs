//! What became of requests made under data protection law.

use std::collections::HashSet;

use consent_core::event::EventKind;
use uuid::Uuid;

use super::facts::Fact;
use super::history::{History, Said};

/// Requests by what became of them.
#[derive(Default)]
pub(super) struct Requests {
    refused: HashSet<Uuid>,
    completed: HashSet<Uuid>,
    started: HashSet<Uuid>,
}

impl Requests {
    pub(super) fn of(history: &History<'_>) -> Self {
        let open: Vec<Fact<Uuid>> = history.said().filter_map(request).collect();
        let mut requests = Self::default();
        for said in history.standing() {
            let (set, named) = match &said.event().kind {
                EventKind::RightsRequestRefused(answer) => (&mut requests.refused, answer.request.as_deref()),
                EventKind::RightsRequestCompleted(answer) => (&mut requests.completed, answer.request.as_deref()),
                EventKind::ErasureCompleted(answer) => (&mut requests.completed, answer.request.as_deref()),
                EventKind::RestrictionStarted(_) => (&mut requests.started, None),
                _ => continue,
            };
            set.extend(meant(named, said, &open));
        }
        requests
    }

    /// Whether it was refused.
    pub(super) fn is_refused(&self, id: Uuid) -> bool {
        self.refused.contains(&id)
    }

    /// Whether what it asked for was done.
    pub(super) fn is_completed(&self, id: Uuid) -> bool {
        self.completed.contains(&id)
    }

    /// Whether a restriction began after it.
    pub(super) fn is_started(&self, id: Uuid) -> bool {
        self.started.contains(&id)
    }
}

fn request(said: &Said<'_>) -> Option<Fact<Uuid>> {
    let is_request = matches!(said.event().kind, EventKind::RightsRequest(_));
    is_request.then(|| Fact::naming(said, said.recorded.event_id))
}

/// The request named or, if none is, all that the same person had made by then.
fn meant(named: Option<&str>, answer: &Said<'_>, open: &[Fact<Uuid>]) -> Vec<Uuid> {
    if let Some(id) = named {
        return id.parse().into_iter().collect();
    }
    let answer = Fact::naming(answer, ());
    let theirs = open.iter().filter(|one| one.at <= answer.at && one.same_person(&answer));
    theirs.map(|one| one.what).collect()
}
