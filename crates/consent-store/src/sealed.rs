//! An entry with what opens it, as it is read from the tables: in few pieces of memory, because everything passes here.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::Binary;
use diesel::sqlite::{Sqlite, SqliteValue};

use crate::schema::{entries, openings, subject_keys};

/// Bytes of a column that all have the same length; none if these have not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Fixed<const N: usize>(pub(crate) Option<[u8; N]>);

impl<const N: usize> Fixed<N> {
    fn of(bytes: &[u8]) -> Self {
        Self(bytes.try_into().ok())
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> Option<&[u8; N]> {
        self.0.as_ref()
    }
}

impl<const N: usize> FromSql<Binary, Sqlite> for Fixed<N> {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.read_blob()))
    }
}

impl<const N: usize> FromSql<Binary, Pg> for Fixed<N> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(value.as_bytes()))
    }
}

/// The public part of an entry.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = entries)]
pub(crate) struct PublicPart {
    pub(crate) seq: i64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) leaf: Fixed<32>,
}

/// Its sealed part.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = openings)]
pub(crate) struct SealedPart {
    pub(crate) event_id: Fixed<16>,
    pub(crate) key_id: Fixed<16>,
    pub(crate) sealed: Vec<u8>,
}

/// The wrapped data key that opens that.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = subject_keys)]
pub(crate) struct WrappedKey {
    pub(crate) id: Fixed<16>,
    pub(crate) token: Fixed<32>,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) kek_epoch: i32,
}

/// An entry with what opens it, as far as that is still there.
pub(crate) type Sealed = (PublicPart, Option<SealedPart>, Option<WrappedKey>);
