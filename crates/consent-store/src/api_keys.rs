//! Callers' keys, as far as the store knows them.

use chrono::{DateTime, Utc};
use consent_core::codec::Hash;

use crate::rows::ApiKeyRow;

/// A caller's key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which also begins the key itself, so that a leaked key can be found and revoked.
    pub id: String,
    /// The caller's name; events it records carry it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Whether it works at this time.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    pub(crate) fn to_row(&self, hash: Hash) -> ApiKeyRow {
        ApiKeyRow {
            id: self.id.clone(),
            name: self.name.clone(),
            hash: hash.to_vec(),
            scopes: self.scopes.join(" "),
            created_at: self.created_at.timestamp_micros(),
            expires_at: self.expires_at.map(|time| time.timestamp_micros()),
            revoked_at: self.revoked_at.map(|time| time.timestamp_micros()),
        }
    }

    pub(crate) fn from_row(row: ApiKeyRow) -> Self {
        let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes.split_whitespace().map(ToOwned::to_owned).collect(),
            created_at: time(row.created_at),
            expires_at: row.expires_at.map(time),
            revoked_at: row.revoked_at.map(time),
        }
    }
}
