//! What gateways publish, fetched and kept for a while: the certificates and keys that their requests are checked with.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use crate::{clock, limits};

/// Why something could not be fetched. None of these says anything about the request that asked for it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be reached, or does not answer in time.
    #[error("not reached: {0}")]
    Unreachable(reqwest::Error),
    /// It answers with this status.
    #[error("answered {0}")]
    Status(u16),
    /// It answers with more than a key takes.
    #[error("too long")]
    TooLong,
    /// Too many are being fetched.
    #[error("too many at once")]
    Busy,
}

/// Without the address: one that confirms a subscription holds a token, and errors are logged.
impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

/// Fetches published keys. Redirects are not followed: what stands elsewhere is not what the gateway published.
pub struct Published {
    client: reqwest::Client,
    kept: Mutex<HashMap<String, Kept>>,
    under_way: Semaphore,
}

struct Kept {
    until: DateTime<Utc>,
    bytes: Vec<u8>,
}

impl Published {
    /// With its own client.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::patient(limits::FETCH)
    }

    /// With the time that an answer may take, from the first byte sent to the last received.
    fn patient(patience: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(patience)
            .timeout(patience)
            .build()?;
        Ok(Self { client, kept: Mutex::default(), under_way: Semaphore::new(limits::FETCHES) })
    }

    /// What stands at an address now, or stood there a short while ago.
    pub async fn at(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        if let Some(bytes) = self.find(url) {
            return Ok(bytes);
        }
        let bytes = self.get(url).await?;
        self.keep(url, &bytes);
        Ok(bytes)
    }

    /// Fetches an address, and keeps nothing.
    pub async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let _permit = self.under_way.try_acquire().map_err(|_| FetchError::Busy)?;
        let response = self.client.get(url).send().await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        // What says that it is too long need not be read to know.
        if response.content_length().is_some_and(|length| length > limits::PUBLISHED as u64) {
            return Err(FetchError::TooLong);
        }
        let mut pieces = response.bytes_stream();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > limits::PUBLISHED {
                return Err(FetchError::TooLong);
            }
        }
        Ok(bytes)
    }

    fn find(&self, url: &str) -> Option<Vec<u8>> {
        let kept = self.kept.lock().ok()?;
        kept.get(url).filter(|kept| clock::now() < kept.until).map(|kept| kept.bytes.clone())
    }

    fn keep(&self, url: &str, bytes: &[u8]) {
        let Ok(mut kept) = self.kept.lock() else { return };
        // Whoever can name addresses could otherwise fill the memory with them.
        if kept.len() >= limits::PUBLISHED_KEPT && !kept.contains_key(url) {
            let oldest = kept.iter().min_by_key(|(_, kept)| kept.until).map(|(url, _)| url.clone());
            oldest.and_then(|url| kept.remove(&url));
        }
        let until = clock::now() + limits::PUBLISHED_FOR;
        kept.insert(url.to_owned(), Kept { until, bytes: bytes.to_owned() });
    }
}

#[cfg(test)]
mod tests;
