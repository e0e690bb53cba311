//! Messages that wait for a person, and what was said about them.

use std::collections::BTreeSet;

use consent_core::event::Recorded;
use consent_core::review::Why;
use uuid::Uuid;

use super::Ledger;
use crate::error::StoreError;
use crate::limits;
use crate::rows::ReviewRow;

/// Some of the messages that may wait for a person.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The messages, oldest first.
    pub messages: Vec<Recorded>,
    /// Behind which position to go on; `None` if there are no more.
    pub next: Option<u64>,
    /// Size of the ledger when this was read.
    pub position: u64,
}

impl Ledger {
    /// Messages behind position `after`, or from the beginning, that may wait for one of these reasons: at most `limit` of them, and
    /// every one that does wait. What was said about them ([`Ledger::said_about`]) tells whether it settles them.
    ///
    /// A message that was erased is left out: there is nothing to read.
    pub async fn waiting(&self, reasons: &[Why], after: Option<u64>, limit: usize) -> Result<Waiting, StoreError> {
        let head = self.current().await?;
        let reasons = reasons.iter().map(|why| why.as_str().to_owned()).collect();
        let from = after.map_or(0, |after| after.saturating_add(1)).min(head.size as u64);
        let rows = self.database.waiting(reasons, from as i64, head.size, limit as i64).await?;
        let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.seq as u64);
        let mut messages = Vec::with_capacity(rows.len());
        let at: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        for some in at.chunks(limits::PAGE as usize) {
            for row in self.database.sealed_at(some).await? {
                messages.extend(self.vault.open_entry(row)?.recorded()?);
            }
        }
        Ok(Waiting { messages, next, position: head.size as u64 })
    }

    /// Every event that is about one of these events, about one of those, and so on: such as the reviews of a message,
    /// and what took one of them back.
    pub async fn said_about(&self, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<Recorded>, StoreError> {
        let head = self.current().await?;
        let mut tokens: Vec<Vec<u8>> = ids.into_iter().flat_map(|id| self.vault.references(id)).collect();
        let (mut seen, mut events) = (BTreeSet::new(), Vec::new());
        while !tokens.is_empty() {
            let mut at = Vec::new();
            for some in tokens.chunks(limits::LOOK_UP) {
                at.extend(self.database.positions(some, head.size).await?);
            }
            at.retain(|seq| seen.insert(*seq));
            if seen.len() > limits::EVENTS_OF_ONE {
                return Err(StoreError::TooLarge);
            }
            let found = self.events_at(&at).await?;
            tokens = found.iter().flat_map(|event| self.vault.references(event.event_id)).collect();
            events.extend(found);
        }
        Ok(events)
    }

    /// Lists messages for reviewers that were not listed when they were recorded: an older release may have read them
    /// otherwise. Returns how many there were.
    pub async fn list_for_review(&self, at: &[u64]) -> Result<usize, StoreError> {
        let mut listed = 0;
        for &seq in at {
            let Some(recorded) = self.entries(seq, seq + 1).await?.pop().map(|entry| entry.recorded()).transpose()?
            else {
                continue;
            };
            let known = self.database.listed_between(seq as i64, seq as i64 + 1).await?;
            if let Some(row) = recorded.as_ref().and_then(ReviewRow::of).filter(|_| known.is_empty()) {
                listed += self.database.add_review(row).await?;
            }
        }
        Ok(listed)
    }
}
