//! When what waits came.
//!
//! A sender that was not told that all is well says the same again. That must not count from then on: a STOP may have
//! come between the two, and the ledger does not know the first yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use consent_store::{SourceKey, Submission};

use crate::intake::second_name;

/// Times by the name of an event and what it says.
#[derive(Clone, Default)]
pub(super) struct Came(Arc<Mutex<HashMap<SourceKey, DateTime<Utc>>>>);

impl Came {
    /// When this came first, if it waits.
    pub(super) fn first(&self, submission: &Submission) -> Option<DateTime<Utc>> {
        if self.lock().is_empty() {
            return None;
        }
        let name = second_name(submission)?;
        self.lock().get(&name).copied()
    }

    /// Notes when this came; returns whether it is the first time that it did.
    pub(super) fn note(&self, submission: &Submission, at: DateTime<Utc>) -> bool {
        let Some(name) = second_name(submission) else { return false };
        let mut came = self.lock();
        let known = came.get(&name).copied();
        came.insert(name, known.map_or(at, |first| first.min(at)));
        known.is_none()
    }

    /// It waits no longer, or was not kept.
    pub(super) fn forget(&self, submission: &Submission) {
        let Some(name) = second_name(submission) else { return };
        self.lock().remove(&name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SourceKey, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
