//! The bare loop on PostgreSQL.

use tokio_postgres::{Client, NoTls, Statement};

use crate::Bare;
use crate::rows::Rows;

const NAMES: [&str; 2] = ["bench_append_ours", "bench_append_bare"];

const INSERTS: [&str; 5] = [
    "INSERT INTO entries SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])",
    "INSERT INTO openings SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[])",
    "INSERT INTO subject_keys SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::integer[])",
    "INSERT INTO tokens SELECT * FROM unnest($1::bytea[], $2::bigint[])",
    "INSERT INTO dedupe SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[])",
];

/// The database of the ledger, and one beside it.
pub struct Servers {
    ours: Client,
    bare: Client,
    inserts: Vec<Statement>,
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub async fn create(server: &str) -> [String; 2] {
    remove(server).await;
    let client = connect(server).await;
    for name in NAMES {
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    }
    let (base, _) = server.rsplit_once('/').unwrap();
    NAMES.map(|name| format!("{base}/{name}"))
}

pub async fn remove(server: &str) {
    let client = connect(server).await;
    for name in NAMES {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    }
}

pub async fn open([ours, bare]: &[String; 2]) -> Servers {
    let (ours, bare) = (connect(ours).await, connect(bare).await);
    let mut inserts = Vec::new();
    for insert in INSERTS {
        inserts.push(bare.prepare(insert).await.unwrap());
    }
    Servers { ours, bare, inserts }
}

impl Bare for Servers {
    async fn read(&mut self, from: i64, to: i64) -> Rows {
        let load = async |columns: &str, table: &str, seq: &str| {
            let query = format!("SELECT {columns} FROM {table} WHERE {seq} >= $1 AND {seq} < $2");
            self.ours.query(&query, &[&from, &to]).await.unwrap()
        };
        let sealed = "openings o JOIN subject_keys k ON k.id = o.key_id";
        let entries = load("seq, bytes, leaf", "entries", "seq").await;
        let openings = load("seq, event_id, key_id, sealed", "openings", "seq").await;
        let keys = load("k.id, k.token, k.wrapped, k.kek_epoch", sealed, "o.seq").await;
        let tokens = load("token, seq", "tokens", "seq").await;
        let names = load("source, key_hmac, seq, event_id, content", "dedupe", "seq").await;
        Rows {
            to,
            entries: entries.iter().map(|r| (r.get(0), r.get(1), r.get(2))).collect(),
            openings: openings.iter().map(|r| (r.get(0), r.get(1), r.get(2), r.get(3))).collect(),
            keys: keys.iter().map(|r| (r.get(0), r.get(1), r.get(2), r.get(3))).collect(),
            tokens: tokens.iter().map(|r| (r.get(0), r.get(1))).collect(),
            names: names.iter().map(|r| (r.get(0), r.get(1), r.get(2), r.get(3), r.get(4))).collect(),
        }
    }

    async fn write(&mut self, rows: &Rows) {
        /// Columns of rows, and the statement that takes them.
        macro_rules! insert {
            ($batch:ident, $statement:ident, $rows:expr, $($at:tt),*) => {
                $batch.execute($statement, &[$(&$rows.iter().map(|row| &row.$at).collect::<Vec<_>>()),*]).await.unwrap()
            };
        }
        let [entries, openings, keys, tokens, names] = self.inserts.as_slice() else { return };
        let batch = self.bare.transaction().await.unwrap();
        batch.execute("UPDATE head SET size = $1", &[&rows.to]).await.unwrap();
        insert!(batch, entries, rows.entries, 0, 1, 2);
        insert!(batch, openings, rows.openings, 0, 1, 2, 3);
        insert!(batch, keys, rows.keys, 0, 1, 2, 3);
        insert!(batch, tokens, rows.tokens, 0, 1);
        insert!(batch, names, rows.names, 0, 1, 2, 3, 4);
        batch.commit().await.unwrap();
    }
}
