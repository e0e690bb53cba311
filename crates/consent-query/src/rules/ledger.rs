//! Rule 2: where an opt-out could have gone unseen, the answer is no.

use super::{Intake, Objection, Verdict, Words};
use crate::decide::Known;
use crate::decision::Evidence;
use crate::reason::Reason;

pub(super) fn judge(intake: &Intake<'_>) -> Verdict {
    let Known::Unavailable(cause) = intake.known else { return Verdict::Silent };
    let objection = Objection::permanent(Reason::LedgerUnavailable, Evidence::new());
    Objection { words: Some(Words::Ledger(*cause)), ..objection }.into()
}
