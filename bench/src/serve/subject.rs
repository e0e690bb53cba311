//! People in memory: how much of it they need.

use std::time::Instant;

use serde_json::json;

use super::loops::People;
use super::{say, wait};
use crate::processes::resident;
use crate::subject::Subject;

/// Takes a simulated ledger in, and says what that cost.
pub(super) fn run(people: &People) -> anyhow::Result<()> {
    let me = std::process::id();
    let before = resident(me)?;
    let subject = Subject::empty()?;
    let began = Instant::now();
    let events = subject.take_in(people.generator())?;
    let seconds = began.elapsed().as_secs_f64();
    say(&json!({"before": before, "after": resident(me)?, "events": events, "seconds": seconds}))?;
    wait();
    drop(subject);
    Ok(())
}
