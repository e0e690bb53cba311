//! The one who writes: joins records, keeps templates and shapes once, and empties chunks that hold little.

use std::collections::HashMap;
use std::sync::Arc;

use consent_core::address::Identity;
use smallvec::SmallVec;
use uuid::Uuid;

use super::arena::{Arena, CHUNK, Layout, Place, UNIT};
use super::bytes::Cursor;
use super::holes::Holes;
use super::key::Key;
#[cfg(feature = "server")]
use super::record::Times;
use super::record::{Kept, NOTHING, Noted, Opened, Own, Record};
use super::shape::{NOBODY, Shapes};
use super::slots::{Filled, Seen};
use super::template::Taken;
use super::templates::Templates;
use super::{Index, Prepared};

/// Bytes of a record, at most; a person with more is answered from the ledger.
pub(super) const LARGEST: usize = 1 << 17;
/// Keys of a record, at most: a role is one byte, and no more are read.
const MOST_KEYS: usize = NOBODY as usize;

/// What only the writer needs.
pub(super) struct Writer {
    pub(super) layout: Layout,
    pub(super) holes: Holes,
    /// Others hold this while they copy what records say: until then no room is used again.
    pub(super) held: Arc<()>,
    pub(super) filled: Filled,
    pub(super) templates: Templates,
    pub(super) shapes: Shapes,
    /// Events about an event that is not recorded yet, by its id, with whom they name.
    waiting: HashMap<Uuid, Vec<(Noted, Vec<Key>)>>,
}

impl Writer {
    pub(super) fn new(filled: Filled) -> Self {
        let (layout, held, templates, shapes, waiting) = Default::default();
        Self { layout, holes: Holes::new(), held, filled, templates, shapes, waiting }
    }
}

impl Writer {
    /// What waits for an event, each as a record.
    #[cfg(feature = "server")]
    pub(super) fn waiting(&self, times: &Times) -> Vec<(Uuid, Vec<u8>)> {
        let record = |(event, keys): &(Noted, Vec<Key>)| {
            Record { keys: keys.clone(), events: vec![event.clone()], spilled: false }.to_bytes(None, times)
        };
        self.waiting.iter().flat_map(|(id, all)| all.iter().map(|one| (*id, record(one)))).collect()
    }

    /// Puts back what waits for an event.
    #[cfg(feature = "server")]
    pub(super) fn wait(&mut self, waiting: HashMap<Uuid, Vec<(Noted, Vec<Key>)>>) {
        self.waiting = waiting;
    }

    /// What was recorded about an event before it, and what about that.
    fn earlier(&mut self, event_id: Uuid) -> Vec<(Noted, Vec<Key>)> {
        let mut all = self.waiting.remove(&event_id).unwrap_or_default();
        let mut next = 0;
        while let Some((event, _)) = all.get(next) {
            let more = self.waiting.remove(&event.own.event_id).unwrap_or_default();
            all.extend(more);
            next += 1;
        }
        all
    }
}

/// A record that is being made, and where its keys' records were. Who has been left to the ledger is not among the keys
/// and stays where they are: such records have nothing to join.
#[derive(Default)]
struct Joined {
    record: Record,
    /// For each key of the record where it was.
    was: Vec<Option<Place>>,
    places: SmallVec<[(Place, usize); 4]>,
}

impl Index {
    /// Notes an event in the record of whoever it is about. `None` if that cannot be done as it is.
    pub(super) fn note(&self, writer: &mut Writer, event: &Prepared, about: &[Identity]) -> Option<()> {
        let (worded, taken) = event.parts.as_ref()?;
        if !(1..1 << 56).contains(&event.received_at) {
            return None;
        }
        let template = Arc::clone(&worded.template);
        let kept = match writer.templates.meet(worded, &self.tables.templates) {
            Some(number) => Kept::Shared(number, template),
            None => Kept::Own(template, worded.bytes.as_ref().into()),
        };
        let Prepared { seq, event_id, received_at, at, .. } = *event;
        self.tables.times.note(seq, received_at);
        let own = Own { seq, received_at, at, event_id, marks: taken.marks, about: taken.about };
        let mut noted = Noted { template: kept, roles: [NOBODY; 4], own };
        let mut people: Vec<Key> = taken.who.iter().flatten().copied().collect();
        for identity in about {
            people.push(self.keys.of(identity)?);
        }
        if about.is_empty() {
            let named = || taken.who.iter().flatten().copied().collect();
            for id in &event.references {
                writer.waiting.entry(*id).or_default().push((noted.clone(), named()));
            }
        }
        let earlier = writer.earlier(event_id);
        people.extend(earlier.iter().flat_map(|(_, named)| named));
        if people.is_empty() {
            // About nobody: no question finds it, unless by an event that refers to it and names somebody.
            return Some(());
        }
        let mut joined = self.join(&people)?;
        if joined.record.spilled {
            return self.publish(writer, joined);
        }
        noted.roles = joined.roles(taken);
        joined.record.events.push(noted);
        // Those that name somebody are in that person's record, which is now part of this one.
        let nameless = earlier.into_iter().filter(|(_, named)| named.is_empty());
        joined.record.events.extend(nameless.map(|(event, _)| event));
        joined.record.events.sort_by_key(|event| event.own.seq);
        self.publish(writer, joined)
    }

    /// The records of these people as one.
    fn join(&self, people: &[Key]) -> Option<Joined> {
        let mut joined = Joined::default();
        for key in people {
            if joined.record.keys.contains(key) {
                continue;
            }
            let found = self.look_up(key, |place, opened| {
                let record = opened.record(&self.tables)?;
                Some((place, record, opened.cursor.units_since(place)))
            });
            let Some((place, record, units)) = found.ok()? else {
                joined.record.role(*key);
                joined.was.push(None);
                continue;
            };
            if record.spilled {
                joined.record.spilled = true;
                continue;
            }
            joined.record.merge(&record);
            joined.was.resize(joined.record.keys.len(), Some(place));
            joined.places.push((place, units));
        }
        Some(joined)
    }

    /// Writes a record and points everybody in it there.
    fn publish(&self, writer: &mut Writer, mut joined: Joined) -> Option<()> {
        joined.record.spilled |= joined.record.keys.len() >= MOST_KEYS;
        let mut bytes = Vec::new();
        if !joined.record.spilled {
            bytes = self.encode(writer, &mut joined.record);
            joined.record.spilled = bytes.len() > LARGEST;
        }
        if joined.record.spilled {
            self.spill(writer, &joined)?;
        } else {
            let to = self.put(writer, &bytes)?;
            self.point(writer, (&joined.record.keys, &joined.was), to);
        }
        self.bury(writer, &joined.places)
    }

    /// Writes of whom the ledger must be asked from now on, however many they are.
    fn spill(&self, writer: &mut Writer, joined: &Joined) -> Option<()> {
        for (keys, was) in joined.record.keys.chunks(MOST_KEYS).zip(joined.was.chunks(MOST_KEYS)) {
            let some = Record { keys: keys.to_vec(), events: Vec::new(), spilled: true };
            let to = self.put(writer, &some.to_bytes(None, &self.tables.times))?;
            self.point(writer, (keys, was), to);
        }
        Some(())
    }

    /// Points people to their record, from where they were.
    fn point(&self, writer: &mut Writer, (keys, was): (&[Key], &[Option<Place>]), to: Place) {
        for (key, was) in keys.iter().zip(was) {
            self.slots.point(&mut writer.filled, self.keys.place(key), *was, to);
        }
    }

    /// Lets go of records that nobody is pointed to any more.
    fn bury(&self, writer: &mut Writer, places: &[(Place, usize)]) -> Option<()> {
        let mut sparse: SmallVec<[usize; 4]> = SmallVec::new();
        // All of them before a chunk is emptied: no hole may be remembered in one that is gone.
        for (place, units) in places {
            writer.holes.keep(*place, *units);
            let chunk = Arena::bury(&mut writer.layout, *place, *units).filter(|chunk| !sparse.contains(chunk));
            sparse.extend(chunk);
        }
        sparse.into_iter().try_for_each(|chunk| self.empty(writer, chunk))
    }

    /// Writes a record: where another lay, or else behind the last one.
    fn put(&self, writer: &mut Writer, record: &[u8]) -> Option<Place> {
        let is_held = Arc::strong_count(&writer.held) > 1;
        let hole = if is_held { None } else { writer.holes.take(record.len().div_ceil(UNIT)) };
        let Some((place, room)) = hole else { return self.arena.write(&mut writer.layout, record) };
        self.arena.write_again(&mut writer.layout, place, room, record)?;
        Some(place)
    }

    fn encode(&self, writer: &mut Writer, record: &mut Record) -> Vec<u8> {
        let share = |event: &mut Noted| {
            if let Kept::Own(template, bytes) = &event.template
                && let Some(number) = writer.templates.number(bytes)
            {
                event.template = Kept::Shared(number, Arc::clone(template));
            }
        };
        record.events.iter_mut().for_each(share);
        let outline = record.outline();
        let shape = outline.and_then(|it| writer.shapes.number(&it, &self.tables.shapes, &self.tables.templates));
        record.to_bytes(shape, &self.tables.times)
    }

    /// Writes what still counts of a chunk anew, and lets go of it.
    fn empty(&self, writer: &mut Writer, chunk: usize) -> Option<()> {
        writer.holes.forget(chunk);
        let mut at = usize::from(chunk == 0);
        while at < CHUNK {
            let place = Place::of(chunk, at);
            match self.read_written(place) {
                Some((record, units)) => {
                    self.rescue(writer, place, &record)?;
                    at += units;
                }
                // Where nothing was written there are zeros, which no record begins with.
                None => at += 1,
            }
        }
        self.arena.release(&mut writer.layout, chunk);
        Some(())
    }

    /// The record at a place, if there is one, whether it still counts or not, and its units.
    fn read_written(&self, at: Place) -> Option<(Record, usize)> {
        let chunk = self.arena.chunk(at);
        let mut opened = Opened::read(Cursor::new(chunk.as_deref()?, at), &self.tables)?;
        let record = opened.record(&self.tables).filter(|_| opened.form != NOTHING)?;
        Some((record, opened.cursor.units_since(at)))
    }

    /// Writes a record anew if its people are still pointed to it.
    fn rescue(&self, writer: &mut Writer, at: Place, record: &Record) -> Option<()> {
        let points_here = |key: &Key| {
            let look = |place, _: &dyn Fn() -> bool| if place == at { Seen::Theirs(()) } else { Seen::Others };
            self.slots.find(self.keys.place(key), look).is_ok_and(|found| found.is_some())
        };
        if !record.keys.first().is_some_and(points_here) {
            return Some(());
        }
        let outline = record.outline();
        let shape = outline.and_then(|it| writer.shapes.number(&it, &self.tables.shapes, &self.tables.templates));
        let to = self.put(writer, &record.to_bytes(shape.filter(|_| !record.spilled), &self.tables.times))?;
        for key in &record.keys {
            self.slots.point(&mut writer.filled, self.keys.place(key), Some(at), to);
        }
        Some(())
    }
}

impl Joined {
    /// The roles of whom an event names.
    fn roles(&mut self, taken: &Taken) -> [u8; 4] {
        taken.who.map(|who| who.map_or(NOBODY, |key| self.record.role(key)))
    }
}
