//! Phone numbers: no two contacts share one.

use std::sync::LazyLock;

use anyhow::Context;
use consent_core::address::Phone;
use consent_tests::dice::Dice;

/// Where a number is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166 code.
    pub country: &'static str,
    /// State or province, where the area code says it.
    pub region: Option<&'static str>,
}

/// Area codes of the United States and Canada, with the first of their states.
static AREAS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let lines = include_str!("../../../crates/consent-query/data/area-codes.txt").lines();
    let areas = lines.filter_map(|line| {
        let (code, rest) = line.split_once(' ')?;
        let state = rest.split([' ', ',']).next()?;
        (state != "-").then_some((code, state))
    });
    areas.collect()
});

/// Provinces and territories of Canada.
const CANADA: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

/// Numbers of an area: exchanges 200 to 999, four digits each.
const OF_AN_AREA: u64 = 800 * 10_000;

/// The number of a contact. Of 100, 3 are British and 2 German; the others spread over all area codes of the United
/// States and Canada.
pub(super) fn number(seed: u64, contact: u64, dice: &mut Dice) -> anyhow::Result<(Phone, Place)> {
    let abroad = |country| Place { country, region: None };
    match dice.below(100) {
        0..3 => Ok((Phone::parse(&format!("+447{contact:09}"))?, abroad("GB"))),
        3..5 => Ok((Phone::parse(&format!("+4915{contact:09}"))?, abroad("DE"))),
        _ => american(seed, contact),
    }
}

/// Contact numbers are spread by a multiplication that no two share: the factor is prime and divides nothing here.
fn american(seed: u64, contact: u64) -> anyhow::Result<(Phone, Place)> {
    const FACTOR: u128 = 1_000_000_007;
    let all = AREAS.len() as u64 * OF_AN_AREA;
    let spread = ((u128::from(contact) * FACTOR + u128::from(seed)) % u128::from(all)) as u64;
    let (code, state) = AREAS.get((spread / OF_AN_AREA) as usize).copied().context("no area code")?;
    let (exchange, line) = (200 + spread % OF_AN_AREA / 10_000, spread % 10_000);
    let country = if CANADA.contains(&state) { "CA" } else { "US" };
    Ok((Phone::parse(&format!("+1{code}{exchange}{line:04}"))?, Place { country, region: Some(state) }))
}
