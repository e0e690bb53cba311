//! Rule 2: where an opt-out could have gone unseen, the answer is no.

use super::{Intake, Objection, Verdict};
use crate::decide::Known;
use crate::reason::Reason;

pub(super) fn judge(intake: &Intake<'_>) -> Verdict {
    let Known::Unavailable(cause) = intake.known else { return Verdict::Silent };
    let objection = Objection::permanent(Reason::LedgerUnavailable, Vec::new());
    Objection { words: Some(cause.words().to_owned()), ..objection }.into()
}
