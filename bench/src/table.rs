//! The table: what was claimed, what was measured, and whether it holds.

use std::fmt;

use crate::bound::Bounds;
use crate::rounds::{Round, Rounds};

/// What is asked of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// Nothing: shown for orientation.
    Shown,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The goal lies on the right side of the bound.
    Met,
    /// The goal lies on the wrong side of the other bound.
    NotMet,
    /// It lies between, or too few rounds were quiet.
    Inconclusive,
    /// No goal.
    None,
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio.
    Times,
    /// Seconds, written as microseconds.
    Micros,
    /// Bytes.
    Bytes,
    /// A second.
    Rate,
    /// Seconds.
    Seconds,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Times => format!("{value:.2} x"),
            Self::Micros => format!("{:.2} us", value * 1e6),
            Self::Bytes if value >= 1e6 => format!("{:.1} MiB", value / 1024.0 / 1024.0),
            Self::Bytes => format!("{value:.1} B"),
            Self::Rate => format!("{value:.0} /s"),
            Self::Seconds => format!("{value:.3} s"),
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Line {
    row: &'static str,
    work: String,
    beside: String,
    unit: Unit,
    bounds: Option<Bounds>,
    goal: Goal,
    verdict: Verdict,
    quiet: usize,
}

impl Line {
    /// A claim about the rounds of a part.
    pub fn of(
        rounds: &Rounds,
        (row, work, beside): (&'static str, impl Into<String>, impl Into<String>),
        unit: Unit,
        goal: Goal,
        figure: impl Fn(&Round) -> Option<f64>,
    ) -> Self {
        let values: Vec<f64> = rounds.shown().iter().filter_map(figure).collect();
        let bounds = Bounds::of(&values);
        let verdict = match bounds {
            Some(_) if goal == Goal::Shown => Verdict::None,
            Some(bounds) if rounds.suffice() => judge(bounds, goal),
            _ => Verdict::Inconclusive,
        };
        Self { row, work: work.into(), beside: beside.into(), unit, bounds, goal, verdict, quiet: rounds.quiet.len() }
    }

    /// Whether the goal was missed.
    pub fn is_missed(&self) -> bool {
        self.verdict == Verdict::NotMet
    }

    fn cells(&self) -> [String; 7] {
        let write = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| self.unit.write(value));
        let bound = self.bounds.map(|bounds| if let Goal::AtMost(_) = self.goal { bounds.high } else { bounds.low });
        let goal = match self.goal {
            Goal::AtLeast(goal) => format!(">= {}", self.unit.write(goal)),
            Goal::AtMost(goal) => format!("<= {}", self.unit.write(goal)),
            Goal::Shown => String::new(),
        };
        let median = write(self.bounds.map(|bounds| bounds.median));
        let verdict = format!("{} ({} rounds)", self.verdict, self.quiet);
        [self.row.to_owned(), self.work.clone(), self.beside.clone(), median, write(bound), goal, verdict]
    }
}

fn judge(bounds: Bounds, goal: Goal) -> Verdict {
    let (met, missed) = match goal {
        Goal::AtLeast(goal) => (bounds.low >= goal, bounds.high < goal),
        Goal::AtMost(goal) => (bounds.high <= goal, bounds.low > goal),
        Goal::Shown => return Verdict::None,
    };
    if met {
        Verdict::Met
    } else if missed {
        Verdict::NotMet
    } else {
        Verdict::Inconclusive
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::NotMet => "NOT MET",
            Self::Inconclusive => "inconclusive",
            Self::None => "-",
        })
    }
}

/// The lines as a table in Markdown.
pub fn write(lines: &[Line]) -> String {
    const HEAD: [&str; 7] = ["#", "work", "beside it", "median", "95 % bound", "goal", "verdict"];
    let rows: Vec<[String; 7]> = [HEAD.map(str::to_owned)].into_iter().chain(lines.iter().map(Line::cells)).collect();
    let widths: Vec<usize> =
        (0..HEAD.len()).map(|at| rows.iter().filter_map(|row| Some(row.get(at)?.len())).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width));
        text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        if number == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text += &format!("| {} |\n", rules.join(" | "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(low: f64, high: f64) -> Bounds {
        Bounds { median: (low + high) / 2.0, low, high }
    }

    #[test]
    fn a_goal_is_met_by_the_bound_and_not_by_the_median() {
        assert_eq!(judge(bounds(0.86, 1.0), Goal::AtLeast(0.85)), Verdict::Met);
        assert_eq!(judge(bounds(0.80, 1.0), Goal::AtLeast(0.85)), Verdict::Inconclusive);
        assert_eq!(judge(bounds(0.70, 0.84), Goal::AtLeast(0.85)), Verdict::NotMet);
        assert_eq!(judge(bounds(1.0, 1.4), Goal::AtMost(1.5)), Verdict::Met);
        assert_eq!(judge(bounds(1.4, 1.6), Goal::AtMost(1.5)), Verdict::Inconclusive);
        assert_eq!(judge(bounds(1.6, 1.8), Goal::AtMost(1.5)), Verdict::NotMet);
    }

    #[test]
    fn too_few_or_disturbed_rounds_never_meet_a_goal() {
        let rounds = Rounds { wanted: 1, ..Rounds::default() };
        let line = Line::of(&rounds, ("1", "work", "floor"), Unit::Times, Goal::AtLeast(0.0), |_| Some(1.0));
        assert_eq!(line.verdict, Verdict::Inconclusive);
        assert!(write(&[line]).contains("inconclusive (0 rounds)"));
    }
}
