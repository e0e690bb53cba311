//! The floor of an append: the rows that the service wrote, written again by a bare loop.

mod columns;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use consent_store::Ledger;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::machine;
use crate::peers;
use crate::place::{Place, runtime};
use crate::rounds::Figures;
use columns::Columns;

diesel::table! { head (id) { id -> Integer, size -> BigInt, root -> Binary, received_at -> BigInt, pepper -> Integer, } }
diesel::table! { entries (seq) { seq -> BigInt, bytes -> Binary, leaf -> Binary, } }
diesel::table! { openings (seq) { seq -> BigInt, event_id -> Binary, key_id -> Binary, sealed -> Binary, } }
diesel::table! { subject_keys (id) { id -> Binary, token -> Binary, wrapped -> Binary, kek_epoch -> Integer, } }
diesel::table! { tokens (token, seq) { token -> Binary, seq -> BigInt, } }
diesel::table! { dedupe (source, key_hmac) {
    source -> Text, key_hmac -> Binary, seq -> BigInt, event_id -> Binary, content -> Binary,
} }
diesel::allow_tables_to_appear_in_same_query!(entries, openings, subject_keys);

/// Rows, column by column as their tables above have them.
type Opening = (i64, Vec<u8>, Vec<u8>, Vec<u8>);
type Key = (Vec<u8>, Vec<u8>, Vec<u8>, i32);
type Name = (String, Vec<u8>, i64, Vec<u8>, Vec<u8>);

/// Everything that the append of one event wrote.
pub struct Written {
    entry: (i64, Vec<u8>, Vec<u8>),
    opening: Opening,
    key: Option<Key>,
    tokens: Vec<(Vec<u8>, i64)>,
    names: Vec<Name>,
}

impl Written {
    /// The bytes of the entry itself.
    pub fn entry(&self) -> &[u8] {
        &self.entry.1
    }
}

/// What the settings of the service are.
const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 20000;";

/// A connection to a SQLite file, with the settings of the service.
pub fn open(file: &str) -> anyhow::Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(file)?;
    conn.batch_execute(SETTINGS)?;
    Ok(conn)
}

/// Reads the rows of a ledger on SQLite, in the order of its events.
pub fn read(place: &Place) -> anyhow::Result<Vec<Written>> {
    let mut conn = open(place.file()?)?;
    let entries: Vec<(i64, Vec<u8>, Vec<u8>)> = entries::table.order(entries::seq).load(&mut conn)?;
    let openings: Vec<Opening> = openings::table.order(openings::seq).load(&mut conn)?;
    let keys: Vec<Key> = subject_keys::table.load(&mut conn)?;
    let mut keys: std::collections::HashMap<_, _> = keys.into_iter().map(|key| (key.0.clone(), key)).collect();
    let (mut tokens, mut names) = (tokens_by_seq(&mut conn)?, names_by_seq(&mut conn)?);
    ensure!(entries.len() == openings.len(), "an opening is missing");
    let written = entries.into_iter().zip(openings).map(|(entry, opening)| {
        let (tokens, names) = (tokens.remove(&entry.0).unwrap_or_default(), names.remove(&entry.0).unwrap_or_default());
        Written { key: keys.remove(&opening.2), entry, opening, tokens, names }
    });
    Ok(written.collect())
}

type BySeq<T> = std::collections::HashMap<i64, Vec<T>>;

fn tokens_by_seq(conn: &mut SqliteConnection) -> anyhow::Result<BySeq<(Vec<u8>, i64)>> {
    let mut found = BySeq::new();
    for row in tokens::table.load::<(Vec<u8>, i64)>(conn)? {
        found.entry(row.1).or_insert_with(Vec::new).push(row);
    }
    Ok(found)
}

fn names_by_seq(conn: &mut SqliteConnection) -> anyhow::Result<BySeq<Name>> {
    let mut found = BySeq::new();
    for row in dedupe::table.load::<Name>(conn)? {
        found.entry(row.2).or_insert_with(Vec::new).push(row);
    }
    Ok(found)
}

/// Writes the rows into a new SQLite file, so many events a commit: `rate` of events.
pub fn sqlite(directory: &Path, rows: &[Written], batch: usize) -> anyhow::Result<Figures> {
    machine::demand_a_disk(directory)?;
    let folder = tempfile::tempdir_in(directory)?;
    let file = folder.path().join("bare.db").display().to_string();
    runtime()?.block_on(Ledger::migrate_at(&format!("sqlite:{file}")))?;
    let mut conn = open(&file)?;
    let began = Instant::now();
    for some in rows.chunks(batch) {
        conn.immediate_transaction(|conn| insert(conn, some))?;
    }
    Ok(Figures::from([("rate", rows.len() as f64 / began.elapsed().as_secs_f64())]))
}

/// One prepared statement a row, which on SQLite is the fastest way.
fn insert(conn: &mut SqliteConnection, rows: &[Written]) -> QueryResult<()> {
    let end = rows.last().map_or(0, |last| last.entry.0 + 1);
    let moved = (head::size.eq(end), head::received_at.eq(end));
    diesel::update(head::table).set(moved).execute(conn)?;
    for Written { entry: (seq, bytes, leaf), .. } in rows {
        let row = (entries::seq.eq(seq), entries::bytes.eq(bytes), entries::leaf.eq(leaf));
        diesel::insert_into(entries::table).values(row).execute(conn)?;
    }
    for (id, token, wrapped, epoch) in rows.iter().filter_map(|row| row.key.as_ref()) {
        let secret = (subject_keys::wrapped.eq(wrapped), subject_keys::kek_epoch.eq(epoch));
        let row = (subject_keys::id.eq(id), subject_keys::token.eq(token), secret);
        diesel::insert_into(subject_keys::table).values((row.0, row.1, row.2.0, row.2.1)).execute(conn)?;
    }
    for Written { opening: (seq, id, key, sealed), .. } in rows {
        let row =
            (openings::seq.eq(seq), openings::event_id.eq(id), openings::key_id.eq(key), openings::sealed.eq(sealed));
        diesel::insert_into(openings::table).values(row).execute(conn)?;
    }
    for (token, seq) in rows.iter().flat_map(|row| &row.tokens) {
        diesel::insert_into(tokens::table).values((tokens::token.eq(token), tokens::seq.eq(seq))).execute(conn)?;
    }
    for (source, key, seq, id, content) in rows.iter().flat_map(|row| &row.names) {
        let name = (dedupe::source.eq(source), dedupe::key_hmac.eq(key), dedupe::seq.eq(seq));
        let row = (name.0, name.1, name.2, dedupe::event_id.eq(id), dedupe::content.eq(content));
        diesel::insert_into(dedupe::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Writes the rows into an empty PostgreSQL database, so many events a commit, by one connection and `unnest`: `rate` of
/// events. What was there is removed first.
pub fn postgres(url: &str, rows: &[Written], batch: usize) -> anyhow::Result<Figures> {
    runtime()?.block_on(async {
        let client = peers::connect(url).await?;
        client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await?;
        Ledger::migrate_at(url).await?;
        let inserts = columns::prepare(&client).await?;
        let began = Instant::now();
        for some in rows.chunks(batch) {
            columns::insert(&client, &inserts, &Columns::of(some)).await.context("unnest")?;
        }
        Ok(Figures::from([("rate", rows.len() as f64 / began.elapsed().as_secs_f64())]))
    })
}
