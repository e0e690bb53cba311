//! The few places of these tests: where their numbers are, and what every place requires.

use consent_core::event::EventKind;
use consent_core::event::kinds::Level;
use consent_core::scope::{Channel, PurposeClass};

use super::{Case, Event};

/// The numbers of a place: how they begin, the country, the state, and the minutes by which its winter clocks are
/// behind UTC. Numbers that are free to call say neither of the last two.
pub(super) struct Numbers {
    begin: &'static str,
    pub(super) country: &'static str,
    pub(super) state: Option<&'static str>,
    pub(super) behind: Option<i64>,
}

const fn numbers(begin: &'static str, country: &'static str, state: &'static str, behind: i64) -> Numbers {
    Numbers { begin, country, state: Some(state), behind: Some(behind) }
}

const NUMBERS: &[Numbers] = &[
    numbers("phone:+1202", "US", "DC", 300),
    numbers("phone:+1203", "US", "CT", 300),
    numbers("phone:+1301", "US", "MD", 300),
    numbers("phone:+1305", "US", "FL", 300),
    numbers("phone:+1405", "US", "OK", 360),
    numbers("phone:+1416", "CA", "ON", 300),
    numbers("phone:+1503", "US", "OR", 480),
    numbers("phone:+1504", "US", "LA", 360),
    Numbers { begin: "phone:+1800", country: "US", state: None, behind: None },
];

pub(super) fn place_of(name: &str) -> Option<&'static Numbers> {
    NUMBERS.iter().find(|one| name.starts_with(one.begin))
}

/// Where nobody knows what is required.
const UNKNOWN: &str = "?";

impl Case<'_> {
    /// The state in which the number is to which it would go.
    pub(super) fn state(&self) -> Option<&'static str> {
        self.contact.as_deref().and_then(place_of).and_then(|place| place.state)
    }

    /// Whether they may be in a state: the number is there, or nowhere and they live in the United States.
    pub(super) fn may_be_in(&self, state: &str) -> bool {
        let free = self.contact.as_deref().and_then(place_of).is_some_and(|place| place.state.is_none());
        self.state() == Some(state) || free && self.home() == Some("US")
    }

    /// The country of the latest profile that names one.
    pub(super) fn home(&self) -> Option<&str> {
        self.profiles().filter_map(country).last()
    }

    /// The countries that the latest profiles name and in which the numbers are.
    pub(super) fn countries(&self) -> Vec<&str> {
        let of = |wanted: &dyn Fn(&Event<'_>) -> bool| {
            let named = self.events.iter().filter(|event| country(event).is_some());
            named.rev().find(|event| wanted(event)).and_then(country)
        };
        let by = |name: &String| of(&|event: &Event<'_>| event.named.contains(name));
        let mut all: Vec<&str> = self.subjects.iter().filter_map(&by).collect();
        if all.is_empty() {
            all.extend(self.whom.iter().filter_map(&by));
        }
        all.extend(self.whom.iter().filter_map(|name| place_of(name)).map(|place| place.country));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Every place whose rules count, the strictest first. Connecticut and Maryland ask more of those who dial to sell
    /// than the United States do.
    pub(super) fn places(&self) -> Vec<&str> {
        let order = ["US", "CA", "DE", UNKNOWN];
        let known = |country: &str| order.iter().copied().find(|one| *one == country).unwrap_or(UNKNOWN);
        let mut all: Vec<&str> = self.countries().into_iter().map(known).collect();
        if all.is_empty() {
            all.push(UNKNOWN);
        }
        if self.is_live_sale() {
            all.extend(["CT", "MD"].into_iter().filter(|state| self.may_be_in(state)));
        }
        let rank = |place: &str| order.iter().position(|one| *one == place);
        all.sort_by_key(|place| (std::cmp::Reverse(self.least(place)), self.exemptions(place).len(), rank(place)));
        all
    }

    pub(super) fn is_marketing(&self) -> bool {
        self.asked.purpose.class() == PurposeClass::Marketing
    }

    pub(super) fn is_live_sale(&self) -> bool {
        self.asked.channel == Channel::Voice && !self.asked.automated && self.is_marketing()
    }

    /// The consent that a place requires. Where the place is unknown that is the most that any country requires.
    pub(super) fn least(&self, place: &str) -> Level {
        let marketing = self.is_marketing();
        let service = self.asked.purpose.class() == PurposeClass::Service;
        match (place, self.asked.channel) {
            _ if !marketing && !service => Level::ExpressWritten,
            ("CT" | "MD", _) => Level::ExpressWritten,
            ("US" | UNKNOWN, Channel::Sms | Channel::Mms | Channel::Whatsapp) if marketing => Level::ExpressWritten,
            ("US" | UNKNOWN, Channel::Voice) if marketing && self.asked.automated => Level::ExpressWritten,
            _ => Level::Express,
        }
    }

    /// What may take the place of that consent, as the row of the place says for all purposes of a class.
    pub(super) fn exemptions(&self, place: &str) -> &'static [&'static str] {
        let marketing = self.is_marketing();
        let service = self.asked.purpose.class() == PurposeClass::Service;
        let live = !self.asked.automated;
        match (place, self.asked.channel) {
            _ if !marketing && !service => &[],
            ("US" | "CA" | "DE", Channel::Postal) => &["LEGITIMATE_INTEREST"],
            ("US", Channel::Voice) if live && marketing => &["EBR_EXEMPTION", "LEGITIMATE_INTEREST"],
            ("US", Channel::Voice) if live => &["LEGITIMATE_INTEREST"],
            ("US", Channel::Sms | Channel::Mms | Channel::Whatsapp) if service => &["REPLY_TO_CONSUMER_REQUEST"],
            ("CA", Channel::Email | Channel::Sms | Channel::Mms) => &["CONSENT_IMPLIED", "REPLY_TO_CONSUMER_REQUEST"],
            ("DE", Channel::Email | Channel::Sms | Channel::Mms) if marketing => &["SOFT_OPT_IN"],
            ("DE", Channel::Email | Channel::Sms | Channel::Mms) if service => &["REPLY_TO_CONSUMER_REQUEST"],
            _ => &[],
        }
    }
}

/// The country that a profile names.
pub(super) fn country<'a>(event: &Event<'a>) -> Option<&'a str> {
    match event.kind {
        EventKind::ProfileRecorded(profile) => profile.country.as_deref(),
        _ => None,
    }
}
