//! The bare loop on SQLite.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::Bare;
use crate::rows::Rows;

diesel::table! { head (id) { id -> Integer, size -> BigInt, } }
diesel::table! { entries (seq) { seq -> BigInt, bytes -> Binary, leaf -> Binary, } }
diesel::table! { tokens (token, seq) { token -> Binary, seq -> BigInt, } }
diesel::table! { subject_keys (id) { id -> Binary, token -> Binary, wrapped -> Binary, kek_epoch -> Integer, } }
diesel::table! { openings (seq) { seq -> BigInt, event_id -> Binary, key_id -> Binary, sealed -> Binary, } }
diesel::table! {
    dedupe (source, key_hmac) { source -> Text, key_hmac -> Binary, seq -> BigInt, event_id -> Binary, content -> Binary, }
}
diesel::allow_tables_to_appear_in_same_query!(openings, subject_keys);

/// The database of the ledger, and one beside it.
pub struct Files([SqliteConnection; 2]);

pub fn open(urls: &[String; 2]) -> Files {
    // As the ledger has them.
    const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
        PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; \
        PRAGMA wal_autocheckpoint = 20000;";
    Files(urls.each_ref().map(|url| {
        let mut conn = SqliteConnection::establish(url.trim_start_matches("sqlite:")).unwrap();
        conn.batch_execute(SETTINGS).unwrap();
        conn
    }))
}

impl Bare for Files {
    async fn read(&mut self, from: i64, to: i64) -> Rows {
        let conn = &mut self.0[0];
        let sealed = openings::table.inner_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)));
        Rows {
            to,
            entries: entries::table.filter(entries::seq.ge(from).and(entries::seq.lt(to))).load(conn).unwrap(),
            openings: openings::table.filter(openings::seq.ge(from).and(openings::seq.lt(to))).load(conn).unwrap(),
            keys: sealed
                .filter(openings::seq.ge(from).and(openings::seq.lt(to)))
                .select(subject_keys::all_columns)
                .load(conn)
                .unwrap(),
            tokens: tokens::table.filter(tokens::seq.ge(from).and(tokens::seq.lt(to))).load(conn).unwrap(),
            names: dedupe::table.filter(dedupe::seq.ge(from).and(dedupe::seq.lt(to))).load(conn).unwrap(),
        }
    }

    async fn write(&mut self, rows: &Rows) {
        tokio::task::block_in_place(|| self.0[1].immediate_transaction(|conn| insert(conn, rows)).unwrap());
    }
}

fn insert(conn: &mut SqliteConnection, rows: &Rows) -> QueryResult<()> {
    diesel::update(head::table).set(head::size.eq(rows.to)).execute(conn)?;
    for (seq, bytes, leaf) in &rows.entries {
        let row = (entries::seq.eq(seq), entries::bytes.eq(bytes), entries::leaf.eq(leaf));
        diesel::insert_into(entries::table).values(row).execute(conn)?;
    }
    for (id, token, wrapped, kek_epoch) in &rows.keys {
        use subject_keys as k;
        let row = (k::id.eq(id), k::token.eq(token), k::wrapped.eq(wrapped), k::kek_epoch.eq(kek_epoch));
        diesel::insert_into(k::table).values(row).execute(conn)?;
    }
    for (seq, event_id, key_id, sealed) in &rows.openings {
        use openings as o;
        let row = (o::seq.eq(seq), o::event_id.eq(event_id), o::key_id.eq(key_id), o::sealed.eq(sealed));
        diesel::insert_into(o::table).values(row).execute(conn)?;
    }
    for (token, seq) in &rows.tokens {
        let row = (tokens::token.eq(token), tokens::seq.eq(seq));
        diesel::insert_into(tokens::table).values(row).execute(conn)?;
    }
    for (source, key_hmac, seq, event_id, content) in &rows.names {
        use dedupe as d;
        let name = (d::source.eq(source), d::key_hmac.eq(key_hmac));
        let row = (name, d::seq.eq(seq), d::event_id.eq(event_id), d::content.eq(content));
        diesel::insert_into(d::table).values(row).execute(conn)?;
    }
    Ok(())
}
