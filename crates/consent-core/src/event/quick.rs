//! The quick reader of stored events. It reads what is written as we write it, and gives up at whatever is unusual:
//! then [`Event::from_json`] is asked, which alone tells what is an event and what is wrong with one.

use std::ops::Range;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::members::{Member, Members, Written};
use super::time;
use super::{Event, EventKind, Recorded};
use crate::address::{Email, Phone, SubjectId};
use crate::{card, limits};

/// Members that an event may have beside those that [`InPlace`] names; none has more.
const PLACES: usize = 20;

/// A stored event where it lies in its body, written as we write it: what every event may say, and the members of its
/// type. That these make an event is said by [`InPlace::recorded`] alone.
#[derive(Debug)]
pub struct InPlace<'a> {
    /// The whole body.
    pub body: &'a str,
    /// The name of its type, which need not be one.
    pub name: &'a str,
    /// The service's id of the event.
    pub event_id: Uuid,
    /// When the service learnt of it.
    pub received_at: DateTime<Utc>,
    /// When it happened.
    pub at: Option<DateTime<Utc>>,
    /// The person.
    pub subject: Option<SubjectId>,
    /// The phone number.
    pub phone: Option<Phone>,
    /// The e-mail address.
    pub email: Option<Email>,
    own: Own<'a>,
    /// Where the members lie that the service added, each with the comma behind it.
    added: [Range<usize>; 2],
}

/// The other members, in the order of their names.
#[derive(Debug)]
struct Own<'a> {
    members: [Member<'a>; PLACES],
    count: usize,
}

impl<'a> Own<'a> {
    fn keep(&mut self, member: Member<'a>) -> Option<()> {
        *self.members.get_mut(self.count)? = member;
        self.count += 1;
        Some(())
    }
}

impl<'a> InPlace<'a> {
    /// Finds the members of a body; nothing, if something is not as we write it.
    pub fn of(body: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        // No text in one so short is too long, nor is the whole too large, whatever is in it.
        if text.len() > limits::TEXT_FIELD {
            return None;
        }
        let (mut event_id, mut received_at, mut name) = (None, None, None);
        let mut own = Own { members: [Member { name: "", value: Written::Plain("") }; PLACES], count: 0 };
        let (mut at, mut subject, mut phone, mut email) = (None, None, None, None);
        let mut added = [0..0, 0..0];
        let mut members = Members::of(text)?;
        let mut begin = members.left();
        while let Some(member) = members.next()? {
            let (value, here) = (member.value, text.len() - begin..text.len() - members.left());
            begin = members.left();
            match member.name {
                "at" => at = Some(time::read(value.plain()?)?),
                "email" => email = Some(value.plain()?.parse().ok()?),
                "event_id" => (event_id, added[0]) = (Some(value.plain()?.parse().ok()?), here),
                "phone" => phone = Some(value.plain()?.parse().ok()?),
                "received_at" => (received_at, added[1]) = (Some(time::read(value.plain()?)?), here),
                "subject" => subject = Some(value.plain()?.parse().ok()?),
                "type" => name = Some(value.plain()?),
                _ => own.keep(member)?,
            }
        }
        let (name, event_id, received_at) = (name?, event_id?, received_at?);
        Some(Self { body: text, name, event_id, received_at, at, subject, phone, email, own, added })
    }

    /// The members that are no field of this: those of its type, and the texts that any event may carry.
    pub fn members(&self) -> &[Member<'a>] {
        self.own.members.get(..self.own.count).unwrap_or_default()
    }

    /// What was submitted: the body without what the service added. Of a body that [`Recorded::body`] wrote it is the
    /// canonical form of [`Event::to_json`].
    pub fn submitted(&self, out: &mut Vec<u8>) {
        // Each has a comma behind it: the name of the type comes later.
        let [id, time] = &self.added;
        for part in [0..id.start, id.end..time.start, time.end..self.body.len()] {
            out.extend(self.body.get(part).unwrap_or_default().as_bytes());
        }
    }

    /// The event. What comes out is what [`Event::from_json`] makes of it, or nothing.
    pub fn recorded(self, seq: u64) -> Option<Recorded> {
        let (mut idempotency_key, mut actor, mut source, mut note) = (None, None, None, None);
        let mut own = Own { members: self.own.members, count: 0 };
        for member in self.members() {
            let text = || Some(member.value.text()?.into_owned());
            match member.name {
                "idempotency_key" => idempotency_key = Some(text()?),
                _ if is_unusual(member) => return None,
                "actor" => actor = Some(text()?),
                "note" => note = Some(text()?),
                "source" => source = Some(text()?),
                _ => own.keep(*member)?,
            }
        }
        let kind = EventKind::from_members(self.name, own.members.get(..own.count)?)?;
        let Self { event_id, received_at, at, subject, phone, email, .. } = self;
        let unread = Vec::new();
        let event = Event { at, subject, phone, email, idempotency_key, actor, source, note, unread, kind };
        event.require().ok()?;
        Some(Recorded { seq, event_id, received_at, event })
    }
}

impl Recorded {
    /// The event in a body. What comes out is what [`Event::from_json`] makes of it, or nothing.
    pub(super) fn read_quickly(seq: u64, body: &[u8]) -> Option<Self> {
        InPlace::of(body)?.recorded(seq)
    }
}

/// Whether a field may be one that has to be masked or refused.
fn is_unusual(member: &Member<'_>) -> bool {
    let digits = match member.value {
        Written::Plain(text) => card::may_hold_number(text),
        Written::Other(written) if written.starts_with('"') => {
            member.value.text().is_none_or(|text| card::may_hold_number(&text))
        }
        // An escape may stand for a digit; and each item takes two bytes at least.
        Written::Other(written) => {
            return written.contains('\\') || written.len() > 2 * limits::LIST_ITEMS || card::may_hold_number(written);
        }
    };
    digits && card::is_masked_field(member.name)
}
