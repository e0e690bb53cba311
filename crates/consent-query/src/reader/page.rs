//! What the index takes in next, and whom that is about.

use std::collections::{HashMap, HashSet};

use consent_core::address::Identity;
use consent_core::codec::Hash;
use consent_core::event::Recorded;
use consent_store::{Ledger, StoreError};
use uuid::Uuid;

use crate::index::Prepared;

/// One entry of the ledger.
pub(super) struct Next {
    /// Its position.
    pub(super) seq: u64,
    /// Its leaf hash.
    pub(super) leaf: Hash,
    /// What it says, unless what opens it is not there any more, or the index has it already.
    pub(super) event: Option<Prepared>,
}

impl Next {
    fn references(&self) -> &[Uuid] {
        match &self.event {
            Some(event) => event.references(),
            None => &[],
        }
    }
}

/// The events that others refer to, and those that these refer to, by their ids.
pub(super) struct Referred(HashMap<Uuid, Recorded>);

impl Referred {
    /// Those that the events of a page refer to.
    pub(super) async fn by(page: &[Next], ledger: &Ledger) -> Result<Self, StoreError> {
        let mut found = HashMap::new();
        let mut ids: HashSet<Uuid> = page.iter().flat_map(Next::references).copied().collect();
        let mut wanted: Vec<Uuid> = ids.iter().copied().collect();
        while !wanted.is_empty() {
            let entries = ledger.find_all(&wanted).await?;
            wanted.clear();
            for entry in entries {
                let Some(event) = entry.recorded()? else { continue };
                wanted.extend(event.event.references().into_iter().filter(|id| ids.insert(*id)));
                found.insert(event.event_id, event);
            }
        }
        Ok(Self(found))
    }

    /// Whom the events that an event refers to are about, and those that these refer to, as far as they were recorded
    /// before it.
    pub(super) fn about(&self, event: &Prepared) -> Vec<Identity> {
        let mut all = Vec::new();
        let mut ids: Vec<Uuid> = event.references().to_vec();
        let mut next = 0;
        // An event refers to one other; two may refer to each other.
        while let Some(id) = ids.get(next).copied() {
            next += 1;
            if ids.iter().take(next - 1).any(|earlier| *earlier == id) {
                continue;
            }
            if let Some(found) = self.0.get(&id).filter(|found| found.seq < event.seq()) {
                all.extend(found.event.identities());
                ids.extend(found.event.references());
            }
        }
        all
    }
}
