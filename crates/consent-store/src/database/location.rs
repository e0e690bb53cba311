//! Where a database lies.

use crate::error::StoreError;

/// Where a database URL points.
pub(crate) enum Location<'a> {
    /// A SQLite file.
    File(&'a str),
    /// A PostgreSQL server.
    Server(&'a str),
}

impl<'a> Location<'a> {
    pub(crate) fn of(url: &'a str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() || path == ":memory:" { Err(StoreError::BadUrl) } else { Ok(Self::File(path)) };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Server(url));
        }
        Err(StoreError::BadUrl)
    }
}
