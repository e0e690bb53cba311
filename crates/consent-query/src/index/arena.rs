//! Where records lie: written once, read without a lock.
//!
//! The arena is made of chunks of words. A record is written behind the last one and published by its reference; what
//! is published never changes. A chunk that holds little that still counts is let go once its records were written
//! anew; whoever reads it at that moment keeps it until done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::{ArcSwapOption, Guard};

/// Words of one chunk: 1 MiB.
pub(super) const CHUNK: usize = 1 << 18;
/// How many chunks can be named by a reference of 32 bits.
const CHUNKS: usize = 1 << 14;

/// Words that are written once.
pub(super) struct Chunk(Box<[AtomicU32]>);

impl Chunk {
    fn new() -> Self {
        Self((0..CHUNK).map(|_| AtomicU32::new(0)).collect())
    }

    /// The word at a place.
    pub(super) fn word(&self, at: usize) -> u32 {
        self.0.get(at).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    fn set(&self, at: usize, value: u32) {
        if let Some(word) = self.0.get(at) {
            word.store(value, Ordering::Relaxed);
        }
    }
}

/// A place in the arena, in words. Zero is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(pub(super) u32);

impl Place {
    pub(super) fn chunk(self) -> usize {
        self.0 as usize / CHUNK
    }

    pub(super) fn offset(self) -> usize {
        self.0 as usize % CHUNK
    }
}

/// All chunks.
pub(super) struct Arena {
    chunks: Box<[ArcSwapOption<Chunk>]>,
}

/// What the one writer knows of the arena.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// The chunk that is being filled, and how far it is.
    pub(super) current: usize,
    pub(super) used: usize,
    /// For each chunk how many of its words no longer count; none, if it was let go.
    pub(super) dead: Vec<Option<u32>>,
}

impl Arena {
    pub(super) fn new() -> Self {
        Self { chunks: (0..CHUNKS).map(|_| ArcSwapOption::empty()).collect() }
    }

    /// The chunk of a place.
    pub(super) fn chunk(&self, place: Place) -> Guard<Option<Arc<Chunk>>> {
        let none = || Guard::from_inner(None);
        self.chunks.get(place.chunk()).map_or_else(none, ArcSwapOption::load)
    }

    /// Writes words behind the last ones; `None` if the arena is full or they are more than a chunk holds.
    pub(super) fn write(&self, layout: &mut Layout, words: &[u32]) -> Option<Place> {
        if words.len() >= CHUNK {
            return None;
        }
        if layout.dead.is_empty() || layout.used + words.len() > CHUNK {
            self.begin_chunk(layout)?;
        }
        let chunk = self.chunks.get(layout.current)?.load();
        let place = Place((layout.current * CHUNK + layout.used) as u32);
        for (at, word) in words.iter().enumerate() {
            chunk.as_ref()?.set(layout.used + at, *word);
        }
        layout.used += words.len();
        Some(place)
    }

    fn begin_chunk(&self, layout: &mut Layout) -> Option<()> {
        if let (Some(Some(dead)), true) = (layout.dead.get_mut(layout.current), layout.used < CHUNK) {
            *dead += (CHUNK - layout.used) as u32;
        }
        let next = match layout.dead.len() {
            // A number is used again only when all have been: by then nobody holds a reference from before.
            all if all >= CHUNKS => layout.dead.iter().position(Option::is_none)?,
            next => {
                layout.dead.push(None);
                next
            }
        };
        *layout.dead.get_mut(next)? = Some(0);
        self.chunks.get(next)?.store(Some(Arc::new(Chunk::new())));
        layout.current = next;
        // The first word of all is nobody's: its reference would be zero.
        layout.used = usize::from(next == 0);
        Some(())
    }

    /// Notes that a record no longer counts. Returns its chunk if that should now be emptied.
    pub(super) fn bury(layout: &mut Layout, place: Place, words: usize) -> Option<usize> {
        let chunk = place.chunk();
        let dead = layout.dead.get_mut(chunk)?.as_mut()?;
        *dead += words as u32;
        (*dead as usize > CHUNK / 2 && chunk != layout.current).then_some(chunk)
    }

    /// Lets go of a chunk.
    pub(super) fn release(&self, layout: &mut Layout, chunk: usize) {
        if let (Some(slot), Some(dead)) = (self.chunks.get(chunk), layout.dead.get_mut(chunk)) {
            slot.store(None);
            *dead = None;
        }
    }

    /// The chunks as they are, with how many of their words were written.
    pub(super) fn all(&self, layout: &Layout) -> Vec<(usize, Arc<Chunk>, usize)> {
        let live = layout.dead.iter().enumerate().filter(|(_, dead)| dead.is_some());
        let used = |chunk: usize| if chunk == layout.current { layout.used } else { CHUNK };
        live.filter_map(|(chunk, _)| Some((chunk, self.chunks.get(chunk)?.load_full()?, used(chunk)))).collect()
    }

    /// Puts a chunk back that was read from a snapshot.
    pub(super) fn restore(&self, chunk: usize, words: impl Iterator<Item = u32>) -> Option<()> {
        let restored = Chunk::new();
        words.enumerate().for_each(|(at, word)| restored.set(at, word));
        self.chunks.get(chunk)?.store(Some(Arc::new(restored)));
        Some(())
    }
}

/// The words that bytes take.
pub(super) fn words(bytes: &[u8]) -> Vec<u32> {
    let word = |some: &[u8]| {
        let mut four = [0; 4];
        four.iter_mut().zip(some).for_each(|(to, from)| *to = *from);
        u32::from_le_bytes(four)
    };
    bytes.chunks(4).map(word).collect()
}
