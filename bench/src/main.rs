//! Whole systems side by side: the service against floors and peers, measured in the same run.
//!
//! `cargo run --release -p bench -- all`, or the name of a part, prints one table and keeps the raw numbers of every
//! round. `docs/performance.md` says how to read it. What this program does not do: it is no test, and no figure of a
//! tiny run means anything.

mod bare;
mod bench;
mod bound;
mod children;
mod cores;
mod disk;
mod generator;
mod hot;
mod instructions;
mod limits;
mod load;
mod machine;
mod oracle;
mod peers;
mod place;
mod processes;
mod rounds;
mod rows;
mod serve;
mod sizes;
mod streaming;
mod subject;
mod table;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use bench::Bench;
use sizes::Size;

/// Measures the consent ledger beside floors and peers
#[derive(Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(flatten)]
    run: Run,
    #[command(subcommand)]
    child: Option<Child>,
}

#[derive(clap::Args)]
struct Run {
    /// `all`, or one part
    #[arg(required = true, value_parser = clap::builder::PossibleValuesParser::new(rows::names()))]
    part: Option<String>,
    /// How much is measured
    #[arg(long, value_enum, default_value = "small")]
    size: Size,
    /// Quiet rounds of each part
    #[arg(long, default_value_t = limits::ROUNDS)]
    rounds: usize,
    /// The seed of people, lists and order
    #[arg(long, default_value_t = 20_261_123)]
    seed: u64,
    /// A peer to leave out
    #[arg(long, value_enum)]
    without: Option<Peer>,
    /// Where databases and files are made; on a disk
    #[arg(long, value_name = "DIRECTORY")]
    directory: Option<PathBuf>,
    /// File for the raw numbers [default: bench/results/PART.jsonl]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    Redis,
}

#[derive(Subcommand)]
enum Child {
    /// Counts instructions of hot functions with callgrind, and compares them with the counts that are kept
    Instructions(instructions::Instructions),
    /// A hot function, called so often, for such a count
    #[command(hide = true)]
    Hot { name: String, calls: u64 },
    /// A server, for a run of this program
    #[command(hide = true)]
    Serve(serve::Serve),
    /// The service's own command line, for a run of this program
    #[command(hide = true)]
    Program {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let Arguments { run: asked, child } = Arguments::parse();
    let done = match child {
        Some(Child::Serve(serve)) => serve::run(serve),
        Some(Child::Instructions(asked)) => instructions::run(&asked).and_then(|table| say(&table)),
        Some(Child::Hot { name, calls }) => hot::call(&name, calls),
        Some(Child::Program { arguments }) => {
            return consent_api::cli::run(std::iter::once(OsString::from("consentd")).chain(arguments));
        }
        None => run(asked),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn run(asked: Run) -> anyhow::Result<()> {
    let part = asked.part.unwrap_or_default();
    let results = concat!(env!("CARGO_MANIFEST_DIR"), "/results");
    let out = asked.out.unwrap_or_else(|| PathBuf::from(results).join(format!("{part}.jsonl")));
    let directory = asked.directory.unwrap_or_else(std::env::temp_dir);
    machine::demand_a_disk(&directory)?;
    let redis = asked.without != Some(Peer::Redis);
    let bench = Bench::new(asked.size.quantities(), (asked.rounds, asked.seed), directory, redis, &out)?;
    cores::pin(&[bench.cores.load])?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", machine::describe(&bench)?)?;
    let mut lines = Vec::new();
    for (name, measure) in rows::chosen(&part) {
        writeln!(std::io::stderr(), "bench: {name}")?;
        lines.extend(measure(&bench)?);
    }
    writeln!(output, "{}", table::write(&lines))?;
    let missed = lines.iter().filter(|line| line.is_missed()).count();
    Ok(writeln!(output, "{} lines, {missed} goals not met; raw numbers in {}", lines.len(), out.display())?)
}
