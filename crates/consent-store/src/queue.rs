//! What is still to be said to gateways because of what was recorded.
//!
//! A follower reads the ledger in order and writes down what follows from each entry; that and how far it has read are
//! one transaction, so that nothing is left out and nothing written down twice, on however many nodes. What is due is
//! claimed by one node for a while; should that node end, another takes over.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Ledger;
use crate::error::StoreError;
use crate::rows::OutgoingRow;

/// Something to say to a gateway because of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The entry.
    pub seq: u64,
    /// The account through which it is said.
    pub account: String,
    /// What is to be said.
    pub kind: String,
    /// When it is to be said.
    pub due_at: DateTime<Utc>,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// The gateway was being called when the node that had claimed it last was heard of: it may have been said.
    pub calling: bool,
}

impl Ledger {
    /// How far a follower has read: everything below this position. A new one begins at the end of the ledger: what
    /// was said to people before is nothing to act on.
    pub async fn follower(&self, name: &str) -> Result<u64, StoreError> {
        if let Some(position) = self.database.follower(name).await? {
            return Ok(position as u64);
        }
        let end = self.head().await?.size;
        match self.database.add_follower(name, end as i64).await {
            Ok(_) => Ok(end),
            // Another node was first.
            Err(error) => self.database.follower(name).await?.map(|position| position as u64).ok_or(error),
        }
    }

    /// Writes down what follows from the entries `[from, to)`, and that they were read. `false` if another node has
    /// read them already.
    pub async fn follow(&self, name: &str, from: u64, to: u64, tasks: &[Task]) -> Result<bool, StoreError> {
        let rows = tasks.iter().map(Task::to_row).collect();
        self.database.follow(name, from as i64, to as i64, rows).await
    }

    /// Claims what is due, at most `limit`, oldest first: it is this caller's until `lease` has passed.
    pub async fn claim(&self, now: DateTime<Utc>, lease: TimeDelta, limit: u32) -> Result<Vec<Task>, StoreError> {
        let mut claimed = Vec::new();
        for row in self.database.outgoing_due(now.timestamp_micros(), i64::from(limit)).await? {
            if self.database.claim(row.clone(), (now + lease).timestamp_micros()).await? == 1 {
                claimed.push(Task { attempts: row.attempts as u32 + 1, ..Task::from_row(row) });
            }
        }
        Ok(claimed)
    }

    /// Notes that the gateway is about to be called. `false` if the claim has passed to another node meanwhile.
    pub async fn calling(&self, task: &Task) -> Result<bool, StoreError> {
        let row = OutgoingRow { calling: 1, due_at: i64::MIN, ..task.to_row() };
        Ok(self.database.settle(row).await? == 1)
    }

    /// Puts a task off, the gateway not having taken it.
    pub async fn put_off(&self, task: &Task, until: DateTime<Utc>) -> Result<(), StoreError> {
        let row = OutgoingRow { calling: 0, due_at: until.timestamp_micros(), ..task.to_row() };
        self.database.settle(row).await.map(drop)
    }

    /// Ends a task, with a word on how.
    pub async fn finish(&self, task: &Task, outcome: &str) -> Result<(), StoreError> {
        let outcome: String = outcome.chars().take(200).collect();
        self.database.settle(OutgoingRow { calling: 0, outcome: Some(outcome), ..task.to_row() }).await.map(drop)
    }

    /// How many tasks wait, and since when the oldest has been due.
    pub async fn tasks_waiting(&self) -> Result<(u64, Option<DateTime<Utc>>), StoreError> {
        let (count, oldest) = self.database.outgoing_waiting().await?;
        Ok((count as u64, oldest.and_then(DateTime::from_timestamp_micros)))
    }
}

impl Task {
    /// Something to say at once.
    pub fn new(seq: u64, account: &str, kind: &str, due_at: DateTime<Utc>) -> Self {
        Self { seq, account: account.to_owned(), kind: kind.to_owned(), due_at, attempts: 0, calling: false }
    }

    fn to_row(&self) -> OutgoingRow {
        OutgoingRow {
            seq: self.seq as i64,
            account: self.account.clone(),
            kind: self.kind.clone(),
            due_at: self.due_at.timestamp_micros(),
            attempts: self.attempts as i32,
            calling: i32::from(self.calling),
            outcome: None,
        }
    }

    fn from_row(row: OutgoingRow) -> Self {
        Self {
            seq: row.seq as u64,
            due_at: DateTime::from_timestamp_micros(row.due_at).unwrap_or_default(),
            account: row.account,
            kind: row.kind,
            attempts: row.attempts as u32,
            calling: row.calling != 0,
        }
    }
}
