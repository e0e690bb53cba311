//! Holidays by rule, and the days off that follow from them.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};

use crate::calendar::{easter, is_weekend, orthodox_easter};

/// A holiday of every year, or of those between two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holiday {
    falls: Falls,
    first: i32,
    last: i32,
    moves: bool,
}

/// When it is.
#[derive(Debug, Clone, Copy)]
enum Falls {
    /// On a month and day.
    On(u32, u32),
    /// Days after Easter Sunday.
    Easter(i64),
    /// Days after the Easter Sunday of the Orthodox churches.
    Orthodox(i64),
    /// On the first such weekday from a month and day on.
    From(Weekday, u32, u32),
    /// On the first Monday of February, unless the first of February is a Friday: then on that day.
    SaintBrigid,
}

pub(super) const GOOD_FRIDAY: Holiday = easter_plus(-2);
pub(super) const EASTER_MONDAY: Holiday = easter_plus(1);
pub(super) const ASCENSION: Holiday = easter_plus(39);
pub(super) const WHIT_MONDAY: Holiday = easter_plus(50);
pub(super) const CORPUS_CHRISTI: Holiday = easter_plus(60);
pub(super) const SAINT_BRIGID: Holiday = every_year(Falls::SaintBrigid);

/// A month and a day.
pub(super) const fn on(month: u32, day: u32) -> Holiday {
    every_year(Falls::On(month, day))
}

/// The first Monday from a month and day on.
pub(super) const fn monday(month: u32, day: u32) -> Holiday {
    every_year(Falls::From(Weekday::Mon, month, day))
}

/// The first Thursday from a month and day on.
pub(super) const fn thursday(month: u32, day: u32) -> Holiday {
    every_year(Falls::From(Weekday::Thu, month, day))
}

/// Days after Easter Sunday.
pub(super) const fn easter_plus(days: i64) -> Holiday {
    every_year(Falls::Easter(days))
}

/// Days after the Orthodox Easter Sunday.
pub(super) const fn orthodox_plus(days: i64) -> Holiday {
    every_year(Falls::Orthodox(days))
}

const fn every_year(falls: Falls) -> Holiday {
    Holiday { falls, first: i32::MIN, last: i32::MAX, moves: false }
}

impl Holiday {
    /// From a year on.
    pub(super) const fn since(self, first: i32) -> Self {
        Self { first, ..self }
    }

    /// Up to and in a year.
    pub(super) const fn until(self, last: i32) -> Self {
        Self { last, ..self }
    }

    /// If it falls on a weekend, the next day that would have been a working day is off in its place.
    pub(super) const fn moves(self) -> Self {
        Self { moves: true, ..self }
    }

    fn in_year(self, year: i32) -> Option<NaiveDate> {
        if !(self.first..=self.last).contains(&year) {
            return None;
        }
        match self.falls {
            Falls::On(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Falls::Easter(days) => easter(year)?.checked_add_signed(TimeDelta::days(days)),
            Falls::Orthodox(days) => orthodox_easter(year)?.checked_add_signed(TimeDelta::days(days)),
            Falls::From(weekday, month, day) => first_from(weekday, year, month, day),
            Falls::SaintBrigid => {
                let first = NaiveDate::from_ymd_opt(year, 2, 1)?;
                if first.weekday() == Weekday::Fri { Some(first) } else { first_from(Weekday::Mon, year, 2, 1) }
            }
        }
    }
}

fn first_from(weekday: Weekday, year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let from = NaiveDate::from_ymd_opt(year, month, day)?;
    from.checked_add_days(Days::new(weekday.days_since(from.weekday()).into()))
}

/// A date is one of these holidays, or off in place of one. Nothing moves into another year.
pub(super) fn is_off(holidays: &[Holiday], date: NaiveDate) -> bool {
    let in_year = |holiday: &Holiday| holiday.in_year(date.year());
    let mut off: Vec<NaiveDate> = holidays.iter().filter_map(in_year).collect();
    // Whichever is moved first: together they come to the same days.
    for moved in holidays.iter().filter(|holiday| holiday.moves).filter_map(in_year).filter(|day| is_weekend(*day)) {
        off.extend(moved.iter_days().find(|day| !is_weekend(*day) && !off.contains(day)));
    }
    off.contains(&date)
}
