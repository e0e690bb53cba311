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
    fn no_byte_is_given_twice_nor_kept() {
        let mut stock = Stock { bytes: Zeroizing::new((1..=AT_ONCE as u32).map(|n| n as u8).collect()), used: 0 };
        assert_eq!(stock.take::<4>().unwrap(), [1, 2, 3, 4]);
        assert_eq!(stock.take::<3>().unwrap(), [5, 6, 7]);
        assert!(stock.bytes[..8] == [0, 0, 0, 0, 0, 0, 0, 8]);
    }

    #[test]
    fn a_new_stock_is_fetched_when_one_is_used_up() {
        let (mut stock, mut given) = (Stock::default(), HashSet::new());
        assert!((0..AT_ONCE).all(|_| given.insert(stock.take::<32>().unwrap())));
    }
}
