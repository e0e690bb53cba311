//! States, territories and provinces.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A US state, DC, a US territory or freely associated state, or a Canadian province; their codes are distinct.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct State(&'static str);

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
        let mut all = STATES.iter().chain(TERRITORIES).chain(PROVINCES);
        all.find(|(code, name)| same(code) || same(name)).map(|(code, _)| Self(code))
    }

    /// Two capital letters.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// The states of a country: of `US` the fifty and DC, of `CA` the provinces, of a territory (`PR`, a country in
    /// ISO 3166) itself, of any other none.
    pub(super) fn of_country(country: &str) -> Vec<Self> {
        let is = |code: &str| country.eq_ignore_ascii_case(code);
        let states = STATES.iter().filter(|_| is("US")).chain(PROVINCES.iter().filter(|_| is("CA")));
        let own = TERRITORIES.iter().filter(|(code, _)| is(code));
        states.chain(own).map(|(code, _)| Self(code)).collect()
    }

    /// The country is the US or one of its territories.
    pub(super) fn is_us(country: &str) -> bool {
        country.eq_ignore_ascii_case("US") || TERRITORIES.iter().any(|(code, _)| code.eq_ignore_ascii_case(country))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).ok_or_else(|| serde::de::Error::custom(UnknownState))
    }
}

/// The fifty states and the District of Columbia.
#[rustfmt::skip]
const STATES: &[(&str, &str)] = &[
    ("AK", "Alaska"), ("AL", "Alabama"), ("AR", "Arkansas"), ("AZ", "Arizona"), ("CA", "California"),
    ("CO", "Colorado"), ("CT", "Connecticut"), ("DC", "District of Columbia"), ("DE", "Delaware"), ("FL", "Florida"),
    ("GA", "Georgia"), ("HI", "Hawaii"), ("IA", "Iowa"), ("ID", "Idaho"), ("IL", "Illinois"), ("IN", "Indiana"),
    ("KS", "Kansas"), ("KY", "Kentucky"), ("LA", "Louisiana"), ("MA", "Massachusetts"), ("MD", "Maryland"),
    ("ME", "Maine"), ("MI", "Michigan"), ("MN", "Minnesota"), ("MO", "Missouri"), ("MS", "Mississippi"),
    ("MT", "Montana"), ("NC", "North Carolina"), ("ND", "North Dakota"), ("NE", "Nebraska"), ("NH", "New Hampshire"),
    ("NJ", "New Jersey"), ("NM", "New Mexico"), ("NV", "Nevada"), ("NY", "New York"), ("OH", "Ohio"),
    ("OK", "Oklahoma"), ("OR", "Oregon"), ("PA", "Pennsylvania"), ("RI", "Rhode Island"), ("SC", "South Carolina"),
    ("SD", "South Dakota"), ("TN", "Tennessee"), ("TX", "Texas"), ("UT", "Utah"), ("VA", "Virginia"),
    ("VT", "Vermont"), ("WA", "Washington"), ("WI", "Wisconsin"), ("WV", "West Virginia"), ("WY", "Wyoming"),
];

/// Territories, and the freely associated states, which US postal codes serve.
#[rustfmt::skip]
const TERRITORIES: &[(&str, &str)] = &[
    ("AS", "American Samoa"), ("FM", "Micronesia"), ("GU", "Guam"), ("MH", "Marshall Islands"),
    ("MP", "Northern Mariana Islands"), ("PR", "Puerto Rico"), ("PW", "Palau"), ("VI", "Virgin Islands"),
];

/// The provinces and territories of Canada.
#[rustfmt::skip]
const PROVINCES: &[(&str, &str)] = &[
    ("AB", "Alberta"), ("BC", "British Columbia"), ("MB", "Manitoba"), ("NB", "New Brunswick"),
    ("NL", "Newfoundland and Labrador"), ("NS", "Nova Scotia"), ("NT", "Northwest Territories"), ("NU", "Nunavut"),
    ("ON", "Ontario"), ("PE", "Prince Edward Island"), ("QC", "Quebec"), ("SK", "Saskatchewan"), ("YT", "Yukon"),
];
