//! The versions of the privacy policy: published ones prove a consent, and going on under one may extend it.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::PolicyPublished;
use consent_core::scope::Channel;

use super::grants::Grant;
use super::history::{History, Said};
use crate::rules::Rules;

/// The versions known from the rules and from events.
pub(super) struct Policies<'a> {
    rules: &'a Rules,
    published: Vec<(DateTime<Utc>, &'a PolicyPublished)>,
}

impl<'a> Policies<'a> {
    pub(super) fn of(history: &History<'a>, rules: &'a Rules) -> Self {
        let published = history.said().filter_map(|said| match &said.event().kind {
            EventKind::PolicyPublished(policy) => Some((said.at, policy)),
            _ => None,
        });
        Self { rules, published: published.collect() }
    }

    /// Whether a person could have agreed to this version at a time (policy P01).
    pub(super) fn knows(&self, version: &str, at: DateTime<Utc>) -> bool {
        self.rules.knows_policy(version) || self.published(version, at).is_some()
    }

    /// The version as it was published and in effect at a time.
    fn published(&self, version: &str, at: DateTime<Utc>) -> Option<&'a PolicyPublished> {
        let found = |(published_at, policy): &&(DateTime<Utc>, &'a PolicyPublished)| {
            let since = policy.effective_at.unwrap_or(*published_at);
            policy.version.as_deref() == Some(version) && *published_at <= at && since <= at
        };
        self.published.iter().find(found).map(|(_, policy)| *policy)
    }

    /// Adds the purposes for which this version describes texts to the person's consents to texts (policy P58). Only
    /// where a deployment chose so: it widens what was agreed to.
    pub(super) fn extend(&self, grants: &mut [Grant], said: &Said<'_>, version: Option<&str>) {
        let Some(policy) = version.and_then(|version| self.published(version, said.permits_at)) else { return };
        let by = said.named();
        let theirs = |grant: &&mut Grant| {
            grant.at <= said.permits_at
                && grant.is_complete()
                && grant.channels.contains(&Channel::Sms)
                && by.iter().any(|identity| grant.is_of(identity))
        };
        for grant in grants.iter_mut().filter(theirs) {
            let new = policy.sms_purposes.iter().filter(|purpose| !grant.purposes.contains(purpose));
            let new: Vec<_> = new.copied().collect();
            grant.purposes.extend(new);
        }
    }
}

#[cfg(test)]
mod tests;
