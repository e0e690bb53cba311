//! The task that plans batches, commits them, and answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use consent_core::tiles::Edge;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::prepared::Prepared;
use super::{Answer, AppendError, Clock, Waiting, plan};
use crate::error::StoreError;
use crate::observer::{Progress, Seen};
use crate::rows::{Batch, DedupeRow, HeadRow, KeyRow, LookUp};
use crate::settings::Settings;
use crate::vault::{DataKey, Vault};
use crate::{Database, limits, tree};

/// Where the ledger ends, as far as this node knows.
#[derive(Clone)]
pub(super) struct Tip {
    pub(super) head: HeadRow,
    pub(super) edge: Edge,
    /// It may have moved since, and is read again before anything is planned behind it. What is read then must go on
    /// from here: a ledger that lost its last entries and grew again does not.
    pub(super) in_doubt: bool,
}

/// What the database already knows about the events of a batch.
pub(super) struct Known {
    pub(super) recorded: HashMap<(String, Vec<u8>), DedupeRow>,
    /// By token of the person; none where a key is there but cannot be unwrapped.
    pub(super) keys: HashMap<Vec<u8>, Option<Arc<DataKey>>>,
}

/// The one who writes.
pub(super) struct Task {
    pub(super) database: Arc<Database>,
    pub(super) vault: Vault,
    pub(super) clock: Clock,
    pub(super) settings: Settings,
    pub(super) tip: Option<Tip>,
    /// How many batches are still committed in turns with other nodes, which wrote of late.
    pub(super) turns: u32,
    pub(super) stopped: Arc<AtomicBool>,
    pub(super) progress: Arc<Progress>,
}

/// Without the task nothing is recorded any more, whatever ended it: the process must end too.
impl Drop for Task {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
    }
}

/// Whether this node may work with this head: it must not lie before one that was seen, and its tokens must be made
/// under a pepper that this node has. Else opt-outs would not be found.
pub(crate) fn check_head(head: &HeadRow, seen: Seen<'_>, vault: &Vault) -> Result<(), StoreError> {
    seen.compare(head)?;
    if head.pepper as u32 > vault.keys().newest_pepper() {
        return Err(StoreError::KeyMissing(format!("pepper-{}", head.pepper)));
    }
    Ok(())
}

/// How far the ledger has grown at least, by what callers will be told.
fn reach(answers: &[Answer]) -> u64 {
    let position = |answer: &Answer| match answer {
        Ok(receipt) | Err(AppendError::Conflict(receipt)) => receipt.position,
        Err(_) => 0,
    };
    answers.iter().map(position).max().unwrap_or_default()
}

/// Waits for more to come with what waits already, until the batch is full or this time has passed.
async fn gather(waiting: &mut mpsc::Receiver<Waiting>, batch: &mut Vec<Waiting>, most: usize, wait: Duration) {
    if wait.is_zero() {
        return;
    }
    let end = Instant::now() + wait;
    while batch.len() < most {
        match timeout_at(end, waiting.recv_many(batch, most - batch.len())).await {
            Ok(1..) => {}
            _ => return,
        }
    }
}

impl Task {
    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let most = self.settings.batch.clamp(1, limits::BATCH_AT_MOST);
        let mut batch = Vec::with_capacity(most);
        while waiting.recv_many(&mut batch, most).await > 0 {
            gather(&mut waiting, &mut batch, most, self.settings.batch_wait).await;
            if self.turns > 0 {
                self.take_turn().await;
                // Whatever came while others had their turn goes with the rest.
                while batch.len() < most
                    && let Ok(more) = waiting.try_recv()
                {
                    batch.push(more);
                }
            }
            let (submissions, replies): (Vec<_>, Vec<_>) = batch.drain(..).map(|w| (w.prepared, w.reply)).unzip();
            let answers = self.commit_or_part(&submissions).await;
            self.database.end_turn().await;
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
    async fn commit_or_part(&mut self, submissions: &[Prepared]) -> Vec<Answer> {
        match self.commit(submissions).await {
            Ok(answers) => answers,
            Err(Failure::Store(StoreError::Database(_))) if submissions.len() > 1 => {
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

    fn fail(&self, error: Failure, count: usize) -> Vec<Answer> {
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
    async fn commit(&mut self, submissions: &[Prepared]) -> Result<Vec<Answer>, Failure> {
        for _ in 0..limits::SWAP_TRIES {
            let tip = self.take_tip().await?;
            let known = self.look_up(submissions).await?;
            let plan = plan::plan(submissions, tip, known, &self.vault, (self.clock)());
            if plan.batch.entries.is_empty() {
                // Nothing new. What is there already may lie behind the tip, and may be relied on all the same.
                self.progress.saw(reach(&plan.answers));
                self.doubt_tip(false);
                return Ok(plan.answers);
            }
            let batch = Arc::new(plan.batch);
            match self.database.append(Arc::clone(&batch)).await {
                Ok(true) => {}
                Ok(false) => {
                    self.take_turn().await;
                    continue;
                }
                Err(error) if !self.has_landed(&batch, &error).await? => return Err(error.into()),
                Err(_) => {}
            }
            self.progress.landed(&plan.recorded, &batch);
            self.tip = Some(plan.tip);
            return Ok(plan.answers);
        }
        Err(StoreError::Unavailable.into())
    }

    /// Waits for this node's turn at the head. Without turns, of several nodes that write all the time one would win and
    /// the others seal their batches in vain; a node that writes alone needs none, which saves it some round trips.
    async fn take_turn(&mut self) {
        let highest = self.progress.highest();
        let Ok(Some(head)) = self.database.take_turn().await else {
            // Nobody writes a file but this process. Elsewhere the batch is tried without a turn, and is told why not.
            return self.doubt_tip(true);
        };
        if self.tip.as_ref().is_some_and(|tip| tip.head == head) {
            self.turns = self.turns.saturating_sub(1);
            return self.doubt_tip(false);
        }
        self.turns = limits::TURNS;
        match self.tip_at(head, highest, self.tip.clone()).await {
            Ok(tip) => self.tip = Some(tip),
            // The batch is told why: it reads where the ledger ends before it is planned.
            Err(_) => self.doubt_tip(true),
        }
    }

    /// Where the ledger ends, for a batch behind it. That is in doubt then, until it is known what became of the batch.
    async fn take_tip(&mut self) -> Result<Tip, Failure> {
        let tip = match self.tip.take_if(|tip| !tip.in_doubt) {
            Some(tip) => tip,
            None => self.load_tip().await?,
        };
        self.tip = Some(Tip { in_doubt: true, ..tip.clone() });
        Ok(tip)
    }

    fn doubt_tip(&mut self, in_doubt: bool) {
        if let Some(tip) = &mut self.tip {
            tip.in_doubt = in_doubt;
        }
    }

    async fn load_tip(&self) -> Result<Tip, Failure> {
        let highest = self.progress.highest();
        self.tip_at(self.database.head().await?, highest, self.tip.clone()).await
    }

    /// Where the ledger ends whose head this is, from where this node knew it to end, and what it had seen of it before
    /// the head was read. Fails for a ledger that does not go on from there: nothing is recorded in it by this node.
    async fn tip_at(&self, head: HeadRow, seen: Seen<'_>, known: Option<Tip>) -> Result<Tip, Failure> {
        check_head(&head, seen, &self.vault)?;
        let mut edge = known.map(|tip| tip.edge).unwrap_or_default();
        tree::advance(&self.database, &mut edge, head.size as u64).await?;
        if edge.root().as_slice() != head.root {
            let seq = (head.size as u64).saturating_sub(1);
            let other = StoreError::Corrupt { seq, what: "the root of the entries is not that of the head" };
            self.progress.suspect(&other);
            return Err(other.into());
        }
        // What was committed without our knowing counts from now on: somebody may be told that it is there.
        self.progress.saw(head.size as u64);
        Ok(Tip { head, edge, in_doubt: false })
    }

    /// What is already recorded under the names of these events, and the keys of their people.
    ///
    /// Read after the head: if the swap succeeds, nothing was recorded since, so the answers still hold.
    async fn look_up(&self, submissions: &[Prepared]) -> Result<Known, Failure> {
        let names = submissions.iter().flat_map(|prepared| prepared.names.iter().cloned()).collect();
        let owners = submissions.iter().flat_map(|prepared| prepared.owners.iter().cloned()).collect();
        let found = self.database.look_up(LookUp { names, owners }).await?;
        let named = found.names.into_iter().map(|row| ((row.source.clone(), row.key_hmac.clone()), row));
        let unwrapped = |row: KeyRow| (self.vault.unwrap_key(&row).ok().map(Arc::new), row.token);
        let keys = found.keys.into_iter().map(unwrapped).map(|(key, token)| (token, key));
        Ok(Known { recorded: named.collect(), keys: keys.collect() })
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
