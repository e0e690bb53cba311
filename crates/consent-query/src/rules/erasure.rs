//! Rule 3: of somebody who was erased nothing is known until they come back by themselves.

use consent_core::scope::PurposeClass;

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::Fact;

/// Notices that the law requires are excepted. A profile, a purchase, an inquiry or a proven consent that is newer
/// than the erasure ends this; the consents from before it are gone all the same.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    if matter.asked.purpose.class() == PurposeClass::Legal {
        return Verdict::Silent;
    }
    let facts = matter.standing.facts();
    let is_back = |erased: &Fact<()>| facts.alive.iter().any(|sign| sign.at > erased.at && erased.same_person(sign));
    let gone = facts.erased.iter().filter(|erased| matter.concerns(erased) && !is_back(erased)).max_by_key(|e| e.at);
    gone.map_or(Verdict::Silent, |erased| Objection::permanent(Reason::Erased, vec![erased.cited]).into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::stories::{PHONE, grant, judge_all, profile, question, reply, with};

    #[expect(clippy::needless_pass_by_value, reason = "callers write the fields in place")]
    fn event(day: u32, fields: Value) -> Value {
        with(&fields, json!({"at": format!("2026-11-{day:02}T09:00:00Z")}))
    }

    fn erased(more: &[Value]) -> Vec<Value> {
        let erasure = event(2, json!({"type": "erasure_completed"}));
        [&[profile(), grant(), erasure], more].concat()
    }

    #[test]
    fn nothing_is_sent_to_somebody_who_was_erased_until_they_come_back() {
        let mail = |purpose: &str| with(&question(), json!({"channel": "email", "purpose": purpose}));
        let back = event(5, with(&profile(), json!({})));
        let anew = event(6, grant());
        let stop = with(&reply("STOP"), json!({"at": "2026-11-10T09:00:00Z"}));
        let unproven = event(6, with(&grant(), json!({"policy_version": null})));
        let early = event(1, profile());
        judge_all(vec![
            ("marketing", erased(&[]), question(), &["ERASED", "NO_CONSENT"]),
            ("service", erased(&[]), mail("security"), &["ERASED"]),
            ("emergency", erased(&[]), mail("emergency"), &["ERASED"]),
            ("answer to a request", erased(&[]), mail("rights_response"), &["LEGAL_NOTICE"]),
            ("changed policy", erased(&[]), mail("policy_change_notice"), &["LEGAL_NOTICE"]),
            (
                "by number",
                erased(&[]),
                with(&question(), json!({"subject": "nobody", "phone": PHONE})),
                &["ERASED", "NO_CONSENT"],
            ),
            (
                "registered again: service",
                erased(std::slice::from_ref(&back)),
                mail("security"),
                &["TRANSACTIONAL_RELATIONSHIP"],
            ),
            (
                "registered again: the old consent is gone",
                erased(std::slice::from_ref(&back)),
                question(),
                &["NO_CONSENT"],
            ),
            ("agreed again", erased(&[back, anew]), question(), &["CONSENT_EXPRESS_WRITTEN"]),
            ("only said STOP", erased(&[stop]), mail("security"), &["ERASED"]),
            ("agreed without proof", erased(&[unproven]), mail("security"), &["ERASED"]),
            ("registered before", erased(&[early]), mail("security"), &["ERASED"]),
            (
                "somebody else",
                erased(&[]),
                with(&mail("security"), json!({"subject": "B", "email": "b@example.com"})),
                &["TRANSACTIONAL_RELATIONSHIP"],
            ),
        ]);
    }
}
