//! How far a scrub has come, how fast it is, and how long it will still take.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::output::Output;
use crate::limits;
use crate::scrub::Tally;

/// A scrub as its user sees it.
pub(super) struct Progress {
    total: u64,
    began: Instant,
    shown: Instant,
    /// Rows and bytes of earlier runs.
    before: (u64, u64),
}

impl Progress {
    /// Begins to watch a scrub of a list with so many bytes.
    pub(super) fn new(total: u64, (tally, bytes): (&Tally, u64)) -> Self {
        let now = Instant::now();
        Self { total, began: now, shown: now, before: (tally.rows, bytes) }
    }

    /// Shows where it stands, if that was a while ago.
    pub(super) fn show(&mut self, at: (&Tally, u64), output: Output) {
        let pause = if output.is_watched() { limits::PROGRESS_WATCHED } else { limits::PROGRESS };
        if self.shown.elapsed() >= pause {
            self.shown = Instant::now();
            output.progress(self.words(at, self.began.elapsed()), false);
        }
    }

    /// Shows where it ended.
    pub(super) fn finish(&self, at: (&Tally, u64), output: Output) {
        output.progress(self.words(at, self.began.elapsed()), true);
    }

    fn words(&self, (tally, bytes): (&Tally, u64), took: Duration) -> String {
        let share = (bytes * 100).checked_div(self.total).unwrap_or(100);
        let new = bytes.saturating_sub(self.before.1);
        let left = self.total.saturating_sub(bytes);
        let eta = if new == 0 { 0.0 } else { took.as_secs_f64() * left as f64 / new as f64 };
        format!("{} rows, {:.0} rows/s, {share} % read, {eta:.0} s left", tally.rows, self.speed(tally, took))
    }

    fn speed(&self, tally: &Tally, took: Duration) -> f64 {
        let new = tally.rows.saturating_sub(self.before.0);
        new as f64 / took.as_secs_f64().max(0.001)
    }

    /// Adds time and speed of this run to a report.
    pub(super) fn add_to(&self, report: &mut Value, (tally, _): (&Tally, u64)) {
        let took = self.began.elapsed();
        report["seconds"] = json!(took.as_secs_f64());
        report["rows_per_second"] = json!(self.speed(tally, took).round());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_bytes_of_this_run() {
        let tally = |rows: u64| serde_json::from_value::<Tally>(json!({"rows": rows})).unwrap();
        let before = tally(100);
        for (begun, rows, bytes, expected) in [
            ((&before, 500), 300, 750, "300 rows, 20 rows/s, 75 % read, 10 s left"),
            ((&before, 500), 100, 500, "100 rows, 0 rows/s, 50 % read, 0 s left"),
            ((&Tally::default(), 0), 500, 1_000, "500 rows, 50 rows/s, 100 % read, 0 s left"),
        ] {
            let progress = Progress::new(1_000, begun);
            assert_eq!(progress.words((&tally(rows), bytes), Duration::from_secs(10)), expected);
        }
    }
}
