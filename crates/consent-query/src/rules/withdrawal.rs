//! Rule 10: a withdrawal stands until an explicit consent, given later, outranks it.

use std::cmp::Reverse;

use super::{Objection, Verdict};
use crate::matter::Matter;

/// The latest certain withdrawal gives the reason; those that wait for a person to decide come after all of them.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let mut standing = matter.unlifted().to_vec();
    standing.sort_by_key(|one| (!one.is_certain(), Reverse(one.at), one.reason, one.cited.seq));
    standing.into_iter().map(|one| Objection::permanent(one.reason, vec![one.cited])).collect()
}

#[cfg(test)]
mod tests;
