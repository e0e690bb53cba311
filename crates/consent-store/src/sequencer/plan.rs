//! What a batch will write, and what its callers will be told once it is written.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_core::event::{EventKind, Recorded};
use consent_core::merkle::leaf_hash;
use consent_core::review::{finding, why_held};
use uuid::Uuid;

use super::prepared::Prepared;
use super::task::{Known, Tip};
use super::{Answer, AppendError, Receipt};
use crate::error::StoreError;
use crate::rows::{Batch, DedupeRow, HeadRow, Resolved, ReviewRow, TileRow, TokenRow};
use crate::vault::{DataKey, Vault};

/// A batch ready to be written.
pub(super) struct Plan {
    pub(super) batch: Batch,
    pub(super) answers: Vec<Answer>,
    /// The new events, in the order of their positions.
    pub(super) recorded: Vec<Recorded>,
    /// Where the ledger ends once the batch is written.
    pub(super) tip: Tip,
}

struct Planner<'a> {
    vault: &'a Vault,
    known: Known,
    now: DateTime<Utc>,
    batch: Batch,
    tip: Tip,
    answers: Vec<Answer>,
    recorded: Vec<Recorded>,
}

/// Plans a batch behind `tip`.
pub(super) fn plan(submissions: &[Prepared], tip: Tip, known: Known, vault: &Vault, now: DateTime<Utc>) -> Plan {
    let batch = Batch {
        from: tip.head.clone(),
        to: tip.head.clone(),
        entries: Vec::new(),
        tokens: Vec::new(),
        keys: Vec::new(),
        openings: Vec::new(),
        dedupe: Vec::new(),
        tiles: Vec::new(),
        held: Vec::new(),
        resolved: Vec::new(),
        taken_back: Vec::new(),
    };
    let mut planner = Planner { vault, known, now, batch, tip, answers: Vec::new(), recorded: Vec::new() };
    for submission in submissions {
        // What is wrong with one event is told to its sender and keeps no other from being recorded.
        let answer = planner.add(submission).unwrap_or_else(|error| Err(AppendError::Store(Arc::new(error))));
        planner.answers.push(answer);
    }
    planner.finish()
}

impl Batch {
    /// What an event does to the list of messages that wait for a person.
    fn note_review(&mut self, recorded: &Recorded) {
        let by = recorded.event_id.as_bytes().to_vec();
        let about = recorded.event.references().into_iter().map(|id| id.as_bytes().to_vec());
        match &recorded.event.kind {
            EventKind::ReviewResolved(review) if finding(review).is_some() => {
                self.resolved.extend(about.map(|event_id| Resolved { event_id, by: by.clone() }));
            }
            EventKind::EventCompensated(_) => self.taken_back.extend(about),
            _ => self.held.extend(ReviewRow::of(recorded)),
        }
    }
}

impl ReviewRow {
    /// The row of an event, if it is a message that a person has to read.
    pub(crate) fn of(recorded: &Recorded) -> Option<Self> {
        let (seq, event_id) = (recorded.seq as i64, recorded.event_id.as_bytes().to_vec());
        let why = why_held(&recorded.event.kind)?.as_str().to_owned();
        Some(Self { seq, event_id, why, resolved_by: None })
    }
}

impl Planner<'_> {
    fn add(&mut self, prepared: &Prepared) -> Result<Answer, StoreError> {
        match self.find(prepared)? {
            Some(answer) => Ok(answer),
            None => self.record(prepared).map(Ok),
        }
    }

    /// The answer for an event whose name is already taken, in the ledger or earlier in this batch.
    fn find(&self, prepared: &Prepared) -> Result<Option<Answer>, StoreError> {
        for (pepper, name) in prepared.names.iter().enumerate() {
            if let Some(row) = self.known.recorded.get(name) {
                let event_id = Uuid::from_slice(&row.event_id).unwrap_or_default();
                let receipt = Receipt { event_id, seq: row.seq as u64, position: 0, repeated: true };
                let same = row.content == self.vault.content(pepper, &prepared.submission.event)?;
                return Ok(Some(if same { Ok(receipt) } else { Err(AppendError::Conflict(receipt)) }));
            }
        }
        Ok(None)
    }

    /// Everything that can fail comes first; from the push on, the event is part of the batch.
    fn record(&mut self, prepared: &Prepared) -> Result<Receipt, StoreError> {
        let submission = &prepared.submission;
        let seq = self.tip.edge.size();
        let recorded = Recorded {
            seq,
            event_id: submission.event_id,
            received_at: self.received_at(),
            event: submission.event.clone(),
        };
        let key = self.key_of(prepared)?;
        let body = prepared.draft.body(recorded.received_at);
        let (entry, opening) = self.vault.seal_event(&recorded, body, &prepared.about, &key)?;
        let leaf = entry.leaf.as_slice().try_into().unwrap_or_else(|_| leaf_hash(&entry.bytes));
        let name = Self::name(prepared, seq)?;
        let mut full = Vec::new();
        self.tip.edge.push(leaf, &mut full);
        self.batch.tiles.extend(full.into_iter().map(|tile| TileRow {
            level: tile.level as i32,
            n: tile.index as i64,
            bytes: tile.bytes,
        }));
        self.batch
            .tokens
            .extend(prepared.tokens.iter().map(|token| TokenRow { token: token.to_vec(), seq: seq as i64 }));
        self.known.recorded.insert((name.source.clone(), name.key_hmac.clone()), name.clone());
        self.batch.dedupe.push(name);
        self.batch.entries.push(entry);
        self.batch.openings.push(opening);
        self.batch.note_review(&recorded);
        self.tip.head.received_at = recorded.received_at.timestamp_micros();
        self.recorded.push(recorded);
        Ok(Receipt { event_id: submission.event_id, seq, position: 0, repeated: false })
    }

    /// The time of receipt: our clock, but never before the entry in front.
    fn received_at(&self) -> DateTime<Utc> {
        let micros = self.now.timestamp_micros().max(self.tip.head.received_at);
        DateTime::from_timestamp_micros(micros).unwrap_or(self.now)
    }

    fn key_of(&mut self, prepared: &Prepared) -> Result<Arc<DataKey>, StoreError> {
        let owners = &prepared.owners;
        if let Some(key) = owners.iter().find_map(|token| self.known.keys.get(token)) {
            let missing = || StoreError::KeyMissing("the data key of this person".to_owned());
            return key.clone().ok_or_else(missing);
        }
        let token = owners.first().ok_or_else(|| StoreError::KeyMissing("pepper-1".to_owned()))?;
        let (key, row) = self.vault.make_key(token, self.tip.edge.size())?;
        let key = Arc::new(key);
        self.batch.keys.push(row);
        self.known.keys.insert(token.clone(), Some(Arc::clone(&key)));
        Ok(key)
    }

    /// The row by which the event is found under its name from now on, within this batch too.
    fn name(prepared: &Prepared, seq: u64) -> Result<DedupeRow, StoreError> {
        let name = prepared.names.first().cloned();
        let (source, key_hmac) = name.ok_or_else(|| StoreError::KeyMissing("pepper-1".to_owned()))?;
        let event_id = prepared.submission.event_id.as_bytes().to_vec();
        let content = prepared.content.clone();
        Ok(DedupeRow { source, key_hmac, seq: seq as i64, event_id, content })
    }

    fn finish(mut self) -> Plan {
        let size = self.tip.edge.size();
        // The head says under which pepper tokens were made, so that a node without it knows that it would miss some.
        let pepper = self.tip.head.pepper.max(self.vault.keys().newest_pepper() as i32);
        let (root, received_at) = (self.tip.edge.root().to_vec(), self.tip.head.received_at);
        self.tip.head = HeadRow { size: size as i64, root, received_at, pepper };
        self.batch.to = self.tip.head.clone();
        for answer in &mut self.answers {
            match answer {
                // Another node may have recorded the event behind the end that this one knows.
                Ok(receipt) | Err(AppendError::Conflict(receipt)) => receipt.position = size.max(receipt.seq + 1),
                Err(_) => {}
            }
        }
        Plan { batch: self.batch, answers: self.answers, recorded: self.recorded, tip: self.tip }
    }
}
