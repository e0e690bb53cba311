//! The country of a phone number, by its numbering plan.
//!
//! The library answers from patterns, after reading the number anew: some ten microseconds for each question. Most
//! numbers need neither. A calling code that one country has to itself says all; under +1 the area code does, but for
//! a few where the exchange matters; of a British mobile number its first digits do. The tests compare all three tables
//! with the library.

use std::ops::Deref;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{LazyLock, OnceLock};

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region, RegionStr};

use super::is_canonical_nanp;

/// ISO 3166-1 alpha-2 code of a country, or `001` for what belongs to none, such as satellite telephones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(RegionStr);

impl Deref for Country {
    type Target = str;
    fn deref(&self) -> &str {
        self.0.as_str()
    }
}

impl From<Region> for Country {
    fn from(region: Region) -> Self {
        Self(region.as_region_str())
    }
}

/// Calling codes have three digits at most.
const CALLING_CODES: usize = 1000;

/// The countries that have a calling code to themselves, by that code.
static SOLE: LazyLock<Vec<Option<Country>>> = LazyLock::new(|| (0..CALLING_CODES).map(sole).collect());

fn sole(code: usize) -> Option<Country> {
    let mut regions = PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(i32::try_from(code).ok()?)?;
    let first = regions.next()?;
    regions.next().is_none().then(|| first.into())
}

/// Area codes under +1 are three digits.
const AREA_CODES: usize = 1000;

/// The country of each area code under +1, once anybody asked.
static AREAS: [OnceLock<Option<Country>>; AREA_CODES] = [const { OnceLock::new() }; AREA_CODES];

/// The area codes in which not every exchange is assigned alike.
const BY_EXCHANGE: [usize; 3] = [523, 524, 983];

/// The country of a number in canonical form.
pub(super) fn of(number: &str) -> Option<Country> {
    let area = number.get(2..5).filter(|_| is_canonical_nanp(number.as_bytes())).and_then(|area| area.parse().ok());
    match area {
        Some(area) if !BY_EXCHANGE.contains(&area) => in_north_america(area),
        Some(_) => by_library(number),
        None => {
            number.strip_prefix('+').and_then(alone).or_else(|| british_mobile(number)).or_else(|| by_library(number))
        }
    }
}

/// By the area code: the country of any number in it. It is always the same one that the library is asked about.
fn in_north_america(area: usize) -> Option<Country> {
    *AREAS.get(area)?.get_or_init(|| by_library(&format!("+1{area:03}2340123")))
}

/// By the calling code, if one country has it: no code begins with another.
fn alone(digits: &str) -> Option<Country> {
    (1..=3).find_map(|length| *SOLE.get(digits.get(..length)?.parse::<usize>().ok()?)?)
}

/// How British mobile numbers begin; nine digits follow.
const BRITISH_MOBILE: &str = "+447";
/// So many of them say whether a number is of Great Britain or of one of the islands that share its plan.
const TELLING: usize = 5;

/// Great Britain and these islands.
const SHARING: [Region; 4] = [Region::GB, Region::GG, Region::IM, Region::JE];

/// Whose the British mobile numbers with these digits are, as a place among those that share the plan, from one on; zero
/// until anybody asked.
static MOBILES: [AtomicU8; 10_usize.pow(TELLING as u32)] = [const { AtomicU8::new(0) }; _];

fn british_mobile(number: &str) -> Option<Country> {
    let rest = number.strip_prefix(BRITISH_MOBILE).filter(|rest| rest.len() == 9)?;
    let digits = rest.bytes().all(|digit| digit.is_ascii_digit());
    let telling = rest.get(..TELLING).filter(|_| digits)?;
    let known = MOBILES.get(telling.parse::<usize>().ok()?)?;
    if let Some(region) = SHARING.get(usize::from(known.load(Ordering::Relaxed)).wrapping_sub(1)) {
        return Some((*region).into());
    }
    let country = by_library(number)?;
    if let Some(at) = SHARING.iter().position(|region| Country::from(*region) == country) {
        known.store(at as u8 + 1, Ordering::Relaxed);
    }
    Some(country)
}

fn by_library(number: &str) -> Option<Country> {
    let number = PHONE_NUMBER_UTIL.parse(number, None).ok()?;
    let own = number.get_region_code();
    // A number in a range that is not assigned still says whose plan it is in, but for +1, which many share.
    let code = number.country_code;
    let plan = || if code == 1 { None } else { PHONE_NUMBER_UTIL.get_region_for_country_code(code) };
    own.or_else(plan).map(Country::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agree(number: &str) {
        assert_eq!(of(number), by_library(number), "{number}");
    }

    #[test]
    fn every_area_code_is_where_the_library_says() {
        // Another exchange for each, and more than one where they differ.
        for area in 200..1000 {
            let exchanges = if BY_EXCHANGE.contains(&area) { 12 } else { 2 };
            for turn in 0..exchanges {
                let exchange = 200 + (area * 7 + turn * 211) % 800;
                agree(&format!("+1{area}{exchange}{:04}", area * 13 % 10_000));
            }
        }
    }

    /// `cargo test --release -p consent-core every_exchange -- --ignored` after a new edition of the library.
    #[test]
    #[ignore = "takes minutes"]
    fn every_exchange_is_where_the_library_says() {
        for area in 200..1000 {
            for exchange in 200..1000 {
                agree(&format!("+1{area}{exchange}0123"));
                agree(&format!("+1{area}{exchange}{:04}", (area + exchange) * 17 % 10_000));
            }
        }
    }

    /// Some beginnings of British mobile numbers, or all of them, each with ends of its own.
    fn british_mobiles(step: usize) {
        for telling in (0..10_usize.pow(TELLING as u32)).step_by(step) {
            for turn in [0, 1, 2] {
                agree(&format!("{BRITISH_MOBILE}{telling:05}{:04}", (telling * 37 + turn * 4_321) % 10_000));
            }
        }
    }

    #[test]
    fn british_mobile_numbers_are_where_the_library_says() {
        british_mobiles(97);
        for number in ["+44762450012", "+4476245001234", "+447624500", "+44762450012x"] {
            assert_eq!(british_mobile(number), None, "{number}");
        }
        for (number, country) in [("+447624500123", "IM"), ("+447781123456", "GG"), ("+447700900123", "GB")] {
            assert_eq!(british_mobile(number).as_deref(), Some(country));
        }
    }

    /// `cargo test --release -p consent-core every_british -- --ignored` after a new edition of the library.
    #[test]
    #[ignore = "takes minutes"]
    fn every_british_mobile_number_is_where_the_library_says() {
        british_mobiles(1);
    }

    #[test]
    fn every_calling_code_is_whose_the_library_says() {
        for code in 1..1000 {
            for national in ["201234567", "7700900123", "612345678", "01234567"] {
                if let Ok(number) = crate::address::Phone::parse(&format!("+{code}{national}")) {
                    agree(number.as_str());
                }
            }
        }
        assert_eq!(of("+447700900123").as_deref(), Some("GB"));
        assert_eq!(of("+870773111632").as_deref(), Some("001"));
        assert_eq!(of("+1"), None);
        assert_eq!(of(""), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn numbers_are_where_the_library_says(number in "\\+(1[2-9][0-9]{9}|[2-9][0-9]{7,13})") {
            if let Ok(number) = crate::address::Phone::parse(&number) {
                agree(number.as_str());
            }
        }
    }
}
