//! How much long work each key has under way: one caller must not take the service from the others.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use consent_store::ApiKey;
use tokio::time::{Instant, sleep_until};

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
    /// Leave for one batch, scrub, export or import more, if the key has few enough of them.
    pub(super) fn take(&self, key: &ApiKey) -> Result<Share, Problem> {
        let mut busy = self.lock();
        let under_way = busy.entry(key.id.clone()).or_default();
        if *under_way >= limits::LONG_WORK_A_KEY {
            let detail =
                format!("a key may have {} batches, scrubs, exports and imports at a time", limits::LONG_WORK_A_KEY);
            return Err(Problem::new(Kind::TooMany, detail));
        }
        *under_way += 1;
        Ok(Share { of: self.clone(), id: key.id.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to do long work for as long as somebody takes what it makes. Who sends a long list and reads nothing meanwhile
/// waits for ever, and so does the work, which nobody asks to go on: it cannot see by itself that it stands.
pub struct Lease(Rc<Leased>);

struct Leased {
    share: RefCell<Option<Share>>,
    /// When something was taken last.
    taken: Cell<Instant>,
}

impl Share {
    /// Gives the leave back once nothing was taken for too long. For tasks of a web worker.
    pub fn while_taken(self) -> Lease {
        let leased = Rc::new(Leased { share: RefCell::new(Some(self)), taken: Cell::new(Instant::now()) });
        let watched = Rc::downgrade(&leased);
        actix_web::rt::spawn(async move {
            while let Some(end) = watched.upgrade().map(|leased| leased.taken.get() + limits::TAKEN) {
                sleep_until(end).await;
                if let Some(leased) = watched.upgrade().filter(|leased| leased.taken.get() + limits::TAKEN <= end) {
                    drop(leased.share.take());
                    return;
                }
            }
        });
        Lease(leased)
    }
}

impl Lease {
    /// Something is taken. An error if the leave was given back: the work is not gone on with.
    pub fn take(&self) -> Result<(), Problem> {
        self.0.taken.set(Instant::now());
        let is_ours = self.0.share.borrow().is_some();
        is_ours.then_some(()).ok_or_else(|| Problem::new(Kind::Slow, "the answer was not read in time"))
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

    #[actix_web::test]
    async fn who_takes_nothing_for_long_gives_the_leave_back() {
        tokio::time::pause();
        let shares = Shares::default();
        let lease = shares.take(&key("a")).unwrap().while_taken();
        for _ in 0..3 {
            tokio::time::sleep(limits::TAKEN * 2 / 3).await;
            assert!(lease.take().is_ok() && !shares.lock().is_empty());
        }
        tokio::time::sleep(limits::TAKEN * 4 / 3).await;
        assert!(shares.lock().is_empty(), "it is held for whoever reads nothing");
        assert_eq!(lease.take().unwrap_err().body().status, 408);
        drop(shares.take(&key("a")).unwrap().while_taken());
        assert!(shares.lock().is_empty(), "it is held after its end");
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
