//! The two hot paths of the sequencer on SQLite, each one task on the writer.
//!
//! One row a statement: cached prepared statements are about twice as fast here as multi-row ones, and a look-up by a
//! list of names would read the whole table.

use diesel::prelude::*;

use super::insert::Insert;
use crate::rows::{Batch, DedupeRow, Found, KeyRow, LookUp};
use crate::schema::{dedupe, head, reviews, subject_keys};

/// What is recorded under these names, and the keys of these people.
pub(super) fn look_up(conn: &mut SqliteConnection, asked: &LookUp) -> QueryResult<Found> {
    // One transaction, because each costs some calls of the system.
    conn.transaction(|conn| {
        let mut found = Found::default();
        // Not `first`: a `LIMIT` that is bound has SQLite prepare the statement anew each time.
        for (source, hash) in &asked.names {
            let named = dedupe::table.filter(dedupe::source.eq(source).and(dedupe::key_hmac.eq(hash)));
            found.names.extend(named.select(DedupeRow::as_select()).get_result(conn).optional()?);
        }
        for token in &asked.owners {
            let owned = subject_keys::table.filter(subject_keys::token.eq(token));
            found.keys.extend(owned.select(KeyRow::as_select()).get_result(conn).optional()?);
        }
        Ok(found)
    })
}

/// Writes a batch, or nothing if the head is no longer where the batch begins.
pub(super) fn append(conn: &mut SqliteConnection, batch: &Batch) -> QueryResult<bool> {
    let moved = diesel::update(head::table)
        .filter(head::size.eq(batch.from.size).and(head::root.eq(&batch.from.root)))
        .set(&batch.to)
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    Insert::all(conn, &batch.entries)?;
    Insert::all(conn, &batch.keys)?;
    Insert::all(conn, &batch.openings)?;
    Insert::all(conn, &batch.tokens)?;
    Insert::all(conn, &batch.dedupe)?;
    Insert::all(conn, &batch.tiles)?;
    Insert::all(conn, &batch.held)?;
    for read in &batch.resolved {
        let message = reviews::table.filter(reviews::event_id.eq(&read.event_id));
        diesel::update(message).set(reviews::resolved_by.eq(&read.by)).execute(conn)?;
    }
    for mistake in &batch.taken_back {
        let message = reviews::table.filter(reviews::resolved_by.eq(mistake));
        diesel::update(message).set(reviews::resolved_by.eq(None::<Vec<u8>>)).execute(conn)?;
    }
    Ok(true)
}
