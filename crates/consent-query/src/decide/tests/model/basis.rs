//! What a message may rest on, place by place.

use consent_core::event::EventKind;
use consent_core::event::kinds::Level;
use consent_core::scope::{AddressKind, Channel, PurposeClass};

use super::consents::Given;
use super::people::same_person;
use super::{Case, Event, clock};

/// The codes of a basis that permits.
pub(super) const PERMITS: &[&str] = &[
    "CONSENT_EXPRESS_WRITTEN",
    "CONSENT_EXPRESS",
    "CONSENT_IMPLIED",
    "SOFT_OPT_IN",
    "EBR_EXEMPTION",
    "LEGITIMATE_INTEREST",
];

impl Case<'_> {
    fn worth(&self, grant: &Given<'_>) -> Level {
        let informs = self.asked.purpose.class() != PurposeClass::Marketing;
        match grant.terms.level {
            Some(Level::PolicyAcceptance) if self.countries() == ["US"] && informs => Level::Express,
            level => level.unwrap_or(Level::Implied),
        }
    }

    fn countries(&self) -> Vec<&str> {
        let of = |wanted: &dyn Fn(&Event<'_>) -> bool| {
            let country = |event: &&Event<'_>| match event.kind {
                EventKind::ProfileRecorded(profile) => profile.country.is_some(),
                _ => false,
            };
            let last = self.events.iter().rev().filter(country).find(|event| wanted(event))?;
            match last.kind {
                EventKind::ProfileRecorded(profile) => profile.country.as_deref(),
                _ => None,
            }
        };
        let by = |name: &String| of(&|event: &Event<'_>| event.named.contains(name));
        let mut all: Vec<&str> = self.subjects.iter().filter_map(&by).collect();
        if all.is_empty() {
            all.extend(self.whom.iter().filter_map(&by));
        }
        for name in &self.whom {
            if name.starts_with("phone:") {
                all.push(if name.starts_with("phone:+1416") { "CA" } else { "US" });
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What the message may rest on, or what is missing.
    pub(super) fn basis(&self) -> &'static str {
        let live_sale = self.asked.channel == Channel::Voice
            && !self.asked.automated
            && self.asked.purpose.class() == PurposeClass::Marketing;
        if live_sale && self.is_listed() {
            let written = self.best(Level::Express).is_some_and(|grant| self.worth(grant) == Level::ExpressWritten);
            let related = self.relation("US", &[(18, true), (3, false)], false) == Some(true) && !self.refused_calls();
            return match (written, related) {
                (true, _) => self.by_place(),
                (false, true) if !PERMITS.contains(&self.by_place()) => self.by_place(),
                (false, true) => "EBR_EXEMPTION",
                (false, false) => "NATIONAL_DNC",
            };
        }
        self.by_place()
    }

    /// The answer of the strictest place, if every place is content; else what is missing in the strictest that is not.
    fn by_place(&self) -> &'static str {
        let countries = self.countries();
        let mut places: Vec<&str> = if countries.is_empty() { vec!["?"] } else { countries };
        let order = ["US", "CA", "DE", "?"];
        let rank = |place: &str| order.iter().position(|one| *one == place);
        places.sort_by_key(|place| (std::cmp::Reverse(self.least(place)), self.exemptions(place).len(), rank(place)));
        let answers: Vec<&'static str> = places.iter().map(|place| self.in_place(place)).collect();
        let refusal = answers.iter().find(|answer| !PERMITS.contains(answer));
        refusal.copied().unwrap_or(answers[0])
    }

    fn least(&self, place: &str) -> Level {
        let marketing = self.asked.purpose.class() == PurposeClass::Marketing;
        let service = self.asked.purpose.class() == PurposeClass::Service;
        match (place, self.asked.channel) {
            _ if !marketing && !service => Level::ExpressWritten,
            (_, Channel::Push) => Level::Express,
            ("?", _) => Level::ExpressWritten,
            ("US", Channel::Sms | Channel::Mms | Channel::Whatsapp) if marketing => Level::ExpressWritten,
            ("US", Channel::Voice) if marketing && self.asked.automated => Level::ExpressWritten,
            // Service mail never comes this far unless nobody knows where to send it.
            ("US", Channel::Email) if service => Level::ExpressWritten,
            _ => Level::Express,
        }
    }

    fn exemptions(&self, place: &str) -> &'static [&'static str] {
        let marketing = self.asked.purpose.class() == PurposeClass::Marketing;
        let service = self.asked.purpose.class() == PurposeClass::Service;
        let live = !self.asked.automated;
        match (place, self.asked.channel) {
            _ if !marketing && !service => &[],
            ("US" | "CA" | "DE", Channel::Postal) => &["LEGITIMATE_INTEREST"],
            ("US", Channel::Voice) if live && marketing => &["EBR_EXEMPTION", "LEGITIMATE_INTEREST"],
            ("US", Channel::Voice) if live => &["LEGITIMATE_INTEREST"],
            ("CA", Channel::Email | Channel::Sms | Channel::Mms) => &["CONSENT_IMPLIED"],
            ("DE", Channel::Email | Channel::Sms | Channel::Mms) if marketing => &["SOFT_OPT_IN"],
            _ => &[],
        }
    }

    fn in_place(&self, place: &str) -> &'static str {
        let least = self.least(place);
        if let Some(grant) = self.best(least) {
            return if self.worth(grant) == Level::ExpressWritten {
                "CONSENT_EXPRESS_WRITTEN"
            } else {
                "CONSENT_EXPRESS"
            };
        }
        let mut over = false;
        for exemption in self.exemptions(place) {
            match self.exempt(place, exemption) {
                Some(true) => return exemption,
                Some(false) => over = true,
                None => {}
            }
        }
        self.missing(least, over)
    }

    /// Whether an exemption applies, does no longer, or never did.
    fn exempt(&self, place: &str, exemption: &str) -> Option<bool> {
        let reachable = self.asked.channel.address_kind() == AddressKind::Other || self.contact.is_some();
        match exemption {
            _ if !reachable => None,
            "LEGITIMATE_INTEREST" => self.profiles().next().map(|_| true),
            "EBR_EXEMPTION" if self.refused_calls() => None,
            "EBR_EXEMPTION" => self.relation(place, &[(18, true), (3, false)], false),
            "CONSENT_IMPLIED" => {
                let implied = self.grants.iter().filter(|grant| {
                    let fits = grant.terms.level == Some(Level::Implied) && !grant.is_void();
                    fits && grant.covers(self.asked.channel, self.asked.purpose) && self.is_given(grant)
                });
                let today = self.asked.at.date_naive();
                let lives = |grant: &Given<'_>| {
                    let over = grant.terms.expires_at.is_some_and(|end| end <= self.asked.at);
                    today < clock::months_later(grant.at, 24) && !over
                };
                let by_grant = implied.filter(|grant| self.is_current(grant.at)).map(lives).max();
                by_grant.max(self.relation(place, &[(24, true), (6, false)], false))
            }
            _ if !self.asked.opt_out_in_message => None,
            _ => self.relation(place, &[(36, true)], true),
        }
    }

    /// Whether a purchase (`true`) or an inquiry lies no more than these months back; `None` if there was none.
    fn relation(&self, _place: &str, months: &[(i32, bool)], collected: bool) -> Option<bool> {
        let today = self.asked.at.date_naive();
        let mut found = None;
        for (event, about) in self.all(|kind| matches!(kind, EventKind::Purchase(_) | EventKind::Inquiry(_))) {
            let (bought, line, offered) = match event.kind {
                EventKind::Purchase(sale) => (true, &sale.product_line, sale.opt_out_offered_at_collection),
                EventKind::Inquiry(sale) => (false, &sale.product_line, sale.opt_out_offered_at_collection),
                _ => continue,
            };
            let mine = match &event.subject {
                Some(subject) => self.subjects.len() == 1 && self.subjects[0] == *subject,
                None => self.contact.as_ref().is_some_and(|to| about.contains(to)),
            };
            let similar = line.is_some() && *line == self.asked.product_line;
            let here = self.contact.as_ref().is_some_and(|to| about.contains(to));
            let fits = !collected || (offered == Some(true) && similar && here);
            let erased = self
                .all(|kind| matches!(kind, EventKind::ErasureCompleted(_)))
                .iter()
                .any(|(end, whose)| end.at >= event.at && same_person(whose, &about));
            let Some((months, _)) = months.iter().find(|(_, purchase)| *purchase == bought) else { continue };
            if mine && fits && !erased && self.is_current(event.at) {
                found = found.max(Some(today < clock::months_later(event.at, *months)));
            }
        }
        found
    }

    fn refused_calls(&self) -> bool {
        let calls = self.all(|kind| matches!(kind, EventKind::DoNotCallRequest(_)));
        calls.iter().any(|(_, about)| self.touches(about))
    }

    fn is_listed(&self) -> bool {
        let Some(to) = &self.contact else { return false };
        let on = |wanted: fn(&EventKind) -> bool| {
            self.all(wanted).iter().filter(|(_, about)| about.contains(to)).map(|(event, _)| event.at).max()
        };
        let listed = on(|kind| matches!(kind, EventKind::NationalDncListed(_)));
        listed.is_some() && listed >= on(|kind| matches!(kind, EventKind::NationalDncUnlisted(_)))
    }

    /// The most explicit consent that is enough.
    fn best(&self, least: Level) -> Option<&Given<'_>> {
        let enough = self.grants.iter().filter(|grant| {
            self.is_given(grant)
                && self.is_current(grant.at)
                && grant.covers(self.asked.channel, self.asked.purpose)
                && grant.counts(self.asked.at)
                && self.worth(grant) >= least
        });
        enough.max_by_key(|grant| self.worth(grant))
    }

    /// The least that is wrong with any consent.
    fn missing(&self, least: Level, over: bool) -> &'static str {
        let wrong = |grant: &Given<'_>| {
            if !grant.terms.channels.contains(&self.asked.channel) {
                return (6, "CONSENT_CHANNEL_NOT_COVERED");
            }
            if !grant.terms.purposes.contains(&self.asked.purpose) {
                return (5, "CONSENT_PURPOSE_NOT_COVERED");
            }
            match grant.flaw() {
                Some("CONSENT_INVALID") => (4, "CONSENT_INVALID"),
                Some(_) => (3, "CONSENT_UNPROVEN"),
                None if self.worth(grant) < least => (2, "CONSENT_INSUFFICIENT"),
                None if grant.terms.expires_at.is_some_and(|end| end <= self.asked.at) => (1, "CONSENT_EXPIRED"),
                None => (0, "CONSENT_UNCONFIRMED"),
            }
        };
        let mine = self.grants.iter().filter(|grant| self.is_given(grant) && self.is_current(grant.at));
        let nearest = mine.map(wrong).min();
        match nearest {
            Some((0, code)) => code,
            _ if over => "CONSENT_EXPIRED",
            Some((_, code)) => code,
            None => "NO_CONSENT",
        }
    }
}
