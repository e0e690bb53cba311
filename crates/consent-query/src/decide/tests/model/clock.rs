//! Hours, ages and caps. All questions of these tests are asked in winter, and none on a holiday.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use consent_core::event::EventKind;
use consent_core::scope::{Channel, PurposeClass};

use super::places::place_of;
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

/// The hours of a zone of the United States when nothing says in which state they are: those of every state in it.
fn hours_anywhere(minutes: i64, channel: Channel, automated: bool, day: Weekday) -> (u32, u32) {
    let weekend = matches!(day, Weekday::Sat | Weekday::Sun);
    let (machine, sunday) = (channel == Channel::Voice && automated, day == Weekday::Sun);
    match minutes {
        // Maine closes to machines at five, Florida at eight. Kentucky opens at ten.
        300 if machine && weekend => (0, 0),
        300 if machine => (10 * 60, 17 * 60),
        300 => (10 * 60, 20 * 60),
        // Louisiana is closed on Sundays.
        360 if sunday => (0, 0),
        360 => (10 * 60, 20 * 60),
        // Texas reaches into the mountains, and Wyoming closes at eight.
        420 if sunday => (12 * 60, 20 * 60),
        420 => (9 * 60, 20 * 60),
        480 => (8 * 60, 20 * 60),
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
    /// Closed somewhere where the person may be: where the number is and, if that is another country or nowhere, all
    /// over their own.
    pub(super) fn closed(&self) -> Option<&'static str> {
        let number = self.contact.as_deref().and_then(place_of);
        let here = number.and_then(|number| number.behind);
        let abroad = self.home().filter(|home| here.is_none() || number.is_none_or(|number| number.country != *home));
        let zones: Vec<&i64> = here.iter().chain(abroad.map_or(&[][..], zones)).collect();
        match zones.iter().any(|minutes| self.is_closed(**minutes)) {
            _ if zones.is_empty() => Some("TIMEZONE_UNKNOWN"),
            closed => closed.then_some("QUIET_HOURS"),
        }
    }

    fn is_closed(&self, minutes: i64) -> bool {
        let local = self.asked.at - TimeDelta::minutes(minutes);
        let (channel, day) = (self.asked.channel, local.weekday());
        let (opens, closes) = match (self.state(), self.home()) {
            (None, Some("US")) => hours_anywhere(minutes, channel, self.asked.automated, day),
            // All of Canada keeps the hours of Ontario.
            (None, Some("CA")) => hours(Some("ON"), channel, day),
            (state, _) => hours(state, channel, day),
        };
        let minute = local.hour() * 60 + local.minute();
        minute < opens || minute >= closes
    }

    /// Three advertisements within a day: on one subject in Florida and Maryland, on any in Oklahoma and in Oregon,
    /// which leaves those alone who bought something.
    pub(super) fn is_capped(&self) -> bool {
        let any = self.may_be_in("OK") || self.may_be_in("OR") && !self.is_related();
        let same = self.may_be_in("FL") || self.may_be_in("MD");
        any && self.sent_today(false) >= 3 || same && self.sent_today(true) >= 3
    }

    /// How many advertisements they were sent within a day. A message that was recorded again is one message,
    /// sent when it was recorded first.
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
            if self.touches(&about) && !counted.iter().any(|one| is_repeat(one, event)) {
                counted.push(event);
            }
        }
        let recent = |event: &&&Event<'_>| (self.asked.at - event.at).num_seconds() < 24 * 3600;
        counted.iter().filter(recent).count()
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
