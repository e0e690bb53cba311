//! Room of records that were written anew elsewhere, so that others can lie there.

use std::array;

use super::arena::Place;

/// Units of the largest room that is remembered, less one: more have few.
const SIZES: usize = 128;
/// Units of the smallest.
const SMALLEST: usize = 12;
/// Of how many rooms of one size it is remembered where they are. The others are empty until their chunk is.
const HELD: usize = 1 << 14;

/// Rooms by their size.
pub(super) struct Holes {
    places: [Vec<Place>; SIZES],
    /// A bit for each size of which there are some.
    sizes: u128,
}

impl Holes {
    pub(super) fn new() -> Self {
        Self { places: array::from_fn(|_| Vec::new()), sizes: 0 }
    }

    /// Remembers a room.
    pub(super) fn keep(&mut self, place: Place, units: usize) {
        if let Some(places) = self.places.get_mut(units).filter(|places| units >= SMALLEST && places.len() < HELD) {
            places.push(place);
            self.sizes |= 1 << units;
        }
    }

    /// The smallest room that has so many units, and how many it has. What is left of it is remembered.
    pub(super) fn take(&mut self, units: usize) -> Option<(Place, usize)> {
        let larger = self.sizes.checked_shr(units as u32).filter(|larger| *larger != 0)?;
        let room = units + larger.trailing_zeros() as usize;
        let places = self.places.get_mut(room)?;
        let place = places.pop()?;
        if places.is_empty() {
            self.sizes &= !(1 << room);
        }
        self.keep(place.behind(units), room - units);
        Some((place, room))
    }

    /// Forgets what lies in a chunk.
    pub(super) fn forget(&mut self, chunk: usize) {
        for (units, places) in self.places.iter_mut().enumerate() {
            places.retain(|place| place.chunk() != chunk);
            if places.is_empty() {
                self.sizes &= !(1 << units);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::arena::CHUNK;
    use super::*;

    #[test]
    fn the_room_that_fits_best_is_used_first_and_what_is_left_of_it_later() {
        let mut holes = Holes::new();
        holes.keep(Place(100), 60);
        holes.keep(Place(500), 20);
        assert_eq!(holes.take(18), Some((Place(500), 20)));
        assert_eq!(holes.take(18), Some((Place(100), 60)));
        assert_eq!(holes.take(42), Some((Place(118), 42)));
        assert_eq!(holes.take(12), None, "two units were too few to be remembered");
        assert_eq!(holes.take(10_000), None);
    }

    #[test]
    fn what_lies_in_a_chunk_that_is_let_go_is_not_used() {
        let mut holes = Holes::new();
        let (here, there) = (Place::of(1, 5), Place::of(2, 5));
        holes.keep(here, 20);
        holes.keep(there, 20);
        holes.forget(1);
        assert_eq!((holes.take(20), holes.take(20)), (Some((there, 20)), None));
        assert_eq!(there.offset() + CHUNK * 2, 5 + there.chunk() * CHUNK);
    }
}
