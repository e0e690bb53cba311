//! Working days by which periods of the GDPR end (Regulation 1182/71, article 3; ICO guidance).

use chrono::{Datelike, NaiveDate, Weekday};

use super::{is_business_day, is_easter_plus, is_weekend};

/// Countries of the EU where 26 December is a day like any other.
const NO_SECOND_CHRISTMAS_DAY: [&str; 5] = ["BE", "ES", "FR", "MT", "PT"];

/// A working day in a country (ISO 3166; `UK` as well as `GB`), by which a period may end.
///
/// `GB`: the bank holidays of England and Wales by rule, not those proclaimed once. `US`: federal holidays. Anywhere
/// else, and with no country: weekends and the holidays that nearly every member state keeps, 1 January, 25 and 26
/// December. A holiday too few makes a deadline fall early, never late, so the list is short on purpose.
pub fn is_working_day(date: NaiveDate, country: Option<&str>) -> bool {
    let country = country.unwrap_or_default().to_ascii_uppercase();
    match country.as_str() {
        "US" => is_business_day(date),
        "GB" | "UK" => !is_weekend(date) && !is_bank_holiday(date),
        _ => !is_weekend(date) && !is_common_holiday(date, &country),
    }
}

fn is_common_holiday(date: NaiveDate, country: &str) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (12, 25) => true,
        (12, 26) => !NO_SECOND_CHRISTMAS_DAY.contains(&country),
        _ => false,
    }
}

/// A bank holiday of England and Wales (Banking and Financial Dealings Act 1971), on a weekday.
fn is_bank_holiday(date: NaiveDate) -> bool {
    let monday = date.weekday() == Weekday::Mon;
    let monday_or_tuesday = monday || date.weekday() == Weekday::Tue;
    match (date.month(), date.day()) {
        (1, 1) | (12, 25 | 26) => true,
        // In place of one that fell on a weekend.
        (1, 2 | 3) => monday,
        (12, 27 | 28) => monday_or_tuesday,
        (5, 1..=7 | 25..=31) | (8, 25..=31) => monday,
        _ => is_easter_plus(date, -2) || is_easter_plus(date, 1),
    }
}
