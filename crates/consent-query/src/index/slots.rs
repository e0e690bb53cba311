//! Where each identity's record is: a table that one writes and all read, without a lock.
//!
//! Open addressing in shards, eight bytes a slot: half of the hash and the place of the record. A slot is only ever
//! filled or pointed elsewhere, so a reader that meets an empty one knows that the identity is not there. A shard grows
//! by a quarter when it is nearly full: memory stays close to what is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::arena::Place;

const SHARDS: usize = 1 << 10;
/// Slots of an empty shard.
const SMALLEST: usize = 16;

/// One shard.
type Table = Box<[AtomicU64]>;

/// All shards.
pub(super) struct Slots {
    shards: Box<[ArcSwap<Table>]>,
}

/// What the one writer knows of the table: the filled slots of each shard.
pub(super) type Filled = Vec<u32>;

fn empty(slots: usize) -> Arc<Table> {
    Arc::new((0..slots).map(|_| AtomicU64::new(0)).collect())
}

/// The shard of a hash, and its half that is kept in the slot.
fn parts(hash: u64) -> (usize, u32) {
    ((hash >> 54) as usize, hash as u32)
}

/// The slots in the order in which a tag is looked for.
fn probe(tag: u32, slots: usize) -> impl Iterator<Item = usize> {
    let home = ((u64::from(tag) * slots as u64) >> 32) as usize;
    (home..slots).chain(0..home)
}

impl Slots {
    pub(super) fn new() -> (Self, Filled) {
        (Self { shards: (0..SHARDS).map(|_| ArcSwap::new(empty(SMALLEST))).collect() }, vec![0; SHARDS])
    }

    /// The first place under this hash that is accepted: others may have the same half.
    pub(super) fn find(&self, hash: u64, mut accept: impl FnMut(Place) -> bool) -> Option<Place> {
        let (shard, tag) = parts(hash);
        let table = self.shards.get(shard)?.load();
        for at in probe(tag, table.len()) {
            match table.get(at)?.load(Ordering::Acquire) {
                0 => return None,
                slot if (slot >> 32) as u32 == tag && accept(Place(slot as u32)) => return Some(Place(slot as u32)),
                _ => {}
            }
        }
        None
    }

    /// Points a hash from one place to another, or fills a slot if it had none.
    pub(super) fn point(&self, filled: &mut Filled, hash: u64, from: Option<Place>, to: Place) {
        let (shard, tag) = parts(hash);
        let (Some(shared), Some(count)) = (self.shards.get(shard), filled.get_mut(shard)) else { return };
        let table = shared.load_full();
        let table =
            if from.is_none() && (*count as usize + 1) * 8 > table.len() * 7 { grow(shared, &table) } else { table };
        let old = from.map_or(0, |from| entry(tag, from));
        for at in probe(tag, table.len()) {
            let Some(slot) = table.get(at) else { return };
            if slot.load(Ordering::Relaxed) == old {
                slot.store(entry(tag, to), Ordering::Release);
                *count += u32::from(from.is_none());
                return;
            }
        }
    }

    /// Bytes that the tables take.
    pub(super) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.load().len() * 8).sum()
    }

    /// The content of every shard.
    pub(super) fn all(&self) -> Vec<Vec<u64>> {
        let content = |table: &Table| table.iter().map(|slot| slot.load(Ordering::Relaxed)).collect();
        self.shards.iter().map(|shard| content(&shard.load())).collect()
    }

    /// Puts a shard back that was read from a snapshot.
    pub(super) fn restore(
        &self,
        filled: &mut Filled,
        shard: usize,
        content: impl ExactSizeIterator<Item = u64>,
    ) -> Option<()> {
        let table: Table = content.map(AtomicU64::new).collect();
        let count = table.iter().filter(|slot| slot.load(Ordering::Relaxed) != 0).count();
        if count >= table.len() {
            return None;
        }
        *filled.get_mut(shard)? = count as u32;
        self.shards.get(shard)?.store(Arc::new(table));
        Some(())
    }
}

fn entry(tag: u32, place: Place) -> u64 {
    (u64::from(tag) << 32) | u64::from(place.0)
}

/// Replaces a table by one that is a quarter larger. Readers go on with the one they have.
fn grow(shared: &ArcSwap<Table>, old: &Table) -> Arc<Table> {
    let new = empty(old.len() + old.len() / 4);
    for slot in old.iter().map(|slot| slot.load(Ordering::Relaxed)).filter(|slot| *slot != 0) {
        let free = probe((slot >> 32) as u32, new.len())
            .find_map(|at| new.get(at).filter(|to| to.load(Ordering::Relaxed) == 0));
        if let Some(free) = free {
            free.store(slot, Ordering::Relaxed);
        }
    }
    shared.store(Arc::clone(&new));
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_after_every_growth_and_nothing_else() {
        let (slots, mut filled) = Slots::new();
        let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
        for number in 1..60_000 {
            slots.point(&mut filled, hash(number), None, Place(number as u32));
        }
        for number in 1..60_000 {
            let found = slots.find(hash(number), |place| place.0 == number as u32);
            assert_eq!(found, Some(Place(number as u32)));
        }
        assert_eq!(slots.find(hash(70_000), |_| false), None);
        let used = slots.bytes() as f64 / 60_000.0;
        assert!(used < 13.0, "{used} bytes a slot");
    }

    #[test]
    fn a_slot_points_elsewhere_without_being_doubled() {
        let (slots, mut filled) = Slots::new();
        slots.point(&mut filled, 7, None, Place(1));
        slots.point(&mut filled, 7, Some(Place(1)), Place(2));
        let mut seen = Vec::new();
        slots.find(7, |place| {
            seen.push(place.0);
            false
        });
        assert_eq!((seen, filled.iter().sum::<u32>()), (vec![2], 1));
    }
}
