//! What a snapshot holds, in its order: templates, shapes, what waits for an event, chunks, slots.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use consent_core::token::Pepper;
use uuid::Uuid;

use super::SnapshotError;
use crate::index::Index;
use crate::index::arena::{CHUNK, Chunk, Layout, UNIT};
use crate::index::record::{Noted, Opened, Record};
use crate::index::shape::{Kind, Outline, Roles};
use crate::index::template::{FIELDS, Template};

/// An index as it was at one moment. Taking it holds up the writer for as long as the table takes to be copied; what
/// records say is not copied, because until this is dropped nothing is written where they lie.
pub struct Captured {
    position: u64,
    check: u64,
    templates: Vec<Box<[u8]>>,
    outlines: Vec<Outline>,
    waiting: Vec<(Uuid, Vec<u8>)>,
    layout: Layout,
    chunks: Vec<(usize, Arc<Chunk>, usize)>,
    slots: Vec<(usize, Vec<u8>)>,
    times: Vec<i64>,
    /// While this is held, what records say does not change.
    _held: Arc<()>,
}

impl Index {
    /// The index as it is now.
    pub fn capture(&self) -> Captured {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        Captured {
            position: self.position(),
            check: self.keys.mark(&[b"check"]),
            templates: writer.templates.to_bytes(),
            outlines: writer.shapes.outlines().into_iter().cloned().collect(),
            waiting: writer.waiting(&self.tables.times),
            layout: writer.layout.clone(),
            chunks: self.arena.all(&writer.layout),
            slots: self.slots.all(),
            times: self.tables.times.until(self.position()),
            _held: Arc::clone(&writer.held),
        }
    }
}

fn put(out: &mut impl Write, number: usize) -> io::Result<()> {
    out.write_all(&(number as u64).to_le_bytes())
}

fn put_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    put(out, bytes.len())?;
    out.write_all(bytes)
}

impl Captured {
    /// Number of ledger entries in it.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.check.to_le_bytes())?;
        put(out, self.templates.len())?;
        self.templates.iter().try_for_each(|template| put_bytes(out, template))?;
        put(out, self.outlines.len())?;
        for outline in &self.outlines {
            put_bytes(out, &outline.kinds.iter().map(|kind| *kind as u8).collect::<Vec<_>>())?;
            put(out, outline.events.len())?;
            for (template, roles) in &outline.events {
                put(out, *template as usize)?;
                out.write_all(roles)?;
            }
        }
        put_bytes(out, &self.times.iter().flat_map(|time| time.to_le_bytes()).collect::<Vec<_>>())?;
        put(out, self.waiting.len())?;
        for (id, record) in &self.waiting {
            out.write_all(id.as_bytes())?;
            put_bytes(out, record)?;
        }
        self.write_chunks(out)?;
        put(out, self.slots.len())?;
        for (blocks, content) in &self.slots {
            put(out, *blocks)?;
            put_bytes(out, content)?;
        }
        Ok(())
    }

    fn write_chunks(&self, out: &mut impl Write) -> io::Result<()> {
        put(out, self.layout.current)?;
        put(out, self.layout.used)?;
        put(out, self.layout.dead.len())?;
        self.layout.dead.iter().try_for_each(|dead| put(out, dead.map_or(usize::MAX, |dead| dead as usize)))?;
        put(out, self.chunks.len())?;
        for (number, chunk, used) in &self.chunks {
            put(out, *number)?;
            put_bytes(out, &chunk.bytes(*used))?;
        }
        Ok(())
    }
}

/// Reads numbers and bytes, and believes no length that cannot be.
struct Body<R>(R);

impl<R: Read> Body<R> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn number(&mut self) -> io::Result<usize> {
        Ok(u64::from_le_bytes(self.array()?) as usize)
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.number()?;
        let mut bytes = Vec::new();
        let read = (&mut self.0).take(length as u64).read_to_end(&mut bytes)?;
        if read == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

fn odd() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the snapshot does not fit together")
}

pub(super) fn read(from: &mut impl Read, pepper: Pepper, position: u64) -> Result<Index, SnapshotError> {
    let mut body = Body(from);
    let index = Index::new(pepper);
    if u64::from_le_bytes(body.array()?) != index.keys.mark(&[b"check"]) {
        return Err(SnapshotError::Keys);
    }
    read_tables(&mut body, &index)?;
    read_chunks(&mut body, &index)?;
    let mut writer = index.writer.lock().unwrap_or_else(PoisonError::into_inner);
    for shard in 0..body.number()? {
        let (blocks, content) = (body.number()?, body.bytes()?);
        index.slots.restore(&mut writer.filled, shard, (blocks, &content)).ok_or_else(odd)?;
    }
    drop(writer);
    index.position.store(position, Ordering::Release);
    Ok(index)
}

fn read_tables(body: &mut Body<impl Read>, index: &Index) -> Result<(), SnapshotError> {
    let mut writer = index.writer.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..body.number()? {
        let bytes = body.bytes()?;
        let template = Arc::new(Template::from_bytes(&bytes).ok_or_else(odd)?);
        writer.templates.keep(bytes.into(), template, &index.tables.templates);
    }
    for _ in 0..body.number()? {
        let kinds = body.bytes()?.into_iter().map(Kind::from_byte).collect();
        let mut events: Vec<(u32, Roles)> = Vec::new();
        for _ in 0..body.number()? {
            events.push((body.number()? as u32, body.array::<FIELDS>()?));
        }
        let outline = Outline { kinds, events };
        writer.shapes.number(&outline, &index.tables.shapes, &index.tables.templates).ok_or_else(odd)?;
    }
    let times = body.bytes()?;
    index.tables.times.restore(times.as_chunks().0.iter().map(|time| i64::from_le_bytes(*time)));
    let mut waiting: HashMap<Uuid, Vec<(Noted, Vec<_>)>> = HashMap::new();
    for _ in 0..body.number()? {
        let id = Uuid::from_bytes(body.array()?);
        let bytes = body.bytes()?;
        let opened = Opened::read(bytes.as_slice(), &index.tables);
        let record = opened.and_then(|mut opened| opened.record(&index.tables)).ok_or_else(odd)?;
        let Record { keys, events, .. } = record;
        waiting.entry(id).or_default().extend(events.into_iter().map(|event| (event, keys.clone())));
    }
    writer.wait(waiting);
    Ok(())
}

fn read_chunks(body: &mut Body<impl Read>, index: &Index) -> Result<(), SnapshotError> {
    let mut writer = index.writer.lock().unwrap_or_else(PoisonError::into_inner);
    let (current, used) = (body.number()?, body.number()?);
    let mut dead = Vec::new();
    for _ in 0..body.number()? {
        let number = body.number()?;
        dead.push((number != usize::MAX).then_some(number as u32));
    }
    for _ in 0..body.number()? {
        let number = body.number()?;
        let bytes = body.bytes()?;
        if bytes.len() > CHUNK * UNIT || dead.get(number).is_none_or(Option::is_none) {
            return Err(odd().into());
        }
        index.arena.restore(number, &bytes).ok_or_else(odd)?;
    }
    writer.layout = Layout { current, used, dead };
    Ok(())
}
