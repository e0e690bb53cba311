//! A list that one appends to and all read, without a lock.

use std::sync::OnceLock;

const PAGE: usize = 1 << 10;

type Page<T> = Box<[OnceLock<T>]>;

/// A list of at most `PAGE * PAGE` items, each set once.
pub(super) struct Append<T>(Box<[OnceLock<Page<T>>]>);

impl<T> Append<T> {
    pub(super) fn new() -> Self {
        Self((0..PAGE).map(|_| OnceLock::new()).collect())
    }

    pub(super) fn get(&self, at: u32) -> Option<&T> {
        let at = at as usize;
        self.0.get(at / PAGE)?.get()?.get(at % PAGE)?.get()
    }

    /// Sets an item. What is set stays.
    pub(super) fn set(&self, at: u32, item: T) {
        let at = at as usize;
        let page = self.0.get(at / PAGE).map(|page| page.get_or_init(|| (0..PAGE).map(|_| OnceLock::new()).collect()));
        if let Some(slot) = page.and_then(|page| page.get(at % PAGE)) {
            let _ = slot.set(item);
        }
    }
}
