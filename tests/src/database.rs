//! The databases under test, and a way past the service into them.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

/// Where the server is that `scripts/postgres` starts.
const SERVER: &str = "CONSENT_TEST_POSTGRES";

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "the place where tests read the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// URL of the PostgreSQL server.
fn server() -> String {
    variable(SERVER).expect("run scripts/test: it starts the PostgreSQL that these tests need")
}

/// A database of one test's own.
#[derive(Debug, Clone)]
pub struct Database {
    /// Which of the two.
    pub kind: Kind,
    /// Its URL, as the configuration wants it.
    pub url: String,
    /// Its name on the server.
    name: Option<String>,
}

impl Database {
    /// A new database without tables; a file lies in `directory`.
    pub async fn create(kind: Kind, directory: &Path) -> Self {
        match kind {
            Kind::Sqlite => Self { kind, url: format!("sqlite:{}", directory.join("ledger.db").display()), name: None },
            Kind::Postgres => {
                let (server, name) = (server(), format!("test_{}", consent_api::clock::new_id().simple()));
                Raw::open(kind, &server).await.run(&format!("CREATE DATABASE {name}")).await.unwrap();
                let (base, _) = server.rsplit_once('/').unwrap();
                Self { kind, url: format!("{base}/{name}"), name: Some(name) }
            }
        }
    }

    /// Host and port of the server, such as `127.0.0.1:5432`.
    pub fn host(&self) -> &str {
        let (_, rest) = self.url.split_once('@').expect("a URL with a user");
        rest.split('/').next().unwrap()
    }

    /// The same database by another host and port.
    pub fn at(&self, host: &str) -> Self {
        Self { url: self.url.replace(self.host(), host), ..self.clone() }
    }

    /// A connection that goes past the service.
    pub async fn raw(&self) -> Raw {
        Raw::open(self.kind, &self.url).await
    }

    /// Removes it from its server. A file goes with its folder.
    pub async fn remove(&self) {
        if let Some(name) = &self.name {
            let dropping = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            Raw::open(self.kind, &server()).await.run(&dropping).await.unwrap();
        }
    }
}

/// A connection that goes past the service: for whoever wants to change what may not be changed.
pub enum Raw {
    /// To a file.
    Sqlite(Box<SqliteConnection>),
    /// To a server.
    Postgres(tokio_postgres::Client),
}

impl Raw {
    async fn open(kind: Kind, url: &str) -> Self {
        match kind {
            Kind::Sqlite => {
                let path = url.strip_prefix("sqlite:").unwrap();
                let mut conn = SqliteConnection::establish(path).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                Self::Sqlite(Box::new(conn))
            }
            Kind::Postgres => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                Self::Postgres(client)
            }
        }
    }

    /// Runs statements, or says why the database refuses them.
    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).map_err(|error| error.to_string()),
            Self::Postgres(client) => client.batch_execute(sql).await.map_err(|error| {
                error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
            }),
        }
    }

    /// The first column of each row; it must be a text by the name of `text`.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Nullable<Text>)]
            text: Option<String>,
        }
        match self {
            Self::Sqlite(conn) => {
                let rows: Vec<Row> = diesel::sql_query(sql).load(conn.as_mut()).unwrap();
                rows.into_iter().map(|row| row.text.unwrap_or_default()).collect()
            }
            Self::Postgres(client) => {
                let rows = client.query(sql, &[]).await.unwrap();
                rows.iter().map(|row| row.get::<_, Option<String>>("text").unwrap_or_default()).collect()
            }
        }
    }

    /// One binary value.
    pub async fn bytes(&mut self, column: &str, place: &str) -> Vec<u8> {
        let hex = match self {
            Self::Sqlite(_) => format!("hex({column})"),
            Self::Postgres(_) => format!("encode({column}, 'hex')"),
        };
        let found = self.texts(&format!("SELECT {hex} AS text FROM {place}")).await;
        let [hex] = found.as_slice() else { panic!("{} values in {place}", found.len()) };
        let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// A binary value as it is written in a statement.
    pub fn literal(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(_) => format!("x'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// Takes the guards off every table.
    pub async fn drop_guards(&mut self) {
        let triggers = match self {
            Self::Sqlite(_) => "SELECT 'DROP TRIGGER ' || name AS text FROM sqlite_schema WHERE type = 'trigger'",
            Self::Postgres(_) => {
                "SELECT DISTINCT 'DROP TRIGGER ' || trigger_name || ' ON ' || event_object_table AS text \
                 FROM information_schema.triggers \
                 UNION SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass::text FROM pg_trigger \
                 WHERE NOT tgisinternal"
            }
        };
        for statement in self.texts(triggers).await {
            self.run(&statement).await.unwrap();
        }
    }
}
