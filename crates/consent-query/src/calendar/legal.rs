//! Legal holidays of the states whose rules forbid sales calls on them.
//!
//! Approximations, all towards more holidays: a day too many delays a message, a day too few sends it.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{fixed_federal, is_easter_plus, is_federal_holiday};
use crate::zones::State;

/// A legal holiday in a state.
///
/// Every state: the federal holidays, on the day itself and on the day it is observed.
/// Louisiana: also La. R.S. 1:55(A)(1) and the general election of (E). Not covered: holidays that the governor
/// proclaims, and what holds in some parishes only (Saturdays, Inauguration Day in Baton Rouge); Sundays are legal
/// holidays there too, and are closed by weekday instead.
/// Pennsylvania: also the days of 44 P.S. 11 as commonly listed, which has not been compared with the statute.
pub fn is_legal_holiday(state: State, date: NaiveDate) -> bool {
    let own = match state.code() {
        "LA" => is_louisiana(date),
        "PA" => is_pennsylvania(date),
        _ => false,
    };
    own || is_federal_holiday(date) || fixed_federal(date.year()).any(|day| day == date)
}

/// Battle of New Orleans, Huey P. Long Day, All Saints' Day, Mardi Gras, Good Friday, election day in even years.
fn is_louisiana(date: NaiveDate) -> bool {
    matches!((date.month(), date.day()), (1, 8) | (8, 30) | (11, 1))
        || is_easter_plus(date, -47)
        || is_good_friday(date)
        || (date.year() % 2 == 0 && is_election_day(date))
}

/// Lincoln's Birthday, Flag Day, Good Friday, election day.
fn is_pennsylvania(date: NaiveDate) -> bool {
    matches!((date.month(), date.day()), (2, 12) | (6, 14)) || is_good_friday(date) || is_election_day(date)
}

fn is_good_friday(date: NaiveDate) -> bool {
    is_easter_plus(date, -2)
}

/// The Tuesday after the first Monday of November.
fn is_election_day(date: NaiveDate) -> bool {
    date.month() == 11 && date.weekday() == Weekday::Tue && (2..=8).contains(&date.day())
}
