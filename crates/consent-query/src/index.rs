//! What the ledger says about everybody, in memory.
//!
//! The index takes the events of the ledger in their order and keeps of each what a question may look at, in some
//! thirty bytes. People who share an address are one record, so that an answer needs one look-up; what comes out of a
//! record are the events of the person, and they go through the same [`crate::standing::fold`] and
//! [`crate::decide::decide`] as those that are read from the ledger. One thread writes; readers take no lock and never
//! wait for it.
//!
//! ```
//! use consent_core::event::{Event, Recorded};
//! use consent_core::token::Pepper;
//! use consent_query::index::{Found, Index};
//!
//! let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
//! let received_at = "2026-11-22T12:00:00Z".parse()?;
//! let stop = Recorded { seq: 0, event_id: uuid::Uuid::nil(), received_at, event: Event::from_json(stop)? };
//!
//! let index = Index::new(Pepper::new(&[7; 32]));
//! index.apply(&index.prepare(&stop), &[])?;
//! let Found::Person(person) = index.person(&stop.event.identities()) else { panic!("it is in memory") };
//! assert_eq!((person.events.len(), person.position), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it does not do: it knows no rules and draws no conclusion; it holds no text that says who somebody is but phone
//! numbers; and where a record would grow too large it says so, and the ledger is asked.

mod append;
mod arena;
mod bytes;
mod finding;
mod holes;
mod id;
mod key;
mod likeness;
mod memo;
mod neighbours;
mod record;
mod shape;
mod slots;
#[cfg(feature = "server")]
pub mod snapshot;
mod template;
mod templates;
mod wordings;
mod writer;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use consent_core::address::Identity;
use consent_core::event::{Event, Recorded};
use consent_core::token::Pepper;
use uuid::Uuid;

use append::Append;
use arena::Arena;
use key::{Key, Keys};
#[cfg(feature = "server")]
pub(crate) use memo::Alike;
pub(crate) use memo::LikeOne;
pub use memo::Memo;
use record::{Noted, Record, Tables, Times, time};
use slots::Slots;
use template::{Taken, Template};
use templates::Worded;
pub use wordings::Wordings;
use writer::Writer;

/// What the ledger says about everybody, up to a position.
pub struct Index {
    keys: Keys,
    arena: Arena,
    slots: Slots,
    tables: Tables,
    position: AtomicU64,
    /// Something could not be kept as it is: only the ledger can be relied on.
    failed: AtomicBool,
    writer: Mutex<Writer>,
}

/// What was found about somebody.
#[derive(Debug)]
pub enum Found {
    /// Everything, as of a position.
    Person(Person),
    /// More than is kept in memory: the ledger must be asked.
    Elsewhere,
}

/// The events about a person and everybody who shares an address with them.
#[derive(Debug, Default)]
pub struct Person {
    /// Number of ledger entries that were taken into account.
    pub position: u64,
    /// In the order of the ledger. Addresses that were not asked about are stand-ins, equal where the true ones are.
    pub events: Vec<Recorded>,
}

/// Bytes that an index takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Records and the table by which they are found.
    pub total: usize,
    /// Of these, records that were written anew elsewhere.
    pub dead: usize,
    /// The table alone.
    pub slots: usize,
}

/// An event that is ready to be taken in. Preparing is most of the work, and any thread may do it.
#[derive(Debug)]
pub struct Prepared {
    seq: u64,
    event_id: Uuid,
    received_at: i64,
    at: Option<i64>,
    parts: Option<(Arc<Worded>, Taken)>,
    references: Vec<Uuid>,
}

impl Prepared {
    /// The events that it is about. Whoever they are about must be named to [`Index::apply`].
    pub fn references(&self) -> &[Uuid] {
        &self.references
    }

    /// Its position.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}

/// An event that does not follow the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the index has {position} entries, and this is entry {seq}")]
pub struct OutOfOrder {
    /// Where the index is.
    pub position: u64,
    /// Position of the event.
    pub seq: u64,
}

impl Index {
    /// An empty index, whose keys are made under a secret.
    pub fn new(pepper: Pepper) -> Self {
        let (slots, filled) = Slots::new();
        let tables = Tables { templates: Append::new(), shapes: Append::new(), times: Times::new() };
        let (position, failed) = Default::default();
        let writer = Mutex::new(Writer::new(filled));
        Self { keys: Keys::new(pepper), arena: Arena::new(), slots, tables, position, failed, writer }
    }

    /// Number of ledger entries that were taken in.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Whether it can be relied on.
    pub fn is_sound(&self) -> bool {
        !self.failed.load(Ordering::Acquire)
    }

    /// Takes an event apart.
    pub fn prepare(&self, recorded: &Recorded) -> Prepared {
        let parts = Template::of(&recorded.event, &self.keys)
            .and_then(|(template, taken)| Some((Arc::new(Worded::new(template)?), taken)));
        Prepared {
            seq: recorded.seq,
            event_id: recorded.event_id,
            received_at: recorded.received_at.timestamp_micros(),
            at: recorded.event.at.map(|at| at.timestamp_micros()),
            parts,
            references: recorded.event.references(),
        }
    }

    /// Takes in the next event. `about` are the identities of the events that it refers to, and of those that these refer
    /// to, as far as they are recorded.
    pub fn apply(&self, event: &Prepared, about: &[Identity]) -> Result<(), OutOfOrder> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let position = self.position.load(Ordering::Acquire);
        if event.seq != position {
            return Err(OutOfOrder { position, seq: event.seq });
        }
        if self.note(&mut writer, event, about).is_none() {
            self.failed.store(true, Ordering::Release);
        }
        self.position.store(position + 1, Ordering::Release);
        Ok(())
    }

    /// Passes over an entry of which nobody can read what it says any more. Whose it was is not known, so that from now on
    /// only the ledger can be relied on.
    pub fn pass_over(&self, seq: u64) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.position.load(Ordering::Acquire) == seq {
            self.failed.store(true, Ordering::Release);
            self.position.store(seq + 1, Ordering::Release);
        }
    }

    /// What it takes of memory.
    pub fn memory(&self) -> Memory {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let chunks = writer.layout.dead.iter().flatten();
        let (count, dead) = chunks.fold((0, 0), |(count, dead), more| (count + 1, dead + *more as usize));
        let slots = self.slots.bytes();
        let bytes = |units: usize| units * arena::UNIT;
        Memory { total: bytes(count * arena::CHUNK) + slots, dead: bytes(dead), slots }
    }

    /// Everything about whoever is known by one of these identities.
    pub fn person(&self, asked: &[Identity]) -> Found {
        loop {
            let position = self.position();
            let Some(records) = self.records(asked) else { return Found::Elsewhere };
            if !self.is_sound() || records.iter().any(|record| record.spilled) {
                return Found::Elsewhere;
            }
            // The writer may have gone on while we read: then we would know more than the position says.
            let latest = records.iter().filter_map(|record| record.events.last()).map(|event| event.own.seq).max();
            if latest.is_none_or(|latest| latest < position) {
                return Found::Person(Person { position, events: self.events(&records, asked) });
            }
        }
    }

    /// The events of records as they were recorded, but for what no question looks at.
    fn events(&self, records: &[Record], asked: &[Identity]) -> Vec<Recorded> {
        let mut events: Vec<Recorded> = records.iter().flat_map(|record| self.events_of(record, asked)).collect();
        events.sort_by_key(|event| event.seq);
        events.dedup_by_key(|event| event.seq);
        if records.iter().flat_map(|record| &record.events).any(|event| event.template.template().refers) {
            neighbours::retain(&mut events, asked);
        }
        events
    }

    fn events_of(&self, record: &Record, asked: &[Identity]) -> Vec<Recorded> {
        let known = |key: &Key| asked.iter().find(|identity| self.keys.of(identity).as_ref() == Some(key)).cloned();
        let people: Vec<Option<Identity>> =
            record.keys.iter().map(|key| known(key).or_else(|| key.stand_in())).collect();
        let event = |noted: &Noted| -> Event {
            let who = noted.roles.map(|role| people.get(usize::from(role)).and_then(Option::as_ref));
            let event = noted.template.template().event(who, noted.own.marks, noted.own.about);
            Event { at: noted.own.at.map(time), ..event }
        };
        let recorded = |noted: &Noted| Recorded {
            seq: noted.own.seq,
            event_id: noted.own.event_id,
            received_at: time(noted.own.received_at),
            event: event(noted),
        };
        record.events.iter().map(recorded).collect()
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
