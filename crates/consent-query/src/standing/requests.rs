//! What became of requests made under data protection law.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::EventKind;
use uuid::Uuid;

use super::history::{History, Said};

/// Requests by what became of them.
#[derive(Default)]
pub(super) struct Requests {
    refused: HashSet<Uuid>,
    completed: HashSet<Uuid>,
    started: HashSet<Uuid>,
}

/// A request that an answer may be meant for.
struct Open {
    id: Uuid,
    at: DateTime<Utc>,
    by: Vec<Identity>,
}

impl Requests {
    pub(super) fn of(history: &History<'_>) -> Self {
        let open: Vec<Open> = history.said().filter_map(request).collect();
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

fn request(said: &Said<'_>) -> Option<Open> {
    let is_request = matches!(said.event().kind, EventKind::RightsRequest(_));
    is_request.then(|| Open { id: said.recorded.event_id, at: said.at, by: said.event().identities() })
}

/// The request named or, if none is, all that the same person had made by then.
fn meant(named: Option<&str>, answer: &Said<'_>, open: &[Open]) -> Vec<Uuid> {
    if let Some(id) = named {
        return id.parse().into_iter().collect();
    }
    let by = answer.event().identities();
    let theirs = open.iter().filter(|one| one.at <= answer.at && one.by.iter().any(|identity| by.contains(identity)));
    theirs.map(|one| one.id).collect()
}
