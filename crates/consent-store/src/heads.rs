//! One read of the head for all who wait for one.
//!
//! Whoever must know where the ledger ends *now* may use any read that began after the question came. So all who wait
//! when a read begins share it; whoever comes while it is under way waits for the next, which begins when it has ended.
//!
//! Each runtime reads for itself, by a connection of its own: to have another thread read takes as long as the read.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;

use crate::database::Prover;
use crate::error::StoreError;
use crate::observer::Progress;
use crate::sequencer::check_head;
use crate::vault::Vault;
use crate::{Database, Ledger, limits};

type Answer = Result<u64, StoreError>;
/// Reads the head by the connection that was used last, and gives back the one that it used.
type Read = Arc<dyn Fn(Option<Prover>) -> BoxFuture<'static, Result<(u64, Option<Prover>), StoreError>> + Send + Sync>;

/// Reads of the head that are shared. Clones share them too.
#[derive(Clone)]
pub(crate) struct Heads {
    /// One for each runtime: web workers have runtimes of their own, which end with them.
    desks: Arc<Mutex<HashMap<runtime::Id, Desk>>>,
    read: Read,
}

/// Who waits for the next read on a runtime, and whether one is under way.
#[derive(Default)]
struct Desk {
    waiting: Vec<oneshot::Sender<Answer>>,
    reading: bool,
    /// The connection of the last read, between two.
    prover: Option<Prover>,
}

impl Heads {
    /// Reads of this ledger's head.
    pub(crate) fn new(database: Arc<Database>, vault: Vault, progress: Arc<Progress>) -> Self {
        Self::reading(Arc::new(move |prover| {
            let (database, vault, progress) = (Arc::clone(&database), vault.clone(), Arc::clone(&progress));
            Box::pin(async move {
                let highest = progress.highest();
                let (head, prover) = database.head_by(prover).await?;
                check_head(&head, highest, &vault)?;
                progress.saw(head.size as u64);
                Ok((head.size as u64, prover))
            })
        }))
    }

    fn reading(read: Read) -> Self {
        Self { desks: Arc::default(), read }
    }

    /// The answer of a read that began after this was called.
    async fn proven(&self) -> Answer {
        let (reply, answer) = oneshot::channel();
        let here = Handle::current();
        let idle = {
            let mut desks = self.desks();
            let desk = desks.entry(here.id()).or_default();
            desk.waiting.push(reply);
            !mem::replace(&mut desk.reading, true)
        };
        if idle {
            here.spawn(Rounds { heads: self.clone(), on: here.id(), over: false }.run());
        }
        answer.await.unwrap_or(Err(StoreError::Unavailable))
    }

    fn desks(&self) -> MutexGuard<'_, HashMap<runtime::Id, Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads on a runtime, one after the other, as long as somebody waits.
struct Rounds {
    heads: Heads,
    on: runtime::Id,
    over: bool,
}

impl Rounds {
    async fn run(mut self) {
        let mut prover = None;
        while let Some(callers) = self.next(&mut prover) {
            let read = tokio::time::timeout(limits::HEAD_TIME, (self.heads.read)(prover.take())).await;
            let head = read.unwrap_or(Err(StoreError::Unavailable)).map(|(head, used)| {
                prover = used;
                head
            });
            for caller in callers {
                // The caller may have gone away.
                let _ = caller.send(head.clone());
            }
        }
    }

    /// Those for whom the next read is. In one step with the end, so that nobody comes in between and waits for ever.
    fn next(&mut self, prover: &mut Option<Prover>) -> Option<Vec<oneshot::Sender<Answer>>> {
        let mut desks = self.heads.desks();
        let desk = desks.entry(self.on).or_default();
        if desk.waiting.is_empty() {
            desk.reading = false;
            desk.prover = prover.take();
            self.over = true;
            return None;
        }
        if prover.is_none() {
            *prover = desk.prover.take();
        }
        Some(mem::take(&mut desk.waiting))
    }
}

/// Should the task end early, with its runtime or by a panic, whoever waits is told, and the next caller begins anew.
impl Drop for Rounds {
    fn drop(&mut self) {
        if !self.over {
            self.heads.desks().remove(&self.on);
        }
    }
}

impl Ledger {
    /// Size of the ledger, at least as it was when this was called: everything that any node acknowledged before lies
    /// below it. Fails as every read does, if the ledger went backwards or was written under a key that this node lacks.
    ///
    /// Callers at the same time on one runtime share one read of the head.
    pub async fn proven_head(&self) -> Result<u64, StoreError> {
        self.heads.proven().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;

    /// A ledger that always grows, and whose reads are slow. A read sees the size as it was when the read began, and
    /// counts itself.
    fn slow(size: &Arc<AtomicU64>, reads: &Arc<AtomicU64>) -> Heads {
        let (size, reads) = (Arc::clone(size), Arc::clone(reads));
        Heads::reading(Arc::new(move |_| {
            let began_at = size.load(Ordering::SeqCst);
            reads.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(2)).await;
                Ok((began_at, None))
            })
        }))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nobody_gets_a_read_that_began_before_the_question() {
        let (size, reads) = (Arc::new(AtomicU64::new(0)), Arc::default());
        let heads = slow(&size, &reads);
        let ask = async |n: u64| {
            for turn in 0..50 {
                tokio::time::sleep(Duration::from_micros(n * 131 + turn * 17)).await;
                let acknowledged = size.fetch_add(1, Ordering::SeqCst) + 1;
                assert!(heads.proven().await.unwrap() >= acknowledged, "a read from before the question");
            }
        };
        join_all((0..40).map(ask)).await;
        let reads = reads.load(Ordering::SeqCst);
        assert!(reads * 4 < 40 * 50, "{reads} reads for {} questions", 40 * 50);
    }

    #[tokio::test]
    async fn whoever_comes_during_a_read_shares_the_next_one() {
        let (size, reads) = (Arc::default(), Arc::new(AtomicU64::new(0)));
        let heads = slow(&size, &reads);
        let first = tokio::spawn({
            let heads = heads.clone();
            async move { heads.proven().await }
        });
        while reads.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        join_all((0..1_000).map(|_| heads.proven())).await.into_iter().for_each(|head| assert!(head.is_ok()));
        first.await.unwrap().unwrap();
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_takes_no_read_from_the_others() {
        let (size, reads) = (Arc::default(), Arc::default());
        let heads = slow(&size, &reads);
        // Dropped while it waits: by the caller who began the read.
        assert!(tokio::time::timeout(Duration::from_millis(1), heads.proven()).await.is_err());
        heads.proven().await.unwrap();
    }

    #[test]
    fn callers_on_a_runtime_that_ends_take_no_read_from_the_others() {
        let main = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let heads = main.block_on(async { slow(&Arc::default(), &Arc::default()) });
        for _ in 0..5 {
            let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let asked = heads.clone();
            worker.block_on(async move {
                tokio::spawn(async move { asked.proven().await });
                tokio::task::yield_now().await;
            });
            drop(worker);
            main.block_on(heads.proven()).unwrap();
        }
    }

    #[test]
    fn each_runtime_reads_for_itself() {
        let reads = Arc::default();
        let heads = slow(&Arc::default(), &reads);
        let ask = || {
            let heads = heads.clone();
            std::thread::spawn(move || {
                let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                for _ in 0..20 {
                    worker.block_on(heads.proven()).unwrap();
                }
            })
        };
        [ask(), ask()].into_iter().for_each(|asking| asking.join().unwrap());
        assert_eq!(reads.load(Ordering::SeqCst), 40);
    }

    #[tokio::test]
    async fn after_a_read_that_broke_off_the_next_caller_begins_anew() {
        let reads = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&reads);
        let heads = Heads::reading(Arc::new(move |_| {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            Box::pin(async move { if first { panic!("a read breaks off") } else { Ok((7, None)) } })
        }));
        assert!(matches!(heads.proven().await, Err(StoreError::Unavailable)));
        assert_eq!(heads.proven().await.unwrap(), 7);
    }
}
