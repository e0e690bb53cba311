//! Inserts of one row. The text of each is the same every time, so the prepared statement is found by the type alone;
//! for Diesel's own inserts it is written and compared again for each row.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use diesel::sqlite::Sqlite;

use crate::rows::{DedupeRow, EntryRow, KeyRow, OpeningRow, ReviewRow, TileRow, TokenRow};

/// The insert of a row.
pub(super) struct Insert<'a, Row>(&'a Row);

impl<'a, Row: 'static> Insert<'a, Row>
where
    Self: QueryFragment<Sqlite>,
{
    /// Inserts rows, in their order.
    pub(super) fn all(conn: &mut SqliteConnection, rows: &'a [Row]) -> QueryResult<()> {
        rows.iter().try_for_each(|row| Insert(row).execute(conn).map(drop))
    }
}

impl<Row: 'static> QueryId for Insert<'_, Row> {
    type QueryId = Insert<'static, Row>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Row> RunQueryDsl<SqliteConnection> for Insert<'_, Row> {}

/// Says into which columns the fields of a row go.
macro_rules! insert {
    ($row:ty => $into:literal, $first:ident: $kind:ident $(, $field:ident: $other:ident)*) => {
        impl QueryFragment<Sqlite> for Insert<'_, $row> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql(concat!("INSERT INTO ", $into, " VALUES ("));
                out.push_bind_param::<$kind, _>(&self.0.$first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<$other, _>(&self.0.$field)?;
                )*
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

insert!(EntryRow => "entries (seq, bytes, leaf)", seq: BigInt, bytes: Binary, leaf: Binary);
insert!(KeyRow => "subject_keys (id, token, wrapped, kek_epoch)",
    id: Binary, token: Binary, wrapped: Binary, kek_epoch: Integer);
insert!(OpeningRow => "openings (seq, event_id, key_id, sealed)",
    seq: BigInt, event_id: Binary, key_id: Binary, sealed: Binary);
insert!(TokenRow => "tokens (token, seq)", token: Binary, seq: BigInt);
insert!(DedupeRow => "dedupe (source, key_hmac, seq, event_id, content)",
    source: Text, key_hmac: Binary, seq: BigInt, event_id: Binary, content: Binary);
insert!(TileRow => "tiles (level, n, bytes)", level: Integer, n: BigInt, bytes: Binary);
insert!(ReviewRow => "reviews (seq, event_id, why)", seq: BigInt, event_id: Binary, why: Text);
