//! The drills of `scripts/drill`, for as long as a test may take.

use std::path::Path;
use std::time::Duration;

use consent_tests::app::runtime;
use consent_tests::dice::Dice;
use consent_tests::drill::crowd::Asking;
use consent_tests::drill::nodes::{self, Found, Plan};

const PROGRAM: &str = env!("CARGO_BIN_EXE_consentd-under-test");

fn three_nodes(asking: Asking, seconds: u64) -> Found {
    let (lasts, seed) = (Duration::from_secs(seconds), Dice::any().throw());
    let plan = Plan { nodes: 3, callers: 12, lasts, seed, asking };
    let found = runtime().block_on(nodes::run(Path::new(PROGRAM), plan, |line| eprintln!("{line}")));
    eprintln!("seed {seed}: {:?}, {}", found.figures, found.troubles);
    found
}

#[test]
fn three_nodes_in_trouble_keep_every_promise() {
    let found = three_nodes(Asking::Fresh, 12);
    assert_eq!(found.faults, Vec::<String>::new());
    let figures = found.figures;
    assert!(figures.recorded > 50 && figures.allowed > 20 && figures.denied > 20, "too little happened: {figures:?}");
}

#[test]
fn answers_from_memory_that_are_not_proved_to_be_current_are_noticed() {
    let found = three_nodes(Asking::Remembered, 3);
    assert!(found.faults.iter().any(|fault| fault.starts_with("wrong allow")), "{:?}", found.figures);
    assert!(found.faults.iter().any(|fault| fault.starts_with("stale answer")), "{:?}", found.faults);
}
