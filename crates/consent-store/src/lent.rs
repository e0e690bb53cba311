//! A connection lent from a pool.

use std::ops::{Deref, DerefMut};

/// A pooled connection that goes back by [`Lent::give_back`] alone. If the caller goes away while a statement runs, as
/// the futures of web workers do, it is closed instead: a pool cannot look into a connection that is in use, and
/// nobody else should have to wait for that statement.
pub(crate) struct Lent<O> {
    pooled: O,
    close: Option<fn(&mut O)>,
}

impl<O> Lent<O> {
    /// Lends a connection; `close` takes it out of its pool.
    pub(crate) fn new(pooled: O, close: fn(&mut O)) -> Self {
        Self { pooled, close: Some(close) }
    }

    /// Gives it back, now that no statement runs.
    pub(crate) fn give_back(mut self) {
        self.close = None;
    }
}

impl<O> Drop for Lent<O> {
    fn drop(&mut self) {
        if let Some(close) = self.close {
            close(&mut self.pooled);
        }
    }
}

impl<O: Deref> Deref for Lent<O> {
    type Target = O::Target;
    fn deref(&self) -> &O::Target {
        &self.pooled
    }
}

impl<O: DerefMut> DerefMut for Lent<O> {
    fn deref_mut(&mut self) -> &mut O::Target {
        &mut self.pooled
    }
}
