//! Rule 4: a child under 13 is left alone, and growing up cures nothing (COPPA, 16 CFR 312; policy P46).

use smallvec::smallvec;

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::{Profile, is_under_13};

/// Known under 13 when the profile was recorded, on any day. Only taking the profile back as a mistake ends it.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let was_child = |profile: &&Profile| profile.date_of_birth.is_some_and(|born| is_under_13(born, profile.at));
    let found = matter.profiles().find(was_child);
    found.map_or(Verdict::Silent, |profile| Objection::permanent(Reason::MinorUnder13, smallvec![profile.cited]).into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::reason::Reason;
    use crate::stories::{OTHER_PHONE, PHONE, ask, event_id, grant, judge_all, profile, question, with};

    fn born(day: &str) -> Vec<Value> {
        known("2026-09-01T12:00:00Z", day)
    }

    fn known(at: &str, born: &str) -> Vec<Value> {
        vec![with(&profile(), json!({"date_of_birth": born, "at": at})), grant()]
    }

    #[test]
    fn who_was_known_under_thirteen_on_any_day_is_left_alone() {
        const CHILD: &[&str] = &["MINOR_UNDER_13", "CONSENT_INVALID"];
        let by_mail = |purpose: &str| with(&question(), json!({"channel": "email", "purpose": purpose}));
        let grown = with(&profile(), json!({"at": "2026-11-30T12:00:00Z", "date_of_birth": "1990-01-01"}));
        judge_all(vec![
            ("eleven", born("2015-06-01"), question(), CHILD),
            ("twelve, thirteen by now", born("2013-10-01"), question(), &["MINOR_UNDER_13"]),
            ("twelve on the last day", born("2013-09-02"), question(), &["MINOR_UNDER_13"]),
            ("thirteen that day", born("2013-09-01"), question(), &["CONSENT_EXPRESS_WRITTEN"]),
            ("grown up", born("1990-06-01"), question(), &["CONSENT_EXPRESS_WRITTEN"]),
            ("ten, born on a leap day", born("2016-02-29"), question(), CHILD),
            (
                "born on a leap day, on the last day of February",
                known("2025-03-01T11:59:59Z", "2012-02-29"),
                question(),
                &["MINOR_UNDER_13"],
            ),
            (
                "born on a leap day, on the first of March",
                known("2025-03-01T12:00:00Z", "2012-02-29"),
                question(),
                &["CONSENT_EXPRESS_WRITTEN"],
            ),
            ("corrected later", [born("2015-06-01"), vec![grown]].concat(), question(), CHILD),
            ("service", born("2015-06-01"), by_mail("security"), &["MINOR_UNDER_13"]),
            ("emergency", born("2015-06-01"), by_mail("emergency"), &["MINOR_UNDER_13"]),
        ]);
    }

    #[test]
    fn a_birth_date_that_was_a_mistake_can_be_taken_back() {
        let undo = json!({"type": "event_compensated", "event_id": event_id(0), "at": "2026-11-01T12:00:00Z"});
        let again = json!({"at": "2026-09-01T12:00:00Z", "received_at": "2026-11-02T12:00:00Z"});
        let again = with(&profile(), again);
        let decision = ask(&[born("2015-06-01"), vec![undo, again]].concat(), &question());
        assert_eq!(decision.reason, Reason::ConsentExpressWritten);
    }

    #[test]
    fn the_age_of_one_person_voids_no_consent_of_another() {
        let child = |whom: Value| with(&with(&profile(), json!({"date_of_birth": "2016-01-01", "email": null})), whom);
        let anybodys = with(&grant(), json!({"subject": "nobody", "phone": PHONE}));
        let number = with(&question(), json!({"subject": "nobody", "phone": PHONE}));
        let elsewhere = child(json!({"subject": "nobody", "phone": OTHER_PHONE}));
        judge_all(vec![
            (
                "who shares the number",
                vec![profile(), child(json!({"subject": "B"})), grant()],
                question(),
                &["CONSENT_EXPRESS_WRITTEN"],
            ),
            ("of whom nobody is named", vec![elsewhere, anybodys], number, &["CONSENT_EXPRESS_WRITTEN"]),
        ]);
    }

    #[test]
    fn a_consent_given_as_a_child_is_void_whenever_the_age_is_learnt() {
        let later = with(&profile(), json!({"at": "2026-11-30T12:00:00Z", "date_of_birth": "2013-10-15"}));
        assert_eq!(ask(&[profile(), grant(), later], &question()).reason, Reason::ConsentInvalid);
    }
}
