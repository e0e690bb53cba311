//! Long work that lets others have their turn.
//!
//! Lists and batches share a worker with single checks. Whoever works long asks [`Turns::next`] now and then; after a
//! slice of time it lets go. If nobody else was waiting it goes on at once and has lost nothing; if somebody used the
//! worker, it rests for longer than it worked, so that most of the time is theirs. Other long work counts as nobody.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{TURN, TURN_AT_ONCE, TURN_SHARE};

thread_local! {
    /// Time that long work has taken on this worker.
    static LONG: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Long work under way.
#[derive(Debug)]
pub struct Turns {
    /// When the slice began.
    began: Instant,
}

impl Default for Turns {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Turns {
    /// Begins a slice anew, after something was waited for.
    pub fn begin(&mut self) {
        self.began = Instant::now();
    }

    /// Lets others have their turn, if the slice is over.
    pub async fn next(&mut self) {
        let worked = self.began.elapsed();
        if worked < TURN {
            return;
        }
        LONG.set(LONG.get() + worked);
        let (left, mut rest) = (Instant::now(), Rest { worked, owed: Duration::ZERO });
        loop {
            let (before, long) = (Instant::now(), LONG.get());
            tokio::task::yield_now().await;
            let by_others = before.elapsed().saturating_sub(LONG.get() - long);
            if rest.is_over(left.elapsed(), by_others) {
                break;
            }
        }
        self.begin();
    }
}

/// The rest after some work.
struct Rest {
    worked: Duration,
    /// How long it is, as far as is known.
    owed: Duration,
}

impl Rest {
    /// Whether it is over after so long, others having used the worker for so much of the last of it.
    fn is_over(&mut self, so_far: Duration, by_others: Duration) -> bool {
        if by_others >= TURN_AT_ONCE {
            self.owed = self.owed.max(self.worked.min(by_others) * TURN_SHARE);
        }
        so_far >= self.owed
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    /// After how many turns of others the rest after a slice is over, if each takes so long.
    fn turns_of(others: Duration) -> u32 {
        let mut rest = Rest { worked: TURN, owed: Duration::ZERO };
        (1..).find(|turns| rest.is_over(others * *turns, others)).unwrap()
    }

    #[test]
    fn whoever_comes_back_at_once_rests_no_more_and_others_get_the_greater_share() {
        assert_eq!(turns_of(TURN_AT_ONCE / 2), 1);
        assert_eq!(turns_of(TURN), TURN_SHARE);
        assert_eq!(turns_of(TURN / 2), TURN_SHARE, "who needs less gets as many turns, and less time");
        assert_eq!(turns_of(TURN * 100), 1);
    }

    #[tokio::test]
    async fn others_have_their_turn_when_the_slice_is_over_and_not_before() {
        let had = Rc::new(Cell::new(false));
        let theirs = Rc::clone(&had);
        let long = async {
            spawn_local(async move { theirs.set(true) });
            Turns { began: Instant::now() + TURN }.next().await;
            assert!(!had.get());
            Turns { began: Instant::now() - TURN }.next().await;
            assert!(had.get());
        };
        LocalSet::new().run_until(long).await;
    }
}
