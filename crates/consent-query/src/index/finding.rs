//! Finding records by whom they are about.

use consent_core::address::Identity;
use smallvec::SmallVec;

use super::Index;
use super::arena::Place;
use super::bytes::Cursor;
use super::key::Key;
use super::record::{Opened, Record};

/// How often a record is looked for that is written anew meanwhile.
const LOOK_UPS: usize = 1_000;

/// A record that cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unreadable;

impl Index {
    /// The record of each of these, each once.
    pub(super) fn records(&self, asked: &[Identity]) -> Option<Vec<Record>> {
        let mut places: SmallVec<[Place; 4]> = SmallVec::new();
        let mut records = Vec::new();
        for identity in asked {
            let key = self.keys.of(identity)?;
            let found = self.look_up(&key, |place, opened| Some((place, opened.record(&self.tables)?)));
            if let Some((place, record)) = found.ok()?
                && !places.contains(&place)
            {
                places.push(place);
                records.push(record);
            }
        }
        Some(records)
    }

    /// Reads the record of a key, if there is one.
    ///
    /// A record may be written anew, and the chunk where it lay let go, between finding and opening it. Then it is found
    /// again where it is now.
    pub(super) fn look_up<T>(
        &self,
        key: &Key,
        mut read: impl FnMut(Place, &mut Opened<Cursor<'_>>) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        for _ in 0..LOOK_UPS {
            let mut moved = false;
            let mut is_theirs = |place| {
                let found = self.open(place, |opened| opened.keys.contains(key));
                moved |= found.is_none();
                found == Some(true)
            };
            match self.slots.find(self.keys.place(key), &mut is_theirs) {
                Some(place) => match self.open(place, |opened| read(place, opened)) {
                    Some(found) => return found.ok_or(Unreadable).map(Some),
                    None => continue,
                },
                None if moved => continue,
                None => return Ok(None),
            }
        }
        Err(Unreadable)
    }

    /// Opens the record at a place; `None` if its chunk was let go.
    fn open<T>(&self, place: Place, read: impl FnOnce(&mut Opened<Cursor<'_>>) -> T) -> Option<T> {
        let chunk = self.arena.chunk(place);
        let cursor = Cursor::new(chunk.as_deref()?, place);
        Opened::read(cursor, &self.tables).map(|mut opened| read(&mut opened))
    }
}
