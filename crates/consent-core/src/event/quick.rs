//! The quick reader of stored events. It reads what is written as we write it, and gives up at whatever is unusual:
//! then [`Event::from_json`] is asked, which alone tells what is an event and what is wrong with one.

use super::members::{Member, Members, Written};
use super::time;
use super::{Event, EventKind, Recorded};
use crate::{card, limits};

/// Members that an event may have beside the common ones; no type has more.
const PLACES: usize = 16;

/// The fields of a type, as far as they were found.
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

impl Recorded {
    /// The event in a body. What comes out is what [`Event::from_json`] makes of it, or nothing.
    pub(super) fn read_quickly(seq: u64, body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        // No text in one so short is too long, nor is the whole too large, whatever is in it.
        if text.len() > limits::TEXT_FIELD {
            return None;
        }
        let (mut event_id, mut received_at, mut name) = (None, None, None);
        let mut own = Own { members: [Member { name: "", value: Written::Plain("") }; PLACES], count: 0 };
        let (mut at, mut subject, mut phone, mut email) = (None, None, None, None);
        let (mut idempotency_key, mut actor, mut source, mut note) = (None, None, None, None);
        let mut members = Members::of(text)?;
        while let Some(member) = members.next()? {
            let value = member.value;
            match member.name {
                "at" => at = Some(time::read(value.plain()?)?),
                "email" => email = Some(value.plain()?.parse().ok()?),
                "event_id" => event_id = Some(value.plain()?.parse().ok()?),
                "idempotency_key" => idempotency_key = Some(value.text()?.into_owned()),
                "phone" => phone = Some(value.plain()?.parse().ok()?),
                "received_at" => received_at = Some(time::read(value.plain()?)?),
                "subject" => subject = Some(value.plain()?.parse().ok()?),
                "type" => name = Some(value.plain()?),
                _ if is_unusual(&member) => return None,
                "actor" => actor = Some(value.text()?.into_owned()),
                "note" => note = Some(value.text()?.into_owned()),
                "source" => source = Some(value.text()?.into_owned()),
                _ => own.keep(member)?,
            }
        }
        let kind = EventKind::from_members(name?, own.members.get(..own.count)?)?;
        let unread = Vec::new();
        let event = Event { at, subject, phone, email, idempotency_key, actor, source, note, unread, kind };
        event.require().ok()?;
        Some(Self { seq, event_id: event_id?, received_at: received_at?, event })
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
