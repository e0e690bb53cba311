//! What people found when they read the messages that were held for them.

use std::collections::{HashMap, HashSet};

use consent_core::event::{EventKind, Recorded};
use consent_core::review::{Finding, Why, finding};
use uuid::Uuid;

use super::View;
use super::history::{Heard, History, Said};
use crate::rules::{Classifier, Rules, Settings};

/// Whether a message that may have to be read by a person is held until then, under these settings.
pub fn waits(why: Why, settings: &Settings) -> bool {
    why != Why::Interpreted || settings.free_text_classifier == Classifier::ExactKeyword
}

/// The findings about held messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviews {
    /// Messages found to be opt-outs.
    found: HashSet<Uuid>,
    /// Messages found to be none.
    cleared: HashSet<Uuid>,
    /// How often each was read, whatever was found and whether or not it was taken back.
    times: HashMap<Uuid, usize>,
}

impl Reviews {
    /// The findings in these events, which are reviews and what took them back as mistakes. Their order is of no account.
    pub fn of(events: &[Recorded], rules: &Rules) -> Self {
        let heard: Vec<Heard<'_>> = events.iter().map(Heard::of).collect();
        Self::in_history(&History::of(&heard, View::LIVE, rules.settings().order_by))
    }

    pub(super) fn in_history(history: &History<'_>) -> Self {
        let mut reviews = Self::default();
        history.said().for_each(|said| reviews.note(said, history.stands(said)));
        reviews
    }

    /// What was found an opt-out stays one, even if that was said by mistake.
    fn note(&mut self, said: &Said<'_>, stands: bool) {
        let EventKind::ReviewResolved(review) = &said.event().kind else { return };
        let Some(id) = review.event_id.as_deref().and_then(|id| id.parse::<Uuid>().ok()) else { return };
        *self.times.entry(id).or_default() += 1;
        match finding(review) {
            Some(Finding::IsOptOut) => drop(self.found.insert(id)),
            Some(Finding::IsNot) if stands => drop(self.cleared.insert(id)),
            _ => {}
        }
    }

    /// What counts about a message; `None` while it waits.
    pub fn outcome(&self, id: Uuid) -> Option<Finding> {
        let cleared = || self.cleared.contains(&id).then_some(Finding::IsNot);
        if self.found.contains(&id) { Some(Finding::IsOptOut) } else { cleared() }
    }

    /// How often a message was read.
    pub fn times(&self, id: Uuid) -> usize {
        self.times.get(&id).copied().unwrap_or_default()
    }
}
