//! Rule 7: data under restriction is stored and used for nothing (GDPR Art 18(2), policy P41).

use smallvec::smallvec;

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;

/// In force from its start until a lift of which the person was told before (GDPR Art 18(3)).
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let active = matter.standing.facts().restricted.iter().filter(|fact| matter.concerns(fact) && fact.what.is_none());
    active.map(|fact| Objection::permanent(Reason::ProcessingRestricted, smallvec![fact.cited])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::stories::{PHONE, grant, judge_all, profile, question, with};

    fn on(day: u32, kind: &str, ground: Option<&str>) -> Value {
        with(&json!({"type": kind, "at": format!("2026-11-{day:02}T09:00:00Z")}), json!({"ground": ground}))
    }

    fn after(steps: &[Value]) -> Vec<Value> {
        [&[profile(), grant()], steps].concat()
    }

    #[test]
    fn a_restriction_ends_with_a_lift_that_was_announced() {
        const STANDS: &[&str] = &["PROCESSING_RESTRICTED"];
        const ENDED: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
        let start = |day| on(day, "restriction_started", None);
        let notice = |day| on(day, "restriction_lift_notified", None);
        let lift = |day| on(day, "restriction_lifted", None);
        let of_b = |event: Value| with(&event, json!({"subject": "B"}));
        let asked = || {
            json!({"type": "rights_request", "right": "restriction", "identity_verified": true,
            "at": "2026-11-01T09:00:00Z"})
        };
        let refused = on(2, "rights_request_refused", None);
        let stop = json!({"type": "withdrawal_request", "scope": "sms", "at": "2026-11-03T09:00:00Z"});
        judge_all(vec![
            ("started", after(&[start(2)]), question(), STANDS),
            ("lifted without notice", after(&[start(2), lift(4)]), question(), STANDS),
            ("noticed only", after(&[start(2), notice(3)]), question(), STANDS),
            ("noticed, then lifted", after(&[start(2), notice(3), lift(4)]), question(), ENDED),
            ("asked for", after(&[asked()]), question(), &["REQUEST_PENDING_VERIFICATION"]),
            ("asked for and refused", after(&[asked(), refused]), question(), ENDED),
            ("asked for before", after(&[asked(), start(2), notice(3), lift(4)]), question(), ENDED),
            ("noticed when lifted", after(&[start(2), notice(4), lift(4)]), question(), STANDS),
            ("lifted before the notice", after(&[start(2), lift(3), notice(4)]), question(), STANDS),
            ("noticed as it began", after(&[start(2), notice(2), lift(4)]), question(), STANDS),
            ("noticed to somebody else", after(&[start(2), of_b(notice(3)), lift(4)]), question(), STANDS),
            ("lifted for somebody else", after(&[start(2), notice(3), of_b(lift(4))]), question(), STANDS),
            ("notice of an earlier one", after(&[notice(1), start(2), lift(4)]), question(), STANDS),
            ("started again", after(&[start(2), notice(3), lift(4), start(5)]), question(), STANDS),
            ("withdrawn meanwhile", after(&[start(2), stop, notice(4), lift(5)]), question(), &["OPTED_OUT_CHANNEL"]),
        ]);
    }

    #[test]
    fn a_restriction_is_lifted_by_its_own_ground() {
        let lift = |ground| {
            after(&[
                on(2, "restriction_started", Some("accuracy")),
                on(3, "restriction_lift_notified", ground),
                on(4, "restriction_lifted", ground),
            ])
        };
        judge_all(vec![
            ("the same", lift(Some("accuracy")), question(), &["CONSENT_EXPRESS_WRITTEN"]),
            ("none named", lift(None), question(), &["CONSENT_EXPRESS_WRITTEN"]),
            ("another", lift(Some("unlawful")), question(), &["PROCESSING_RESTRICTED"]),
        ]);
    }

    #[test]
    fn a_restriction_forbids_every_use_but_emergencies_and_answers_due_by_law() {
        let restricted = || after(&[on(2, "restriction_started", None)]);
        let asked = |channel: &str, purpose: &str| with(&question(), json!({"channel": channel, "purpose": purpose}));
        let by_number = with(&question(), json!({"subject": "nobody", "phone": PHONE}));
        judge_all(vec![
            ("service mail", restricted(), asked("email", "maintenance"), &["PROCESSING_RESTRICTED"]),
            ("notice of a policy", restricted(), asked("email", "policy_change_notice"), &["PROCESSING_RESTRICTED"]),
            ("by number", restricted(), by_number.clone(), &["PROCESSING_RESTRICTED"]),
            (
                "by a number that only the restriction of somebody else names",
                after(&[with(&on(2, "restriction_started", None), json!({"subject": "B", "phone": PHONE}))]),
                by_number,
                &["PROCESSING_RESTRICTED"],
            ),
            ("emergency", restricted(), asked("sms", "emergency"), &["EMERGENCY"]),
            ("answer", restricted(), asked("email", "rights_response"), &["LEGAL_NOTICE"]),
            (
                "somebody else",
                restricted(),
                with(
                    &asked("email", "support"),
                    json!({"subject": "B",
                "email": "b@example.com"}),
                ),
                &["TRANSACTIONAL_RELATIONSHIP"],
            ),
        ]);
    }
}
