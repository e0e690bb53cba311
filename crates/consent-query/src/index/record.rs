//! A record: everything about people who share addresses, in few bytes.
//!
//! ```text
//! form     number of the shape; 1: the outline is written out; 2: too large, the ledger knows
//! keys     5 or 7 bytes a phone number, 11 bytes a hash
//! events   position (as a step from the one before), time of receipt (as a step from that of a neighbour in the ledger),
//!          event id, time if given, marks, which event it is about
//! ```

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::append::Append;
use super::bytes::{Source, put_fixed, put_short, put_signed};
use super::id::{put_id, read_id};
use super::key::{HASH, Key};
use super::shape::{FIRST, Kind, NOBODY, Outline, Roles, Shape};
use super::template::{MARKS, Template};
use super::writer::LARGEST;

/// Nothing is written here.
pub(super) const NOTHING: u32 = 0;
/// The outline is written out in the record.
const LISTED: u32 = 1;
/// Only the keys are kept: the ledger must be asked.
const SPILLED: u32 = 2;

/// What a record says of an event.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    pub(super) template: Kept,
    pub(super) roles: Roles,
    pub(super) own: Own,
}

/// What is an event's own, beside whom it names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    pub(super) seq: u64,
    /// Microseconds since 1970.
    pub(super) received_at: i64,
    /// When it happened, if that was said.
    pub(super) at: Option<i64>,
    pub(super) event_id: Uuid,
    pub(super) marks: [u64; MARKS],
    /// The event that it is about, if that is not in its template.
    pub(super) about: Option<Uuid>,
}

/// A template, and where it is kept.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Once for all.
    Shared(u32, Arc<Template>),
    /// In the record.
    Own(Arc<Template>, Arc<[u8]>),
}

impl Kept {
    pub(super) fn template(&self) -> &Template {
        match self {
            Self::Shared(_, template) | Self::Own(template, _) => template,
        }
    }
}

/// A record, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    pub(super) keys: Vec<Key>,
    /// In the order of the ledger.
    pub(super) events: Vec<Noted>,
    pub(super) spilled: bool,
}

/// Phone numbers below this one take five bytes.
const SHORT_PHONE: u64 = 1 << 40;

impl Kind {
    fn of(key: &Key) -> Self {
        match key {
            Key::Phone(number) if *number < SHORT_PHONE => Self::Phone,
            Key::Phone(_) => Self::LongPhone,
            Key::Email(_) => Self::Email,
            Key::Subject(_) => Self::Subject,
        }
    }

    pub(super) fn from_byte(byte: u8) -> Self {
        match byte {
            1 => Self::Phone,
            2 => Self::Email,
            3 => Self::Subject,
            _ => Self::LongPhone,
        }
    }
}

/// What records refer to.
pub(super) struct Tables {
    pub(super) templates: Append<Arc<Template>>,
    pub(super) shapes: Append<Arc<Shape>>,
    pub(super) times: Times,
}

/// When some of the ledger's entries were received: the times of those near them are steps from these.
pub(super) struct Times(Append<i64>);

impl Times {
    /// Entries that have one in common.
    const NEAR: u64 = 1 << 10;

    pub(super) fn new() -> Self {
        Self(Append::new())
    }

    fn near(&self, seq: u64) -> i64 {
        u32::try_from(seq / Self::NEAR).ok().and_then(|at| self.0.get(at)).copied().unwrap_or(0)
    }

    /// Notes the time of an entry, before any of its neighbours is written. The first one stays.
    pub(super) fn note(&self, seq: u64, received_at: i64) {
        if let Ok(at) = u32::try_from(seq / Self::NEAR) {
            self.0.set(at, received_at);
        }
    }

    /// All that have been noted, up to a position; zero where there is none.
    #[cfg(feature = "server")]
    pub(super) fn until(&self, position: u64) -> Vec<i64> {
        (0..position.div_ceil(Self::NEAR)).map(|at| self.near(at * Self::NEAR)).collect()
    }

    /// Puts them back.
    #[cfg(feature = "server")]
    pub(super) fn restore(&self, all: impl Iterator<Item = i64>) {
        for (at, time) in (0..).zip(all).filter(|(_, time)| *time != 0) {
            self.note(at * Self::NEAR, time);
        }
    }
}

/// The beginning of a record, which is all that a look-up needs.
pub(super) struct Opened<S> {
    pub(super) cursor: S,
    pub(super) form: u32,
    pub(super) keys: Keyed,
}

/// The keys of a record: of few people in most.
pub(super) type Keyed = smallvec::SmallVec<[Key; 4]>;

fn key(kind: Kind, from: &mut impl Source) -> Key {
    match kind {
        Kind::Phone => Key::Phone(from.fixed::<5>()),
        Kind::LongPhone => Key::Phone(from.fixed::<7>()),
        Kind::Email => Key::Email(from.array::<HASH>()),
        Kind::Subject => Key::Subject(from.array::<HASH>()),
    }
}

impl<S: Source> Opened<S> {
    /// Reads form and keys.
    pub(super) fn read(mut cursor: S, tables: &Tables) -> Option<Self> {
        let form = cursor.short() as u32;
        let keys = if form >= FIRST {
            let shape = tables.shapes.get(form)?;
            shape.outline.kinds.iter().map(|kind| key(*kind, &mut cursor)).collect()
        } else {
            let count = cursor.short().min(u64::from(NOBODY));
            (0..count).map(|_| key(Kind::from_byte(cursor.byte()), &mut cursor)).collect()
        };
        Some(Self { cursor, form, keys })
    }

    /// Reads the events too. The cursor ends behind the record.
    pub(super) fn record(&mut self, tables: &Tables) -> Option<Record> {
        let mut record = Record { keys: self.keys.to_vec(), events: Vec::new(), spilled: self.form == SPILLED };
        if self.form >= FIRST {
            let shape = Arc::clone(tables.shapes.get(self.form)?);
            for ((number, roles), template) in shape.outline.events.iter().zip(&shape.templates) {
                let kept = Kept::Shared(*number, Arc::clone(template));
                self.event(&mut record, (kept, *roles), tables);
            }
        } else if self.form == LISTED {
            for _ in 0..self.cursor.short().min(LARGEST as u64) {
                let kept = self.kept(tables)?;
                let roles = self.cursor.array();
                self.event(&mut record, (kept, roles), tables);
            }
        }
        Some(record)
    }

    fn kept(&mut self, tables: &Tables) -> Option<Kept> {
        match self.cursor.short() {
            0 => {
                let length = self.cursor.short() as usize;
                let bytes = self.cursor.vector(length);
                Some(Kept::Own(Arc::new(Template::from_bytes(&bytes)?), bytes.into()))
            }
            number => {
                let number = number as u32 - 1;
                Some(Kept::Shared(number, Arc::clone(tables.templates.get(number)?)))
            }
        }
    }

    fn event(&mut self, record: &mut Record, (template, roles): (Kept, Roles), tables: &Tables) {
        let before = record.events.last().map_or(0, |event| event.own.seq);
        let mut own = Own::read(&mut self.cursor, template.template(), before, &tables.times);
        if template.template().about {
            own.about = match self.cursor.short() {
                0 => Some(Uuid::from_bytes(self.cursor.array())),
                number => record.events.get(number as usize - 1).map(|event| event.own.event_id),
            };
        }
        record.events.push(Noted { template, roles, own });
    }
}

impl Own {
    /// Reads what stands behind an event of that position, or first. Which event it is about comes after.
    pub(super) fn read(from: &mut impl Source, template: &Template, before: u64, times: &Times) -> Self {
        let seq = before.wrapping_add(from.short());
        let received_at = times.near(seq).wrapping_add(from.signed());
        let event_id = read_id(from, received_at);
        let at = template.dated.then(|| received_at.wrapping_sub(from.signed()));
        let mut marks = [0; MARKS];
        for (mark, _) in marks.iter_mut().zip(template.marks).filter(|(_, marked)| *marked) {
            *mark = from.fixed::<8>();
        }
        Self { seq, received_at, at, event_id, marks, about: None }
    }

    fn put(&self, out: &mut Vec<u8>, template: &Template, before: &[Noted], times: &Times) {
        put_short(out, self.seq - before.last().map_or(0, |event| event.own.seq));
        put_signed(out, self.received_at - times.near(self.seq));
        put_id(out, self.event_id, self.received_at);
        if let Some(at) = self.at {
            put_signed(out, self.received_at - at);
        }
        let marks = self.marks.iter().zip(template.marks).filter(|(_, marked)| *marked);
        marks.for_each(|(mark, _)| put_fixed(out, *mark, 8));
        if let (true, Some(about)) = (template.about, self.about) {
            match before.iter().position(|event| event.own.event_id == about) {
                Some(at) => put_short(out, at as u64 + 1),
                None => {
                    out.push(0);
                    out.extend(about.as_bytes());
                }
            }
        }
    }
}

impl Record {
    /// The outline, if all its templates are shared.
    pub(super) fn outline(&self) -> Option<Outline> {
        let event = |event: &Noted| match &event.template {
            Kept::Shared(number, _) => Some((*number, event.roles)),
            Kept::Own(..) => None,
        };
        let events = self.events.iter().map(event).collect::<Option<Vec<_>>>()?;
        Some(Outline { kinds: self.keys.iter().map(Kind::of).collect(), events })
    }

    /// The record in bytes, under the number of its shape if it has one.
    pub(super) fn to_bytes(&self, shape: Option<u32>, times: &Times) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let form = shape.unwrap_or(if self.spilled { SPILLED } else { LISTED });
        put_short(&mut out, u64::from(form));
        if shape.is_none() {
            put_short(&mut out, self.keys.len() as u64);
        }
        for key in &self.keys {
            if shape.is_none() {
                out.push(Kind::of(key) as u8);
            }
            match key {
                Key::Phone(number) => put_fixed(&mut out, *number, if *number < SHORT_PHONE { 5 } else { 7 }),
                Key::Email(hash) | Key::Subject(hash) => out.extend(hash),
            }
        }
        if self.spilled {
            return out;
        }
        if shape.is_none() {
            put_short(&mut out, self.events.len() as u64);
        }
        for (at, event) in self.events.iter().enumerate() {
            if shape.is_none() {
                event.put_outline(&mut out);
            }
            event.own.put(&mut out, event.template.template(), self.events.get(..at).unwrap_or_default(), times);
        }
        out
    }

    /// Adds the events and people of another record, each once.
    pub(super) fn merge(&mut self, other: &Self) {
        let at: Vec<u8> = other.keys.iter().map(|key| self.role(*key)).collect();
        let role = |role: u8| at.get(usize::from(role)).copied().unwrap_or(NOBODY);
        self.spilled |= other.spilled || self.keys.len() >= usize::from(NOBODY);
        let new = other.events.iter().map(|event| Noted { roles: event.roles.map(role), ..event.clone() });
        self.events.extend(new);
        self.events.sort_by_key(|event| event.own.seq);
        self.events.dedup_by_key(|event| event.own.seq);
    }

    /// The number of a key in this record, which has it from now on.
    pub(super) fn role(&mut self, key: Key) -> u8 {
        let at = self.keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        u8::try_from(at).unwrap_or(NOBODY)
    }
}

impl Noted {
    fn put_outline(&self, out: &mut Vec<u8>) {
        match &self.template {
            Kept::Shared(number, _) => put_short(out, u64::from(*number) + 1),
            Kept::Own(_, bytes) => {
                out.push(0);
                put_short(out, bytes.len() as u64);
                out.extend(&**bytes);
            }
        }
        out.extend(self.roles);
    }
}

/// A time as the ledger keeps it.
pub(super) fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
