//! Hours and ages. The numbers of these tests lie in Washington, Miami and Toronto, five hours behind UTC in winter.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use consent_core::event::EventKind;
use consent_core::scope::{Channel, PurposeClass};

use super::{Asked, Case, Event};

pub(super) const RINGS: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];

/// Minutes by which winter clocks are behind UTC, all over a country.
const CANADA: &[i64] = &[210, 240, 300, 360, 420, 480];
const STATES: &[i64] = &[300, 360, 420, 480, 540, 600];
const GERMANY: &[i64] = &[-60];

fn is_closed(asked: &Asked, number: &str, minutes: i64) -> bool {
    let local = asked.at - TimeDelta::minutes(minutes);
    let minute = local.hour() * 60 + local.minute();
    let weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    let (opens, closes) = if number.starts_with("phone:+1305") {
        (8 * 60, 20 * 60)
    } else if number.starts_with("phone:+1416") && asked.channel == Channel::Voice {
        if weekend { (10 * 60, 18 * 60) } else { (9 * 60, 21 * 60) }
    } else {
        (8 * 60, 21 * 60)
    };
    minute < opens || minute >= closes
}

/// Younger than 13, where the day begins last.
pub(super) fn is_child(born: NaiveDate, at: DateTime<Utc>) -> bool {
    let today = (at - TimeDelta::hours(12)).date_naive();
    let birthday_passed = (today.month(), today.day()) >= (born.month(), born.day());
    today.year() - born.year() - i32::from(!birthday_passed) < 13
}

/// The day on which something that began at a time ends: the same day of the month, or the last.
pub(super) fn months_later(begun: DateTime<Utc>, months: i32) -> NaiveDate {
    let begun = begun.date_naive();
    let month = begun.year() * 12 + begun.month0() as i32 + months;
    let (year, month) = (month / 12, (month % 12) as u32 + 1);
    (1..=begun.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap()
}

impl Case<'_> {
    /// Closed wherever the person may be: where the number is and, if that is another country, all over their own.
    pub(super) fn is_quiet(&self) -> bool {
        let number = self.contact.as_deref().unwrap_or_default();
        let canadian = number.starts_with("phone:+1416");
        let elsewhere = match self.home() {
            Some("CA") if !canadian => CANADA,
            Some("US") if canadian => STATES,
            Some("DE") => GERMANY,
            _ => &[],
        };
        let behind = std::iter::once(&300).chain(elsewhere);
        behind.into_iter().any(|minutes| is_closed(self.asked, number, *minutes))
    }

    /// The country of the latest profile that names one.
    fn home(&self) -> Option<&str> {
        let of = |event: &Event<'_>| match event.kind {
            EventKind::ProfileRecorded(profile) => profile.country.clone(),
            _ => None,
        };
        let last = self.profiles().filter_map(of).last()?;
        ["CA", "US", "DE"].into_iter().find(|country| **country == last)
    }

    /// Three advertisements on one subject within a day, to somebody in Florida.
    pub(super) fn is_capped(&self) -> bool {
        let in_florida = self.contact.as_ref().is_some_and(|to| to.starts_with("phone:+1305"));
        let alike = |kind: &EventKind| match kind {
            EventKind::MessageSent(sent) => {
                let about = (&self.asked.subject_matter, &sent.subject_matter);
                sent.purpose.is_some_and(|purpose| purpose.class() == PurposeClass::Marketing)
                    && sent.channel.is_some_and(|channel| RINGS.contains(&channel))
                    && !matches!(about, (Some(one), Some(other)) if one != other)
            }
            _ => false,
        };
        let sent = self.all(alike);
        let recent = sent
            .iter()
            .filter(|(event, about)| self.touches(about) && (self.asked.at - event.at).num_seconds() < 24 * 3600);
        in_florida && recent.count() >= 3
    }
}
