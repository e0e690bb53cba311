//! Where each identity's record is: a table that one writes and all read, without a lock.
//!
//! Open addressing in shards, six bytes a slot: a part of the hash and the place of the record. A slot is only ever
//! filled or pointed elsewhere, so a reader that meets an empty one knows that the identity is not there. A shard is made
//! of blocks of one size and grows by an eighth of them when it is nearly full: memory stays close to what is needed, and
//! what is given back fits whoever grows next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use arc_swap::{ArcSwapOption, Guard};
use smallvec::SmallVec;

use super::arena::Place;

const SHARDS: usize = 1 << 14;
/// Slots that lie close together.
const LINE: usize = 10;
/// Slots of a block.
const BLOCK: usize = 6 * LINE;

/// Some slots. A tag is never zero; where there is none, there is no place yet.
struct Line {
    tags: [AtomicU16; LINE],
    places: [AtomicU32; LINE],
}

impl Line {
    const fn new() -> Self {
        Self { tags: [const { AtomicU16::new(0) }; LINE], places: [const { AtomicU32::new(0) }; LINE] }
    }
}

/// What a shard grows by.
struct Block([Line; BLOCK / LINE]);

/// How many are looked for side by side: so many shards can be held at little cost.
pub(super) const AT_ONCE: usize = 8;

/// One shard.
struct Table(Box<[Box<Block>]>);

/// All shards, as far as there is something in them.
pub(super) struct Slots {
    shards: Box<[ArcSwapOption<Table>]>,
}

/// What the one writer knows of the table: the filled slots of each shard.
pub(super) type Filled = Vec<u32>;

/// What lies at a place.
pub(super) enum Seen<T> {
    /// What was looked for.
    Theirs(T),
    /// Something else.
    Others,
    /// It changed meanwhile.
    Moved,
}

/// A record was written anew while it was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved;

/// The shard of a hash, and its part that is kept in the slot.
fn parts(hash: u64) -> (usize, u16) {
    ((hash >> 50) as usize, (hash as u16).max(1))
}

impl Table {
    fn new(blocks: usize) -> Self {
        Self((0..blocks).map(|_| Box::new(Block([const { Line::new() }; BLOCK / LINE]))).collect())
    }

    fn slots(&self) -> usize {
        self.0.len() * BLOCK
    }

    fn slot(&self, at: usize) -> Option<(&AtomicU16, &AtomicU32)> {
        let line = self.0.get(at / BLOCK)?.0.get(at % BLOCK / LINE)?;
        line.tags.get(at % LINE).zip(line.places.get(at % LINE))
    }

    /// Where a tag is looked for first.
    fn home(&self, tag: u16) -> usize {
        (usize::from(tag) * self.slots()) >> 16
    }

    /// The slots in the order in which a tag is looked for.
    fn probe(&self, tag: u16) -> impl Iterator<Item = (&AtomicU16, &AtomicU32)> {
        let home = self.home(tag);
        (home..self.slots()).chain(0..home).map_while(|at| self.slot(at))
    }

    /// Fills the first empty slot.
    fn fill(&self, tag: u16, place: u32) {
        if let Some((slot, to)) = self.probe(tag).find(|(slot, _)| slot.load(Ordering::Relaxed) == 0) {
            to.store(place, Ordering::Relaxed);
            slot.store(tag, Ordering::Release);
        }
    }

    fn filled(&self) -> impl Iterator<Item = (u16, u32)> {
        let lines = self.0.iter().flat_map(|block| &block.0);
        let slots = lines.flat_map(|line| line.tags.iter().zip(&line.places));
        let both = slots.map(|(tag, place)| (tag.load(Ordering::Relaxed), place.load(Ordering::Relaxed)));
        both.filter(|(tag, _)| *tag != 0)
    }

    /// Makes one that is an eighth larger. Readers go on with the one they have.
    fn grown(&self) -> Self {
        let new = Self::new(self.0.len() + (self.0.len() / 8).max(1));
        self.filled().for_each(|(tag, place)| new.fill(tag, place));
        new
    }
}

impl Slots {
    pub(super) fn new() -> (Self, Filled) {
        (Self { shards: (0..SHARDS).map(|_| ArcSwapOption::empty()).collect() }, vec![0; SHARDS])
    }

    /// The first place under this hash with what is looked for: others may have the same part. `look` sees a place and
    /// can ask whether the hash still has it, which tells others from those who moved there.
    pub(super) fn find<T>(
        &self,
        hash: u64,
        mut look: impl FnMut(Place, &dyn Fn() -> bool) -> Seen<T>,
    ) -> Result<Option<T>, Moved> {
        let (shard, tag) = parts(hash);
        let Some(shared) = self.shards.get(shard) else { return Ok(None) };
        let shard = shared.load();
        let Some(table) = shard.as_ref() else { return Ok(None) };
        let is_latest = || shared.load().as_ref().is_some_and(|latest| Arc::ptr_eq(latest, table));
        for (slot, points) in table.probe(tag) {
            match slot.load(Ordering::Acquire) {
                0 => return Ok(None),
                other if other != tag => continue,
                _ => {}
            }
            let place = points.load(Ordering::Acquire);
            let is_there = || points.load(Ordering::Acquire) == place && is_latest();
            match look(Place(place), &is_there) {
                Seen::Theirs(found) => return Ok(Some(found)),
                Seen::Others => {}
                Seen::Moved => return Err(Moved),
            }
        }
        Ok(None)
    }

    /// For each of some hashes the first place that may be its own, a guess. They are looked for side by side, so that it
    /// takes little longer than for one.
    pub(super) fn guess(&self, hashes: &[u64]) -> SmallVec<[Place; AT_ONCE]> {
        let shard = |hash: &u64| self.shards.get(parts(*hash).0).map(ArcSwapOption::load);
        let shards: SmallVec<[_; AT_ONCE]> = hashes.iter().filter_map(shard).collect();
        // Nothing depends on what is read here, so that the memory fetches all of it at the same time. To look for a tag
        // means to wait for what was read before one knows how to go on.
        let first = |(hash, shard): (&u64, &Guard<Option<Arc<Table>>>)| {
            let table = shard.as_ref()?;
            let (tag, place) = table.slot(table.home(parts(*hash).1))?;
            Some(u32::from(tag.load(Ordering::Relaxed)) ^ place.load(Ordering::Relaxed))
        };
        std::hint::black_box(hashes.iter().zip(&shards).filter_map(first).fold(0, |all, one| all ^ one));
        let guess = |(hash, shard): (&u64, &Guard<Option<Arc<Table>>>)| {
            let tag = parts(*hash).1;
            let mut filled = shard.as_ref()?.probe(tag).take_while(|(slot, _)| slot.load(Ordering::Acquire) != 0);
            let (_, place) = filled.find(|(slot, _)| slot.load(Ordering::Relaxed) == tag)?;
            Some(Place(place.load(Ordering::Acquire)))
        };
        hashes.iter().zip(&shards).filter_map(guess).collect()
    }

    /// Points a hash from one place to another, or fills a slot if it had none.
    pub(super) fn point(&self, filled: &mut Filled, hash: u64, from: Option<Place>, to: Place) {
        let (shard, tag) = parts(hash);
        let (Some(shared), Some(count)) = (self.shards.get(shard), filled.get_mut(shard)) else { return };
        let table = shared.load();
        if let (Some(from), Some(table)) = (from, table.as_ref()) {
            let is_old = |(slot, place): &(&AtomicU16, &AtomicU32)| {
                slot.load(Ordering::Relaxed) == tag && place.load(Ordering::Relaxed) == from.0
            };
            if let Some((_, place)) = table.probe(tag).find(is_old) {
                place.store(to.0, Ordering::Release);
            }
            return;
        }
        *count += 1;
        match table.as_ref().filter(|table| *count as usize * 10 <= table.slots() * 9) {
            Some(table) => table.fill(tag, to.0),
            None => {
                let grown = table.as_ref().map_or_else(|| Table::new(1), |table| table.grown());
                grown.fill(tag, to.0);
                shared.store(Some(Arc::new(grown)));
            }
        }
    }

    /// Bytes that the tables take.
    pub(super) fn bytes(&self) -> usize {
        let blocks = self.shards.iter().filter_map(|shard| Some(shard.load().as_ref()?.0.len()));
        blocks.sum::<usize>() * size_of::<Block>()
    }

    /// The content of every shard, six bytes a slot, behind the number of its blocks.
    #[cfg(feature = "server")]
    pub(super) fn all(&self) -> Vec<(usize, Vec<u8>)> {
        let content = |table: &Table| {
            let bytes = |(tag, place): (u16, u32)| {
                tag.to_le_bytes().into_iter().chain(place.to_le_bytes()).collect::<SmallVec<[u8; 8]>>()
            };
            (table.0.len(), table.filled().flat_map(bytes).collect())
        };
        self.shards.iter().map(|shard| shard.load().as_ref().map_or((0, Vec::new()), |table| content(table))).collect()
    }

    /// Puts a shard back that was read from a snapshot.
    #[cfg(feature = "server")]
    pub(super) fn restore(&self, filled: &mut Filled, shard: usize, (blocks, content): (usize, &[u8])) -> Option<()> {
        let (slots, rest) = content.as_chunks::<6>();
        if blocks == 0 {
            return content.is_empty().then_some(());
        }
        if !rest.is_empty() || slots.len() >= blocks.checked_mul(BLOCK)? || blocks > slots.len() + 1 {
            return None;
        }
        let table = Table::new(blocks);
        for [low, high, place @ ..] in slots {
            table.fill(u16::from_le_bytes([*low, *high]), u32::from_le_bytes(*place));
        }
        *filled.get_mut(shard)? = slots.len() as u32;
        self.shards.get(shard)?.store(Some(Arc::new(table)));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_after_every_growth_and_nothing_else() {
        let (slots, mut filled) = Slots::new();
        let hash = |number: u64| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) & (u64::MAX >> 10)) | ((number % 8) << 50);
        for number in 1..60_000 {
            slots.point(&mut filled, hash(number), None, Place(number as u32));
        }
        let look = |number: u64| {
            move |place: Place, _: &dyn Fn() -> bool| {
                if place.0 == number as u32 { Seen::Theirs(place) } else { Seen::Others }
            }
        };
        for number in 1..60_000 {
            assert_eq!(slots.find(hash(number), look(number)), Ok(Some(Place(number as u32))));
        }
        assert_eq!(slots.find(hash(70_000), look(70_000)), Ok(None));
        let used = slots.bytes() as f64 / 60_000.0;
        assert!(used < 7.7, "{used} bytes a slot");
    }

    #[test]
    fn a_slot_points_elsewhere_without_being_doubled() {
        let (slots, mut filled) = Slots::new();
        slots.point(&mut filled, 7, None, Place(1));
        slots.point(&mut filled, 7, Some(Place(1)), Place(2));
        let mut seen = Vec::new();
        let found = slots.find(7, |place, _| {
            seen.push(place.0);
            Seen::<()>::Others
        });
        assert_eq!((found, seen, filled.iter().sum::<u32>()), (Ok(None), vec![2], 1));
    }

    #[test]
    fn whoever_looks_where_a_slot_or_a_table_pointed_before_learns_it() {
        let (slots, mut filled) = Slots::new();
        slots.point(&mut filled, 7, None, Place(1));
        let mut seen = Vec::new();
        let _ = slots.find(7, |place, is_there| {
            seen.push(is_there());
            slots.point(&mut filled, 7, Some(place), Place(2));
            seen.push(is_there());
            Seen::<()>::Others
        });
        let _ = slots.find(7, |_, is_there| {
            (100..200).for_each(|other| slots.point(&mut filled, other, None, Place(9)));
            seen.push(is_there());
            Seen::<()>::Others
        });
        assert_eq!(seen, [true, false, false]);
    }
}
