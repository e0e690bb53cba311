//! Hours, ages and caps. All questions of these tests are asked in winter, and none on a holiday.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use consent_core::event::EventKind;
use consent_core::scope::{Channel, PurposeClass};

use super::places::{country, place_of};
use super::{Case, Event};

pub(super) const RINGS: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];

/// Minutes by which clocks are behind UTC all over a country, when it is winter in the north.
fn zones(country: &str) -> &'static [i64] {
    match country {
        "US" => &[300, 360, 420, 480, 540, 600],
        "CA" => &[210, 240, 300, 360, 420, 480],
        "DE" => &[-60],
        "BR" => &[120, 180, 240, 300],
        "AU" => &[-480, -525, -570, -600, -630, -660],
        _ => &[],
    }
}

/// From which minute of a day to which they may be called.
fn hours(state: Option<&str>, channel: Channel, day: Weekday) -> (u32, u32) {
    let weekend = matches!(day, Weekday::Sat | Weekday::Sun);
    match state {
        Some("LA") if day == Weekday::Sun => (0, 0),
        Some("FL" | "OK" | "MD" | "OR" | "LA") => (8 * 60, 20 * 60),
        Some("CT") => (9 * 60, 20 * 60),
        Some("ON") if channel == Channel::Voice && weekend => (10 * 60, 18 * 60),
        // Canada would end half an hour later than the United States.
        Some("ON") if channel == Channel::Voice => (9 * 60, 21 * 60),
        _ => (8 * 60, 21 * 60),
    }
}

/// Younger than 13, where the day begins last.
pub(super) fn is_child(born: NaiveDate, at: DateTime<Utc>) -> bool {
    let today = (at - TimeDelta::hours(12)).date_naive();
    let birthday_passed = (today.month(), today.day()) >= (born.month(), born.day());
    today.year() - born.year() - i32::from(!birthday_passed) < 13
}

/// The last day of something that began at a time: the same day of the month, or the last.
pub(super) fn months_later(begun: DateTime<Utc>, months: i32) -> NaiveDate {
    let begun = begun.date_naive();
    let month = begun.year() * 12 + begun.month0() as i32 + months;
    let (year, month) = (month / 12, (month % 12) as u32 + 1);
    (1..=begun.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap()
}

impl Case<'_> {
    /// Closed wherever the person may be: where the number is and, if that is another country, all over their own.
    pub(super) fn is_quiet(&self) -> bool {
        let number = self.contact.as_deref().and_then(place_of);
        let home = self.profiles().filter_map(country).last();
        let abroad = home.filter(|home| number.is_none_or(|number| number.country != *home));
        let behind = number.map(|number| &number.behind).into_iter().chain(abroad.map_or(&[][..], zones));
        behind.into_iter().any(|minutes| self.is_closed(*minutes))
    }

    fn is_closed(&self, minutes: i64) -> bool {
        let local = self.asked.at - TimeDelta::minutes(minutes);
        let (opens, closes) = hours(self.state(), self.asked.channel, local.weekday());
        let minute = local.hour() * 60 + local.minute();
        minute < opens || minute >= closes
    }

    /// Three advertisements within a day: on one subject in Florida and Maryland, on any in Oklahoma and in Oregon,
    /// which leaves those alone who bought something.
    pub(super) fn is_capped(&self) -> bool {
        match self.state() {
            Some("FL" | "MD") => self.sent_today(true) >= 3,
            Some("OK") => self.sent_today(false) >= 3,
            Some("OR") => !self.is_related() && self.sent_today(false) >= 3,
            _ => false,
        }
    }

    /// How many advertisements they were sent within a day. A message that was recorded again is one message.
    fn sent_today(&self, on_one_subject: bool) -> usize {
        let wanted = |kind: &EventKind| match kind {
            EventKind::MessageSent(sent) => {
                let about = (&self.asked.subject_matter, &sent.subject_matter);
                sent.purpose.is_some_and(|purpose| purpose.class() == PurposeClass::Marketing)
                    && sent.channel.is_some_and(|channel| RINGS.contains(&channel))
                    && !(on_one_subject && matches!(about, (Some(one), Some(other)) if one != other))
            }
            _ => false,
        };
        let mut counted: Vec<&Event<'_>> = Vec::new();
        for (event, about) in self.all(wanted) {
            let recent = (self.asked.at - event.at).num_seconds() < 24 * 3600;
            if recent && self.touches(&about) && !counted.iter().any(|one| is_repeat(one, event)) {
                counted.push(event);
            }
        }
        counted.len()
    }
}

/// The same message, by the gateway's own name for it.
fn is_repeat(one: &Event<'_>, other: &Event<'_>) -> bool {
    let has_name = |kind: &EventKind| match kind {
        EventKind::MessageSent(sent) => sent.provider_message_id.is_some(),
        _ => false,
    };
    has_name(one.kind) && one.kind == other.kind && one.named == other.named
}
