//! How much long work each key has under way: one caller must not take the service from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consent_store::ApiKey;

use crate::error::{Kind, Problem};
use crate::limits;

/// The long work of this process, by id of the key. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Shares(Arc<Mutex<HashMap<String, usize>>>);

/// Leave to do one piece of long work; it ends when this is dropped.
pub struct Share {
    of: Shares,
    id: String,
}

impl Shares {
    /// Leave for one batch, scrub or export more, if the key has few enough of them.
    pub(super) fn take(&self, key: &ApiKey) -> Result<Share, Problem> {
        let mut busy = self.lock();
        let under_way = busy.entry(key.id.clone()).or_default();
        if *under_way >= limits::LONG_WORK_A_KEY {
            let detail = format!("a key may have {} batches, scrubs and exports at a time", limits::LONG_WORK_A_KEY);
            return Err(Problem::new(Kind::TooMany, detail));
        }
        *under_way += 1;
        Ok(Share { of: self.clone(), id: key.id.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut busy = self.of.lock();
        match busy.get_mut(&self.id) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            _ => drop(busy.remove(&self.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn key(id: &str) -> ApiKey {
        let (name, created_at) = (String::new(), DateTime::UNIX_EPOCH);
        ApiKey { id: id.to_owned(), name, scopes: Vec::new(), created_at, expires_at: None, revoked_at: None }
    }

    #[test]
    fn a_key_has_so_much_under_way_and_no_other_key_is_in_its_way() {
        let shares = Shares::default();
        let mut taken: Vec<_> = (0..limits::LONG_WORK_A_KEY).map(|_| shares.take(&key("a")).unwrap()).collect();
        assert_eq!(shares.take(&key("a")).err().unwrap().body().status, 429);
        let other = shares.take(&key("b")).unwrap();
        taken.pop();
        taken.push(shares.take(&key("a")).unwrap());
        drop((taken, other));
        assert!(shares.lock().is_empty(), "nothing is kept of those who have ended");
    }
}
