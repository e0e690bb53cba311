//! Rule 16: what nothing forbids, and a consent or something in its place covers, may be sent.

use chrono::{DateTime, Utc};
use consent_core::event::kinds::Level;

use super::timing;
use super::{Allowance, Exemption, Required, Verdict, consent, do_not_call};
use crate::matter::{Claim, Matter};
use crate::reason::Reason;
use crate::standing::Grant;

/// Silent without a basis for each jurisdiction: where no rule allows, the answer is no. The strictest gives the
/// reason; the earliest end of all is the end of the permission.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let required = matter.required();
    let Some((strictest, rest)) = required.split_first() else { return Verdict::Silent };
    let Some(mut allowance) = basis(matter, strictest) else { return Verdict::Silent };
    for required in rest {
        let Some(other) = basis(matter, required) else { return Verdict::Silent };
        allowance.until = earlier(allowance.until, other.until);
    }
    let timing = timing::limits(matter);
    allowance.until = earlier(allowance.until, earlier(timing.until, do_not_call::known_until(matter)));
    allowance.relied_on.extend(matter.returned());
    Verdict::Allow(Allowance { by_local_time: timing.mattered, ..allowance })
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

/// A consent or, if none suffices, what takes its place. On the national list only a written one counts before that.
fn basis<'a>(matter: &Matter<'a>, required: &Required<'a>) -> Option<Allowance> {
    let listed = do_not_call::listed(matter).is_some() && !do_not_call::has_written_permission(matter);
    let consent = if listed { None } else { consent::sufficient(matter, required) };
    match consent {
        Some(grant) => Some(by_consent(matter, grant, required)),
        None if listed => matter.business_relationship().map(|claim| by_exemption(&claim, required)),
        None => matter.exempt(required).map(|claim| by_exemption(&claim, required)),
    }
}

fn by_consent(matter: &Matter<'_>, grant: &Grant, required: &Required<'_>) -> Allowance {
    let reason = match matter.worth(grant) {
        Level::ExpressWritten => Reason::ConsentExpressWritten,
        Level::Express | Level::PolicyAcceptance => Reason::ConsentExpress,
        Level::Implied => Reason::ConsentImplied,
    };
    let source = Some(required.source.clone());
    Allowance { source, until: grant.expires_at, ..Allowance::lasting(reason, grant.cited().collect()) }
}

fn by_exemption(claim: &Claim<'_>, required: &Required<'_>) -> Allowance {
    let reason = match claim.exemption {
        Exemption::ImpliedConsent => Reason::ConsentImplied,
        Exemption::SoftOptIn => Reason::SoftOptIn,
        Exemption::BusinessRelationship => Reason::EbrExemption,
        Exemption::LegitimateInterest => Reason::LegitimateInterest,
        Exemption::AskedByText => Reason::ReplyToConsumerRequest,
    };
    let source = Some(claim.source.unwrap_or(required.source).clone());
    Allowance { source, until: claim.assured, ..Allowance::lasting(reason, claim.cited.into_iter().collect()) }
}

#[cfg(test)]
mod tests;
