//! What a message may rest on, place by place.

use consent_core::event::EventKind;
use consent_core::event::kinds::Level;

use super::Case;
use super::consents::Given;

/// The codes of a basis that permits.
pub(super) const PERMITS: &[&str] = &[
    "CONSENT_EXPRESS_WRITTEN",
    "CONSENT_EXPRESS",
    "CONSENT_IMPLIED",
    "SOFT_OPT_IN",
    "EBR_EXEMPTION",
    "LEGITIMATE_INTEREST",
    "REPLY_TO_CONSUMER_REQUEST",
];

impl Case<'_> {
    fn worth(&self, grant: &Given<'_>) -> Level {
        match grant.terms.level {
            Some(Level::PolicyAcceptance) if self.countries() == ["US"] && !self.is_marketing() => Level::Express,
            level => level.unwrap_or(Level::Implied),
        }
    }

    /// What the message may rest on, or what is missing.
    pub(super) fn basis(&self) -> &'static str {
        if !self.is_live_sale() || !self.is_listed() {
            return self.by_place();
        }
        let written = self.best(Level::Express).is_some_and(|grant| self.worth(grant) == Level::ExpressWritten);
        let related = self.is_related() && !self.needs_consent_itself();
        match (written, related) {
            (true, _) => self.by_place(),
            (false, true) if !PERMITS.contains(&self.by_place()) => self.by_place(),
            (false, true) => "EBR_EXEMPTION",
            (false, false) => "NATIONAL_DNC",
        }
    }

    /// The answer of the strictest place, if every place is content; else what is missing in the strictest that is not.
    pub(super) fn by_place(&self) -> &'static str {
        let answers: Vec<&'static str> = self.places().iter().map(|place| self.in_place(place)).collect();
        let refusal = answers.iter().find(|answer| !PERMITS.contains(answer));
        refusal.copied().unwrap_or(answers[0])
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
            match self.exempt(exemption) {
                Some(true) => return exemption,
                Some(false) => over = true,
                None => {}
            }
        }
        self.missing(least, over)
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
        let enough = self.current().filter(|grant| {
            grant.covers(self.asked.channel, self.asked.purpose)
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
        let nearest = self.current().map(wrong).min();
        match nearest {
            Some((0, code)) => code,
            _ if over => "CONSENT_EXPIRED",
            Some((_, code)) => code,
            None => "NO_CONSENT",
        }
    }
}
