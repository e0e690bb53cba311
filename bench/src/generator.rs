//! People who were never there: the same ones for the same seed.
//!
//! Each contact is made from its number alone, so that ten million need no memory. What becomes of a contact is told in
//! steps, and the ledger interleaves the steps of different people as a real one would.

mod lists;
mod numbers;
mod stories;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::address::{Email, Identity, Phone, SubjectId};
use consent_core::event::{Event, EventKind, Recorded};
use consent_tests::dice::Dice;
use uuid::Uuid;

pub use lists::List;
pub use stories::Story;
use stories::kind;

/// Contacts between two steps of one person's story.
const APART: u64 = 1_000;
/// Steps of the longest story.
const STEPS: u64 = 6;
/// Milliseconds of ledger time between two contacts.
const PACE: i64 = 135;
/// One person.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Which one.
    pub number: u64,
    /// Phone number.
    pub phone: Phone,
    /// Country and, for some, region of the number.
    pub place: numbers::Place,
    /// What became of them.
    pub story: Story,
}

impl Contact {
    fn email(&self) -> Option<Email> {
        Email::parse(&format!("person{}@example.com", self.number)).ok()
    }

    fn subject(&self) -> Option<SubjectId> {
        SubjectId::parse(&format!("crm:{}", self.number)).ok()
    }

    /// By the number.
    pub fn identity(&self) -> Identity {
        Identity::Phone(self.phone.clone())
    }
}

/// Makes contacts and ledgers.
#[derive(Debug, Clone, Copy)]
pub struct Generator {
    /// The seed.
    pub seed: u64,
    /// How many contacts the ledger knows. Those with higher numbers are strangers to it.
    pub contacts: u64,
}

impl Generator {
    fn dice(&self, of: u64, what: u64) -> Dice {
        let mut dice = Dice::new(self.seed ^ of.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (what << 56));
        dice.throw();
        dice
    }

    /// What becomes of a contact.
    pub fn story(&self, number: u64) -> Story {
        match self.dice(number, 1).below(100) {
            0..70 => Story::Agreed,
            70..82 => Story::Known,
            82..89 => Story::EmailOnly,
            89..97 => Story::Stopped,
            _ => Story::Rich,
        }
    }

    /// A contact.
    pub fn contact(&self, number: u64) -> anyhow::Result<Contact> {
        let (phone, place) = numbers::number(self.seed, number, &mut self.dice(number, 2))?;
        Ok(Contact { number, phone, place, story: self.story(number) })
    }

    /// Everything recorded about a contact. Positions are in order and otherwise made up.
    pub fn history(&self, contact: &Contact) -> Vec<Recorded> {
        (0..contact.story.steps()).map(|step| self.recorded(contact, step, contact.number * STEPS + step)).collect()
    }

    /// The whole ledger in its order, from this position on.
    pub fn ledger(&self, first: u64) -> impl Iterator<Item = anyhow::Result<Recorded>> + use<> {
        let this = *self;
        let due = (0..this.contacts + APART * STEPS).flat_map(move |now| {
            (0..STEPS).filter_map(move |step| {
                let number = now.checked_sub(step * APART)?;
                (number < this.contacts && step < this.story(number).steps()).then_some((number, step))
            })
        });
        due.zip(first..).map(move |((number, step), seq)| Ok(this.recorded(&this.contact(number)?, step, seq)))
    }

    fn recorded(&self, contact: &Contact, step: u64, seq: u64) -> Recorded {
        let received_at = at(contact.number + step * APART);
        let mut event = Event::new(kind(contact, step, self.id(contact.number, 0)));
        event.at = Some(received_at);
        if !matches!(event.kind, EventKind::InboundSms(_)) {
            event.subject = contact.subject();
            match contact.story {
                Story::EmailOnly => event.email = contact.email(),
                _ => event.phone = Some(contact.phone.clone()),
            }
        }
        Recorded { seq, event_id: self.id(contact.number, step), received_at, event }
    }

    fn id(&self, number: u64, step: u64) -> Uuid {
        let mut dice = self.dice(number, 3 + step);
        let mut random = [0; 10];
        let thrown = [dice.throw().to_be_bytes(), dice.throw().to_be_bytes()].concat();
        random.iter_mut().zip(thrown).for_each(|(byte, thrown)| *byte = thrown);
        let millis = at(number + step * APART).timestamp_millis() as u64;
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// When something is received: the whole ledger lies in the past.
fn at(due: u64) -> DateTime<Utc> {
    const BEGIN: i64 = 1_767_600_000; // 2026-01-05
    DateTime::from_timestamp(BEGIN, 0).unwrap_or_default() + TimeDelta::milliseconds(PACE * due as i64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SMALL: Generator = Generator { seed: 7, contacts: 3_000 };

    #[test]
    fn a_seed_gives_the_same_ledger_and_another_seed_another() {
        let ledger = |generator: Generator| generator.ledger(1).take(500).map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(ledger(SMALL), ledger(SMALL));
        assert_ne!(ledger(SMALL), ledger(Generator { seed: 8, ..SMALL }));
    }

    #[test]
    fn positions_and_times_grow_and_everybody_has_their_own_number() {
        let ledger: Vec<_> = SMALL.ledger(0).map(Result::unwrap).collect();
        assert!(ledger.windows(2).all(|two| two[0].seq + 1 == two[1].seq && two[0].received_at <= two[1].received_at));
        let told: u64 = (0..SMALL.contacts).map(|number| SMALL.story(number).steps()).sum();
        assert_eq!(ledger.len() as u64, told);
        let numbers: BTreeSet<_> = (0..SMALL.contacts).map(|number| SMALL.contact(number).unwrap().phone).collect();
        assert_eq!(numbers.len() as u64, SMALL.contacts);
        let ids: BTreeSet<_> = ledger.iter().map(|event| event.event_id).collect();
        assert_eq!(ids.len(), ledger.len());
    }

    #[test]
    fn every_event_can_be_stored_and_read_back() {
        for event in SMALL.ledger(0).take(2_000).map(Result::unwrap) {
            let body = Recorded::body(&event.event, event.event_id, event.received_at).unwrap();
            assert_eq!(Recorded::from_body(event.seq, &body).unwrap(), event);
        }
    }
}
