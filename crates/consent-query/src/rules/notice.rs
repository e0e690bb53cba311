//! Rule 12: notices that the law requires, and service by mail and letter.

use consent_core::scope::{Channel, Purpose, PurposeClass};

use super::{Allowance, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::Cited;

/// Service needs an address that we know or that the question names (15 USC 7702(17), policy P21, P22).
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let known = matter.profiles().next_back().map(|profile| profile.cited);
    match (matter.asked.purpose, matter.asked.purpose.class(), matter.asked.channel) {
        (Purpose::PolicyChangeNotice, ..) => allow(Reason::LegalNotice, None),
        (_, PurposeClass::Service, Channel::Email) if matter.contact().is_some() => {
            allow(Reason::TransactionalRelationship, known)
        }
        (_, PurposeClass::Service, Channel::Postal) if known.is_some() => {
            allow(Reason::TransactionalRelationship, known)
        }
        _ => Verdict::Silent,
    }
}

fn allow(reason: Reason, cited: Option<Cited>) -> Verdict {
    Verdict::Allow(Allowance::lasting(reason, cited.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::reason::Reason;
    use crate::stories::{ask, grant, judge_all, profile, question, reply, time, with};

    #[test]
    fn notices_and_service_mail_need_no_consent_and_texts_do() {
        const SERVICE: &[&str] = &["TRANSACTIONAL_RELATIONSHIP"];
        let on = |channel: &str, purpose: &str| with(&question(), json!({"channel": channel, "purpose": purpose}));
        let known = || vec![profile()];
        let unsubscribed = json!({"type": "email_unsubscribe", "address": "pat@example.com",
            "at": "2026-12-01T15:00:00Z"});
        let all = json!({"type": "withdrawal_request", "at": "2026-12-01T15:00:00Z"});
        let stranger = |channel: &str| with(&on(channel, "support"), json!({"subject": "Z"}));
        judge_all(vec![
            ("notice by mail", known(), on("email", "policy_change_notice"), &["LEGAL_NOTICE"]),
            (
                "notice after all was withdrawn",
                vec![profile(), all.clone()],
                on("email", "policy_change_notice"),
                &["LEGAL_NOTICE"],
            ),
            (
                "notice by text after STOP",
                vec![profile(), reply("STOP")],
                on("sms", "policy_change_notice"),
                &["OPTED_OUT_CHANNEL"],
            ),
            ("bill by mail", known(), on("email", "billing"), SERVICE),
            ("bill by letter", known(), on("postal", "billing"), SERVICE),
            ("answer by mail", known(), on("email", "inquiry_reply"), SERVICE),
            ("after unsubscribing", vec![profile(), unsubscribed], on("email", "security"), SERVICE),
            ("after all was withdrawn", vec![profile(), all], on("email", "security"), SERVICE),
            ("by text", known(), on("sms", "billing"), &["NO_CONSENT"]),
            ("marketing by mail", known(), on("email", "updates"), &["NO_CONSENT"]),
            ("mail to nobody we know", vec![], stranger("email"), &["NO_CONSENT"]),
            ("letter to nobody we know", vec![], stranger("postal"), &["NO_CONSENT"]),
        ]);
    }

    #[test]
    fn what_needs_no_consent_ends_when_a_withdrawal_is_no_longer_lifted() {
        const SOON: &str = "2026-12-02T17:05:00Z";
        const SOONER: &str = "2026-12-02T17:04:00Z";
        const AS_ALWAYS: &str = "2026-12-02T17:15:00Z";
        let on = |day: u32, event: Value| with(&event, json!({"at": format!("2026-11-{day:02}T15:00:00Z")}));
        let refused = |day, scope: &str| on(day, json!({"type": "withdrawal_request", "scope": scope}));
        let agreed = |day, end: Option<&str>| {
            let terms = json!({"channels": ["email"], "purposes": ["support"], "level": "express", "expires_at": end});
            on(day, with(&grant(), terms))
        };
        let asked = |at: &str| with(&question(), json!({"channel": "email", "purpose": "support", "at": at}));
        let support = |day| refused(day, "support");
        for (name, more, until) in [
            ("lifted for a while", vec![support(2), agreed(3, Some(SOON))], SOON),
            ("lifted for good", vec![support(2), agreed(3, None)], AS_ALWAYS),
            ("lifted by two", vec![support(2), agreed(3, Some(SOON)), agreed(4, Some(SOONER))], SOON),
            ("lifted by two, once for good", vec![support(2), agreed(3, None), agreed(4, Some(SOON))], AS_ALWAYS),
            ("agreed for good before", vec![agreed(1, None), support(2), agreed(3, Some(SOON))], SOON),
            ("at the same instant", vec![support(2), agreed(2, None), agreed(3, Some(SOON))], SOON),
            ("withdrawn twice", vec![support(2), agreed(3, Some(SOON)), support(4), agreed(5, Some(SOONER))], SOONER),
            ("another purpose withdrawn", vec![refused(2, "updates"), agreed(3, Some(SOON))], AS_ALWAYS),
            ("nothing withdrawn", vec![agreed(3, Some(SOON))], AS_ALWAYS),
        ] {
            let events = [vec![profile()], more].concat();
            let decision = ask(&events, &asked("2026-12-02T17:00:00Z"));
            assert_eq!(decision.reason, Reason::TransactionalRelationship, "{name}");
            assert_eq!(decision.valid_until, Some(time(until)), "{name}");
            if until != AS_ALWAYS {
                assert_eq!(ask(&events, &asked(until)).reason, Reason::OptedOutPurpose, "{name}");
            }
        }
    }
}
