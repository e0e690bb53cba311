//! The two hot paths of the sequencer on SQLite, each one task on the writer.
//!
//! One row a statement: cached prepared statements are about twice as fast here as multi-row ones, and a look-up by a
//! list of names would read the whole table.

use diesel::prelude::*;

use crate::rows::{Batch, DedupeRow, Found, KeyRow, LookUp};
use crate::schema::{dedupe, entries, head, openings, reviews, subject_keys, tiles, tokens};

/// What is recorded under these names, and the keys of these people.
pub(super) fn look_up(conn: &mut SqliteConnection, asked: &LookUp) -> QueryResult<Found> {
    // One transaction, because each costs some calls of the system.
    conn.transaction(|conn| {
        let mut found = Found::default();
        for (source, hash) in &asked.names {
            let named = dedupe::table.filter(dedupe::source.eq(source).and(dedupe::key_hmac.eq(hash)));
            found.names.extend(named.select(DedupeRow::as_select()).first(conn).optional()?);
        }
        for token in &asked.owners {
            let owned = subject_keys::table.filter(subject_keys::token.eq(token));
            found.keys.extend(owned.select(KeyRow::as_select()).first(conn).optional()?);
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
    for row in &batch.entries {
        diesel::insert_into(entries::table).values(row).execute(conn)?;
    }
    for row in &batch.keys {
        diesel::insert_into(subject_keys::table).values(row).execute(conn)?;
    }
    for row in &batch.openings {
        diesel::insert_into(openings::table).values(row).execute(conn)?;
    }
    for row in &batch.tokens {
        diesel::insert_into(tokens::table).values(row).execute(conn)?;
    }
    for row in &batch.dedupe {
        diesel::insert_into(dedupe::table).values(row).execute(conn)?;
    }
    for row in &batch.tiles {
        diesel::insert_into(tiles::table).values(row).execute(conn)?;
    }
    for row in &batch.held {
        diesel::insert_into(reviews::table).values(row).execute(conn)?;
    }
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
