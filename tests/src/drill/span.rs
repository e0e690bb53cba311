//! How long calls took, and what follows from many numbers.

use std::sync::Mutex;
use std::time::Duration;

/// How long some calls took, in microseconds.
#[derive(Debug, Default)]
pub struct Spans(Mutex<Vec<u32>>);

impl Spans {
    /// Notes one.
    pub fn add(&self, took: Duration) {
        self.0.lock().unwrap().push(took.as_micros() as u32);
    }

    /// Takes out what was noted so far.
    pub fn take(&self) -> Taken {
        let mut spans = std::mem::take(&mut *self.0.lock().unwrap());
        spans.sort_unstable();
        Taken(spans)
    }
}

/// Some spans, the shortest first.
#[derive(Debug, Clone, Default)]
pub struct Taken(Vec<u32>);

impl Taken {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The span that so many percent do not exceed, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        f64::from(self.0.get(at).copied().unwrap_or_default()) / 1_000.0
    }
}

/// The middle of some numbers, the smallest and the largest.
pub fn median(numbers: &[f64]) -> (f64, f64, f64) {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |at: usize| sorted.get(at).copied().unwrap_or(f64::NAN);
    (at(sorted.len() / 2), at(0), at(sorted.len().saturating_sub(1)))
}

/// How much `y` grows for each `x`, by least squares.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (up, across) = points
        .iter()
        .fold((0.0, 0.0), |(up, across), point| (up + (point.0 - x) * (point.1 - y), across + (point.0 - x).powi(2)));
    if across == 0.0 { 0.0 } else { up / across }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_growth_is_told_from_none() {
        let line = |by: f64| (0..100).map(|x| (f64::from(x), 7.0 + by * f64::from(x))).collect::<Vec<_>>();
        assert!((slope(&line(2.5)) - 2.5).abs() < 1e-9 && slope(&line(0.0)).abs() < 1e-9);
        assert_eq!((slope(&[]), slope(&[(1.0, 1.0)])), (0.0, 0.0));
    }

    #[test]
    fn percentiles_and_medians_are_taken_from_the_numbers_themselves() {
        let spans = Spans::default();
        (1..=100).rev().for_each(|ms| spans.add(Duration::from_millis(ms)));
        let taken = spans.take();
        assert_eq!((taken.count(), taken.percentile(50), taken.percentile(99)), (100, 51.0, 100.0));
        assert_eq!((Taken::default().percentile(99), spans.take().count()), (0.0, 0));
        assert_eq!(median(&[3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
    }
}
