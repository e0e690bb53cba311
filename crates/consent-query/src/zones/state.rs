//! States, territories and provinces.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{States, Time, tables};

/// A US state, DC, a US territory or freely associated state, or a Canadian province; their codes are distinct.
///
/// It is kept as its place in a list that is in the order of the codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(u8);

/// A text that names no [`State`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a US state or territory or a Canadian province, such as FL")]
pub struct UnknownState;

impl State {
    /// By code (`FL`), ISO 3166-2 code (`US-FL`, `CA-ON`) or English name, without regard to case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let code = match text.split_at_checked(3) {
            Some((country, code)) if ["US-", "CA-"].iter().any(|it| it.eq_ignore_ascii_case(country)) => code,
            _ => text,
        };
        let same = |a: &str| a.eq_ignore_ascii_case(code);
        Self::all().find(|place| same(place.code()) || same(place.name()))
    }

    /// Two capital letters.
    pub fn code(self) -> &'static str {
        self.entry().map_or("", |(code, ..)| code)
    }

    /// The states of a country: of `US` the fifty and DC, of `CA` the provinces, of a territory (`PR`, a country in
    /// ISO 3166) itself, of any other none.
    pub(super) fn of_country(country: &str) -> States {
        let is = |code: &str| country.eq_ignore_ascii_case(code);
        let belongs = |place: &Self| match place.kind() {
            Some(Union) => is("US"),
            Some(Province) => is("CA"),
            Some(Territory) => is(place.code()),
            None => false,
        };
        Self::all().filter(belongs).collect()
    }

    /// The country is the US or one of its territories.
    pub(super) fn is_us(country: &str) -> bool {
        let is_territory = |place: Self| place.kind() == Some(Territory) && place.code().eq_ignore_ascii_case(country);
        country.eq_ignore_ascii_case("US") || Self::all().any(is_territory)
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(PLACES.len())
    }

    fn name(self) -> &'static str {
        self.entry().map_or("", |(_, name, _)| name)
    }

    fn kind(self) -> Option<Kind> {
        self.entry().map(|(.., kind)| *kind)
    }

    fn entry(self) -> Option<&'static (&'static str, &'static str, Kind)> {
        PLACES.get(usize::from(self.0))
    }

    /// The clocks go so in one of its zones.
    pub(crate) fn keeps(self, time: Time) -> bool {
        tables::zones_of_state(self).iter().any(|zone| zone.time() == time)
    }

    /// Its place in the list, for tables.
    pub(super) fn index(self) -> usize {
        self.0.into()
    }
}

impl Serialize for State {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).ok_or_else(|| serde::de::Error::custom(UnknownState))
    }
}

/// What a place is, as far as its country goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of the fifty states, or the District of Columbia.
    State,
    /// A territory of the US, or a freely associated state, which US postal codes serve: a country in ISO 3166.
    Territory,
    /// A province or territory of Canada.
    Province,
}

use Kind::{Province, State as Union, Territory};

/// All of them: code, English name, kind; in the order of their codes.
#[rustfmt::skip]
const PLACES: &[(&str, &str, Kind)] = &[
    ("AB", "Alberta", Province), ("AK", "Alaska", Union), ("AL", "Alabama", Union), ("AR", "Arkansas", Union),
    ("AS", "American Samoa", Territory), ("AZ", "Arizona", Union), ("BC", "British Columbia", Province),
    ("CA", "California", Union), ("CO", "Colorado", Union), ("CT", "Connecticut", Union),
    ("DC", "District of Columbia", Union), ("DE", "Delaware", Union), ("FL", "Florida", Union),
    ("FM", "Micronesia", Territory), ("GA", "Georgia", Union), ("GU", "Guam", Territory), ("HI", "Hawaii", Union),
    ("IA", "Iowa", Union), ("ID", "Idaho", Union), ("IL", "Illinois", Union), ("IN", "Indiana", Union),
    ("KS", "Kansas", Union), ("KY", "Kentucky", Union), ("LA", "Louisiana", Union), ("MA", "Massachusetts", Union),
    ("MB", "Manitoba", Province), ("MD", "Maryland", Union), ("ME", "Maine", Union),
    ("MH", "Marshall Islands", Territory), ("MI", "Michigan", Union), ("MN", "Minnesota", Union),
    ("MO", "Missouri", Union), ("MP", "Northern Mariana Islands", Territory), ("MS", "Mississippi", Union),
    ("MT", "Montana", Union), ("NB", "New Brunswick", Province), ("NC", "North Carolina", Union),
    ("ND", "North Dakota", Union), ("NE", "Nebraska", Union), ("NH", "New Hampshire", Union),
    ("NJ", "New Jersey", Union), ("NL", "Newfoundland and Labrador", Province), ("NM", "New Mexico", Union),
    ("NS", "Nova Scotia", Province), ("NT", "Northwest Territories", Province), ("NU", "Nunavut", Province),
    ("NV", "Nevada", Union), ("NY", "New York", Union), ("OH", "Ohio", Union), ("OK", "Oklahoma", Union),
    ("ON", "Ontario", Province), ("OR", "Oregon", Union), ("PA", "Pennsylvania", Union),
    ("PE", "Prince Edward Island", Province), ("PR", "Puerto Rico", Territory), ("PW", "Palau", Territory),
    ("QC", "Quebec", Province), ("RI", "Rhode Island", Union), ("SC", "South Carolina", Union),
    ("SD", "South Dakota", Union), ("SK", "Saskatchewan", Province), ("TN", "Tennessee", Union), ("TX", "Texas", Union),
    ("UT", "Utah", Union), ("VA", "Virginia", Union), ("VI", "Virgin Islands", Territory), ("VT", "Vermont", Union),
    ("WA", "Washington", Union), ("WI", "Wisconsin", Union), ("WV", "West Virginia", Union), ("WY", "Wyoming", Union),
    ("YT", "Yukon", Province),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_in_the_order_of_their_codes_and_counted() {
        assert!(PLACES.is_sorted_by(|a, b| a.0 < b.0));
        let count = |kind| State::all().filter(|place| place.kind() == Some(kind)).count();
        assert_eq!((count(Union), count(Territory), count(Province)), (51, 8, 13));
        assert!(State::all().all(|place| State::parse(place.code()) == Some(place)));
    }
}
