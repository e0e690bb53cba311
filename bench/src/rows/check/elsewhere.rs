//! The same route with one look-up elsewhere: an indexed query on PostgreSQL, a GET from Redis.

use crate::bench::Bench;
use crate::children::Server;
use crate::generator::Generator;
use crate::peers::{self, Postgres, Redis};
use crate::place::runtime;
use crate::{limits, machine};

/// Where the database of a peer runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Where {
    /// On the core of the server that asks it: one core for everything that an answer needs, as the service has.
    WithItsServer,
    /// On every core: it has more of the machine than the service.
    Everywhere,
}

/// The database behind a peer, which ends with it.
#[expect(dead_code, reason = "held for what dropping it does")]
enum Database {
    Postgres(Postgres),
    Redis(Redis),
}

/// A peer.
pub(super) struct Elsewhere {
    /// Name of the side.
    pub(super) side: &'static str,
    /// How the table names it.
    pub(super) what: &'static str,
    /// How many times its throughput is asked for.
    pub(super) goal: f64,
    /// The server with the route.
    pub(super) server: Server,
    _database: Database,
}

impl Elsewhere {
    /// A table of decisions by phone number in PostgreSQL.
    pub(super) fn postgres(bench: &Bench, people: Generator, bytes: usize, at: Where) -> anyhow::Result<Self> {
        let postgres = Postgres::start(&bench.cores, &at.cores(bench))?;
        machine::demand_a_disk(&bench.directory)?;
        let url = runtime()?.block_on(async {
            let url = postgres.database("check").await?;
            fill(&url, people).await?;
            anyhow::Ok(url)
        })?;
        let server = bench.peer(&["postgres", "--url", &url, "--bytes", &bytes.to_string()])?;
        let (side, what) = match at {
            Where::WithItsServer => ("query", "route with a PostgreSQL query, all on one core"),
            Where::Everywhere => ("query, all cores", "the same, PostgreSQL on all cores"),
        };
        Ok(Self { side, what, goal: 4.0, server, _database: Database::Postgres(postgres) })
    }

    /// The same in Redis, unless this run does without.
    pub(super) fn redis(bench: &Bench, people: Generator, bytes: usize, at: Where) -> anyhow::Result<Option<Self>> {
        let Some(redis) = bench.redis(&at.cores(bench))? else { return Ok(None) };
        let pairs = (0..people.contacts)
            .map(|number| Ok((people.contact(number)?.phone.as_str().to_owned(), "allow".to_owned())));
        redis.fill(pairs)?;
        let address = redis.address.to_string();
        let server = bench.peer(&["redis", "--address", &address, "--bytes", &bytes.to_string()])?;
        let (side, what) = match at {
            Where::WithItsServer => ("get", "route with a Redis GET, all on one core"),
            Where::Everywhere => ("get, all cores", "the same, Redis on all cores"),
        };
        Ok(Some(Self { side, what, goal: 2.0, server, _database: Database::Redis(redis) }))
    }
}

impl Where {
    fn cores(self, bench: &Bench) -> Vec<usize> {
        match self {
            Self::WithItsServer => vec![bench.cores.server],
            Self::Everywhere => bench.cores.all.clone(),
        }
    }
}

async fn fill(url: &str, people: Generator) -> anyhow::Result<()> {
    let client = peers::connect(url).await?;
    client.batch_execute("CREATE TABLE decisions (phone text PRIMARY KEY, decision text NOT NULL)").await?;
    let insert = "INSERT INTO decisions SELECT unnest($1::text[]), 'allow'";
    let numbers: Vec<u64> = (0..people.contacts).collect();
    for some in numbers.chunks(limits::COPY) {
        let phones: anyhow::Result<Vec<String>> =
            some.iter().map(|number| Ok(people.contact(*number)?.phone.as_str().to_owned())).collect();
        client.execute(insert, &[&phones?]).await?;
    }
    Ok(client.batch_execute("ANALYZE decisions").await?)
}
