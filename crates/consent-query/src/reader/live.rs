//! The index kept in step with the ledger.
//!
//! What this process commits is taken in before its callers are told so. What other nodes commit is read from the
//! ledger, in order and by position; that the database says when something new is there only makes it sooner. Whoever
//! asks proves first where the ledger ends, and waits until the index has come so far.
//!
//! A database that lost its last entries, as by a failover, may have grown past this index again with others. So the
//! last entry that was taken in is compared whenever there are new ones: nothing is taken in behind another.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use consent_core::codec::Hash;
use consent_core::token::Pepper;
use consent_store::{Ledger, Observer, Scanned, StoreError};
use futures_util::StreamExt;
use tokio::time::Instant;

use super::cause;
use super::feed::{Feed, Filled};
use super::page::Referred;
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

impl Live {
    /// An index for a ledger: empty until [`Live::follow`] runs.
    pub fn new(ledger: &Ledger, owner: Owner) -> Option<Self> {
        let pepper = ledger.vault().keys().peppers().first()?.clone();
        Some(Self::with(ledger, owner, (Index::new(pepper), None)))
    }

    fn with(ledger: &Ledger, owner: Owner, filled: Filled) -> Self {
        let feed = Arc::new(Feed::new(filled));
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
        let is_whole = !damaged.load(Ordering::Acquire) && index.is_sound() && !self.ledger.has_diverged();
        ready.load(Ordering::Acquire) && is_whole
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
        let (position, leaf) = self.feed.end();
        let end = if wanted > position { wanted } else { self.ledger.proven_head().await? };
        if end > position {
            self.read_on((position, leaf), end).await?;
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

    /// Takes in what lies between the position of the index and this end. The entry before is read with it and must
    /// still be the one that was taken in.
    async fn read_on(&self, (position, leaf): (u64, Option<Hash>), end: u64) -> Result<(), StoreError> {
        let (feed, ledger, wordings) = (Arc::clone(&self.feed), self.ledger.clone(), Wordings::default());
        let prepare = move |found: Scanned<'_>| {
            if let Some(known) = leaf.filter(|_| found.seq + 1 == position) {
                ledger.same_entry(found.seq, &known, found.leaf)?;
            }
            feed.prepare(found, position, &wordings)
        };
        let mut pages = Box::pin(self.ledger.scan(position.saturating_sub(1), end, prepare));
        while let Some(page) = pages.next().await {
            let page = page?;
            let referred = Referred::by(&page, &self.ledger).await?;
            self.feed.take_in(&page, &referred)?;
        }
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
        let (captured, leaf) = self.feed.capture();
        let position = captured.position();
        // Whatever it had given up before is in what was captured, which does not say so.
        if !self.feed.index.is_sound() {
            return Err(SnapshotError::Interrupted);
        }
        let root = self.ledger.root_at(position).await?;
        // Whose root that is the index cannot tell. A ledger that has its last entry now had it when the root was read.
        if let Some(seq) = position.checked_sub(1) {
            let (known, found) = (leaf.ok_or(SnapshotError::Ledger)?, self.ledger.leaf(seq).await?);
            self.ledger.same_entry(seq, &known, &found)?;
        }
        let vault = self.ledger.vault().clone();
        let writing = tokio::task::spawn_blocking(move || snapshot::write(&captured, &root, &vault, &path));
        writing.await.unwrap_or(Err(SnapshotError::Interrupted))?;
        Ok(position)
    }

    /// An index for a ledger, read from a file if there is one that belongs to it.
    pub async fn open(ledger: &Ledger, owner: Owner, path: PathBuf) -> Option<Self> {
        let pepper = ledger.vault().keys().peppers().first()?.clone();
        let restored = match restore(ledger, pepper.clone(), path).await {
            Ok(restored) => restored,
            Err(error) => {
                tracing::warn!(%error, "the snapshot of the index is not used");
                None
            }
        };
        Some(Self::with(ledger, owner, restored.unwrap_or_else(|| (Index::new(pepper), None))))
    }
}

async fn restore(ledger: &Ledger, pepper: Pepper, path: PathBuf) -> Result<Option<Filled>, SnapshotError> {
    let Some(snapshot) = Snapshot::open(&path)? else { return Ok(None) };
    let (size, root) = snapshot.at();
    if ledger.head().await?.size < size {
        return Err(SnapshotError::Ledger);
    }
    // Read before the root is compared: a ledger that has this root afterwards had the entry that belongs to it before.
    let leaf = match size.checked_sub(1) {
        Some(seq) => Some(ledger.leaf(seq).await?),
        None => None,
    };
    if ledger.root_at(size).await? != root {
        return Err(SnapshotError::Ledger);
    }
    let vault = ledger.vault().clone();
    let reading = tokio::task::spawn_blocking(move || snapshot.read(&vault, pepper));
    let index = reading.await.unwrap_or(Err(SnapshotError::Interrupted))?;
    Ok(Some((index, leaf)))
}
