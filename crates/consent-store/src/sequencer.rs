//! The sequencer: one task that gives every event its position.
//!
//! It gathers what waits, commits it in one transaction that begins by moving the head, and answers each caller only
//! then. Between nodes the head row is the lock, within a node this task is. A caller that goes away takes nothing
//! back: what was handed over is committed.

mod plan;
mod prepared;
mod submission;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use prepared::Prepared;
pub(crate) use prepared::hash_of_content;
pub use submission::{AppendError, Receipt, SourceKey, Submission};
pub(crate) use task::check_head;

use crate::observer::Progress;
use crate::settings::Settings;
use crate::vault::Vault;
use crate::{Database, limits};

/// Reads the time. The only clock of the store, so that tests and drills can set it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// An event on its way; what becomes of it does not depend on anybody waiting for it.
pub struct HandedOver(oneshot::Receiver<Answer>);

impl HandedOver {
    /// Waits for the commit.
    pub async fn committed(self) -> Result<Receipt, AppendError> {
        self.0.await.unwrap_or(Err(AppendError::Unknown))
    }
}

type Answer = Result<Receipt, AppendError>;

struct Waiting {
    prepared: Prepared,
    reply: oneshot::Sender<Answer>,
}

/// The way to the sequencer.
#[derive(Clone)]
pub(crate) struct Sequencer {
    queue: mpsc::Sender<Waiting>,
    vault: Vault,
    stopped: Arc<AtomicBool>,
}

impl Sequencer {
    /// Starts the task.
    pub(crate) fn start(
        database: Arc<Database>,
        vault: Vault,
        clock: Clock,
        progress: Arc<Progress>,
        settings: Settings,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(limits::QUEUE);
        let stopped = Arc::new(AtomicBool::new(false));
        let ours = vault.clone();
        let task = task::Task {
            database,
            vault,
            clock,
            settings,
            tip: None,
            turns: 0,
            stopped: Arc::clone(&stopped),
            progress,
        };
        tokio::spawn(task.run(waiting));
        Self { queue, vault: ours, stopped }
    }

    /// Hands an event over. Its place in the ledger is behind those handed over before.
    pub(crate) fn hand_over(&self, submission: Submission) -> Result<HandedOver, AppendError> {
        if !submission.event.kind.forbids() && self.queue.capacity() <= limits::QUEUE_FOR_OPT_OUTS {
            return Err(AppendError::Busy);
        }
        let prepared = Prepared::new(&self.vault, submission);
        let prepared = prepared.map_err(|error| AppendError::Store(Arc::new(error)))?;
        let (reply, answer) = oneshot::channel();
        let handed_over = self.queue.try_send(Waiting { prepared, reply });
        handed_over.map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => AppendError::Busy,
            mpsc::error::TrySendError::Closed(_) => AppendError::Stopped,
        })?;
        Ok(HandedOver(answer))
    }

    /// Whether the task has ended: the disk failed under the ledger, or the task itself did.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use consent_core::event::Event;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::Keyring;

    fn submission(fields: Value) -> Submission {
        Submission { event: Event::from_json(fields).unwrap(), event_id: Uuid::nil(), key: None }
    }

    #[test]
    fn when_the_queue_is_nearly_full_there_is_still_room_for_opt_outs() {
        let (queue, _waiting) = mpsc::channel(limits::QUEUE);
        let directory = tempfile::tempdir().unwrap();
        let vault = Vault::new(Arc::new(Keyring::init(directory.path()).unwrap()));
        let sequencer = Sequencer { queue, vault, stopped: Arc::default() };
        let taken = |fields: &Value| {
            let more = || sequencer.hand_over(submission(fields.clone()));
            std::iter::repeat_with(more).take_while(Result::is_ok).count()
        };
        assert_eq!(taken(&json!({"type": "purchase", "subject": "A"})), limits::QUEUE - limits::QUEUE_FOR_OPT_OUTS);
        let stop = json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
        assert_eq!(taken(&stop), limits::QUEUE_FOR_OPT_OUTS);
        assert!(matches!(sequencer.hand_over(submission(stop)), Err(AppendError::Busy)));
    }
}
