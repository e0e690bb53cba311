//! The two hot paths of the sequencer on PostgreSQL, each one round trip.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::try_join;

use super::Conn;
use crate::rows::{Batch, Found, HeadRow, LookUp};
use crate::schema::{head, reviews};

/// Begins a transaction and holds the head in it, once no other node does.
pub(super) async fn hold_head(conn: &Conn) -> QueryResult<HeadRow> {
    // Two statements on their way at the same time are carried out in their order.
    let (mut first, mut second) = (conn, conn);
    let held = head::table.select(HeadRow::as_select()).for_update();
    try_join(first.batch_execute("BEGIN"), held.get_result(&mut second)).await.map(|((), head)| head)
}

/// What is recorded under these names, and the keys of these people.
pub(super) async fn look_up(conn: &Conn, asked: &LookUp) -> QueryResult<Found> {
    let (sources, hashes) = asked.names.iter().map(|(source, hash)| (source.as_str(), hash.as_slice())).unzip();
    let (mut first, mut second) = (conn, conn);
    let names = Named { sources, hashes }.load(&mut first);
    let keys = Owned { tokens: &asked.owners }.load(&mut second);
    try_join(names, keys).await.map(|(names, keys)| Found { names, keys })
}

/// Writes a batch, or nothing if the head is no longer where the batch begins; and tells the other nodes. Ends the
/// transaction, if the head is held in one.
pub(super) async fn append(conn: &mut Conn, batch: &Batch, node: &str, holds_head: bool) -> QueryResult<bool> {
    if holds_head {
        let moved = write_all(conn, batch, node).await?;
        conn.batch_execute("COMMIT").await?;
        return Ok(moved);
    }
    if batch.resolved.is_empty() && batch.taken_back.is_empty() {
        // A statement is a transaction of its own.
        return write(conn, batch, node).await;
    }
    conn.transaction(async |conn| write_all(conn, batch, node).await).await
}

async fn write_all(conn: &mut Conn, batch: &Batch, node: &str) -> QueryResult<bool> {
    let moved = write(conn, batch, node).await?;
    if moved {
        note_reviews(conn, batch).await?;
    }
    Ok(moved)
}

/// What reviews do to messages, some of which may have been inserted by this very batch.
async fn note_reviews(conn: &mut Conn, batch: &Batch) -> QueryResult<()> {
    for read in &batch.resolved {
        let message = reviews::table.filter(reviews::event_id.eq(&read.event_id));
        diesel::update(message).set(reviews::resolved_by.eq(&read.by)).execute(conn).await?;
    }
    if batch.taken_back.is_empty() {
        return Ok(());
    }
    let messages = reviews::table.filter(reviews::resolved_by.eq_any(&batch.taken_back));
    diesel::update(messages).set(reviews::resolved_by.eq(None::<Vec<u8>>)).execute(conn).await?;
    Ok(())
}

async fn write(conn: &mut Conn, batch: &Batch, node: &str) -> QueryResult<bool> {
    Ok(Write::new(batch, node).execute(conn).await? == 1)
}

/// The rows of names, which may be many: the database looks each up in its index. The limit makes sure of that. Without it
/// a ledger that was empty when its plans were made is read from one end to the other for every batch, until the database
/// counts its rows anew.
struct Named<'a> {
    sources: Vec<&'a str>,
    hashes: Vec<&'a [u8]>,
}

impl QueryId for Named<'_> {
    type QueryId = Named<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Named<'_> {
    type SqlType = (Text, Binary, BigInt, Binary, Binary);
}

impl QueryFragment<Pg> for Named<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT found.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.sources)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.hashes)?;
        out.push_sql(
            ") AS asked (source, key_hmac), LATERAL (SELECT source, key_hmac, seq, event_id, content FROM dedupe d",
        );
        out.push_sql(" WHERE d.source = asked.source AND d.key_hmac = asked.key_hmac LIMIT 1) AS found");
        Ok(())
    }
}

/// The keys of people, each looked up in the same way.
struct Owned<'a> {
    tokens: &'a Vec<Vec<u8>>,
}

impl QueryId for Owned<'_> {
    type QueryId = Owned<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Owned<'_> {
    type SqlType = (Binary, Binary, Binary, Integer);
}

impl QueryFragment<Pg> for Owned<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT found.* FROM unnest(");
        out.push_bind_param::<Array<Binary>, _>(self.tokens)?;
        out.push_sql(") AS asked (token), LATERAL (SELECT id, token, wrapped, kek_epoch FROM subject_keys k");
        out.push_sql(" WHERE k.token = asked.token LIMIT 1) AS found");
        Ok(())
    }
}

/// Moves the head and, only if it was where the batch begins, inserts all rows. What a `WITH` changes is done whether
/// or not it is read; each insert reads the moved head, so that none can come before it.
///
/// Whole columns as arrays: the statement is the same for every batch, so it is parsed once a connection.
struct Write<'a> {
    from: &'a HeadRow,
    to: &'a HeadRow,
    tables: Vec<Table<'a>>,
    node: &'a str,
}

/// The rows for one table.
struct Table<'a> {
    name: &'static str,
    /// Names of the columns, with commas.
    names: &'static str,
    columns: Vec<Column<'a>>,
}

enum Column<'a> {
    BigInt(Vec<i64>),
    Integer(Vec<i32>),
    Binary(Vec<&'a Vec<u8>>),
    Text(Vec<&'a String>),
}

/// One column for each field of some rows.
macro_rules! table {
    ($rows:expr, $name:literal, $names:literal, $($kind:ident($row:ident => $value:expr)),+) => {
        Table { name: $name, names: $names, columns: vec![$(Column::$kind($rows.iter().map(|$row| $value).collect())),+] }
    };
}

impl<'a> Write<'a> {
    /// Always the same tables in the same order, be there rows or not.
    fn new(batch: &'a Batch, node: &'a str) -> Self {
        let tables = vec![
            table!(batch.entries, "entries", "seq, bytes, leaf",
                BigInt(r => r.seq), Binary(r => &r.bytes), Binary(r => &r.leaf)),
            table!(batch.keys, "subject_keys", "id, token, wrapped, kek_epoch",
                Binary(r => &r.id), Binary(r => &r.token), Binary(r => &r.wrapped), Integer(r => r.kek_epoch)),
            table!(batch.openings, "openings", "seq, event_id, key_id, sealed",
                BigInt(r => r.seq), Binary(r => &r.event_id), Binary(r => &r.key_id), Binary(r => &r.sealed)),
            table!(batch.tokens, "tokens", "token, seq", Binary(r => &r.token), BigInt(r => r.seq)),
            table!(batch.dedupe, "dedupe", "source, key_hmac, seq, event_id, content",
                Text(r => &r.source), Binary(r => &r.key_hmac), BigInt(r => r.seq), Binary(r => &r.event_id),
                Binary(r => &r.content)),
            table!(batch.tiles, "tiles", "level, n, bytes",
                Integer(r => r.level), BigInt(r => r.n), Binary(r => &r.bytes)),
            table!(batch.held, "reviews", "seq, event_id, why",
                BigInt(r => r.seq), Binary(r => &r.event_id), Text(r => &r.why)),
        ];
        Self { from: &batch.from, to: &batch.to, tables, node }
    }
}

impl QueryId for Write<'_> {
    type QueryId = Write<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Write<'_> {
    type SqlType = Text;
}

impl QueryFragment<Pg> for Write<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH moved AS (UPDATE head SET size = ");
        out.push_bind_param::<BigInt, _>(&self.to.size)?;
        out.push_sql(", root = ");
        out.push_bind_param::<Binary, _>(&self.to.root)?;
        out.push_sql(", received_at = ");
        out.push_bind_param::<BigInt, _>(&self.to.received_at)?;
        out.push_sql(", pepper = ");
        out.push_bind_param::<Integer, _>(&self.to.pepper)?;
        out.push_sql(" WHERE size = ");
        out.push_bind_param::<BigInt, _>(&self.from.size)?;
        out.push_sql(" AND root = ");
        out.push_bind_param::<Binary, _>(&self.from.root)?;
        out.push_sql(" RETURNING size)");
        for table in &self.tables {
            table.walk_ast(out.reborrow())?;
        }
        out.push_sql(" SELECT pg_notify('consent_ledger_moved', ");
        out.push_bind_param::<Text, _>(self.node)?;
        out.push_sql(")::text FROM moved");
        Ok(())
    }
}

impl QueryFragment<Pg> for Table<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for text in [", new_", self.name, " AS (INSERT INTO ", self.name, " (", self.names, ")"] {
            out.push_sql(text);
        }
        out.push_sql(" SELECT new.* FROM moved, unnest(");
        for (at, column) in self.columns.iter().enumerate() {
            out.push_sql(if at > 0 { ", " } else { "" });
            match column {
                Column::BigInt(values) => out.push_bind_param::<Array<BigInt>, _>(values)?,
                Column::Integer(values) => out.push_bind_param::<Array<Integer>, _>(values)?,
                Column::Binary(values) => out.push_bind_param::<Array<Binary>, _>(values)?,
                Column::Text(values) => out.push_bind_param::<Array<Text>, _>(values)?,
            }
        }
        out.push_sql(") AS new)");
        Ok(())
    }
}
