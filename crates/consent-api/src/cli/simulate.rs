//! `consentd simulate`: questions about made-up histories. It opens no ledger and needs none.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use consent_query::simulate::{self, ScenarioError};

use super::failure::Failure;
use super::{Context, Outcome, input};
use crate::server;

#[derive(Args)]
#[command(after_help = "\
Prints one line of JSON for each scenario and then for each deadline, and a summary on standard error. No ledger is
opened, and none is needed. A history with an event that a ledger would refuse is answered with a deny,
INVALID_REQUEST.

Exit codes:
  0  every expectation was met
  1  one was not, or a scenario cannot be read
  2  the file as a whole, the rules or the configuration cannot be read

  consentd simulate scenarios.json")]
pub(super) struct Arguments {
    /// Scenario file, or - for standard input
    file: PathBuf,
    /// Try this rules file in place of the configured one; the configured settings are laid over it all the same
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let answers = answers(arguments, context);
    let answers = answers.map_err(|cause| Failure::Unread { task: "nothing was simulated", cause })?;
    for answer in &answers {
        context.output.json(answer)?;
    }
    let number = |pass| answers.iter().filter(|answer| answer.pass == pass).count();
    let (passed, failed, open) = (number(Some(true)), number(Some(false)), number(None));
    context.output.note(format_args!("{passed} passed, {failed} failed, {open} without expectation"));
    Ok(if failed == 0 { Outcome::Yes } else { Outcome::No })
}

/// The answers by the rules of the configuration.
fn answers(arguments: Arguments, context: &Context) -> anyhow::Result<Vec<simulate::Outcome>> {
    let mut config = context.config()?;
    if let Some(file) = arguments.rules {
        config.rules.file = file;
    }
    let rules = server::rules_of(&config)?;
    let text = input::read(&arguments.file)?;
    let unread = |fault: ScenarioError| anyhow!("{}: {}", arguments.file.display(), place(&fault));
    simulate::run(&text, &rules).map_err(unread)
}

/// What is wrong and where. The whole file has the empty pointer, which is not worth showing.
fn place(fault: &ScenarioError) -> String {
    if fault.pointer.is_empty() { fault.detail.clone() } else { fault.to_string() }
}
