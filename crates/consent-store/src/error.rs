//! What can go wrong with the store.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;

/// Why the store did not do what it was asked.
///
/// The texts are for logs; nothing personal is in them.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or did not answer in time.
    #[error("the database is unavailable")]
    Unavailable,
    /// The database answered with an error that a later try may not meet again.
    #[error("database error: {0}")]
    Database(String),
    /// What was read is not what was written.
    #[error("the ledger is damaged at entry {seq}: {what}")]
    Corrupt {
        /// Position of the damaged entry.
        seq: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The disk failed under the database: nothing more may be written by this process.
    #[error("the disk failed: {0}")]
    DiskFailed(String),
    /// The database is set so that a power cut would lose what was acknowledged.
    #[error("unsafe database settings: {}", .0.join(", "))]
    UnsafeSettings(Vec<String>),
    /// The database URL cannot be read.
    #[error("the database URL is neither sqlite:PATH nor postgres://...")]
    BadUrl,
    /// Another process owns the SQLite file.
    #[error("another process serves this ledger; use --url to reach it")]
    Locked,
    /// A person has more linked addresses or events than can be taken into account.
    #[error("more linked addresses or events than the limit")]
    TooLarge,
    /// An event that cannot be kept as it is.
    #[error("the event cannot be kept: {0}")]
    Refused(&'static str),
    /// A key that is needed is not in the key directory.
    #[error("key {0} is missing")]
    KeyMissing(String),
    /// The key directory cannot be used.
    #[error("key directory: {0}")]
    Keys(String),
}

impl StoreError {
    pub(crate) fn from_pool(error: PoolError) -> Self {
        match error {
            PoolError::Backend(diesel_async::pooled_connection::PoolError::QueryError(error)) => error.into(),
            _ => Self::Unavailable,
        }
    }

    /// Whether the same call may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable | Self::Database(_))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        Self::from(&error)
    }
}

/// What SQLite says when the file under it gave an error, or something else than was written.
fn is_disk_failure(message: &str) -> bool {
    ["disk I/O error", "database disk image is malformed", "file is not a database"].iter().any(|m| message.contains(m))
}

impl From<&DieselError> for StoreError {
    fn from(error: &DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Self::Unavailable,
            DieselError::BrokenTransactionManager => Self::Unavailable,
            DieselError::RollbackErrorOnCommit { commit_error, .. } => commit_error.as_ref().into(),
            DieselError::DatabaseError(_, information) if is_disk_failure(information.message()) => {
                Self::DiskFailed(information.message().to_owned())
            }
            // The message alone: details of a constraint would quote the row.
            DieselError::DatabaseError(_, information) => Self::Database(information.message().to_owned()),
            _ => Self::Database(error.to_string()),
        }
    }
}
