//! Reading the ledger in order on SQLite, each page one task on a reader: the shared queries would copy every row twice.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{entries, openings, subject_keys};
use crate::sealed::{PublicPart, Sealed, SealedPart, WrappedKey};

/// The entries `[from, to)` with what opens them, in order.
pub(crate) async fn sealed_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Sealed>> {
    conn.spawn_blocking(move |conn| rows(conn, from, to)?.collect()).await
}

/// What `work` makes of the entries `[from, to)`, in order: whatever reads them also works on them, row by row, while what
/// was read is still near.
pub(crate) async fn rows_between<T: Send + 'static>(
    conn: &mut Conn,
    from: i64,
    to: i64,
    work: impl FnOnce(&mut dyn Iterator<Item = QueryResult<Sealed>>) -> T + Send + 'static,
) -> QueryResult<T> {
    conn.spawn_blocking(move |conn| Ok(work(&mut rows(conn, from, to)?))).await
}

fn rows(
    conn: &mut SqliteConnection,
    from: i64,
    to: i64,
) -> QueryResult<impl Iterator<Item = QueryResult<Sealed>> + use<'_>> {
    entries::table
        .left_join(openings::table.on(openings::seq.eq(entries::seq)))
        .left_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
        .filter(entries::seq.ge(from).and(entries::seq.lt(to)))
        .order(entries::seq)
        .select((PublicPart::as_select(), Option::<SealedPart>::as_select(), Option::<WrappedKey>::as_select()))
        .load_iter(conn)
}
