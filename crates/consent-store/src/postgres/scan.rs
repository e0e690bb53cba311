//! Reading the ledger in order on PostgreSQL.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use tokio::task::spawn_blocking;

use super::Conn;
use crate::error::StoreError;
use crate::schema::{entries, openings, subject_keys};
use crate::sealed::{PublicPart, Sealed, SealedPart, WrappedKey};

/// The entries `[from, to)` with what opens them, in order.
pub(crate) async fn sealed_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Sealed>> {
    entries::table
        .left_join(openings::table.on(openings::seq.eq(entries::seq)))
        .left_join(subject_keys::table.on(subject_keys::id.eq(openings::key_id)))
        .filter(entries::seq.ge(from).and(entries::seq.lt(to)))
        .order(entries::seq)
        .select((PublicPart::as_select(), Option::<SealedPart>::as_select(), Option::<WrappedKey>::as_select()))
        .load(conn)
        .await
}

/// What becomes of each of the entries `[from, to)`, in order. The work is done beside those who wait for the server.
pub(crate) async fn each_between<T: Send + 'static>(
    conn: &mut Conn,
    from: i64,
    to: i64,
    work: impl FnMut(Sealed) -> Result<T, StoreError> + Send + 'static,
) -> QueryResult<Result<Vec<T>, StoreError>> {
    let rows = sealed_between(conn, from, to).await?;
    let working = spawn_blocking(move || rows.into_iter().map(work).collect());
    Ok(working.await.unwrap_or(Err(StoreError::Unavailable)))
}
