//! Reading the ledger in order on SQLite, each page one task on a reader: the shared queries would copy every row twice.

use diesel::prelude::*;

use super::Conn;
use crate::error::StoreError;
use crate::schema::{entries, openings, subject_keys};
use crate::sealed::{PublicPart, Sealed, SealedPart, WrappedKey};

/// The entries `[from, to)` with what opens them, in order.
pub(crate) async fn sealed_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Sealed>> {
    conn.spawn_blocking(move |conn| rows(conn, from, to)?.collect()).await
}

/// What becomes of each of the entries `[from, to)`, in order: whatever reads them also works on them, row by row, while
/// what it has read is still near.
pub(crate) async fn each_between<T: Send + 'static>(
    conn: &mut Conn,
    from: i64,
    to: i64,
    mut work: impl FnMut(Sealed) -> Result<T, StoreError> + Send + 'static,
) -> QueryResult<Result<Vec<T>, StoreError>> {
    conn.spawn_blocking(move |conn| {
        let mut all = Vec::with_capacity((to - from) as usize);
        for row in rows(conn, from, to)? {
            match work(row?) {
                Ok(done) => all.push(done),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(all))
    })
    .await
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
