//! People in memory: how much of it they need.

use std::path::Path;

use serde_json::json;

use super::loops::People;
use super::{say, wait};
use crate::processes::resident;
use crate::subject::Subject;

/// Takes a simulated ledger in, and says what that cost.
pub(super) fn run(people: &People, directory: &Path) -> anyhow::Result<()> {
    let subject = Subject::empty(directory)?;
    let me = std::process::id();
    let before = resident(me)?;
    let taken = subject.take_in(people.generator())?;
    let held = subject.memory();
    eprintln!(
        "index: {} bytes, of these {} of records written anew, {} of the table",
        held.total, held.dead, held.slots
    );
    say(&json!({"before": before, "after": resident(me)?, "events": taken.events, "seconds": taken.seconds}))?;
    wait();
    Ok(())
}
