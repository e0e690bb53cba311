//! `consentd completions`: what a shell needs to complete our commands.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Context, Outcome};

pub(super) fn run(shell: Shell, context: &Context) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "consentd", &mut script);
    context.output.bytes(&script)?;
    Ok(Outcome::Yes)
}
