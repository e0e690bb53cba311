//! Where records lie: written by one, read by all without a lock.
//!
//! The arena is made of chunks, in which a place is a unit of two bytes. A record is written behind the last one, or
//! where one lay that was written anew elsewhere; then it is published by its place. Whoever reads a record asks
//! afterwards whether its chunk is still as it was, and reads again if it is not. A chunk that holds little that still
//! counts is let go once its records were written anew; whoever reads it at that moment keeps it until done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

use arc_swap::{ArcSwapOption, Guard};

/// Bytes of a unit.
pub(super) const UNIT: usize = 2;
/// Units of one chunk: 1 MiB.
pub(super) const CHUNK: usize = 1 << 19;
/// How many chunks can be named by a place of 32 bits.
const CHUNKS: usize = 1 << 13;
/// Bytes of a word.
const WORD: usize = 8;

/// Records side by side.
pub(super) struct Chunk {
    words: Box<[AtomicU64]>,
    /// How often room in it was used again, twice; odd while it is.
    turns: AtomicU32,
}

/// A moment of a chunk, while nothing in it that was published changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn(u32);

impl Chunk {
    fn new() -> Self {
        Self { words: (0..CHUNK * UNIT / WORD).map(|_| AtomicU64::new(0)).collect(), turns: AtomicU32::new(0) }
    }

    /// This moment; none while room is being used again.
    pub(super) fn turn(&self) -> Option<Turn> {
        let turn = self.turns.load(Ordering::Acquire);
        turn.is_multiple_of(2).then_some(Turn(turn))
    }

    /// Whether everything that was read since is still what was published.
    pub(super) fn is_still(&self, turn: Turn) -> bool {
        fence(Ordering::Acquire);
        self.turns.load(Ordering::Relaxed) == turn.0
    }

    /// Eight bytes from this one on.
    pub(super) fn eight(&self, at: usize) -> u64 {
        let (word, shift) = (at / WORD, at % WORD * 8);
        let load = |word: usize| self.words.get(word).map_or(0, |word| word.load(Ordering::Relaxed));
        match shift {
            0 => load(word),
            _ => load(word) >> shift | load(word + 1) << (64 - shift),
        }
    }

    /// The first bytes of a record, and some further on: they may lie in two lines of the cache.
    #[cfg(feature = "server")]
    pub(super) fn first(&self, place: Place) -> u64 {
        let at = place.offset() * UNIT;
        self.eight(at) ^ self.eight(at + 32)
    }

    /// Writes bytes from this one on. Those beside them stay as they are.
    fn write(&self, mut at: usize, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (begin, Some(word)) = (at % WORD, self.words.get(at / WORD)) else { return };
            let (some, rest) = bytes.split_at(bytes.len().min(WORD - begin));
            let mut eight = word.load(Ordering::Relaxed).to_le_bytes();
            eight.iter_mut().skip(begin).zip(some).for_each(|(to, from)| *to = *from);
            word.store(u64::from_le_bytes(eight), Ordering::Relaxed);
            (at, bytes) = (at + some.len(), rest);
        }
    }

    /// The same where others may be reading what was there before.
    fn write_again(&self, at: usize, bytes: &[u8]) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.write(at, bytes);
        self.turns.fetch_add(1, Ordering::Release);
    }

    /// Its first units, as bytes.
    #[cfg(feature = "server")]
    pub(super) fn bytes(&self, units: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            self.words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes()).collect();
        bytes.truncate(units * UNIT);
        bytes
    }
}

/// A place in the arena, in units. Zero is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(pub(super) u32);

impl Place {
    pub(super) fn of(chunk: usize, offset: usize) -> Self {
        Self((chunk * CHUNK + offset) as u32)
    }

    pub(super) fn chunk(self) -> usize {
        self.0 as usize / CHUNK
    }

    pub(super) fn offset(self) -> usize {
        self.0 as usize % CHUNK
    }

    /// So many units further on.
    pub(super) fn behind(self, units: usize) -> Self {
        Self(self.0 + units as u32)
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
    /// For each chunk how many of its units no longer count; none, if it was let go.
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

    /// Writes a record behind the last one; `None` if the arena is full or it is more than a chunk holds.
    pub(super) fn write(&self, layout: &mut Layout, record: &[u8]) -> Option<Place> {
        let units = record.len().div_ceil(UNIT);
        if units >= CHUNK {
            return None;
        }
        if layout.dead.is_empty() || layout.used + units > CHUNK {
            self.begin_chunk(layout)?;
        }
        let place = Place::of(layout.current, layout.used);
        self.chunk(place).as_ref()?.write(place.offset() * UNIT, record);
        layout.used += units;
        Some(place)
    }

    /// Writes a record where others were, in so many units that no longer count; what is left of them is zero.
    pub(super) fn write_again(&self, layout: &mut Layout, place: Place, room: usize, record: &[u8]) -> Option<()> {
        let mut whole = record.to_vec();
        whole.resize(room * UNIT, 0);
        self.chunk(place).as_ref()?.write_again(place.offset() * UNIT, &whole);
        *layout.dead.get_mut(place.chunk())?.as_mut()? -= record.len().div_ceil(UNIT) as u32;
        Some(())
    }

    fn begin_chunk(&self, layout: &mut Layout) -> Option<()> {
        if let (Some(Some(dead)), true) = (layout.dead.get_mut(layout.current), layout.used < CHUNK) {
            *dead += (CHUNK - layout.used) as u32;
        }
        let next = match layout.dead.len() {
            // A number is used again only when all have been: by then nobody holds a place from before.
            all if all >= CHUNKS => layout.dead.iter().position(Option::is_none)?,
            next => {
                layout.dead.push(None);
                next
            }
        };
        *layout.dead.get_mut(next)? = Some(0);
        self.chunks.get(next)?.store(Some(Arc::new(Chunk::new())));
        layout.current = next;
        // The first unit of all is nobody's: its place would be zero.
        layout.used = usize::from(next == 0);
        Some(())
    }

    /// Notes that a record no longer counts. Returns its chunk if that should now be emptied.
    pub(super) fn bury(layout: &mut Layout, place: Place, units: usize) -> Option<usize> {
        let chunk = place.chunk();
        let dead = layout.dead.get_mut(chunk)?.as_mut()?;
        *dead += units as u32;
        (*dead as usize > CHUNK / 3 && chunk != layout.current).then_some(chunk)
    }

    /// Lets go of a chunk.
    pub(super) fn release(&self, layout: &mut Layout, chunk: usize) {
        if let (Some(slot), Some(dead)) = (self.chunks.get(chunk), layout.dead.get_mut(chunk)) {
            slot.store(None);
            *dead = None;
        }
    }

    /// The chunks as they are, with how many of their units were written.
    #[cfg(feature = "server")]
    pub(super) fn all(&self, layout: &Layout) -> Vec<(usize, Arc<Chunk>, usize)> {
        let live = layout.dead.iter().enumerate().filter(|(_, dead)| dead.is_some());
        let used = |chunk: usize| if chunk == layout.current { layout.used } else { CHUNK };
        live.filter_map(|(chunk, _)| Some((chunk, self.chunks.get(chunk)?.load_full()?, used(chunk)))).collect()
    }

    /// Puts a chunk back that was read from a snapshot.
    #[cfg(feature = "server")]
    pub(super) fn restore(&self, chunk: usize, bytes: &[u8]) -> Option<()> {
        let restored = Chunk::new();
        restored.write(0, bytes);
        self.chunks.get(chunk)?.store(Some(Arc::new(restored)));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_anywhere_and_those_beside_them_stay() {
        let chunk = Chunk::new();
        chunk.write(0, &[9; 64]);
        chunk.write(13, &(1..22).collect::<Vec<u8>>());
        assert_eq!(chunk.eight(12).to_le_bytes(), [9, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(chunk.eight(29).to_le_bytes(), [17, 18, 19, 20, 21, 9, 9, 9]);
        assert_eq!(chunk.eight(CHUNK * UNIT), 0);
    }

    #[test]
    fn whoever_read_before_room_was_used_again_learns_it() {
        let chunk = Chunk::new();
        let turn = chunk.turn().unwrap();
        chunk.write(0, &[1; 4]);
        assert!(chunk.is_still(turn), "what is written behind the last record disturbs nobody");
        chunk.write_again(0, &[2; 4]);
        assert!(!chunk.is_still(turn));
    }
}
