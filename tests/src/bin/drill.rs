//! `scripts/drill`: long drills of the program beside this one.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a drill that fails should say so at once, and where")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use consent_tests::app::runtime;
use consent_tests::database::Kind;
use consent_tests::dice::Dice;
use consent_tests::drill::crowd::Asking;
use consent_tests::drill::{interference, load, nodes};

/// Drills: the program under trouble and under load, for minutes rather than moments
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    drill: Drill,
}

#[derive(Subcommand)]
enum Drill {
    /// Nodes of one ledger in PostgreSQL are killed, frozen and cut off while they are used
    Nodes {
        /// How long there is trouble
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Of the dice; each run prints its own
        #[arg(long)]
        seed: Option<u64>,
        /// How many nodes there are
        #[arg(long, default_value_t = 3)]
        nodes: usize,
        /// How many callers record, and how many more only ask
        #[arg(long, default_value_t = 24)]
        callers: usize,
        /// How many people they talk about at a time
        #[arg(long, default_value_t = 24)]
        people: usize,
        /// Break a promise on purpose: the drill then succeeds if it finds a wrong allow
        #[arg(long)]
        canary: Option<Canary>,
    },
    /// Webhooks and checks over many connections: nothing is lost, and memory does not grow
    Load {
        /// On which database, instead of one after the other
        #[arg(long)]
        database: Option<Database>,
        /// How long on each
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
        /// How many connections, all kept
        #[arg(long, default_value_t = 256)]
        connections: usize,
        /// How many people text and are asked about
        #[arg(long, default_value_t = 100_000)]
        people: u32,
        /// Of the dice
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Checks alone, and while a list is scrubbed, the ledger exported, events imported
    Interference {
        /// On which database
        #[arg(long, default_value = "sqlite")]
        database: Database,
        /// Rounds of each, with and without
        #[arg(long, default_value_t = 7)]
        rounds: usize,
        /// Seconds of one round
        #[arg(long, default_value_t = 4)]
        seconds: u64,
        /// Connections that ask
        #[arg(long, default_value_t = 8)]
        connections: usize,
        /// How many people are known
        #[arg(long, default_value_t = 100_000)]
        people: u32,
        /// Rows of the list
        #[arg(long, default_value_t = 1_000_000)]
        rows: u32,
        /// The server on one core and the callers on another
        #[arg(long)]
        pin: bool,
    },
}

/// Where the ledger is kept.
#[derive(Clone, Copy, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

impl From<Database> for Kind {
    fn from(database: Database) -> Self {
        match database {
            Database::Sqlite => Self::Sqlite,
            Database::Postgres => Self::Postgres,
        }
    }
}

/// How a promise is broken.
#[derive(Clone, Copy, ValueEnum)]
enum Canary {
    /// Questions let the nodes answer from a minute ago
    Relaxed,
    /// Some questions are answered with an earlier answer
    Remembered,
}

fn main() -> ExitCode {
    let program = beside("consentd-under-test");
    let good = match Cli::parse().drill {
        Drill::Nodes { seconds, seed, nodes, callers, people, canary } => {
            let asking = match canary {
                None => Asking::Fresh,
                Some(Canary::Relaxed) => Asking::Relaxed(60_000),
                Some(Canary::Remembered) => Asking::Remembered,
            };
            let seed = seed.unwrap_or_else(|| Dice::any().throw());
            let (lasts, until) = (Duration::from_secs(seconds), 100);
            let plan = nodes::Plan { nodes, callers, people, lasts, until, seed, asking };
            run_nodes(&program, plan)
        }
        Drill::Load { database, minutes, connections, people, seed } => {
            let kinds = database.map_or(vec![Kind::Sqlite, Kind::Postgres], |database| vec![database.into()]);
            let lasts = Duration::from_secs_f64(minutes * 60.0);
            let plans = kinds.into_iter().map(|kind| load::Plan { kind, lasts, connections, people, seed });
            // Each of them, whatever the one before came to.
            plans.filter(|plan| !run_load(&program, *plan)).count() == 0
        }
        Drill::Interference { database, rounds, seconds, connections, people, rows, pin } => {
            let (kind, lasts) = (database.into(), Duration::from_secs(seconds));
            let plan = interference::Plan { kind, rounds, lasts, connections, people, rows, pin };
            runtime().block_on(interference::run(&program, plan, |line| println!("{line}")));
            true
        }
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_nodes(program: &Path, plan: nodes::Plan) -> bool {
    println!("seed {}", plan.seed);
    let found = runtime().block_on(nodes::run(program, plan, |line| println!("{line}")));
    println!("{:?}\n{}", found.figures, found.troubles);
    let (faults, wrong_allows) = (found.faults.len(), found.wrong_allows());
    println!("{faults} faults, {wrong_allows} of them wrong allows");
    found.faults.iter().take(20).for_each(|fault| println!("  {fault}"));
    if plan.asking == Asking::Fresh { faults == 0 } else { wrong_allows > 0 }
}

fn run_load(program: &Path, plan: load::Plan) -> bool {
    let faults = runtime().block_on(load::run(program, plan, |line| println!("{line}")));
    println!("{} faults", faults.len());
    faults.iter().for_each(|fault| println!("  {fault}"));
    faults.is_empty()
}

/// Another program in the folder of this one.
fn beside(name: &str) -> PathBuf {
    std::env::current_exe().unwrap().with_file_name(name)
}
