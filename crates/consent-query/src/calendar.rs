//! Holidays and business days, computed.
//!
//! Federal holidays are those of 5 USC 6103(a) with the observed days of (b) and Executive Order 11582: Friday for a
//! Saturday, Monday for a Sunday. Inauguration Day, kept in the capital alone, is not among them. One-day closings by
//! order of a president are not computed, so that no deadline moves after it was told.

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub use europe::is_working_day;
pub use legal::is_legal_holiday;

mod europe;
mod legal;

#[cfg(test)]
mod tests;

/// A federal holiday of the US, on the day it is observed.
pub fn is_federal_holiday(date: NaiveDate) -> bool {
    // New Year's Day on a Saturday is observed in the year before.
    let fixed = [date.year(), date.year() + 1].into_iter().flat_map(fixed_federal);
    is_floating_federal(date) || fixed.map(observed).any(|day| day == date)
}

/// The federal holidays of a year by the days on which they are observed, in order.
///
/// A New Year's Day observed on 31 December belongs to the year of that 31 December.
pub fn federal_holidays(year: i32) -> Vec<NaiveDate> {
    let days = NaiveDate::from_ymd_opt(year, 1, 1).into_iter().flat_map(|first| first.iter_days().take(366));
    days.filter(|day| day.year() == year && is_federal_holiday(*day)).collect()
}

/// Monday to Friday, less federal holidays. 47 CFR 64.1200(a)(10) says "business days" and does not define them.
pub fn is_business_day(date: NaiveDate) -> bool {
    !is_weekend(date) && !is_federal_holiday(date)
}

/// The `count`-th business day after a date; the date itself does not count.
pub fn add_business_days(date: NaiveDate, count: usize) -> NaiveDate {
    let following = date.iter_days().skip(1).filter(|day| is_business_day(*day));
    following.take(count).last().unwrap_or(date)
}

/// Saturday or Sunday.
pub(crate) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// 1 January, 19 June (Pub. L. 117-17, since 2021), 4 July, 11 November, 25 December.
fn fixed_federal(year: i32) -> impl Iterator<Item = NaiveDate> {
    let days = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
    let kept = days.into_iter().filter(move |day| year >= 2021 || *day != (6, 19));
    kept.filter_map(move |(month, day)| NaiveDate::from_ymd_opt(year, month, day))
}

/// The holidays that are a weekday of a month, and so never need moving.
fn is_floating_federal(date: NaiveDate) -> bool {
    let nth = (date.day() - 1) / 7 + 1;
    match (date.month(), date.weekday()) {
        (1, Weekday::Mon) => nth == 3 && date.year() >= 1986, // Martin Luther King
        (2, Weekday::Mon) => nth == 3,                        // Washington
        (5, Weekday::Mon) => date.day() > 24,                 // Memorial Day
        (9, Weekday::Mon) => nth == 1,                        // Labor Day
        (10, Weekday::Mon) => nth == 2,                       // Columbus Day
        (11, Weekday::Thu) => nth == 4,                       // Thanksgiving
        _ => false,
    }
}

fn observed(date: NaiveDate) -> NaiveDate {
    let moved = match date.weekday() {
        Weekday::Sat => date.pred_opt(),
        Weekday::Sun => date.succ_opt(),
        _ => None,
    };
    moved.unwrap_or(date)
}

/// A day before or after Easter Sunday of the date's year.
fn is_easter_plus(date: NaiveDate, days: i64) -> bool {
    let from_easter = easter(date.year()).map(|sunday| date.signed_duration_since(sunday).num_days());
    from_easter == Some(days)
}

/// Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876).
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let after = u64::try_from(moon + sunday - 7 * late).ok()?;
    NaiveDate::from_ymd_opt(year, 3, 22)?.checked_add_days(Days::new(after))
}

/// Easter Sunday of the Orthodox churches, as a Gregorian date (Meeus's rule for the Julian calendar).
fn orthodox_easter(year: i32) -> Option<NaiveDate> {
    let moon = (19 * (year % 19) + 15) % 30;
    let sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7;
    // By which the Julian calendar is behind at Easter.
    let behind = year / 100 - year / 400 - 2;
    let after = u64::try_from(moon + sunday + behind).ok()?;
    NaiveDate::from_ymd_opt(year, 3, 22)?.checked_add_days(Days::new(after))
}
