//! The sequencer: one task that gives every event its position.
//!
//! It gathers what waits, commits it in one transaction that begins by moving the head, and answers each caller only
//! then. Between nodes the head row is the lock, within a node this task is. A caller that goes away takes nothing
//! back: what was handed over is committed.

mod plan;
mod submission;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use consent_core::tiles::Edge;
use tokio::sync::{mpsc, oneshot};

pub use submission::{AppendError, Receipt, SourceKey, Submission};

use crate::error::StoreError;
use crate::rows::{Batch, DedupeRow, HeadRow};
use crate::vault::{DataKey, Vault};
use crate::{Database, limits, tree};

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
    submission: Submission,
    reply: oneshot::Sender<Answer>,
}

/// The way to the sequencer.
#[derive(Clone)]
pub(crate) struct Sequencer {
    queue: mpsc::Sender<Waiting>,
    stopped: Arc<AtomicBool>,
}

impl Sequencer {
    /// Starts the task.
    pub(crate) fn start(database: Arc<Database>, vault: Vault, clock: Clock, highest: Arc<AtomicU64>) -> Self {
        let (queue, waiting) = mpsc::channel(limits::QUEUE);
        let stopped = Arc::new(AtomicBool::new(false));
        let task = Task { database, vault, clock, tip: None, stopped: Arc::clone(&stopped), highest };
        tokio::spawn(task.run(waiting));
        Self { queue, stopped }
    }

    /// Hands an event over. Its place in the ledger is behind those handed over before.
    pub(crate) fn hand_over(&self, submission: Submission) -> Result<HandedOver, AppendError> {
        if !submission.event.kind.narrows() && self.queue.capacity() <= limits::QUEUE_FOR_OPT_OUTS {
            return Err(AppendError::Busy);
        }
        let (reply, answer) = oneshot::channel();
        let handed_over = self.queue.try_send(Waiting { submission, reply });
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

/// Where the ledger ends, as far as this node knows.
struct Tip {
    head: HeadRow,
    edge: Edge,
}

/// What the database already knows about the events of a batch.
struct Known {
    recorded: HashMap<(String, Vec<u8>), DedupeRow>,
    /// By token of the person; none where a key is there but cannot be unwrapped.
    keys: HashMap<Vec<u8>, Option<Arc<DataKey>>>,
}

struct Task {
    database: Arc<Database>,
    vault: Vault,
    clock: Clock,
    tip: Option<Tip>,
    stopped: Arc<AtomicBool>,
    highest: Arc<AtomicU64>,
}

/// Without the task nothing is recorded any more, whatever ended it: the process must end too.
impl Drop for Task {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

/// Whether this node may work with this head: it must not lie before one that was seen, and its tokens must be made
/// under a pepper that this node has. Else opt-outs would not be found.
pub(crate) fn check_head(head: &HeadRow, highest: u64, vault: &Vault) -> Result<(), StoreError> {
    let size = head.size as u64;
    if size < highest {
        return Err(StoreError::Corrupt { seq: size, what: "the ledger went backwards" });
    }
    if head.pepper as u32 > vault.keys().newest_pepper() {
        return Err(StoreError::KeyMissing(format!("pepper-{}", head.pepper)));
    }
    Ok(())
}

impl Task {
    async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(limits::BATCH);
        while waiting.recv_many(&mut batch, limits::BATCH).await > 0 {
            let (submissions, replies): (Vec<_>, Vec<_>) = batch.drain(..).map(|w| (w.submission, w.reply)).unzip();
            let answers = self.commit_or_part(&submissions).await;
            for (reply, answer) in replies.into_iter().zip(answers) {
                // The caller may have gone away; the event is recorded all the same.
                let _ = reply.send(answer);
            }
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    /// Commits a batch. One that the database refuses is committed event by event, so that whatever it does not take
    /// keeps no other event from being recorded.
    async fn commit_or_part(&mut self, submissions: &[Submission]) -> Vec<Answer> {
        match self.commit(submissions).await {
            Ok(answers) => answers,
            Err(Failure::Store(StoreError::Database(_))) if submissions.len() > 1 => {
                self.tip = None;
                let mut answers = Vec::with_capacity(submissions.len());
                for one in submissions.chunks(1) {
                    let answer = self.commit(one).await;
                    answers.extend(answer.unwrap_or_else(|error| self.fail(error, 1)));
                }
                answers
            }
            Err(error) => self.fail(error, submissions.len()),
        }
    }

    fn fail(&mut self, error: Failure, count: usize) -> Vec<Answer> {
        self.tip = None;
        match error {
            Failure::Unknown => (0..count).map(|_| Err(AppendError::Unknown)).collect(),
            Failure::Store(error) => {
                if matches!(error, StoreError::DiskFailed(_)) {
                    tracing::error!(%error, "the ledger stops");
                    self.stopped.store(true, Ordering::SeqCst);
                } else {
                    tracing::warn!(%error, "a batch was not recorded");
                }
                let error = Arc::new(error);
                (0..count).map(|_| Err(AppendError::Store(Arc::clone(&error)))).collect()
            }
        }
    }

    /// Commits a batch, beginning again whenever another node moved the head first.
    async fn commit(&mut self, submissions: &[Submission]) -> Result<Vec<Answer>, Failure> {
        for _ in 0..limits::SWAP_TRIES {
            let tip = match self.tip.take() {
                Some(tip) => tip,
                None => self.load_tip().await?,
            };
            let known = self.look_up(submissions).await?;
            let plan = plan::plan(submissions, tip, known, &self.vault, (self.clock)());
            if plan.batch.entries.is_empty() {
                // Nothing new.
                self.tip = Some(plan.tip);
                return Ok(plan.answers);
            }
            let batch = Arc::new(plan.batch);
            match self.database.append(Arc::clone(&batch)).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) if !self.has_landed(&batch, &error).await? => return Err(error.into()),
                Err(_) => {}
            }
            self.highest.fetch_max(plan.tip.edge.size(), Ordering::SeqCst);
            self.tip = Some(plan.tip);
            return Ok(plan.answers);
        }
        Err(StoreError::Unavailable.into())
    }

    async fn load_tip(&self) -> Result<Tip, Failure> {
        let highest = self.highest.load(Ordering::SeqCst);
        let head = self.database.head().await?;
        check_head(&head, highest, &self.vault)?;
        let edge = tree::load_edge(&self.database, head.size as u64).await?;
        if edge.root().as_slice() != head.root {
            let seq = (head.size as u64).saturating_sub(1);
            return Err(StoreError::Corrupt { seq, what: "the root of the entries is not that of the head" }.into());
        }
        Ok(Tip { head, edge })
    }

    /// What is already recorded under the names of these events, and the keys of their people.
    ///
    /// Read after the head: if the swap succeeds, nothing was recorded since, so the answers still hold.
    async fn look_up(&self, submissions: &[Submission]) -> Result<Known, Failure> {
        let mut names = Vec::new();
        let mut owners = Vec::new();
        for submission in submissions {
            names.extend(self.vault.names(submission).map(|(_, hash)| hash));
            owners.extend(self.vault.owner_tokens(&submission.event));
        }
        let rows = self.database.recorded_under(&names).await?;
        let recorded = rows.into_iter().map(|row| ((row.source.clone(), row.key_hmac.clone()), row)).collect();
        let mut keys = HashMap::new();
        for row in self.database.keys_of(&owners).await? {
            let key = self.vault.unwrap_key(&row).ok().map(Arc::new);
            keys.insert(row.token, key);
        }
        Ok(Known { recorded, keys })
    }

    /// Whether a batch is in the ledger although its commit answered with an error: on both databases it can be.
    async fn has_landed(&self, batch: &Batch, error: &StoreError) -> Result<bool, Failure> {
        if matches!(error, StoreError::DiskFailed(_)) {
            return Ok(false);
        }
        let last = batch.to.size - 1;
        let expected = batch.entries.last().map(|entry| entry.leaf.as_slice());
        let look = async {
            loop {
                if let Ok(leaves) = self.database.leaves_between(last, last + 1).await {
                    return leaves.first().map(Vec::as_slice) == expected;
                }
                tokio::time::sleep(limits::RESOLVE_PAUSE).await;
            }
        };
        tokio::time::timeout(limits::RESOLVE_TIME, look).await.map_err(|_| Failure::Unknown)
    }
}

/// Why a whole batch failed.
enum Failure {
    Unknown,
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use consent_core::event::Event;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn submission(fields: Value) -> Submission {
        Submission { event: Event::from_json(fields).unwrap(), event_id: Uuid::nil(), key: None }
    }

    #[test]
    fn when_the_queue_is_nearly_full_there_is_still_room_for_opt_outs() {
        let (queue, _waiting) = mpsc::channel(limits::QUEUE);
        let sequencer = Sequencer { queue, stopped: Arc::default() };
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
