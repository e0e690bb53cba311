//! The command line: one small file for each command under `cli/`.
//!
//! Results go to standard output through [`output::Output`], everything else to standard error. A command ends in an
//! [`Outcome`] or in an error; [`failure`] says what an error means for the exit code, and which command would help.

mod apikeys;
mod check;
mod classify;
mod completions;
mod demo;
mod doctor;
mod export;
mod failure;
mod history;
mod init;
mod input;
mod keys;
mod local;
mod migrate;
mod openapi;
mod output;
mod record;
mod remote;
mod reviews;
mod rules;
mod scrub;
mod serve;
mod simulate;
mod stream;
mod verify;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0  yes: the command did what it was asked, the check allows, the proof holds
  1  no: the check denies, the proof fails, the event is refused, something is wrong
  2  usage: the command line cannot be read, nor, with simulate, classify and rules, a file
  3  unavailable: the database or the server cannot be reached, or another process owns the ledger

Without --config, ./consentd.toml is read if there is one; `consentd init` writes a commented one.";

/// Keeps every consent event for ever and answers, before each send: may we contact this person?
#[derive(Parser)]
#[command(name = "consentd", version, after_help = EXIT_CODES, propagate_version = true)]
struct Cli {
    /// Configuration file [default: ./consentd.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", display_order = 900)]
    config: Option<PathBuf>,
    /// Print JSON on standard output and nothing else there
    #[arg(long, global = true, display_order = 901)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve,
    /// Write a commented configuration, make keys, tables and an admin API key
    Init(init::Arguments),
    /// Ask whether a person may be contacted; exits 0 if so and 1 if not
    Check(check::Arguments),
    /// Take out of a list those who may not be contacted
    Scrub(scrub::Arguments),
    /// Record events
    Record(record::Arguments),
    /// Show what is recorded about a person, newest first
    History(history::Arguments),
    /// List messages that wait for a person, and say what they are
    Reviews(reviews::Arguments),
    /// Export the ledger with its proof
    Export(export::Arguments),
    /// Verify an export file or the ledger in the database
    Verify(verify::Arguments),
    /// Answer questions about made-up histories; exits 1 if one comes out other than expected
    Simulate(simulate::Arguments),
    /// Say what replies mean, as opt-outs or otherwise, and which rule says so
    Classify(classify::Arguments),
    /// Check and compare rules files
    #[command(subcommand)]
    Rules(rules::Command),
    /// Make, list and revoke callers' API keys
    #[command(subcommand)]
    Apikeys(apikeys::Command),
    /// Make, rotate and list the ledger's own keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Bring the tables up to this version
    Migrate,
    /// Examine configuration, keys, database, clock, spool and gateways
    Doctor,
    /// Run a server with sample people and a sample gateway, and show what it does
    Demo(demo::Arguments),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the OpenAPI document of the server
    #[command(hide = true)]
    Openapi,
}

/// What a command answers when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Exit code 0.
    Yes,
    /// Exit code 1.
    No,
    /// Exit code 3.
    Unavailable,
}

impl Outcome {
    /// The one that says more of what went wrong.
    fn worse(self, other: Self) -> Self {
        self.max(other)
    }
}

/// What every command works with.
struct Context {
    file: Option<PathBuf>,
    output: Output,
}

impl Context {
    fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load(self.file.as_deref())?)
    }
}

/// Runs the command line.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with code 0. If they cannot be printed nobody is reading.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let context = Context { file: cli.config, output: Output::new(cli.json) };
    match perform(cli.command, &context) {
        Ok(Outcome::Yes) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::Unavailable) => ExitCode::from(3),
        Err(error) => failure::report(&error),
    }
}

fn perform(command: Command, context: &Context) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve => serve::run(context).await,
            Command::Init(arguments) => init::run(arguments, context).await,
            Command::Check(arguments) => check::run(arguments, context).await,
            Command::Scrub(arguments) => scrub::run(arguments, context).await,
            Command::Record(arguments) => record::run(arguments, context).await,
            Command::History(arguments) => history::run(arguments, context).await,
            Command::Reviews(arguments) => reviews::run(arguments, context).await,
            Command::Export(arguments) => export::run(arguments, context).await,
            Command::Verify(arguments) => verify::run(arguments, context).await,
            Command::Simulate(arguments) => simulate::run(arguments, context),
            Command::Classify(arguments) => classify::run(&arguments, context),
            Command::Rules(command) => rules::run(&command, context),
            Command::Apikeys(command) => apikeys::run(command, context).await,
            Command::Keys(command) => keys::run(&command, context),
            Command::Migrate => migrate::run(context).await,
            Command::Doctor => doctor::run(context).await,
            Command::Demo(arguments) => demo::run(arguments, context).await,
            Command::Completions { shell } => completions::run(shell, context),
            Command::Openapi => openapi::run(context),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_takes_config_and_json() {
        for command in [vec!["serve"], vec!["apikeys", "list"], vec!["init"], vec!["rules", "check", "f"]] {
            let arguments = [vec!["consentd"], command, vec!["--json", "--config", "x.toml"]].concat();
            let cli = Cli::try_parse_from(arguments).unwrap();
            assert!(cli.json && cli.config.is_some());
        }
    }

    #[test]
    fn what_cannot_be_read_is_usage() {
        assert_eq!(Cli::try_parse_from(["consentd", "fly"]).err().unwrap().exit_code(), 2);
        assert_eq!(Cli::try_parse_from(["consentd", "--help"]).err().unwrap().exit_code(), 0);
    }
}
