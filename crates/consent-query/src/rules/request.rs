//! Rule 1: a question that cannot be read is answered with no.

use super::{Intake, Objection, Verdict, Words};
use crate::decision::Evidence;
use crate::reason::Reason;

/// Names the fields at fault, never their values.
pub(super) fn judge(intake: &Intake<'_>) -> Verdict {
    let Err(faults) = intake.asked else { return Verdict::Silent };
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let words = Words::Faults(faults.join("; "));
    Objection { words: Some(words), ..Objection::permanent(Reason::InvalidRequest, Evidence::new()) }.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::stories::{grant, judge_all, profile, question, with};

    #[test]
    fn a_question_that_cannot_be_read_is_refused_whatever_is_known() {
        const INVALID: &[&str] = &["INVALID_REQUEST"];
        let asked = |changes| with(&question(), changes);
        let known = || vec![profile(), grant()];
        judge_all(vec![
            ("unknown channel", known(), asked(json!({"channel": "fax"})), INVALID),
            ("capitals", known(), asked(json!({"channel": "SMS"})), INVALID),
            ("unknown purpose", known(), asked(json!({"purpose": "spam"})), INVALID),
            ("number without country", known(), asked(json!({"phone": "202 555 0123"})), INVALID),
            ("empty number beside a good subject", known(), asked(json!({"phone": ""})), INVALID),
            ("no mail address", known(), asked(json!({"email": "pat@"})), INVALID),
            ("bad subject", known(), asked(json!({"subject": "a b"})), INVALID),
            ("nobody", known(), asked(json!({"subject": "nobody"})), INVALID),
        ]);
    }
}
