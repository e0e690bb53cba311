//! Hours in which people may be disturbed, where they are.
//!
//! The federal window and the windows of every state in which the person may be are laid over each other for the
//! local day, and that must hold in every zone in which the person may be (`docs/decisions/0010`). Where no state is
//! known, those of the whole country are candidates, each in its own zones only.
//! A window is half-open: at its end it is closed. A person with no known zone is never within hours.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use smallvec::SmallVec;

pub use search::{SEARCH_DAYS, closes_at, is_open, opens_at};
pub use window::{Day, Window, WindowError};

use crate::calendar::is_legal_holiday;
use crate::zones::{Candidates, State, Time, Zone};

mod search;
mod window;

#[cfg(test)]
mod tests;

/// The hours of one state, from one rule. Rows of one `id` are versions of one rule: the newest in force counts.
/// Rows with different ids hold together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateHours {
    /// Name of the rule.
    pub id: String,
    /// Where it holds.
    pub state: State,
    /// First local day on which it holds.
    pub effective_from: NaiveDate,
    /// The statute or order.
    pub source: String,
    /// The hours.
    pub hours: Week,
}

/// Hours by the day of the week. Written as text: `"08:00-20:00"` or `"closed"`.
///
/// ```
/// let week: consent_query::hours::Week = toml::from_str(r#"
///     daily = "08:00-20:00"
///     sunday = "closed"
///     holidays = "closed"
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// Every day that has no line of its own.
    pub daily: Day,
    /// Mondays.
    pub monday: Option<Day>,
    /// Tuesdays.
    pub tuesday: Option<Day>,
    /// Wednesdays.
    pub wednesday: Option<Day>,
    /// Thursdays.
    pub thursday: Option<Day>,
    /// Fridays.
    pub friday: Option<Day>,
    /// Saturdays.
    pub saturday: Option<Day>,
    /// Sundays.
    pub sunday: Option<Day>,
    /// Legal holidays of the state, on top of the day of the week. None: holidays are days like others.
    pub holidays: Option<Day>,
}

impl Week {
    /// The same hours on every day.
    pub fn daily(window: Window) -> Self {
        let daily = Day::Open(window);
        let (monday, tuesday, wednesday, thursday, friday, saturday, sunday) = Default::default();
        Self { daily, monday, tuesday, wednesday, thursday, friday, saturday, sunday, holidays: None }
    }

    fn on(&self, state: State, date: NaiveDate) -> Day {
        let own = match date.weekday() {
            Weekday::Mon => self.monday,
            Weekday::Tue => self.tuesday,
            Weekday::Wed => self.wednesday,
            Weekday::Thu => self.thursday,
            Weekday::Fri => self.friday,
            Weekday::Sat => self.saturday,
            Weekday::Sun => self.sunday,
        };
        let day = own.unwrap_or(self.daily);
        match self.holidays {
            Some(holiday) if is_legal_holiday(state, date) => day.and(holiday),
            _ => day,
        }
    }
}

/// Everything that must be open at once for one person, wherever they may be.
#[derive(Debug, Clone)]
pub struct Hours<'a> {
    federal: Window,
    rows: SmallVec<[&'a StateHours; 16]>,
    places: SmallVec<[Local; 32]>,
}

/// What must be open at once in one zone beside the federal window: those of the states whose hours count there.
#[derive(Debug, Clone, Copy)]
struct Local {
    zone: Zone,
    /// The time that a state must keep to count here; any does, if absent.
    keeping: Option<Time>,
}

impl<'a> Hours<'a> {
    /// For each zone in which the person may be, the federal window and, of all rows, those that count there.
    pub fn new(federal: Window, rows: impl IntoIterator<Item = &'a StateHours>, whereabouts: &Candidates) -> Self {
        let somewhere = |row: &&StateHours| whereabouts.states.contains(&row.state);
        let rows: SmallVec<[&StateHours; 16]> = rows.into_iter().filter(somewhere).collect();
        let locally = |zone: &Zone| Local { zone: *zone, keeping: whereabouts.time_to_keep_in(*zone) };
        Self { federal, rows, places: whereabouts.zones.iter().map(locally).collect() }
    }

    /// What is open on a local day.
    fn on(&self, local: Local, date: NaiveDate) -> Day {
        let here = || self.rows.iter().filter(move |row| local.keeping.is_none_or(|time| row.state.keeps(time)));
        let in_force = here().filter(|row| is_in_force(row, here(), date));
        in_force.fold(Day::Open(self.federal), |day, row| day.and(row.hours.on(row.state, date)))
    }
}

fn is_in_force<'a>(row: &StateHours, mut all: impl Iterator<Item = &'a &'a StateHours>, date: NaiveDate) -> bool {
    let replaces = |other: &StateHours| {
        (row.effective_from < other.effective_from && other.effective_from <= date)
            && (other.id == row.id && other.state == row.state)
    };
    row.effective_from <= date && !all.any(|other| replaces(other))
}
