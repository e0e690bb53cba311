//! What gateways publish, fetched and kept for a while: the certificates and keys that their requests are checked with.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use crate::{clock, limits};

/// Why something could not be fetched. None of these says anything about the request that asked for it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be reached, or does not answer in time.
    #[error("not reached: {0}")]
    Unreachable(#[from] reqwest::Error),
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
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limits::FETCH)
            .timeout(limits::FETCH)
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
        if kept.len() >= limits::PUBLISHED_KEPT {
            kept.clear();
        }
        let until = clock::now() + limits::PUBLISHED_FOR;
        kept.insert(url.to_owned(), Kept { until, bytes: bytes.to_owned() });
    }
}
