//! Reading the ledger in order on PostgreSQL.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use tokio::task::spawn_blocking;

use super::Conn;
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

/// What `work` makes of the entries `[from, to)`, in order. It is done beside those who wait for the server.
pub(crate) async fn rows_between<T: Send + 'static>(
    conn: &mut Conn,
    from: i64,
    to: i64,
    work: impl FnOnce(&mut dyn Iterator<Item = QueryResult<Sealed>>) -> T + Send + 'static,
) -> QueryResult<T> {
    let rows = sealed_between(conn, from, to).await?;
    let working = spawn_blocking(move || work(&mut rows.into_iter().map(Ok)));
    working.await.map_err(|_| diesel::result::Error::BrokenTransactionManager)
}
