//! What is handed to the sequencer, and what it answers.

use std::sync::Arc;

use consent_core::event::Event;
use uuid::Uuid;

use crate::error::StoreError;

/// An event on its way into the ledger.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What happened.
    pub event: Event,
    /// Its id, made by whoever took it in.
    pub event_id: Uuid,
    /// The name under which its source knows it; the same name is recorded once, for ever.
    pub key: Option<SourceKey>,
}

/// The name of an event at its source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceKey {
    /// The source: a gateway account or a caller.
    pub source: String,
    /// The source's own name for the event.
    pub key: String,
}

/// Proof of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the event; of the first one, if it was a repeat.
    pub event_id: Uuid,
    /// Position of the event.
    pub seq: u64,
    /// Size of the ledger after the commit in which this was answered.
    pub position: u64,
    /// The event was already recorded.
    pub repeated: bool,
}

/// Why an event was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another event is recorded under the same name.
    #[error("another event is recorded under this key")]
    Conflict(Receipt),
    /// Too many events wait.
    #[error("too many events wait to be recorded")]
    Busy,
    /// The sequencer has stopped, because the disk failed or the process ends.
    #[error("the ledger takes no more events")]
    Stopped,
    /// It may or may not have been recorded; sending it again with the same key is safe.
    #[error("it is not known whether the event was recorded")]
    Unknown,
    /// The store refused.
    #[error(transparent)]
    Store(Arc<StoreError>),
}
