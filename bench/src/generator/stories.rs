//! What becomes of people, and the events that tell it.

use consent_core::event::EventKind;
use consent_core::event::kinds::{
    ConsentConfirmed, ConsentGranted, InboundSms, Level, MessageSent, PreferenceSet, ProfileRecorded, Purchase,
    Signature,
};
use consent_core::scope::{Channel, Purpose};
use uuid::Uuid;

use super::{Contact, STEPS};

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
    pub(super) fn steps(self) -> u64 {
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

/// What a step of a story says. `first` is the id of its first event.
pub(super) fn kind(contact: &Contact, step: u64, first: Uuid) -> EventKind {
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
