//! Rule 10: a withdrawal stands until an explicit consent, given later, outranks it.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use smallvec::{SmallVec, smallvec};

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::{Origin, Withdrawal};

/// The latest certain withdrawal gives the reason; those that wait for a person to decide come after all of them. Of
/// somebody who was forgotten and came back, rule 14 says what is missing.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let speaks = |one: &&Withdrawal| one.origin != Origin::Forgotten;
    // Of several with one reason the first says all that the others would.
    let mut weightiest: SmallVec<[&Withdrawal; REASONS]> = SmallVec::new();
    for one in matter.unlifted().iter().copied().filter(|one| speaks(one)) {
        match weightiest.iter_mut().find(|known| known.reason == one.reason) {
            Some(known) if weight(one) < weight(known) => *known = one,
            Some(_) => {}
            None => weightiest.push(one),
        }
    }
    weightiest.sort_by_key(|one| weight(one));
    weightiest.into_iter().map(|one| Objection::permanent(one.reason, smallvec![one.cited])).collect()
}

/// How many reasons a withdrawal may have.
const REASONS: usize = 6;

/// The less, the weightier.
fn weight(one: &Withdrawal) -> (bool, Reverse<DateTime<Utc>>, Reason, u64) {
    (!one.is_certain(), Reverse(one.at), one.reason, one.cited.seq)
}

#[cfg(test)]
mod settled;
#[cfg(test)]
mod tests;
