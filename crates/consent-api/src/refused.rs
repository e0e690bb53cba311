//! Requests that were refused because their signature was not valid, kept for a while.
//!
//! A key that we lack makes genuine messages look forged, and half the gateways never send a refused one again. So every
//! refused request is kept, sealed, and tried again at the next start, which a new key needs anyway.
//!
//! Anybody can fill this. It is therefore bounded in every direction, never makes anybody wait, and is not made durable
//! against a power cut. Each account has two rings, one for requests that carry a signature and one for those that
//! carry none of its gateway's kind, and what comes faster than a ring takes is dropped: it takes long to push out what
//! is in it.

mod ring;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent_store::Vault;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::gateways::{Account, Forged, WebhookRequest, percent_encode};
use crate::limits;
use ring::Ring;

/// Associated data of the seal, before the name of the account: a record opens as nothing else.
const PURPOSE: &[u8] = b"consent-ledger/refused/v1\0";

/// The rings of all accounts.
#[derive(Clone)]
pub struct Refused {
    vault: Vault,
    rings: Arc<BTreeMap<(String, Kind), Door>>,
    /// Web workers end with their runtimes; what they handed over must not end with them.
    runtime: Handle,
}

/// What kind of refusal it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// By a signature of the kind that the gateway makes.
    Signed,
    /// For want of one.
    Unsigned,
}

impl Kind {
    fn of(why: Forged) -> Self {
        match why {
            Forged::Unsigned | Forged::Malformed => Self::Unsigned,
            Forged::UnknownKey | Forged::Mismatch | Forged::Stale | Forged::NotOurs => Self::Signed,
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Unsigned => "unsigned",
        }
    }
}

/// A ring and those on their way into it.
struct Door {
    ring: Arc<Ring>,
    under_way: Arc<Semaphore>,
}

/// A request as it is kept. The URL is built anew when it is tried again: the public URL may have been the mistake.
#[derive(Serialize, Deserialize)]
struct Record {
    received: chrono::DateTime<chrono::Utc>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Refused {
    /// Opens the rings below a directory. What is too old is deleted.
    pub fn open<'a>(
        directory: &Path,
        vault: &Vault,
        accounts: impl Iterator<Item = &'a Account>,
    ) -> std::io::Result<Self> {
        let mut rings = BTreeMap::new();
        for account in accounts {
            for kind in [Kind::Signed, Kind::Unsigned] {
                // The name is in front, so that no account can be called `..`.
                let folder = format!("account-{}", percent_encode(&account.name));
                let ring = Arc::new(Ring::open(&directory.join(folder).join(kind.folder()))?);
                let under_way = Arc::new(Semaphore::new(limits::REFUSED_UNDER_WAY as usize));
                rings.insert((account.name.clone(), kind), Door { ring, under_way });
            }
        }
        Ok(Self { vault: vault.clone(), rings: Arc::new(rings), runtime: Handle::current() })
    }

    /// Keeps a request, if there is room and leisure. It returns at once.
    pub fn keep(&self, request: &WebhookRequest, account: &Account, why: Forged) {
        let outcome = if self.hand_over(request, account, why) { "kept" } else { "dropped" };
        metrics::counter!("webhooks_refused_total", "account" => account.name.clone(), "outcome" => outcome)
            .increment(1);
    }

    fn hand_over(&self, request: &WebhookRequest, account: &Account, why: Forged) -> bool {
        let Some(door) = self.rings.get(&(account.name.clone(), Kind::of(why))) else { return false };
        let headers = request.headers.iter().map(|(name, value)| name.len() + value.len());
        let size = request.url.len() + request.body.len() + headers.sum::<usize>();
        if size > limits::REFUSED_BYTES || !door.ring.admits(size) {
            return false;
        }
        let Ok(permit) = Arc::clone(&door.under_way).try_acquire_owned() else { return false };
        let (vault, ring) = (self.vault.clone(), Arc::clone(&door.ring));
        let (record, account) = (Record::of(request, account), account.name.clone());
        self.runtime.spawn_blocking(move || {
            if let Err(error) = record.keep(&vault, &account, &ring) {
                tracing::warn!(account, %error, "a refused request was not kept");
            }
            drop(permit);
        });
        true
    }

    /// Waits until everything that was handed over is kept.
    pub async fn finish(&self) {
        for door in self.rings.values() {
            let all = door.under_way.acquire_many(limits::REFUSED_UNDER_WAY);
            if tokio::time::timeout(limits::REFUSED_FINISH, all).await.is_err() {
                tracing::warn!("refused requests were not kept in time");
            }
        }
    }

    /// Where an account's requests are, oldest first.
    pub fn of(&self, account: &Account) -> Vec<PathBuf> {
        let rings = self.rings.iter().filter(|((name, _), _)| *name == account.name);
        let mut paths: Vec<PathBuf> = rings.flat_map(|(_, door)| door.ring.paths()).collect();
        paths.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
        paths
    }

    /// Reads a request back; `None` if it cannot be read, because it was not written to its end or its key is gone.
    pub fn read(&self, path: &Path, account: &Account) -> Option<WebhookRequest> {
        let sealed = std::fs::read(path).ok()?;
        let plain = self.vault.open_outside(&sealed, &purpose(&account.name)).ok()?;
        let record: Record = serde_json::from_slice(&plain).ok()?;
        let Record { received, method, path, headers, body } = record;
        let (url, body) = (account.url(&path), STANDARD.decode(body).ok()?);
        Some(WebhookRequest { method, url, headers, body, received, published_keys: None })
    }

    /// Deletes a request.
    pub fn forget(&self, path: &Path) {
        self.rings.values().for_each(|door| door.ring.forget(path));
    }
}

impl Record {
    fn of(request: &WebhookRequest, account: &Account) -> Self {
        let path = request.url.strip_prefix(&account.url("")).unwrap_or(&request.url);
        Self {
            received: request.received,
            method: request.method.clone(),
            path: path.to_owned(),
            headers: request.headers.clone(),
            body: STANDARD.encode(&request.body),
        }
    }

    fn keep(&self, vault: &Vault, account: &str, ring: &Ring) -> std::io::Result<()> {
        let plain = serde_json::to_vec(self)?;
        let sealed = vault.seal_outside(&plain, &purpose(account)).map_err(std::io::Error::other)?;
        ring.put(&sealed)
    }
}

fn purpose(account: &str) -> Vec<u8> {
    [PURPOSE, account.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
