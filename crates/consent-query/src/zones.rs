//! Where a person may be: every time zone and every state that what is known of them allows.
//!
//! The law asks for the hour where the person is (47 CFR 64.1200(c)(1)), and neither a number nor an address proves
//! that. So nothing replaces anything: postal code, declared zone and the number's whole area code are joined, and a
//! message must be in time everywhere (`docs/decisions/0010`). The tables and their sources are in `data/README.md`.
//!
//! ```
//! use consent_query::zones::{Place, candidates};
//!
//! let phone = "+18505550123".parse()?; // Florida's panhandle has two zones; its exchanges cannot tell which
//! let found = candidates(&Place { phone: Some(&phone), ..Place::default() });
//! let names: Vec<_> = found.zones.iter().map(|zone| zone.name()).collect();
//! assert_eq!(names, ["America/Chicago", "America/New_York"]);
//! assert_eq!(found.states[0].code(), "FL");
//! # Ok::<(), consent_core::address::AddressError>(())
//! ```

use consent_core::address::Phone;

pub use state::State;
pub use zone::{Zone, tzdb_version};

mod postal;
mod state;
mod tables;
mod zone;

#[cfg(test)]
mod tests;

/// What is known of where a person is. Texts are taken as they were recorded; one that cannot be read says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// The number to be reached.
    pub phone: Option<&'a Phone>,
    /// Country of the profile, ISO 3166 alpha-2.
    pub country: Option<&'a str>,
    /// State or province of the profile: `FL`, `US-FL` or `Florida`.
    pub region: Option<&'a str>,
    /// US postal code (`79901` or `79901-1234`), read if the country is absent, US or a territory; or a Canadian one
    /// (`V6B 1A1` or `V6B`), read if the country is absent or CA.
    pub postal_code: Option<&'a str>,
    /// IANA name of the zone the person declared.
    pub declared_zone: Option<&'a str>,
}

/// Every zone and every state in which the person may be, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Zones. Empty if nothing is known: `TIMEZONE_UNKNOWN`.
    pub zones: Vec<Zone>,
    /// US states, DC, territories and Canadian provinces.
    pub states: Vec<State>,
    /// No state is known; the states are those of the country, and what holds in one holds in its own zones only.
    pub assumed: bool,
}

impl Candidates {
    /// Nothing says where the person is.
    pub fn unknown(&self) -> bool {
        self.zones.is_empty()
    }

    /// The states whose hours count in a zone: all, unless they are only assumed and some keep its time.
    pub fn states_in(&self, zone: Zone) -> Vec<State> {
        if self.assumed { keeping_time_of(&[zone], &self.states) } else { self.states.clone() }
    }

    /// Adds the zones of a place, unless one found by other means is among them and is narrower.
    fn add_unless_met(&mut self, place: &[Zone]) {
        if !self.zones.iter().any(|zone| place.contains(zone)) {
            self.zones.extend_from_slice(place);
        }
    }
}

/// Every zone and state in which a person may be.
///
/// - *Number*: every zone and state of its whole area code and of the codes it overlays; outside +1, every zone of
///   the countries that share its calling code. Toll-free and other non-geographic numbers say nothing.
/// - *Postal code*: its zones and state; a code that is not in the table counts as all that begin with its first
///   three digits. One of Canada: every zone of its province.
/// - *Declared zone*: itself. One that is no place (`UTC`, `Etc/GMT+5`) counts, but is not geography.
/// - *Region*: the state and, if none of the zones found so far is in it, every zone of it.
/// - *Country*: if none of the zones found is in it, or none is a place, every zone of it; for the US those of the
///   fifty states and DC. The territories are countries of their own here.
/// - *No state*, but the US or Canada: all that keep the time of one of the zones, each in such zones only. Its law
///   follows from being there, so the hours of Kentucky are not asked of Honolulu.
pub fn candidates(place: &Place<'_>) -> Candidates {
    let country = place.country.map(str::trim).filter(|country| !country.is_empty());
    let place = &Place { country, ..*place };
    let mut found = Candidates::default();
    number(place, &mut found);
    postal_code(place, &mut found);
    found.zones.extend(place.declared_zone.and_then(Zone::named));
    region(place, &mut found);
    whole_country(place, &mut found);
    found.zones.sort_unstable();
    found.zones.dedup();
    found.states.sort_unstable();
    found.states.dedup();
    found
}

/// What is read from a number: those of one class are treated alike, whoever has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberClass {
    /// The area code behind +1, or the calling code of another country.
    pub code: u16,
    /// The country whose plan it lies in.
    pub country: [u8; 2],
}

impl NumberClass {
    /// The class of a number.
    pub fn of(phone: &Phone) -> Self {
        let digits = phone.as_str().trim_start_matches('+');
        let code = match digits.strip_prefix('1').and_then(|national| national.get(..3)) {
            Some(area) => area.parse().map_or(u16::MAX, |area: u16| 10_000 + area),
            None => tables::calling_code(digits).and_then(|code| code.parse().ok()).unwrap_or(0),
        };
        let country = phone.country().and_then(|country| country.as_bytes().try_into().ok());
        Self { code, country: country.unwrap_or_default() }
    }
}

/// Reads the tables, so that the first question need not wait for them.
pub fn warm_up() {
    let _ = candidates(&Place { postal_code: Some("00501"), country: Some("US"), ..Place::default() });
}

fn number(place: &Place<'_>, found: &mut Candidates) {
    let Some(digits) = place.phone.map(|phone| phone.as_str().trim_start_matches('+')) else { return };
    if let Some(national) = digits.strip_prefix('1') {
        if let Some(area) = national.get(..3).and_then(tables::area_code) {
            found.zones.extend_from_slice(&area.zones);
            found.states.extend_from_slice(&area.states);
        }
    } else {
        found.zones.extend(tables::countries_sharing(digits).iter().flat_map(|country| tables::country(country)));
    }
}

fn postal_code(place: &Place<'_>, found: &mut Candidates) {
    let Some(text) = place.postal_code else { return };
    if maybe_us(place) {
        for run in postal::us(text).map(tables::postal_code).unwrap_or_default() {
            found.zones.extend_from_slice(&run.zones);
            found.states.push(run.state);
        }
    }
    if maybe_canada(place) {
        for province in postal::provinces(text) {
            found.zones.extend_from_slice(tables::zones_of_state(province));
            found.states.push(province);
        }
    }
}

fn region(place: &Place<'_>, found: &mut Candidates) {
    // Elsewhere the same letters mean other places: PA is Palermo too.
    if maybe_us(place) || maybe_canada(place) {
        let Some(state) = place.region.and_then(State::parse) else { return };
        found.states.push(state);
        found.add_unless_met(tables::zones_of_state(state));
    }
}

fn whole_country(place: &Place<'_>, found: &mut Candidates) {
    found.add_unless_met(place.country.map(tables::country).unwrap_or_default());
    if found.states.is_empty() {
        let at_home = || found.zones.iter().any(|zone| tables::country("US").contains(zone));
        let country = place.country.or_else(|| at_home().then_some("US"));
        let all = country.map(State::of_country).unwrap_or_default();
        found.states = keeping_time_of(&found.zones, &all);
        // The only state of a territory is known.
        found.assumed = all.len() > 1;
    }
}

/// The states in which the clocks go as in one of the zones; all, if that is said of none.
///
/// By the time and not by the name: who declares `America/Detroit` may live in Ohio.
fn keeping_time_of(zones: &[Zone], states: &[State]) -> Vec<State> {
    let keeps = |state: &State| {
        let own = tables::zones_of_state(*state);
        zones.iter().any(|zone| own.iter().any(|own| own.keeps_time_of(*zone)))
    };
    let near: Vec<State> = states.iter().copied().filter(keeps).collect();
    if near.is_empty() { states.to_vec() } else { near }
}

/// Postal codes and names of states are read as those of the US unless another country is named.
fn maybe_us(place: &Place<'_>) -> bool {
    place.country.is_none_or(State::is_us)
}

fn maybe_canada(place: &Place<'_>) -> bool {
    place.country.is_none_or(|country| country.eq_ignore_ascii_case("CA"))
}
