//! Stored events taken apart where they lie.
//!
//! Of thousands of events that say the same of others, only the first is read: what is not the events' own is the same
//! text in all of them, and leads to what it was taken apart into. [`Index::prepare`] says what that is, and nothing is
//! remembered of an event that it takes apart otherwise than is done here.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use consent_core::address::{Identity, Phone};
use consent_core::card;
use consent_core::event::fault::EventError;
use consent_core::event::{InPlace, Member, Recorded};

use super::key::Keys;
use super::template::{FIELDS, MARKS, Taken};
use super::templates::Worded;
use super::{Index, Prepared};

/// Texts that are remembered at most. With one more they are all forgotten: the usual ones soon come again.
const REMEMBERED: usize = 4_096;

/// What texts were taken apart into.
#[derive(Debug, Default)]
pub struct Wordings(RwLock<HashMap<Box<[u8]>, Arc<Worded>>>);

impl Wordings {
    fn get(&self, text: &[u8]) -> Option<Arc<Worded>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
    }

    fn keep(&self, text: Vec<u8>, worded: &Arc<Worded>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(text.into(), Arc::clone(worded));
    }
}

impl Index {
    /// Takes apart what [`Recorded::from_body`] reads, as [`Index::prepare`] does. `wordings` are this index's own.
    pub fn prepare_stored(&self, seq: u64, body: &[u8], wordings: &Wordings) -> Result<Prepared, EventError> {
        let stored = InPlace::of(body);
        let cut = stored.as_ref().and_then(|stored| Cut::of(stored, &self.keys));
        if let (Some(stored), Some(cut)) = (&stored, &cut)
            && let Some(worded) = wordings.get(&cut.text)
        {
            return Ok(Prepared {
                seq,
                event_id: stored.event_id,
                received_at: stored.received_at.timestamp_micros(),
                at: stored.at.map(|at| at.timestamp_micros()),
                references: worded.template.references(cut.taken.about),
                parts: Some((worded, cut.taken.clone())),
            });
        }
        let prepared = self.prepare(&Recorded::from_body(seq, body)?);
        if let (Some(cut), Some((worded, taken))) = (cut, &prepared.parts)
            && cut.taken == *taken
        {
            wordings.keep(cut.text, worded);
        }
        Ok(prepared)
    }
}

/// A stored event without what is its own: enough of its text that what is said of one holds for all with the same.
struct Cut {
    text: Vec<u8>,
    taken: Taken,
}

/// What becomes of a member.
enum Fate<'a> {
    /// Its text counts.
    Kept,
    /// It counts that it is there.
    There,
    /// Nothing of it counts.
    LeftOut,
    /// Only it matters whether another is the same.
    Marked(usize, &'a str),
    /// It names the sender of a text.
    From(&'a str),
    /// It names another event.
    About(&'a str),
}

impl Cut {
    /// Nothing, if something is written so that the whole event has to be read.
    fn of(stored: &InPlace<'_>, keys: &Keys) -> Option<Self> {
        let mut taken = Taken { who: [None; FIELDS], marks: [0; MARKS], about: None };
        let [phone, from, email, subject] = &mut taken.who;
        let key = |identity: Option<Identity>| identity.map_or(Some(None), |identity| keys.of(&identity).map(Some));
        *phone = key(stored.phone.clone().map(Identity::Phone))?;
        *email = key(stored.email.clone().map(Identity::Email))?;
        *subject = key(stored.subject.clone().map(Identity::Subject))?;
        let mut text = Vec::with_capacity(stored.body.len());
        let there = [phone.is_some(), email.is_some(), subject.is_some(), stored.at.is_some()];
        text.extend(there.map(u8::from));
        put(&mut text, stored.name);
        let mut actor = "";
        for member in stored.members() {
            if member.name == "actor" {
                actor = member.value.plain().filter(|actor| card::mask(actor).is_none())?;
            }
            let fate = fate(stored.name, member)?;
            if matches!(fate, Fate::LeftOut) {
                continue;
            }
            put(&mut text, member.name);
            match fate {
                Fate::LeftOut | Fate::There => {}
                Fate::Kept => {
                    let (plain, written) = member.value.written();
                    text.push(u8::from(plain));
                    put(&mut text, written);
                }
                Fate::Marked(0, said) => taken.marks[0] = keys.mark(&[said.as_bytes(), actor.as_bytes()]),
                Fate::Marked(at, said) => *taken.marks.get_mut(at)? = keys.mark(&[said.as_bytes()]),
                Fate::From(said) => {
                    let number = Phone::parse_from_gateway(said).ok().filter(|_| phone.is_none())?;
                    let is_bare = !said.starts_with('+');
                    if number.as_str().get(usize::from(is_bare)..) != Some(said) {
                        return None;
                    }
                    text.push(u8::from(is_bare));
                    *from = key(Some(Identity::Phone(number)))?;
                }
                Fate::About(said) => {
                    let id: uuid::Uuid = said.parse().ok()?;
                    let canonical = id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()) == said;
                    taken.about = Some(id).filter(|_| canonical);
                    taken.about?;
                }
            }
        }
        Some(Self { text, taken })
    }
}

/// Each part is measured, so that no two lists of parts meet.
fn put(text: &mut Vec<u8>, part: &str) {
    text.extend((part.len() as u32).to_le_bytes());
    text.extend(part.as_bytes());
}

/// See `template`, which says the same of events. Whatever is not named here counts as it is written.
fn fate<'a>(name: &str, member: &Member<'a>) -> Option<Fate<'a>> {
    let plain = member.value.plain();
    Some(match (name, member.name) {
        (_, "actor" | "note") => plain.map(|_| Fate::LeftOut)?,
        (_, "idempotency_key") => Fate::Marked(0, plain?),
        ("inbound_sms" | "message_sent" | "delivery_reported", "provider_message_id") => Fate::Marked(1, plain?),
        ("message_sent", "permit") => Fate::Marked(2, plain?),
        ("inbound_sms", "from") => Fate::From(plain?),
        ("consent_confirmed", "confirms") => Fate::About(plain?),
        ("consent_granted" | "consent_imported", "disclosure_sha256" | "ip" | "user_agent") => {
            plain.map(|_| Fate::LeftOut)?
        }
        ("consent_granted" | "consent_imported", "evidence_ref") => plain.map(|_| Fate::There)?,
        ("consent_granted" | "consent_imported", "signature") => {
            let is_known =
                |member: &Member<'_>| matches!(member.name, "kind" | "name") && member.value.plain().is_some();
            member.value.members()?.iter().all(is_known).then_some(Fate::LeftOut)?
        }
        _ => Fate::Kept,
    })
}

#[cfg(test)]
mod tests;
