//! The tables of `data/`, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{State, Zone};

/// An area code under +1.
pub(super) struct AreaCode {
    pub(super) states: Vec<State>,
    pub(super) zones: Vec<Zone>,
}

/// US postal codes that follow each other and share state and zones.
pub(super) struct Run {
    first: u32,
    last: u32,
    pub(super) state: State,
    pub(super) zones: Vec<Zone>,
}

/// A word and what it stands for, sorted by the word.
type Directory<T> = Vec<(&'static str, T)>;

static AREA_CODES: LazyLock<Directory<AreaCode>> = LazyLock::new(|| {
    directory(include_str!("../../data/area-codes.txt"), |line| {
        let (states, zones) = line.split_once(' ')?;
        let states = if states == "-" { Some(Vec::new()) } else { states.split(',').map(State::parse).collect() };
        Some(AreaCode { states: states?, zones: zone_list(zones)? })
    })
});

static COUNTRIES: LazyLock<Directory<Vec<Zone>>> =
    LazyLock::new(|| directory(include_str!("../../data/countries.txt"), zone_list));

static CALLING_CODES: LazyLock<Directory<Vec<&'static str>>> = LazyLock::new(|| {
    directory(include_str!("../../data/calling-codes.txt"), |countries| Some(countries.split(',').collect()))
});

static POSTAL_CODES: LazyLock<Vec<Run>> =
    LazyLock::new(|| include_str!("../../data/postal-codes.txt").lines().filter_map(run).collect());

static STATES: LazyLock<BTreeMap<State, Vec<Zone>>> = LazyLock::new(|| {
    let states = AREA_CODES.iter().flat_map(|(_, area)| area.states.iter().copied());
    states.map(|state| (state, zones_in(state))).collect()
});

/// The area code of these three digits, if it belongs to a place.
pub(super) fn area_code(digits: &str) -> Option<&'static AreaCode> {
    look_up(&AREA_CODES, digits)
}

/// The zones of a state: those of the area codes that lie in it alone or, if there are none (Prince Edward Island, the
/// territories of Canada), of those that it shares.
pub(super) fn zones_of_state(state: State) -> &'static [Zone] {
    STATES.get(&state).map(Vec::as_slice).unwrap_or_default()
}

/// The zones of a country, by ISO 3166 code in either case, or `UK`; none for what is not a country.
pub(super) fn country(code: &str) -> &'static [Zone] {
    let code = match code.trim().to_ascii_uppercase() {
        code if code == "UK" => "GB".to_owned(),
        code => code,
    };
    look_up(&COUNTRIES, &code).map(Vec::as_slice).unwrap_or_default()
}

/// The countries that share the calling code at the head of an international number without its `+`.
pub(super) fn countries_sharing(digits: &str) -> &'static [&'static str] {
    let code = calling_code(digits).and_then(|code| look_up(&CALLING_CODES, code));
    code.map(Vec::as_slice).unwrap_or_default()
}

/// The calling code at the head of an international number without its `+`.
pub(super) fn calling_code(digits: &str) -> Option<&str> {
    (1..=3).rev().filter_map(|length| digits.get(..length)).find(|code| look_up(&CALLING_CODES, code).is_some())
}

/// The run that holds a postal code; for a code in no run, all that share its first three digits.
pub(super) fn postal_code(code: u32) -> &'static [Run] {
    let exact = overlapping(code, code);
    if !exact.is_empty() {
        return exact;
    }
    let office = code / 100 * 100;
    overlapping(office, office + 99)
}

fn zones_in(state: State) -> Vec<Zone> {
    let areas = || AREA_CODES.iter().map(|(_, area)| area).filter(|area| area.states.contains(&state));
    let alone = areas().any(|area| area.states.len() == 1);
    let areas = areas().filter(|area| !alone || area.states.len() == 1);
    let mut zones: Vec<Zone> = areas.flat_map(|area| &area.zones).copied().collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

fn overlapping(first: u32, last: u32) -> &'static [Run] {
    let from = POSTAL_CODES.partition_point(|run| run.last < first);
    let to = POSTAL_CODES.partition_point(|run| run.first <= last);
    POSTAL_CODES.get(from..to).unwrap_or_default()
}

fn look_up<T>(directory: &'static Directory<T>, word: &str) -> Option<&'static T> {
    let index = directory.binary_search_by_key(&word, |(known, _)| known).ok()?;
    directory.get(index).map(|(_, entry)| entry)
}

fn directory<T>(text: &'static str, read: impl Fn(&'static str) -> Option<T>) -> Directory<T> {
    let entries = text.lines().filter_map(|line| line.split_once(' '));
    entries.filter_map(|(word, rest)| Some((word, read(rest)?))).collect()
}

fn run(line: &str) -> Option<Run> {
    let mut words = line.split(' ');
    let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Run { first, last, state: State::parse(words.next()?)?, zones: zone_list(words.next()?)? })
}

fn zone_list(names: &str) -> Option<Vec<Zone>> {
    names.split(',').map(Zone::named).collect()
}

/// Rows read per table beside lines written: a row that cannot be read would be left out in silence.
#[cfg(test)]
pub(super) fn rows() -> [(usize, usize); 4] {
    let lines = |text: &str| text.lines().count();
    [
        (AREA_CODES.len(), lines(include_str!("../../data/area-codes.txt"))),
        (COUNTRIES.len(), lines(include_str!("../../data/countries.txt"))),
        (CALLING_CODES.len(), lines(include_str!("../../data/calling-codes.txt"))),
        (POSTAL_CODES.len(), lines(include_str!("../../data/postal-codes.txt"))),
    ]
}

/// Area codes with more than one zone.
#[cfg(test)]
pub(super) fn split_area_codes() -> Vec<&'static str> {
    AREA_CODES.iter().filter(|(_, area)| area.zones.len() > 1).map(|(code, _)| *code).collect()
}

/// Whether every table is in the order that its look-ups need.
#[cfg(test)]
pub(super) fn sorted() -> bool {
    AREA_CODES.is_sorted_by(|a, b| a.0 < b.0)
        && COUNTRIES.is_sorted_by(|a, b| a.0 < b.0)
        && CALLING_CODES.is_sorted_by(|a, b| a.0 < b.0)
        && POSTAL_CODES.is_sorted_by(|a, b| a.first <= a.last && a.last < b.first)
}
