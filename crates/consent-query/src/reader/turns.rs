//! Long work that lets others have their turn.
//!
//! Lists and batches share a worker with single questions. Whoever works long asks [`Turns::next`] now and then; after a
//! slice of time it lets go. If no single question was answered meanwhile it goes on at once and has lost nothing; else it
//! rests for longer than it worked, so that most of the time is theirs. Time alone does not tell: a worker that sends
//! what the long work wrote is busy with nobody else.
//!
//! Work of other threads, piece after piece, takes the processor from whoever answers questions without being seen on
//! the worker. Whoever takes the pieces asks [`Rests::next`] after each.

use std::cell::Cell;
use std::mem;
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{PIECE, TURN, TURN_SHARE};

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
        let (left, before) = (Instant::now(), ANSWERED.get());
        tokio::task::yield_now().await;
        if ANSWERED.get() != before {
            while left.elapsed() < worked * TURN_SHARE {
                tokio::task::yield_now().await;
            }
        }
        self.begin();
    }
}

/// Pieces that other threads make ahead.
#[derive(Debug)]
pub struct Rests {
    began: Instant,
    /// What a piece takes, as far as the first one tells: those after it are made while others are taken.
    piece: Option<Duration>,
    answered: u64,
}

impl Default for Rests {
    fn default() -> Self {
        Self { began: Instant::now(), piece: None, answered: ANSWERED.get() }
    }
}

impl Rests {
    /// Rests behind a piece, for longer than one takes, if this worker answered questions since the one before.
    pub async fn next(&mut self) {
        let piece = *self.piece.get_or_insert_with(|| self.began.elapsed().min(PIECE));
        let answered = ANSWERED.get();
        if mem::replace(&mut self.answered, answered) != answered {
            tokio::time::sleep(piece * TURN_SHARE).await;
        }
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
        let mut rests = Rests { began: Instant::now() - PIECE, ..Rests::default() };
        let mut rest = async || {
            let left = Instant::now();
            rests.next().await;
            left.elapsed()
        };
        assert!(rest().await < PIECE * TURN_SHARE, "it rests although nobody asks");
        answering();
        assert!(rest().await >= PIECE * TURN_SHARE);
        assert!(rest().await < PIECE * TURN_SHARE, "it rests although nobody asks any more");
    }
}
