//! What takes the place of a consent: relationships, and a question that waits for its answer.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::Level;
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{AddressKind, Channel, Purpose};

use super::consents::Given;
use super::people::same_person;
use super::{Case, Event, clock};

/// For how many months a purchase and an inquiry count.
struct Months {
    purchase: i32,
    inquiry: Option<i32>,
}

const CANADA: Months = Months { purchase: 24, inquiry: Some(6) };
const EUROPE: Months = Months { purchase: 36, inquiry: None };
const STATES: Months = Months { purchase: 18, inquiry: Some(3) };
const LOUISIANA: Months = Months { purchase: 6, inquiry: Some(3) };

impl Case<'_> {
    /// Whether an exemption applies, does no longer, or never did.
    pub(super) fn exempt(&self, exemption: &str) -> Option<bool> {
        let reachable = self.asked.channel.address_kind() == AddressKind::Other || self.contact.is_some();
        match exemption {
            _ if !reachable || self.needs_consent_itself() => None,
            "LEGITIMATE_INTEREST" => self.profiles().next().map(|_| true),
            "EBR_EXEMPTION" if self.refused_calls() => None,
            "EBR_EXEMPTION" => self.business_relation(),
            "CONSENT_IMPLIED" => self.implied_grant().max(self.relation(&CANADA, false)),
            "REPLY_TO_CONSUMER_REQUEST" => self.has_written().then_some(true),
            _ if !self.asked.opt_out_in_message => None,
            _ => self.relation(&EUROPE, true),
        }
    }

    /// Whether a consent that was only implied lasts.
    fn implied_grant(&self) -> Option<bool> {
        let implied = self.grants.iter().filter(|grant| {
            let fits = grant.terms.level == Some(Level::Implied) && !grant.is_void() && grant.complete;
            fits && grant.covers(self.asked.channel, self.asked.purpose) && self.is_given(grant)
        });
        let lives = |grant: &Given<'_>| {
            let over = grant.terms.expires_at.is_some_and(|end| end <= self.asked.at);
            self.asked.at.date_naive() <= clock::months_later(grant.at, 24) && !over
        };
        implied.filter(|grant| self.is_current(grant.at)).map(lives).max()
    }

    fn business_relation(&self) -> Option<bool> {
        let months = if self.may_be_in("LA") { LOUISIANA } else { STATES };
        self.relation(&months, false)
    }

    /// An established business relationship.
    pub(super) fn is_related(&self) -> bool {
        self.business_relation() == Some(true) && !self.refused_calls()
    }

    /// Whether a purchase or an inquiry lies no more than these months back; `None` if there was none.
    fn relation(&self, months: &Months, collected: bool) -> Option<bool> {
        let today = self.asked.at.date_naive();
        let mut found = None;
        for (event, about) in self.all(|kind| matches!(kind, EventKind::Purchase(_) | EventKind::Inquiry(_))) {
            let (months, line, offered) = match event.kind {
                EventKind::Purchase(sale) => {
                    (Some(months.purchase), &sale.product_line, sale.opt_out_offered_at_collection)
                }
                EventKind::Inquiry(sale) => (months.inquiry, &sale.product_line, sale.opt_out_offered_at_collection),
                _ => continue,
            };
            let Some(months) = months else { continue };
            let here = self.contact.as_ref().is_some_and(|to| about.contains(to));
            let mine = match &event.subject {
                Some(subject) => self.subjects.len() == 1 && self.subjects[0] == *subject,
                None => here,
            };
            let similar = line.is_some() && *line == self.asked.product_line;
            let fits = !collected || (offered == Some(true) && similar && here);
            if mine && fits && !self.is_erased_with(event, &about) && self.is_current(event.at) {
                found = found.max(Some(today <= clock::months_later(event.at, months)));
            }
        }
        found
    }

    fn is_erased_with(&self, event: &Event<'_>, about: &[String]) -> bool {
        let erasures = self.all(|kind| matches!(kind, EventKind::ErasureCompleted(_)));
        erasures.iter().any(|(end, whose)| end.at >= event.at && same_person(whose, about))
    }

    fn refused_calls(&self) -> bool {
        let calls = self.all(|kind| matches!(kind, EventKind::DoNotCallRequest(_)));
        calls.iter().any(|(_, about)| self.touches(about))
    }

    /// Whether this answers what they wrote from this number in the last week. A keyword asks for no answer.
    fn has_written(&self) -> bool {
        let answers = self.asked.purpose == Purpose::InquiryReply && self.asked.channel.family() == Channel::Sms;
        let Some(to) = self.contact.as_ref().filter(|_| answers) else { return false };
        let texts = self.all(|kind| match kind {
            EventKind::InboundSms(sms) => classify(sms.body.as_deref().unwrap_or(""), None) == Meaning::Ordinary,
            _ => false,
        });
        texts.iter().any(|(event, about)| {
            let recent = (self.asked.at - event.at).num_seconds() < 168 * 3600;
            recent && about.contains(to) && self.is_current(event.at) && !self.is_erased_since(to, event.at)
        })
    }
    fn is_erased_since(&self, to: &String, at: DateTime<Utc>) -> bool {
        let erasures = self.all(|kind| matches!(kind, EventKind::ErasureCompleted(_)));
        erasures.iter().any(|(end, whose)| end.at >= at && whose.contains(to))
    }
}
