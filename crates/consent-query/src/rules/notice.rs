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
    use serde_json::json;

    use crate::stories::{judge_all, profile, question, reply, with};

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
}
