//! The index kept in step with the ledger.
//!
//! What this process commits is taken in before its callers are told so. What other nodes commit is read from the
//! ledger, in order and by position; that the database says when something new is there only makes it sooner. Whoever
//! asks proves first where the ledger ends, and waits until the index has come so far.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use consent_core::event::Recorded;
use consent_core::token::Pepper;
use consent_store::{Ledger, Observer, Scanned, StoreError};
use futures_util::StreamExt;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::cause;
use super::page::{Next, Referred};
use crate::decide::Cause;
use crate::index::snapshot::{self, Snapshot, SnapshotError};
use crate::index::{Index, Wordings};

/// How long the follower sleeps when nothing tells it that the ledger has moved.
const PAUSE: Duration = Duration::from_millis(500);
/// How long it waits when the ledger cannot be read.
const TROUBLE: Duration = Duration::from_millis(200);

/// How long it lets more come when it is told that the ledger has moved, unless somebody asks.
const LINGER: Duration = Duration::from_millis(20);

/// How fresh an answer must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// The ledger must have at least this many entries.
    pub min_position: u64,
    /// The answer may be as of a state that was proved to be the present one so long ago; never, if absent.
    pub max_staleness: Option<Duration>,
}

impl Freshness {
    /// From the present head, which must have at least this many entries.
    pub fn of(min_position: u64) -> Self {
        Self { min_position, max_staleness: None }
    }
}

/// Who owns the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This process alone: nobody else can write it.
    ThisProcess,
    /// Several nodes.
    Many,
}

/// An index that follows a ledger. Cloning is cheap.
#[derive(Clone)]
pub struct Live {
    ledger: Ledger,
    owner: Owner,
    feed: Arc<Feed>,
    /// When the head was last proved, and where it was.
    proved: Arc<Mutex<Option<(Instant, u64)>>>,
}

/// What takes events in. It does not hold the ledger, which holds it.
struct Feed {
    index: Index,
    applied: watch::Sender<u64>,
    /// A position that somebody waits for.
    wanted: AtomicU64,
    wake: Notify,
    /// The index has once held everything that was in the ledger.
    ready: AtomicBool,
    /// The ledger was found damaged, or cannot be read with the keys that are here: whoever asks must see for himself
    /// whether that concerns him.
    damaged: AtomicBool,
}

impl Observer for Feed {
    fn committed(&self, events: &[Recorded]) {
        let follows = events.first().is_some_and(|first| first.seq == self.index.position());
        // Whom a reference is about must be looked up first, which takes a while.
        if follows && events.iter().all(|event| event.event.references().is_empty()) {
            for event in events {
                if self.index.apply(&self.index.prepare(event), &[]).is_err() {
                    break;
                }
            }
            self.tell();
        } else if let Some(last) = events.last() {
            self.want(last.seq + 1);
        }
    }
}

impl Feed {
    fn tell(&self) {
        // Who was slower than another must not take back what that one told.
        self.applied.send_modify(|told| *told = self.index.position().max(*told));
    }

    fn want(&self, position: u64) {
        self.wanted.fetch_max(position, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

impl Live {
    /// An index for a ledger: empty until [`Live::follow`] runs.
    pub fn new(ledger: &Ledger, owner: Owner) -> Option<Self> {
        let pepper = ledger.vault().keys().peppers().first()?.clone();
        Some(Self::with(ledger, owner, Index::new(pepper)))
    }

    /// The same with an index that holds something already.
    pub fn with(ledger: &Ledger, owner: Owner, index: Index) -> Self {
        let (wanted, wake, ready, damaged) = Default::default();
        let feed = Arc::new(Feed { index, applied: watch::Sender::new(0), wanted, wake, ready, damaged });
        ledger.observe(Arc::clone(&feed) as Arc<dyn Observer>);
        Self { ledger: ledger.clone(), owner, feed, proved: Arc::default() }
    }

    /// The index.
    pub fn index(&self) -> &Index {
        &self.feed.index
    }

    /// Whether questions can be answered from it.
    pub fn is_ready(&self) -> bool {
        let Feed { ready, damaged, index, .. } = &*self.feed;
        ready.load(Ordering::Acquire) && !damaged.load(Ordering::Acquire) && index.is_sound()
    }

    /// Follows the ledger for as long as this is polled.
    pub async fn follow(self) {
        let mut moved = self.ledger.moved();
        // For as long as this process lives: a ledger that went backwards may grow past this index again, with other
        // entries than those in it.
        let mut corrupt = false;
        loop {
            let caught_up = self.catch_up().await;
            corrupt |= matches!(caught_up, Err(StoreError::Corrupt { .. }));
            let damaged = corrupt || matches!(caught_up, Err(StoreError::KeyMissing(_)));
            self.feed.damaged.store(damaged, Ordering::Release);
            let pause = match caught_up {
                Ok(()) => PAUSE,
                Err(error) => {
                    tracing::warn!(%error, "the index cannot follow the ledger");
                    TROUBLE
                }
            };
            tokio::select! {
                _ = moved.changed() => self.linger().await,
                () = self.feed.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes in what the ledger has and the index has not.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let wanted = self.feed.wanted.load(Ordering::SeqCst);
        let position = self.feed.index.position();
        let end = if wanted > position { wanted } else { self.ledger.proven_head().await? };
        let (feed, wordings) = (Arc::clone(&self.feed), Wordings::default());
        let prepare = move |found: Scanned<'_>| match found.body() {
            Some(body) => {
                let prepared = feed.index.prepare_stored(found.seq, body, &wordings);
                prepared.map(Next::Event).map_err(|_| found.no_event())
            }
            None => Ok(Next::Gone(found.seq)),
        };
        let mut pages = Box::pin(self.ledger.scan(position, end.max(position), prepare));
        while let Some(page) = pages.next().await {
            self.take_in(page?).await?;
        }
        self.feed.tell();
        if self.feed.index.position() >= end {
            self.feed.ready.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Where other nodes write all the time, their events are read many at once. Whoever asks does not wait for that.
    async fn linger(&self) {
        let _ = tokio::time::timeout(LINGER, self.feed.wake.notified()).await;
    }

    async fn take_in(&self, page: Vec<Next>) -> Result<(), StoreError> {
        let (index, referred) = (&self.feed.index, Referred::by(&page, &self.ledger).await?);
        for next in page {
            let event = match next {
                Next::Event(event) => event,
                Next::Gone(seq) => {
                    index.pass_over(seq);
                    continue;
                }
            };
            // What this process committed meanwhile may be there already.
            if index.apply(&event, &referred.about(&event)).is_err() && index.position() <= event.seq() {
                return Err(StoreError::Unavailable);
            }
        }
        self.feed.tell();
        Ok(())
    }

    /// Waits until the index holds everything that was acknowledged before this was called, on whichever node, or what
    /// is asked for; no longer than the caller waits.
    pub async fn current(&self, fresh: Freshness) -> Result<(), Cause> {
        let target = match self.owner {
            Owner::ThisProcess => self.ledger.seen(),
            Owner::Many => match self.proved_lately(fresh) {
                Some(position) => position,
                None => self.prove().await?,
            },
        };
        if target < fresh.min_position {
            return Err(Cause::Behind);
        }
        self.reach(target).await
    }

    async fn prove(&self) -> Result<u64, Cause> {
        let began = Instant::now();
        let head = self.ledger.proven_head().await.map_err(|error| {
            tracing::error!(%error, "it cannot be told where the ledger ends");
            cause(&error)
        })?;
        let mut proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        if proved.is_none_or(|(earlier, _)| earlier < began) {
            *proved = Some((began, head));
        }
        Ok(head)
    }

    fn proved_lately(&self, fresh: Freshness) -> Option<u64> {
        let (when, position) = (*self.proved.lock().unwrap_or_else(PoisonError::into_inner))?;
        let lately = when.elapsed() <= fresh.max_staleness?;
        (lately && position.max(self.feed.index.position()) >= fresh.min_position)
            .then_some(position.max(fresh.min_position))
    }

    async fn reach(&self, target: u64) -> Result<(), Cause> {
        if self.feed.index.position() >= target {
            return Ok(());
        }
        let mut applied = self.feed.applied.subscribe();
        self.feed.want(target);
        let arrived = applied.wait_for(|position| *position >= target).await;
        arrived.map(drop).map_err(|_| Cause::Unreachable)
    }

    /// Writes the index to a file, so that the next start need not read the whole ledger.
    pub async fn keep(&self, path: PathBuf) -> Result<u64, SnapshotError> {
        let captured = self.feed.index.capture();
        let position = captured.position();
        let root = self.ledger.root_at(position).await?;
        let vault = self.ledger.vault().clone();
        let writing = tokio::task::spawn_blocking(move || snapshot::write(&captured, &root, &vault, &path));
        writing.await.unwrap_or(Err(SnapshotError::Interrupted))?;
        Ok(position)
    }

    /// An index for a ledger, read from a file if there is one that belongs to it.
    pub async fn open(ledger: &Ledger, owner: Owner, path: PathBuf) -> Option<Self> {
        let pepper = ledger.vault().keys().peppers().first()?.clone();
        let index = match restore(ledger, pepper.clone(), path).await {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%error, "the snapshot of the index is not used");
                None
            }
        };
        Some(Self::with(ledger, owner, index.unwrap_or_else(|| Index::new(pepper))))
    }
}

async fn restore(ledger: &Ledger, pepper: Pepper, path: PathBuf) -> Result<Option<Index>, SnapshotError> {
    let Some(snapshot) = Snapshot::open(&path)? else { return Ok(None) };
    let (size, root) = snapshot.at();
    if ledger.head().await?.size < size || ledger.root_at(size).await? != root {
        return Err(SnapshotError::Ledger);
    }
    let vault = ledger.vault().clone();
    let reading = tokio::task::spawn_blocking(move || snapshot.read(&vault, pepper));
    reading.await.unwrap_or(Err(SnapshotError::Interrupted)).map(Some)
}
