//! Every part runs, at a size at which its figures mean nothing.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test, and should say so at once")]

use std::process::Command;

/// Runs the program; returns what it printed and the raw numbers.
fn bench(arguments: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw.jsonl");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args(arguments).args(["--size", "tiny", "--rounds", "1"]).arg("--out").arg(&raw);
    let done = command.output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{arguments:?}\n{errors}");
    (String::from_utf8(done.stdout).unwrap(), std::fs::read_to_string(raw).unwrap())
}

/// Redis is left out: a machine that checks this repository need not have it. Measuring without it needs saying so.
#[test]
fn every_part_runs_and_says_what_it_measured() {
    let (table, raw) = bench(&["all", "--without", "redis"]);
    for row in 1..=14 {
        assert!(table.lines().any(|line| line.starts_with(&format!("| {row} "))), "row {row} is missing\n{table}");
    }
    assert!(table.contains("left out (--without redis)"), "{table}");
    for line in raw.lines() {
        let round: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(round["foreign"].is_number() && round["sides"].is_object(), "{line}");
    }
}

#[test]
fn one_round_never_meets_a_goal() {
    let (table, _) = bench(&["decide"]);
    assert!(table.contains("inconclusive") && !table.contains("| met"), "{table}");
}
