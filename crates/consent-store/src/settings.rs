//! How a ledger is kept open.

use std::time::Duration;

use crate::limits;

/// What may be set of the sequencer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Events in one transaction at most: 1 to [`limits::BATCH_AT_MOST`].
    pub batch: usize,
    /// How long the sequencer waits for more once something waits. None is needed: what arrives during a commit forms
    /// the next batch.
    pub batch_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { batch: limits::BATCH, batch_wait: Duration::ZERO }
    }
}
