//! What some rounds allow to be said about the median of all rounds.

use crate::limits;

/// Median of the rounds, and the values between which the true median lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Median of the rounds.
    pub median: f64,
    /// The true median is not smaller, but for a chance of [`limits::RISK`].
    pub low: f64,
    /// Nor larger.
    pub high: f64,
}

impl Bounds {
    /// By the order of the values alone, whatever their distribution: each round lies below the true median as often as a
    /// coin falls heads. Nothing for no value.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (n, rank) = (sorted.len(), rank(sorted.len()));
        let middle = (sorted.get(n.checked_sub(1)? / 2)? + sorted.get(n / 2)?) / 2.0;
        Some(Self { median: middle, low: *sorted.get(rank)?, high: *sorted.get(n - 1 - rank)? })
    }
}

/// How many of the smallest of `n` values lie below the bound.
fn rank(n: usize) -> usize {
    let (mut below, mut term, mut rank) = (0.0, 0.5_f64.powi(n as i32), 0);
    loop {
        below += term;
        if below > limits::RISK || rank >= n / 2 {
            return rank.saturating_sub(1);
        }
        term *= (n - rank) as f64 / (rank + 1) as f64;
        rank += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_rounds_are_bounded_by_the_worst_and_eleven_by_the_third() {
        let seven = Bounds::of(&[3.0, 1.0, 2.0, 5.0, 4.0, 7.0, 6.0]).unwrap();
        assert_eq!(seven, Bounds { median: 4.0, low: 1.0, high: 7.0 });
        let eleven: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(Bounds::of(&eleven).unwrap(), Bounds { median: 6.0, low: 3.0, high: 9.0 });
        assert_eq!(Bounds::of(&[2.0, 1.0]).unwrap().median, 1.5);
        assert_eq!(Bounds::of(&[]), None);
    }
}
