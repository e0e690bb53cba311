//! Random bytes of the system, fetched many at a time: an event needs them in half a dozen places, and to ask the
//! system takes longer each time than all the rest of sealing.

use std::cell::RefCell;

use zeroize::{Zeroize, Zeroizing};

use crate::error::StoreError;

/// Bytes fetched at once, which is as long as they lie in memory before they are used.
const AT_ONCE: usize = 2_048;

thread_local! {
    static STOCK: RefCell<Stock> = RefCell::default();
}

/// Bytes of which the first so many were given away.
#[derive(Default)]
struct Stock {
    bytes: Zeroizing<Vec<u8>>,
    used: usize,
}

/// Bytes that nobody was given before.
pub(super) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    STOCK.with_borrow_mut(Stock::take)
}

impl Stock {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        const { assert!(N <= AT_ONCE) };
        let none = || StoreError::Keys("the system gives no random bytes".to_owned());
        if self.used + N > self.bytes.len() {
            let mut bytes = Zeroizing::new(vec![0; AT_ONCE]);
            getrandom::fill(&mut bytes).map_err(|_| none())?;
            *self = Self { bytes, used: 0 };
        }
        let taken = self.bytes.get_mut(self.used..).and_then(<[u8]>::first_chunk_mut).ok_or_else(none)?;
        let given = *taken;
        taken.zeroize();
        self.used += N;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_twice_nor_kept() {
        let mut stock = Stock::default();
        let mut given = HashSet::new();
        for _ in 0..AT_ONCE {
            assert!(given.insert(stock.take::<12>().unwrap().to_vec()));
            assert!(given.insert(stock.take::<32>().unwrap().to_vec()));
            assert!(stock.bytes[..stock.used].iter().all(|byte| *byte == 0));
        }
    }
}
