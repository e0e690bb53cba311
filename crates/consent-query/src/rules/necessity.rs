//! Rules 5 and 6: danger to somebody's safety, and answers that the law requires.

use consent_core::scope::Purpose;

use super::{Allowance, Verdict};
use crate::decision::Evidence;
use crate::matter::Matter;
use crate::reason::Reason;

/// Rule 5 (47 CFR 64.1200(a)(1), policy P28).
pub(super) fn emergency(matter: &Matter<'_>) -> Verdict {
    allow(matter, Purpose::Emergency, Reason::Emergency)
}

/// Rule 6 (GDPR Art 12(3)).
pub(super) fn rights_response(matter: &Matter<'_>) -> Verdict {
    allow(matter, Purpose::RightsResponse, Reason::LegalNotice)
}

fn allow(matter: &Matter<'_>, purpose: Purpose, reason: Reason) -> Verdict {
    if matter.asked.purpose != purpose {
        return Verdict::Silent;
    }
    Verdict::Allow(Allowance::lasting(reason, Evidence::new()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::stories::{grant, judge_all, profile, question, reply, with};

    #[test]
    fn danger_and_answers_due_by_law_outrank_what_was_withdrawn_or_restricted() {
        let on = |channel: &str, purpose: &str| with(&question(), json!({"channel": channel, "purpose": purpose}));
        let restricted = json!({"type": "restriction_started", "at": "2026-11-01T00:00:00Z"});
        let all = json!({"type": "withdrawal_request", "at": "2026-11-02T00:00:00Z"});
        let known = || vec![profile(), grant(), restricted.clone(), all.clone(), reply("STOP")];
        judge_all(vec![
            ("emergency by text", known(), on("sms", "emergency"), &["EMERGENCY"]),
            ("emergency by telephone", known(), on("voice", "emergency"), &["EMERGENCY"]),
            ("answer by mail", known(), on("email", "rights_response"), &["LEGAL_NOTICE"]),
            ("answer by letter", known(), on("postal", "rights_response"), &["LEGAL_NOTICE"]),
            ("of somebody unknown", vec![], on("email", "rights_response"), &["LEGAL_NOTICE"]),
        ]);
    }
}
