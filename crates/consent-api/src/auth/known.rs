//! Keys that were looked up a moment ago, so that a request need not ask the database who calls.
//!
//! What was looked up is believed for [`limits::KEY_BELIEVED`], counted from before the database was asked. Once half
//! of that has passed, the next request has it looked up again beside itself; only a key that nobody used for a while
//! makes a request wait. While the database is away a key is thus believed for a second and no longer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use consent_store::{ApiKey, Ledger, StoreError};

use crate::limits;

/// SHA-256 of a key.
pub(super) type Hash = [u8; 32];

/// The keys of callers. Cloning is cheap.
#[derive(Clone)]
pub struct KnownKeys {
    ledger: Ledger,
    recent: Arc<Recent>,
}

impl KnownKeys {
    /// The keys that this ledger keeps.
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger, recent: Arc::default() }
    }

    /// A key that may still be believed, without a question to the database.
    pub(super) fn recall(&self, hash: &Hash) -> Option<Arc<ApiKey>> {
        match self.recent.recall(hash, Instant::now())? {
            Recalled::Fresh(key) => Some(key),
            Recalled::Ageing(key) => {
                let (keys, hash) = (self.clone(), *hash);
                // If it fails, the key is looked up by the first request that finds it too old.
                tokio::spawn(async move { keys.look_up(hash).await });
                Some(key)
            }
        }
    }

    /// The key with this hash as the database has it now, revoked and expired ones included.
    pub(super) async fn look_up(&self, hash: Hash) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let asked_at = Instant::now();
        let looking = tokio::time::timeout(limits::KEY_DEADLINE, self.ledger.api_key(hash)).await;
        let key = looking.unwrap_or(Err(StoreError::Unavailable))?.map(Arc::new);
        self.recent.keep(hash, key.clone(), asked_at);
        Ok(key)
    }
}

/// What was looked up, by hash. A key that is not known to the database is never kept: strangers could fill memory.
#[derive(Default)]
struct Recent(RwLock<HashMap<Hash, Seen>>);

struct Seen {
    key: Arc<ApiKey>,
    /// When the database was about to be asked.
    asked_at: Instant,
    /// Whether somebody looks it up again.
    renewing: AtomicBool,
}

/// A key that may be believed.
#[derive(Debug, PartialEq, Eq)]
enum Recalled {
    Fresh(Arc<ApiKey>),
    /// Whoever gets this is to look the key up again.
    Ageing(Arc<ApiKey>),
}

impl Recent {
    fn recall(&self, hash: &Hash, now: Instant) -> Option<Recalled> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get(hash)?;
        let (age, key) = (now.saturating_duration_since(seen.asked_at), Arc::clone(&seen.key));
        if age >= limits::KEY_BELIEVED {
            return None;
        }
        let due = age >= limits::KEY_BELIEVED / 2 && !seen.renewing.swap(true, Ordering::Relaxed);
        Some(if due { Recalled::Ageing(key) } else { Recalled::Fresh(key) })
    }

    fn keep(&self, hash: Hash, key: Option<Arc<ApiKey>>, asked_at: Instant) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = key.filter(|key| key.revoked_at.is_none()) else {
            seen.remove(&hash);
            return;
        };
        // An answer that was long on its way must not replace a newer one.
        if seen.get(&hash).is_some_and(|seen| seen.asked_at > asked_at) {
            return;
        }
        if seen.len() >= limits::KEYS_BELIEVED {
            seen.retain(|_, seen| seen.asked_at + limits::KEY_BELIEVED > asked_at);
        }
        if seen.len() < limits::KEYS_BELIEVED {
            seen.insert(hash, Seen { key, asked_at, renewing: AtomicBool::new(false) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;

    fn key(name: &str) -> ApiKey {
        let (name, scopes, created_at) = (name.to_owned(), vec!["check".to_owned()], DateTime::UNIX_EPOCH);
        ApiKey { id: name.clone(), name, scopes, created_at, expires_at: None, revoked_at: None }
    }

    fn hash(number: u32) -> Hash {
        let mut hash = [0; 32];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        hash
    }

    #[test]
    fn a_key_is_believed_for_a_second_and_looked_up_again_once_before_that() {
        let (recent, began) = (Recent::default(), Instant::now());
        let after = |share: u32| began + limits::KEY_BELIEVED * share / 100;
        let crm = Arc::new(key("crm"));
        recent.keep(hash(1), Some(Arc::clone(&crm)), began);
        assert_eq!(recent.recall(&hash(1), after(49)), Some(Recalled::Fresh(Arc::clone(&crm))));
        assert_eq!(recent.recall(&hash(1), after(50)), Some(Recalled::Ageing(Arc::clone(&crm))));
        assert_eq!(recent.recall(&hash(1), after(99)), Some(Recalled::Fresh(Arc::clone(&crm))), "one look-up will do");
        assert_eq!(recent.recall(&hash(1), after(100)), None);
        recent.keep(hash(1), Some(Arc::clone(&crm)), after(60));
        assert_eq!(recent.recall(&hash(1), after(159)), Some(Recalled::Ageing(crm)));
        assert!(limits::KEY_BELIEVED <= Duration::from_secs(1), "which is what revocation promises");
    }

    #[test]
    fn a_revoked_or_unknown_key_is_forgotten_and_a_late_answer_makes_no_key_younger() {
        let (recent, began) = (Recent::default(), Instant::now());
        let later = began + limits::KEY_BELIEVED / 2;
        for gone in [None, Some(ApiKey { revoked_at: Some(DateTime::UNIX_EPOCH), ..key("crm") })] {
            recent.keep(hash(1), Some(Arc::new(key("crm"))), began);
            recent.keep(hash(1), gone.map(Arc::new), began);
            assert_eq!(recent.recall(&hash(1), began), None);
        }
        recent.keep(hash(1), Some(Arc::new(key("new"))), later);
        recent.keep(hash(1), Some(Arc::new(key("old"))), began);
        assert_eq!(recent.recall(&hash(1), later), Some(Recalled::Fresh(Arc::new(key("new")))));
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_keys() {
        let (recent, began) = (Recent::default(), Instant::now());
        for number in 0..=limits::KEYS_BELIEVED as u32 {
            recent.keep(hash(number), Some(Arc::new(key("crm"))), began);
        }
        assert_eq!(recent.0.read().unwrap().len(), limits::KEYS_BELIEVED);
        recent.keep(hash(u32::MAX), Some(Arc::new(key("crm"))), began + limits::KEY_BELIEVED);
        assert_eq!(recent.0.read().unwrap().len(), 1, "those that are too old make room");
    }
}
