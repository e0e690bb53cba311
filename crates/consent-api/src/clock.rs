//! The clock and the maker of ids: the only place where either is read.

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// The time, to the microsecond, which is what the ledger keeps.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// A new id (UUIDv7).
#[expect(clippy::disallowed_methods, reason = "this is the place")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// When an id was made, to the beginning of the millisecond.
pub fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}
