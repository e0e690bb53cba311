//! People who were never there: the same ones for the same seed.
//!
//! Each contact is made from its number alone, so that ten million need no memory. What becomes of a contact is told in
//! steps, and the ledger interleaves the steps of different people as a real one would.

mod numbers;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::address::{Email, Identity, Phone, SubjectId};
use consent_core::event::kinds::{
    ConsentConfirmed, ConsentGranted, InboundSms, Level, MessageSent, PreferenceSet, ProfileRecorded, Purchase,
    Signature,
};
use consent_core::event::{Event, EventKind, Recorded};
use consent_core::scope::{Channel, Purpose};
use consent_tests::dice::Dice;
use uuid::Uuid;

/// Contacts between two steps of one person's story.
const APART: u64 = 1_000;
/// Steps of the longest story.
const STEPS: u64 = 6;
/// Milliseconds of ledger time between two contacts.
const PACE: i64 = 135;
/// Purposes of a consent.
const PURPOSES: &[Purpose] =
    &[Purpose::Updates, Purpose::SpecialOffers, Purpose::Services, Purpose::Transactional, Purpose::Support];

/// What became of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// 70 of 100: one written consent, naming person and phone number.
    Agreed,
    /// 12 of 100: the same, and a profile with country and region.
    Known,
    /// 7 of 100: a consent to e-mail alone; the phone number is in no event.
    EmailOnly,
    /// 8 of 100: a written consent, then STOP.
    Stopped,
    /// 3 of 100: double opt-in, a purchase, two messages, a changed preference.
    Rich,
}

impl Story {
    fn steps(self) -> u64 {
        match self {
            Self::Agreed | Self::EmailOnly => 1,
            Self::Known | Self::Stopped => 2,
            Self::Rich => STEPS,
        }
    }

    /// Whether a text about an order may be sent to the number: what plain SQL over two lists would answer.
    pub fn may_get_service_text(self) -> bool {
        matches!(self, Self::Agreed | Self::Known | Self::Rich)
    }
}

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

fn kind(contact: &Contact, step: u64, first: Uuid) -> EventKind {
    match (contact.story, step) {
        (Story::EmailOnly, _) => EventKind::ConsentGranted(consent(contact, &[Channel::Email], false)),
        (Story::Rich, 0) => EventKind::ConsentGranted(consent(contact, &[Channel::Sms, Channel::Mms], true)),
        (_, 0) => EventKind::ConsentGranted(consent(contact, &[Channel::Sms, Channel::Mms], false)),
        (Story::Stopped, _) => EventKind::InboundSms(stop(contact)),
        (Story::Rich, 1) => EventKind::ConsentConfirmed(ConsentConfirmed {
            confirms: Some(first.to_string()),
            method: Some("sms_reply".to_owned()),
        }),
        (Story::Rich, 2) => EventKind::Purchase(Purchase {
            product_line: Some("garden".to_owned()),
            opt_out_offered_at_collection: Some(true),
        }),
        (Story::Rich, 3 | 4) => EventKind::MessageSent(MessageSent {
            channel: Some(Channel::Sms),
            purpose: Some(if step == 3 { Purpose::Transactional } else { Purpose::SpecialOffers }),
            ..MessageSent::default()
        }),
        (Story::Rich, _) => EventKind::PreferenceSet(PreferenceSet {
            on: vec![Purpose::Updates, Purpose::Services],
            via: Some("portal".to_owned()),
            ..PreferenceSet::default()
        }),
        _ => EventKind::ProfileRecorded(ProfileRecorded {
            country: Some(contact.place.country.to_owned()),
            region: contact.place.region.map(str::to_owned),
            ..ProfileRecorded::default()
        }),
    }
}

/// A written consent with all its evidence.
fn consent(contact: &Contact, channels: &[Channel], double_opt_in: bool) -> ConsentGranted {
    ConsentGranted {
        channels: channels.to_vec(),
        purposes: PURPOSES.to_vec(),
        level: Some(Level::ExpressWritten),
        method: Some("web_form_unticked_box_ticked".to_owned()),
        policy_version: Some("2024-03-20".to_owned()),
        affirmative_action: Some(true),
        condition_of_purchase: Some(false),
        seller: Some("INFI USA, Inc.".to_owned()),
        signature: Some(Signature {
            kind: Some("checkbox".to_owned()),
            name: Some(format!("Person {}", contact.number)),
        }),
        disclosure_sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
        evidence_ref: Some(format!("form-{}", contact.number)),
        double_opt_in: double_opt_in.then_some(true),
        ..ConsentGranted::default()
    }
}

fn stop(contact: &Contact) -> InboundSms {
    InboundSms {
        gateway: Some("twilio-main".to_owned()),
        from: Some(contact.phone.as_str().to_owned()),
        to: Some(consent_tests::carrier::OUR_NUMBER.to_owned()),
        body: Some("STOP".to_owned()),
        provider_message_id: Some(format!("SM{:032x}", contact.number)),
        ..InboundSms::default()
    }
}

/// A list of numbers, one a line.
#[derive(Debug, Clone)]
pub struct List {
    /// The list: 90 of 100 rows name a contact, 8 a stranger, 2 cannot be read.
    pub text: Vec<u8>,
    /// How many of its numbers may get a text about an order.
    pub allowed: u64,
    /// How many lines it has.
    pub rows: u64,
}

impl Generator {
    /// A list.
    pub fn list(&self, rows: u64) -> anyhow::Result<List> {
        let (mut text, mut allowed, mut dice) = (Vec::new(), 0, self.dice(rows, 0x7f));
        for row in 0..rows {
            match dice.below(100) {
                0..90 => {
                    let contact = self.contact(dice.throw() % self.contacts)?;
                    allowed += u64::from(contact.story.may_get_service_text());
                    text.extend_from_slice(contact.phone.as_str().as_bytes());
                }
                90..98 => text.extend_from_slice(self.contact(self.contacts + row)?.phone.as_str().as_bytes()),
                _ => text.extend_from_slice(format!("202-555-{:04}", row % 10_000).as_bytes()),
            }
            text.push(b'\n');
        }
        Ok(List { text, allowed, rows })
    }
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
