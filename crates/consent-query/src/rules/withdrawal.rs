//! Rule 10: a withdrawal stands until an explicit consent, given later, outranks it.

use std::cmp::Reverse;

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::standing::{Origin, Withdrawal};

/// The latest certain withdrawal gives the reason; those that wait for a person to decide come after all of them. Of
/// somebody who was forgotten and came back, rule 14 says what is missing.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let speaks = |one: &&&Withdrawal| one.origin != Origin::Forgotten;
    let mut standing: Vec<&Withdrawal> = matter.unlifted().iter().filter(speaks).copied().collect();
    standing.sort_by_key(|one| (!one.is_certain(), Reverse(one.at), one.reason, one.cited.seq));
    standing.into_iter().map(|one| Objection::permanent(one.reason, vec![one.cited])).collect()
}

#[cfg(test)]
mod settled;
#[cfg(test)]
mod tests;
