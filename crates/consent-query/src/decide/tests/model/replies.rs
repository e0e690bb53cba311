//! The two answers that may follow an opt-out: its one confirmation, and help.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::Level;
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{AddressKind, Channel, Purpose};

use super::Case;
use super::refusals::Refused;

impl Case<'_> {
    fn sent(&self, purpose: Purpose) -> Vec<DateTime<Utc>> {
        let family = self.asked.channel.family();
        let wanted = |kind: &EventKind| match kind {
            EventKind::MessageSent(sent) => {
                sent.purpose == Some(purpose) && sent.channel.map(Channel::family) == Some(family)
            }
            _ => false,
        };
        let sent = self.all(wanted);
        sent.into_iter().filter(|(_, about)| self.touches(about)).map(|(event, _)| event.at).collect()
    }

    pub(super) fn confirmation(&self) -> &'static str {
        let channel = self.asked.channel;
        let agreed = self.grants.iter().filter(|grant| {
            let mine = self.is_given(grant) && grant.counts(self.asked.at) && grant.terms.level >= Some(Level::Express);
            mine && grant.terms.channels.iter().any(|one| one.family() == channel.family())
        });
        let since = agreed.map(|grant| grant.at).max();
        let mut open: Vec<&Refused> = self.refusals.iter().collect();
        open.retain(|one| {
            one.is_confirmable(channel)
                && !matches!(channel, Channel::Voice | Channel::Postal)
                && self.would_reach(one)
                && !one.given_back.iter().any(|back| self.touches(&back.to))
                && since.is_none_or(|since| one.at >= since)
        });
        let (Some(first), Some(heard)) = (open.first(), open.iter().map(|one| one.received).max()) else {
            return "OPTOUT_CONFIRMATION_LATE";
        };
        if self.sent(Purpose::OptoutConfirmation).iter().any(|at| *at >= first.at) {
            return "OPTOUT_CONFIRMATION_USED";
        }
        let seconds = (self.asked.at - heard).num_seconds();
        if seconds < 300 { "OPTOUT_CONFIRMATION" } else { "OPTOUT_CONFIRMATION_LATE" }
    }

    /// Whether what is sent goes to the address that was named or, if none was, to the person.
    fn would_reach(&self, one: &Refused) -> bool {
        let of_person = self.subjects.iter().any(|subject| one.binds.contains(subject));
        let kind = match self.asked.channel.address_kind() {
            AddressKind::Phone => "phone:",
            AddressKind::Email => "email:",
            AddressKind::Other => return of_person,
        };
        let Some(to) = &self.contact else { return false };
        if one.named.iter().any(|name| name.starts_with(kind)) { one.named.contains(to) } else { of_person }
    }

    pub(super) fn owes_help(&self) -> bool {
        let asks = |kind: &EventKind| match kind {
            EventKind::InboundSms(sms) => classify(sms.body.as_deref().unwrap_or(""), None) == Meaning::Help,
            _ => false,
        };
        let asked = self.all(asks);
        let here = |about: &[String]| self.contact.as_ref().is_some_and(|to| about.contains(to));
        let Some(asked) = asked.iter().filter(|(_, about)| here(about)).map(|(event, _)| event.at).max() else {
            return false;
        };
        let refused_since = self.standing_refusals().iter().any(|one| one.at >= asked);
        self.asked.channel.family() == Channel::Sms
            && (self.asked.at - asked).num_days() < 7
            && !refused_since
            && !self.sent(Purpose::HelpResponse).iter().any(|at| *at >= asked)
    }
}
