//! What every part works with.

use std::cell::{OnceCell, RefCell};
use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::Context;

use crate::children::Server;
use crate::cores::Cores;
use crate::generator::Generator;
use crate::peers::{Postgres, Redis};
use crate::place::Place;
use crate::sizes::Quantities;

/// One run.
pub struct Bench {
    /// How much is measured.
    pub quantities: Quantities,
    /// Rounds that are asked for.
    pub rounds: usize,
    /// The seed of everything.
    pub seed: u64,
    /// The cores.
    pub cores: Cores,
    /// Where databases and files are made.
    pub directory: PathBuf,
    /// Whether Redis takes part.
    pub redis: bool,
    /// Where the raw numbers go.
    pub raw: RefCell<File>,
    postgres: OnceCell<Postgres>,
}

impl Bench {
    /// A run.
    pub fn new(
        quantities: Quantities,
        (rounds, seed): (usize, u64),
        directory: PathBuf,
        redis: bool,
        raw: &std::path::Path,
    ) -> anyhow::Result<Self> {
        if let Some(parent) = raw.parent() {
            fs::create_dir_all(parent)?;
        }
        let raw = File::create(raw).with_context(|| raw.display().to_string())?;
        let (cores, raw, postgres) = (Cores::find()?, RefCell::new(raw), OnceCell::new());
        Ok(Self { quantities, rounds, seed, cores, directory, redis, raw, postgres })
    }

    /// People of a ledger with so many contacts.
    pub fn people(&self, contacts: u64) -> Generator {
        Generator { seed: self.seed, contacts }
    }

    /// The PostgreSQL server of this run, on all cores; the first call starts it.
    pub fn postgres(&self) -> anyhow::Result<&Postgres> {
        if self.postgres.get().is_none() {
            let _ = self.postgres.set(Postgres::start(&self.cores, &self.cores.all)?);
        }
        self.postgres.get().context("no PostgreSQL")
    }

    /// A new database in it.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let postgres = self.postgres()?;
        crate::place::runtime()?.block_on(postgres.database(name))
    }

    /// A Redis server on these cores, unless this run does without.
    pub fn redis(&self, on: &[usize]) -> anyhow::Result<Option<Redis>> {
        self.redis.then(|| Redis::start(&self.cores, on)).transpose()
    }

    /// A ledger on SQLite with the people of this run.
    pub fn ledger(&self) -> anyhow::Result<Place> {
        Place::with_people(&self.directory, None, self.people(self.quantities.recorded))
    }

    /// The service on a ledger, on the core for servers.
    pub fn serve(&self, place: &Place) -> anyhow::Result<Server> {
        let config = place.config_file()?.display().to_string();
        self.peer(&["consentd", "--config", &config])
    }

    /// The service on an empty ledger, with an index that knows people all the same.
    pub fn serve_simulated(&self, place: &Place, people: Generator) -> anyhow::Result<Server> {
        let config = place.config_file()?.display().to_string();
        let (contacts, seed) = (people.contacts.to_string(), people.seed.to_string());
        self.peer(&["consentd", "--config", &config, "--contacts", &contacts, "--seed", &seed])
    }

    /// A server of this program, on the core for servers.
    pub fn peer(&self, arguments: &[&str]) -> anyhow::Result<Server> {
        let core = self.cores.server.to_string();
        Server::start(&[&["--core", core.as_str()], arguments].concat())
    }

    /// The same on all cores.
    pub fn peer_on_all(&self, arguments: &[&str]) -> anyhow::Result<Server> {
        self.cores.on_all(|| Server::start(arguments))
    }
}
