//! What is known about a person.

use std::collections::BTreeSet;

use consent_core::address::Identity;
use consent_core::event::Recorded;

use super::Ledger;
use crate::error::StoreError;
use crate::limits;

/// What the ledger holds about a person, as of one position.
#[derive(Debug, Clone)]
pub struct Person {
    /// Size of the ledger when this was read; every entry below it was taken into account.
    pub position: u64,
    /// The events about the person, in ledger order.
    pub events: Vec<Recorded>,
}

impl Ledger {
    /// Everything recorded about a person: about these addresses and ids, about those linked to them by any event that
    /// names both, and about the events found, such as a review of one, until nothing new is found.
    ///
    /// The head is read first and later entries are left out, so the answer is the state at one position.
    pub async fn person(&self, identities: &[Identity]) -> Result<Person, StoreError> {
        let head = self.current().await?;
        self.person_at(identities, head.size as u64).await
    }

    /// The same as of a position that was read before as the size of the head, so that many people can be looked at
    /// in one state of the ledger. What lies below a head never changes.
    pub async fn person_at(&self, identities: &[Identity], position: u64) -> Result<Person, StoreError> {
        let mut known: BTreeSet<Identity> = identities.iter().cloned().collect();
        let mut tokens: Vec<Vec<u8>> = known.iter().flat_map(|who| self.vault.tokens(who)).collect();
        let mut seen: BTreeSet<i64> = BTreeSet::new();
        let mut events: Vec<Recorded> = Vec::new();
        while !tokens.is_empty() {
            let mut at = Vec::new();
            for some in tokens.chunks(limits::LOOK_UP) {
                at.extend(self.database.positions(some, position as i64).await?);
            }
            at.retain(|seq| seen.insert(*seq));
            tokens.clear();
            for event in self.events_at(&at).await? {
                tokens.extend(self.vault.references(event.event_id));
                let new = event.event.identities().into_iter().filter(|who| known.insert(who.clone()));
                tokens.extend(new.collect::<Vec<_>>().iter().flat_map(|who| self.vault.tokens(who)));
                events.push(event);
            }
            if known.len() > limits::IDENTITIES || seen.len() > limits::EVENTS_OF_ONE {
                return Err(StoreError::TooLarge);
            }
        }
        events.sort_by_key(|event| event.seq);
        Ok(Person { position, events })
    }

    /// The events at these positions. That one cannot be read is damage: an opt-out may be in it.
    pub(super) async fn events_at(&self, at: &[i64]) -> Result<Vec<Recorded>, StoreError> {
        let mut events = Vec::with_capacity(at.len());
        for some in at.chunks(limits::PAGE as usize) {
            let rows = self.database.sealed_at(some).await?;
            if rows.len() != some.len() {
                let seq = some.first().map_or(0, |seq| *seq as u64);
                return Err(StoreError::Corrupt { seq, what: "an entry is missing" });
            }
            for row in rows {
                let entry = self.vault.open_entry(row)?;
                let missing = StoreError::Corrupt { seq: entry.seq, what: "the opening is missing" };
                events.push(entry.recorded()?.ok_or(missing)?);
            }
        }
        Ok(events)
    }
}
