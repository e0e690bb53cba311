//! Long work that lets others have their turn.
//!
//! Lists and batches share a worker with single questions. Whoever works long asks [`Turns::next`] now and then; after a
//! slice of time it lets go. If no single question was answered meanwhile it goes on at once and has lost nothing; else it
//! rests for longer than it worked, so that most of the time is theirs. Time alone does not tell: a worker that sends
//! what the long work wrote is busy with nobody else.
//!
//! Work of other threads, piece after piece, takes the processor from whoever answers questions without being seen on
//! the worker. Whoever waits for the pieces asks [`Rests::behind`] after each.
//!
//! Who rests sleeps, so that its worker and the rest of the machine are free, if for a millisecond longer than is due:
//! the clock of the runtime knows nothing finer.

use std::cell::Cell;
use std::mem;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::limits::{PIECE, QUESTION, TURN, TURN_SHARE};

thread_local! {
    /// Single questions that this worker has answered.
    static ANSWERED: Cell<u64> = const { Cell::new(0) };
}

/// Notes that a single question is being answered.
pub(super) fn answering() {
    ANSWERED.set(ANSWERED.get().wrapping_add(1));
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
        let before = ANSWERED.get();
        tokio::task::yield_now().await;
        if ANSWERED.get() != before {
            sleep(worked * TURN_SHARE).await;
        }
        self.begin();
    }
}

/// Work in pieces that other threads have a part in.
#[derive(Debug)]
pub struct Rests {
    /// What this worker had answered when the piece began.
    answered: u64,
}

impl Default for Rests {
    fn default() -> Self {
        Self { answered: ANSWERED.get() }
    }
}

impl Rests {
    /// Rests behind a piece that took so long: for longer than that if this worker answered many questions since the
    /// one before, for less if they were few, not at all if there was none. Says whether it did.
    pub async fn behind(&mut self, took: Duration) -> bool {
        let answered = ANSWERED.get();
        let questions = answered.wrapping_sub(mem::replace(&mut self.answered, answered));
        if questions > 0 {
            let enough = u32::try_from(questions).map_or(Duration::MAX, |questions| QUESTION.saturating_mul(questions));
            sleep((took.min(PIECE) * TURN_SHARE).min(enough)).await;
        }
        questions > 0
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    /// Has somebody else at work beside long work whose slice takes so long; returns how long that rests.
    async fn rest_after(worked: Duration, others: impl FnOnce() + 'static) -> (Duration, bool) {
        let had = Rc::new(Cell::new(false));
        let theirs = Rc::clone(&had);
        let long = async move {
            spawn_local(async move {
                others();
                theirs.set(true);
            });
            let left = Instant::now();
            Turns { began: left - worked }.next().await;
            (left.elapsed(), had.get())
        };
        LocalSet::new().run_until(long).await
    }

    #[tokio::test]
    async fn others_have_their_turn_when_the_slice_is_over_and_not_before() {
        assert!(rest_after(TURN, || ()).await.1);
        let mut turns = Turns { began: Instant::now() + TURN };
        assert_eq!(futures_util::FutureExt::now_or_never(turns.next()), Some(()), "it lets go too soon");
    }

    #[tokio::test]
    async fn who_answers_questions_gets_the_greater_share_and_whoever_else_works_gets_none() {
        let worked = Duration::from_secs(1);
        assert!(rest_after(worked / 10, answering).await.0 >= worked / 10 * TURN_SHARE);
        assert!(rest_after(worked, || ()).await.0 < worked, "it rests although nobody asks");
    }

    #[tokio::test]
    async fn pieces_come_one_behind_the_other_unless_somebody_asks() {
        let mut rests = Rests::default();
        let mut rest = async |took| {
            let left = Instant::now();
            (rests.behind(took).await, left.elapsed())
        };
        let quiet = rest(PIECE).await;
        assert!(!quiet.0 && quiet.1 < PIECE * TURN_SHARE, "it rests although nobody asks");
        answering();
        let few = rest(PIECE).await;
        assert!(few.0 && few.1 >= QUESTION && few.1 < PIECE * TURN_SHARE, "one question is none of many");
        let many = || (0..1_000).for_each(|_| answering());
        many();
        let asked = rest(PIECE / 10).await;
        assert!(asked.0 && asked.1 >= PIECE / 10 * TURN_SHARE);
        assert!(!rest(PIECE).await.0, "it rests although nobody asks any more");
        many();
        assert!(rest(PIECE * 100).await.1 < PIECE * 100, "one slow caller makes it rest for ever");
    }
}
