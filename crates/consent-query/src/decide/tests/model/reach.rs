//! Whether a message would arrive, and where its address comes from.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::{AddressSource, Outcome};
use consent_core::scope::{Channel, Lenient};

use super::basis::PERMITS;
use super::consents::Given;
use super::{Case, Event, mistakes};

impl Case<'_> {
    pub(super) fn unreachable(&self) -> Option<&'static str> {
        let to = self.contact.as_ref()?;
        if let Some(gone) = self.gone() {
            let mine = || self.grants.iter().filter(|grant| self.is_given(grant));
            let fits = |grant: &&Given<'_>| !grant.is_void() && grant.covers(self.asked.channel, self.asked.purpose);
            let fresh = mine().filter(fits).any(|grant| grant.at.date_naive() > gone);
            let stale = mine().any(|grant| grant.at.date_naive() <= gone);
            let needs_consent = self.notice().is_none() && !PERMITS.contains(&self.by_place());
            let again = self.is_given_again(to, |at| at.date_naive() > gone);
            if !fresh && (stale && needs_consent || !again) {
                return Some("NUMBER_REASSIGNED");
            }
        }
        self.bounced(to).then_some("ADDRESS_UNDELIVERABLE")
    }

    /// The last day on which the number went out of service.
    pub(super) fn gone(&self) -> Option<chrono::NaiveDate> {
        let to = self.contact.as_ref().filter(|to| to.starts_with("phone:"))?;
        let day = |event: &Event<'_>| match event.kind {
            EventKind::NumberDeactivated(gone) => {
                Some(gone.disconnected_on.as_ref().and_then(Lenient::known).unwrap_or(event.at.date_naive()))
            }
            EventKind::DeliveryReported(report) => {
                (mistakes::outcome(report) == Some(Outcome::Deactivated)).then(|| event.at.date_naive())
            }
            _ => None,
        };
        self.events.iter().filter(|event| self.people.about(event).contains(to)).filter_map(day).max()
    }

    fn bounced(&self, to: &String) -> bool {
        let returned = |event: &&Event<'_>| match event.kind {
            EventKind::EmailBounced(bounce) => {
                self.asked.channel == Channel::Email && bounce.kind.as_deref() != Some("soft")
            }
            EventKind::DeliveryReported(report) => {
                mistakes::outcome(report) == Some(Outcome::LandlineOrInvalid)
                    && matches!(self.asked.channel, Channel::Sms | Channel::Mms | Channel::Whatsapp)
            }
            _ => false,
        };
        let here = self.events.iter().filter(returned).filter(|event| self.people.about(event).contains(to));
        let Some(last) = here.map(|event| event.at).max() else { return false };
        !self.is_given_again(to, |at| at > last)
    }

    fn is_given_again(&self, to: &String, since: impl Fn(DateTime<Utc>) -> bool) -> bool {
        let again = self.profiles().any(|event| since(event.at) && event.named.contains(to));
        let named = |grant: &Given<'_>| since(grant.at) && !grant.is_void() && grant.named.contains(to);
        again || self.grants.iter().any(|grant| self.is_given(grant) && named(grant))
    }

    pub(super) fn is_billing_only(&self) -> bool {
        let source = |event: &Event<'_>| match event.kind {
            EventKind::ProfileRecorded(profile) => profile.address_source,
            _ => None,
        };
        let relevant: Vec<&Event<'_>> = match (&self.contact, self.asked.channel) {
            (Some(to), _) => self.profiles().filter(|event| event.named.contains(to)).collect(),
            (None, Channel::Postal) => self.profiles().collect(),
            (None, _) => return false,
        };
        let mut given = self.grants.iter().filter(|grant| self.is_given(grant) && !grant.is_void());
        let named = given.any(|grant| self.contact.as_ref().is_some_and(|to| grant.named.contains(to)));
        let billing = relevant.iter().all(|event| source(event) == Some(AddressSource::Billing));
        !relevant.is_empty() && billing && !named
    }
}
