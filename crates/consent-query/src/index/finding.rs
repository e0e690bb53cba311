//! Finding records by whom they are about.

use consent_core::address::Identity;
#[cfg(feature = "server")]
use smallvec::SmallVec;

use super::Index;
use super::arena::Place;
use super::bytes::Cursor;
use super::key::Key;
use super::record::{Opened, Record};
#[cfg(feature = "server")]
use super::slots::AT_ONCE;
use super::slots::{Moved, Seen};

/// How often a record is looked for that is written anew meanwhile.
const LOOK_UPS: usize = 1_000;
/// After how many of them the one who writes has its turn.
const PATIENCE: usize = 10;

/// A record that cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unreadable;

impl Index {
    /// The record of each of these, each once.
    pub(super) fn records(&self, asked: &[Identity]) -> Option<Vec<Record>> {
        let mut records: Vec<Record> = Vec::new();
        for identity in asked {
            let key = self.keys.of(identity)?;
            if !records.iter().any(|record| record.keys.contains(&key)) {
                records.extend(self.look_up(&key, |_, opened| opened.record(&self.tables)).ok()?);
            }
        }
        Some(records)
    }

    /// Has the memory fetch what is needed to answer about these people, side by side, who are to be asked about next. Only
    /// by their numbers: to know where another name is looked for takes as long as the memory does.
    #[cfg(feature = "server")]
    pub(crate) fn approach<'a>(&self, people: impl Iterator<Item = &'a Identity>) {
        let phones = people.filter(|who| matches!(who, Identity::Phone(_)));
        let mut hashes = phones.filter_map(|who| Some(self.keys.place(&self.keys.of(who)?))).fuse();
        loop {
            let hashes: SmallVec<[u64; AT_ONCE]> = hashes.by_ref().take(AT_ONCE).collect();
            if hashes.is_empty() {
                return;
            }
            let places = self.slots.guess(&hashes);
            let chunks: SmallVec<[_; AT_ONCE]> = places.iter().map(|place| self.arena.chunk(*place)).collect();
            let words = places.iter().zip(&chunks).filter_map(|(place, chunk)| Some(chunk.as_ref()?.first(*place)));
            std::hint::black_box(words.fold(0, |all, word| all ^ word));
        }
    }

    /// Reads the record of a key, if there is one.
    ///
    /// A record may be written anew, and where it lay used again or let go, while it is being read. Then it is found
    /// again where it is now.
    pub(super) fn look_up<T>(
        &self,
        key: &Key,
        mut read: impl FnMut(Place, &mut Opened<Cursor<'_>>) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        let hash = self.keys.place(key);
        for attempt in 0..LOOK_UPS {
            let found = self.slots.find(hash, |place, is_there| {
                self.see(place, is_there, |opened| opened.keys.contains(key).then(|| read(place, opened)))
            });
            match found {
                Ok(None) => return Ok(None),
                Ok(Some(found)) => return found.ok_or(Unreadable).map(Some),
                Err(Moved) if attempt >= PATIENCE => std::thread::yield_now(),
                Err(Moved) => {}
            }
        }
        Err(Unreadable)
    }

    /// Reads what lies at a place, as far as it is what is looked for.
    fn see<T>(
        &self,
        place: Place,
        is_there: &dyn Fn() -> bool,
        read: impl FnOnce(&mut Opened<Cursor<'_>>) -> Option<T>,
    ) -> Seen<T> {
        let chunk = self.arena.chunk(place);
        let Some(chunk) = chunk.as_deref() else { return Seen::Moved };
        let Some(turn) = chunk.turn() else { return Seen::Moved };
        let Some(mut opened) = Opened::read(Cursor::new(chunk, place), &self.tables) else { return Seen::Moved };
        let found = read(&mut opened);
        // In this order: what was somebody else's when it was read may become theirs before we ask whether it is there.
        match found {
            Some(found) if chunk.is_still(turn) => Seen::Theirs(found),
            None if is_there() && chunk.is_still(turn) => Seen::Others,
            _ => Seen::Moved,
        }
    }
}
