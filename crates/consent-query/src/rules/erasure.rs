//! Rule 3: of somebody who was erased nothing is known until they come back by themselves.

use consent_core::scope::PurposeClass;
use smallvec::smallvec;

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
    gone.map_or(Verdict::Silent, |erased| Objection::permanent(Reason::Erased, smallvec![erased.cited]).into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::stories::{OTHER_PHONE, PHONE, grant, judge_all, profile, question, reply, with};

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
        let pending = event(6, with(&grant(), json!({"double_opt_in": true})));
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
            ("agreed, to be confirmed", erased(&[pending]), mail("security"), &["ERASED"]),
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

    #[test]
    fn an_erasure_takes_what_the_same_person_did_before_and_nothing_else() {
        const ANSWER: &[&str] = &["REPLY_TO_CONSUMER_REQUEST"];
        let erasure = |day, whom: Value| event(day, with(&json!({"type": "erasure_completed"}), whom));
        let wrote = |day| event(day, reply("What does the small one cost?"));
        let of_b = || json!({"subject": "B", "phone": PHONE});
        let elsewhere = || json!({"subject": "B", "phone": OTHER_PHONE});
        let answer = || with(&question(), json!({"purpose": "inquiry_reply", "at": "2026-11-05T17:00:00Z"}));
        let canadian = |day| event(day, with(&profile(), json!({"country": "CA", "phone": "+14165550123"})));
        let bought = |day| event(day, json!({"type": "purchase"}));
        let by_mail = || with(&question(), json!({"channel": "email"}));
        judge_all(vec![
            ("wrote", vec![profile(), wrote(2)], answer(), ANSWER),
            (
                "wrote before",
                vec![profile(), wrote(2), erasure(3, json!({})), event(4, profile())],
                answer(),
                &["NO_CONSENT"],
            ),
            ("wrote after", vec![profile(), erasure(1, json!({})), event(2, profile()), wrote(3)], answer(), ANSWER),
            ("wrote before somebody else", vec![profile(), wrote(2), erasure(3, elsewhere())], answer(), ANSWER),
            (
                "agreed before one who has the number",
                vec![profile(), grant(), erasure(3, of_b())],
                question(),
                &["CONSENT_EXPRESS_WRITTEN"],
            ),
            (
                "agreed after",
                vec![profile(), erasure(2, json!({})), event(3, grant())],
                question(),
                &["CONSENT_EXPRESS_WRITTEN"],
            ),
            (
                "bought before",
                vec![canadian(1), bought(2), erasure(3, json!({})), canadian(4)],
                by_mail(),
                &["NO_CONSENT"],
            ),
            ("bought after", vec![canadian(1), erasure(2, json!({})), bought(3)], by_mail(), &["CONSENT_IMPLIED"]),
            (
                "bought before one who has the number",
                vec![canadian(1), bought(2), erasure(3, json!({"subject": "B"}))],
                by_mail(),
                &["CONSENT_IMPLIED"],
            ),
        ]);
    }
}
