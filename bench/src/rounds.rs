//! Rounds: every side once, in random order, while nobody else is at work.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::Context;
use consent_tests::dice::Dice;
use serde_json::json;

use crate::bench::Bench;
use crate::limits;
use crate::processes::{Noise, Times};

/// What one side of a round measured, by name: `rate` (a second), `p50` and `p99` (seconds), `cpu` (seconds each).
pub type Figures = BTreeMap<&'static str, f64>;

/// Something that is measured.
pub struct Side<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> anyhow::Result<Figures> + 'a>,
}

impl<'a> Side<'a> {
    /// A side by its name.
    pub fn new(name: &'static str, run: impl FnMut() -> anyhow::Result<Figures> + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// One round.
#[derive(Debug, Clone)]
pub struct Round {
    sides: BTreeMap<&'static str, Figures>,
}

impl Round {
    /// A figure of a side.
    pub fn get(&self, side: &str, figure: &str) -> Option<f64> {
        self.sides.get(side)?.get(figure).copied()
    }

    /// A figure of one side as a multiple of the same figure of another.
    pub fn ratio(&self, figure: &str, ours: &str, theirs: &str) -> Option<f64> {
        Some(self.get(ours, figure)? / self.get(theirs, figure)?)
    }
}

/// The rounds of a part.
#[derive(Debug, Clone, Default)]
pub struct Rounds {
    /// Those during which it was quiet.
    pub quiet: Vec<Round>,
    /// The others.
    pub noisy: Vec<Round>,
    /// How many were asked for.
    pub wanted: usize,
}

impl Rounds {
    /// Whether there are enough to say anything.
    pub fn suffice(&self) -> bool {
        self.quiet.len() >= self.wanted.max(limits::ROUNDS)
    }

    /// What can be shown: quiet rounds, or any if there are none.
    pub fn shown(&self) -> &[Round] {
        if self.quiet.is_empty() { &self.noisy } else { &self.quiet }
    }
}

/// Measures: one round to warm up, then as many as were asked for, without those that were disturbed.
pub fn measure(bench: &Bench, part: &'static str, sides: &mut [Side<'_>]) -> anyhow::Result<Rounds> {
    let mut dice = Dice::new(bench.seed ^ part.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)));
    let mut rounds = Rounds { wanted: bench.rounds, ..Rounds::default() };
    let mut order: Vec<usize> = (0..sides.len()).collect();
    // Too few rounds conclude nothing, however quiet: they are not tried again.
    let tries = if bench.rounds < limits::ROUNDS { bench.rounds } else { bench.rounds * limits::TRIES };
    for number in 0..=tries {
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        let before = Times::now()?;
        let mut round = Round { sides: BTreeMap::new() };
        for at in &order {
            let side = sides.get_mut(*at).context("a side is missing")?;
            let figures = (side.run)().with_context(|| format!("{part}: {}", side.name))?;
            round.sides.insert(side.name, figures);
        }
        let noise = Times::now()?.since(&before, bench.cores.all.len());
        let quiet = noise.foreign <= limits::FOREIGN;
        keep(bench, part, number, &round, noise, quiet)?;
        match (number, quiet) {
            (0, _) => {}
            (_, true) => rounds.quiet.push(round),
            (_, false) => rounds.noisy.push(round),
        }
        if rounds.quiet.len() == bench.rounds {
            break;
        }
    }
    Ok(rounds)
}

/// Writes a round down; number 0 is the one that warms up.
fn keep(bench: &Bench, part: &str, number: usize, round: &Round, noise: Noise, quiet: bool) -> anyhow::Result<()> {
    let line = json!({
        "part": part, "round": number, "quiet": quiet, "foreign": noise.foreign, "steal": noise.steal,
        "own_cpu_s": noise.own, "sides": round.sides,
    });
    writeln!(bench.raw.borrow_mut(), "{line}").context("the raw numbers cannot be written")
}
