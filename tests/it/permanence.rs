//! The tables themselves: what may not be changed, how they come and go, and that both databases have the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use consent_tests::app::runtime;
use consent_tests::database::{Database, Kind, Raw};
use consent_tests::people::person;
use consent_tests::stories;
use serde_json::Value;

const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// Statements that must fail on both databases, whoever runs them.
const REFUSED: &[&str] = &[
    "UPDATE entries SET bytes = bytes",
    "UPDATE entries SET leaf = leaf WHERE seq = 0",
    "UPDATE entries SET seq = seq + 1000000",
    "DELETE FROM entries",
    "DELETE FROM entries WHERE seq = 1",
    "UPDATE tiles SET bytes = bytes",
    "DELETE FROM tiles",
    "UPDATE checkpoints SET note = note",
    "DELETE FROM checkpoints",
    "UPDATE dedupe SET seq = seq",
    "DELETE FROM dedupe",
    "UPDATE head SET size = size - 1",
    "UPDATE head SET size = 0",
    "DELETE FROM head",
    "INSERT INTO head (id, size, root, received_at) SELECT 2, size, root, received_at FROM head",
    "INSERT INTO entries SELECT * FROM entries WHERE seq = 0",
];

/// Ways around that one of the databases has.
const REFUSED_BY_SQLITE: &[&str] = &[
    "INSERT OR REPLACE INTO entries SELECT seq, bytes, leaf FROM entries WHERE seq = 0",
    "INSERT OR REPLACE INTO dedupe SELECT * FROM dedupe",
    "INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints",
    "INSERT OR REPLACE INTO tiles SELECT * FROM tiles",
    "INSERT OR REPLACE INTO head SELECT id, 0, root, received_at FROM head",
    "UPDATE OR REPLACE entries SET seq = 0 WHERE seq = 1",
];
const REFUSED_BY_POSTGRES: &[&str] = &[
    "TRUNCATE entries",
    "TRUNCATE tiles",
    "TRUNCATE checkpoints",
    "TRUNCATE dedupe",
    "TRUNCATE head",
    "INSERT INTO entries SELECT * FROM entries WHERE seq = 0 ON CONFLICT (seq) DO UPDATE SET bytes = EXCLUDED.bytes",
];

stories! {
    async fn what_is_recorded_cannot_be_changed_by_any_statement(app) {
        let texts: Vec<Value> = (0..300).map(|n| person(n).text("Hello")).collect();
        app.record_all(&texts).await;
        app.export().await;
        let mut raw = app.raw().await;
        let own = if app.is_postgres() { REFUSED_BY_POSTGRES } else { REFUSED_BY_SQLITE };
        let mut done = Vec::new();
        for statement in REFUSED.iter().chain(own) {
            if raw.run(statement).await.is_ok() {
                done.push(statement);
            }
        }
        assert!(done.is_empty(), "these were carried out: {done:#?}");
        assert_eq!(app.verify().await.unwrap().tiles, 1);
    }
}

/// The scripts of each migration of a database, oldest first: up and down.
fn migrations(kind: Kind) -> Vec<(String, String)> {
    let folder = match kind {
        Kind::Sqlite => "sqlite",
        Kind::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let mut folders: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let script = |path: &Path, name: &str| fs::read_to_string(path.join(name)).unwrap();
    folders.iter().map(|path| (script(path, "up.sql"), script(path, "down.sql"))).collect()
}

async fn in_transaction(raw: &mut Raw, script: &str) -> Result<(), String> {
    let outcome = raw.run(&format!("BEGIN; {script}\nCOMMIT;")).await;
    if outcome.is_err() {
        raw.run("ROLLBACK").await.unwrap();
    }
    outcome
}

async fn up(raw: &mut Raw, kind: Kind) {
    for (up, _) in migrations(kind) {
        in_transaction(raw, &up).await.unwrap();
    }
}

async fn down(raw: &mut Raw, kind: Kind) -> Result<(), String> {
    for (_, down) in migrations(kind).iter().rev() {
        in_transaction(raw, down).await?;
    }
    Ok(())
}

/// Every column as `table.column TYPE` in the words of `schema.rs`.
async fn columns(raw: &mut Raw) -> BTreeSet<String> {
    let query = match raw {
        Raw::Sqlite(_) => {
            "SELECT t.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" THEN '' ELSE '?' END AS text \
             FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c \
             WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%'"
        }
        Raw::Postgres(_) => {
            "SELECT table_name || '.' || column_name || ' ' || data_type \
             || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END AS text \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    raw.texts(query).await.into_iter().collect()
}

/// The columns of `schema.rs` in the words of one database. SQLite has one kind of integer.
fn expected(kind: Kind) -> BTreeSet<String> {
    let words: [(&str, &str); 4] = match kind {
        Kind::Sqlite => [("BigInt", "INTEGER"), ("Integer", "INTEGER"), ("Text", "TEXT"), ("Binary", "BLOB")],
        Kind::Postgres => [("BigInt", "bigint"), ("Integer", "integer"), ("Text", "text"), ("Binary", "bytea")],
    };
    let schema = include_str!("../../crates/consent-store/src/schema.rs");
    let mut columns = BTreeSet::new();
    for table in schema.split("diesel::table!").skip(1) {
        let (head, body) = table.split_once('{').unwrap().1.split_once('{').unwrap();
        let name = head.split('(').next().unwrap().trim();
        for column in body.split('}').next().unwrap().split(',').filter_map(|column| column.split_once("->")) {
            let (column, mut of) = (column.0.trim(), column.1.trim().to_owned());
            for (word, own) in words {
                of = of.replace(&format!("Nullable<{word}>"), &format!("{own}?"));
                of = if of == word { own.to_owned() } else { of };
            }
            columns.insert(format!("{name}.{column} {of}"));
        }
    }
    columns
}

#[test]
fn every_migration_goes_up_and_down_and_up_again_and_both_databases_have_the_columns_of_the_schema() {
    runtime().block_on(async {
        for kind in KINDS {
            let directory = tempfile::tempdir().unwrap();
            let database = Database::create(kind, directory.path()).await;
            let mut raw = database.raw().await;
            up(&mut raw, kind).await;
            assert_eq!(columns(&mut raw).await, expected(kind), "{kind:?}");
            down(&mut raw, kind).await.unwrap();
            assert!(columns(&mut raw).await.is_empty(), "{kind:?}: the way down leaves something behind");
            up(&mut raw, kind).await;
            assert_eq!(columns(&mut raw).await, expected(kind), "{kind:?}");
            database.remove().await;
        }
    });
}

#[test]
fn a_migration_never_goes_down_on_a_ledger_that_holds_anything() {
    runtime().block_on(async {
        for kind in KINDS {
            let directory = tempfile::tempdir().unwrap();
            let database = Database::create(kind, directory.path()).await;
            let mut raw = database.raw().await;
            up(&mut raw, kind).await;
            raw.run("UPDATE head SET size = 1").await.unwrap();
            down(&mut raw, kind).await.unwrap_err();
            assert_eq!(columns(&mut raw).await, expected(kind), "{kind:?}");
            database.remove().await;
        }
    });
}

#[test]
fn the_reader_of_the_schema_finds_all_of_it() {
    assert_eq!(expected(Kind::Sqlite).len(), 51);
    assert!(expected(Kind::Postgres).contains("api_keys.expires_at bigint?"));
    assert!(expected(Kind::Sqlite).contains("entries.bytes BLOB"));
}
