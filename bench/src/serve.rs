//! The other side: servers that this program runs as in a process of its own.

mod echo;
mod lookups;
pub mod loops;
mod subject;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use actix_web::{App, HttpServer, web};
use clap::{Args, Subcommand};
use consent_api::config::Config;
use consent_api::server::Server;
use serde_json::{Value, json};

use crate::cores;
use crate::generator::Generator;

/// A server of this program.
#[derive(Args)]
pub struct Serve {
    /// The core it is kept on; all of them, if none is named
    #[arg(long)]
    core: Option<usize>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The service itself
    Consentd {
        /// Its configuration
        #[arg(long)]
        config: PathBuf,
        /// How many people its index knows of whom its ledger does not
        #[arg(long, requires = "seed")]
        contacts: Option<u64>,
        /// From which seed
        #[arg(long)]
        seed: Option<u64>,
    },
    /// JSON in, JSON of a size out
    Echo {
        /// Bytes of an answer
        #[arg(long)]
        bytes: usize,
    },
    /// The same with a look-up in PostgreSQL
    Postgres {
        /// Its database
        #[arg(long)]
        url: String,
        /// Bytes of an answer
        #[arg(long)]
        bytes: usize,
    },
    /// The same with a GET from Redis
    Redis {
        /// Where it listens
        #[arg(long)]
        address: String,
        /// Bytes of an answer
        #[arg(long)]
        bytes: usize,
    },
    /// Lists through a bare loop over a hash table
    Loop {
        #[command(flatten)]
        people: loops::People,
    },
    /// People in memory and no ledger
    Subject {
        #[command(flatten)]
        people: loops::People,
        /// Where files are made
        #[arg(long)]
        directory: PathBuf,
    },
}

/// Runs until standard input ends.
pub fn run(serve: Serve) -> anyhow::Result<()> {
    if let Some(core) = serve.core {
        cores::pin(&[core])?;
    }
    match serve.what {
        What::Consentd { config, contacts, seed } => {
            let people = contacts.zip(seed).map(|(contacts, seed)| Generator { seed, contacts });
            consentd(&config, people)
        }
        What::Echo { bytes } => web_server(move |config| echo::configure(config, bytes)),
        What::Postgres { url, bytes } => lookups::postgres(url, bytes),
        What::Redis { address, bytes } => lookups::redis(address, bytes),
        What::Loop { people } => {
            let table = web::Data::new(people.table()?);
            web_server(move |config| loops::configure(config, table.clone()))
        }
        What::Subject { people, directory } => subject::run(&people, &directory),
    }
}

/// Says in one line that it is ready.
fn say(ready: &Value) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{ready}")?;
    Ok(output.flush()?)
}

/// Waits until whoever started this process closes its input, or is gone.
fn wait() {
    let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
}

fn consentd(config: &Path, people: Option<Generator>) -> anyhow::Result<()> {
    let config = Config::load_alone(config)?;
    consent_api::telemetry::start_logging(&config.log.level)?;
    actix_web::rt::System::new().block_on(async move {
        let server = Server::build(config).await?;
        let (listen, ops) = server.addresses()?;
        if let Some(live) = server.service().reader.live() {
            if let Some(people) = people {
                crate::subject::fill(live.index(), people)?;
            }
            // Not before everything is answered from memory, which is what is measured.
            live.catch_up().await?;
        }
        say(&json!({"listen": listen, "ops_listen": ops}))?;
        let ending = tokio::task::spawn_blocking(wait);
        server.run_until(async { drop(ending.await) }).await
    })
}

/// A server of one worker, as the service has here.
fn web_server(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(serve_web(configure))
}

async fn serve_web(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let listen = listener.local_addr()?;
    let server = HttpServer::new(move || App::new().configure(configure.clone())).workers(1).disable_signals();
    let server = server.shutdown_timeout(1).listen(listener)?.run();
    let handle = server.handle();
    say(&json!({"listen": listen}))?;
    let ending = tokio::task::spawn_blocking(wait);
    tokio::spawn(async move {
        drop(ending.await);
        handle.stop(false).await;
    });
    Ok(server.await?)
}
