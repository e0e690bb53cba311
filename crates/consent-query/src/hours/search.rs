//! Open now, until when, and from when.
//!
//! Between two changes of a zone's clocks, local time is UTC plus a constant, and what a day allows begins and ends on
//! the wall clock. So from any instant the verdict of a zone is certain up to the nearest of: the next edge of the
//! day's window, local midnight, the next change of clocks. The searches step from one such instant to the next.

use chrono::{DateTime, Utc};

use super::{Day, Hours, Local};

/// How far ahead an opening or a closing is looked for.
pub const SEARCH_DAYS: i64 = 14;

const DAY: i64 = 86_400;

/// Open in every zone. Nowhere is not open.
pub fn is_open(hours: &Hours<'_>, at: DateTime<Utc>) -> bool {
    matches!(everywhere(hours, at.timestamp()), Some(Verdict { open: true, .. }))
}

/// The first instant at which it is no longer open everywhere: the end of permission, itself excluded from it.
///
/// `None` if it is closed at `at`, or stays open for [`SEARCH_DAYS`].
pub fn closes_at(hours: &Hours<'_>, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match everywhere(hours, at.timestamp())? {
        Verdict { open: true, until } => instant(search(hours, (at, until), false)?),
        Verdict { open: false, .. } => None,
    }
}

/// The first instant, not before `after`, at which it is open everywhere; `after` itself if it is open then.
///
/// `None` if there is none within [`SEARCH_DAYS`].
pub fn opens_at(hours: &Hours<'_>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match search(hours, (after, after.timestamp()), true)? {
        second if second == after.timestamp() => Some(after),
        second => instant(second),
    }
}

/// What holds at an instant, and the second up to which it is certain to hold.
#[derive(Clone, Copy)]
struct Verdict {
    open: bool,
    until: i64,
}

/// The first second, from the given one on, at which it is open everywhere, or at which it is not: within
/// [`SEARCH_DAYS`] of `start`.
fn search(hours: &Hours<'_>, (start, from): (DateTime<Utc>, i64), open: bool) -> Option<i64> {
    let last = start.timestamp().checked_add(SEARCH_DAYS * DAY)?;
    let mut second = from;
    while second <= last {
        let verdict = everywhere(hours, second)?;
        if verdict.open == open {
            return Some(second);
        }
        second = verdict.until;
    }
    None
}

/// Open while all are open; closed until the last of the closed ones may open.
fn everywhere(hours: &Hours<'_>, second: i64) -> Option<Verdict> {
    let verdicts = hours.places.iter().map(|local| verdict(hours, *local, second));
    verdicts.reduce(|a, b| a.zip(b).map(|(a, b)| both(a, b)))?
}

fn both(a: Verdict, b: Verdict) -> Verdict {
    match (a.open, b.open) {
        (true, true) => Verdict { open: true, until: a.until.min(b.until) },
        (false, false) => Verdict { open: false, until: a.until.max(b.until) },
        (true, false) => b,
        (false, true) => a,
    }
}

fn verdict(hours: &Hours<'_>, local: Local, second: i64) -> Option<Verdict> {
    let (offset, change) = local.zone.clocks_at(second)?;
    let wall = second.checked_add(offset)?;
    let (midnight, time) = (wall - wall.rem_euclid(DAY), wall.rem_euclid(DAY));
    let date = DateTime::from_timestamp(midnight, 0)?.date_naive();
    let (open, edge) = match hours.on(local, date) {
        Day::Open(window) if time < window.start => (false, window.start),
        Day::Open(window) if time < window.end => (true, window.end),
        _ => (false, DAY),
    };
    let until = midnight + edge - offset;
    Some(Verdict { open, until: change.map_or(until, |change| until.min(change)) })
}

fn instant(second: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(second, 0)
}
