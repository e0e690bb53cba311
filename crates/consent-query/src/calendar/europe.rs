//! Working days by which periods of the GDPR end (Regulation 1182/71, articles 2 and 3; ICO guidance).

use chrono::NaiveDate;

use super::{is_business_day, is_weekend};
use countries::holidays;
use holiday::{Holiday, is_off, on};

mod countries;
mod holiday;

#[cfg(test)]
mod tests;

/// What nearly every member state keeps.
const ANYWHERE: &[Holiday] = &[on(1, 1), on(12, 25), on(12, 26)];

/// A working day in a country or a region of one (ISO 3166: `DE`, `GB-SCT`; also `UK` for `GB` and `EL` for `GR`), by
/// which a period may end.
///
/// The countries of the EU and the EEA, Switzerland and the United Kingdom: their nationwide public holidays, by rule,
/// not those proclaimed once; `GB` itself is England and Wales. `US`: federal holidays. Anywhere else, and with no
/// country: weekends, 1 January, 25 and 26 December. A holiday too few makes a deadline fall early, never late, so
/// the short list is short on purpose.
pub fn is_working_day(date: NaiveDate, region: Option<&str>) -> bool {
    let region = region.unwrap_or_default().trim().to_ascii_uppercase();
    let country = match region.split('-').next().unwrap_or_default() {
        "US" => return is_business_day(date),
        "UK" => "GB",
        "EL" => "GR",
        country => country,
    };
    let kept = holidays(&region).or_else(|| holidays(country)).unwrap_or(ANYWHERE);
    !is_weekend(date) && !is_off(kept, date)
}
