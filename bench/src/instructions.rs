//! Instructions of hot functions, counted by callgrind: the same for the same program, however busy the machine is.
//!
//! A function is called in two processes, twice as often in the second: what the second needs more is the function alone,
//! without start and preparation. callgrind pretends a processor without instructions for SHA, so that hashes count for
//! more here than they take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::hot::HOT;

/// Calls in the first process.
const CALLS: u64 = 2_000;
/// Below this share a difference is none: memory lies elsewhere, tables have other seeds.
const SAME: f64 = 0.02;

/// Counts, and says what became more or less since the counts that are kept.
#[derive(clap::Args)]
pub struct Instructions {
    /// Keep these counts
    #[arg(long)]
    keep: bool,
    /// Where they are kept [default: docs/performance/instructions.tsv]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Counts every hot function; returns the table.
pub fn run(asked: &Instructions) -> anyhow::Result<String> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance/instructions.tsv");
    let file = asked.file.clone().unwrap_or_else(|| PathBuf::from(default));
    let before = read(&file)?;
    let (mut table, mut kept) =
        ("| function | instructions a call | kept | |\n|---|---|---|---|\n".to_owned(), String::new());
    for (name, _) in HOT {
        let each = (count(name, CALLS * 2)? as f64 - count(name, CALLS)? as f64) / CALLS as f64;
        let was = before.get(*name).copied();
        let known = was.map_or_else(|| "-".to_owned(), |was| format!("{was:.0}"));
        table += &format!("| {name} | {each:.0} | {known} | {} |\n", verdict(each, was));
        kept += &format!("{name}\t{each:.0}\n");
    }
    if asked.keep {
        std::fs::write(&file, kept).with_context(|| file.display().to_string())?;
    }
    Ok(table)
}

fn verdict(each: f64, was: Option<f64>) -> String {
    match was {
        None => "new".to_owned(),
        Some(was) if (each - was).abs() <= SAME * was => "same".to_owned(),
        Some(was) => format!("{:+.1} %", (each / was - 1.0) * 100.0),
    }
}

/// The counts that are kept: a name, a tab, a number a line.
fn read(file: &Path) -> anyhow::Result<BTreeMap<String, f64>> {
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(file)?;
    let line = |line: &str| {
        let (name, count) = line.split_once('\t').with_context(|| format!("not a name and a count: {line}"))?;
        Ok((name.to_owned(), count.trim().parse()?))
    };
    text.lines().map(line).collect()
}

/// Instructions of a process that calls a function so often.
fn count(name: &str, calls: u64) -> anyhow::Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["hot", name, &calls.to_string()]);
    let done = command.output().context("valgrind is missing: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{name}: {said}");
    collected(&said).with_context(|| format!("callgrind says no count: {said}"))
}

fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_what_callgrind_collected() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 123456\n"), Some(123_456));
        assert_eq!(collected("==7== nothing"), None);
    }

    #[test]
    fn two_in_a_hundred_are_no_difference_and_three_are() {
        assert_eq!(verdict(102.0, Some(100.0)), "same");
        assert_eq!(verdict(103.0, Some(100.0)), "+3.0 %");
        assert_eq!(verdict(97.0, Some(100.0)), "-3.0 %");
        assert_eq!(verdict(1.0, None), "new");
    }

    #[test]
    fn every_hot_function_runs() {
        for (name, call) in HOT {
            call(3).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }
}
