//! Rule 16: what nothing forbids, and a consent or something in its place covers, may be sent.

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
    let bases: Option<Vec<Allowance>> = required.iter().map(|required| basis(matter, required)).collect();
    let Some(bases) = bases else { return Verdict::Silent };
    let timing = timing::limits(matter);
    let until =
        bases.iter().map(|basis| basis.until).chain([timing.until, do_not_call::known_until(matter)]).flatten().min();
    let Some(first) = bases.into_iter().next() else { return Verdict::Silent };
    let relied_on = [first.relied_on, matter.returned()].concat();
    Verdict::Allow(Allowance { relied_on, until, zones: timing.zones, ..first })
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
    let source = Some(required.source.to_owned());
    Allowance { reason, relied_on: grant.cited(), source, until: grant.expires_at, zones: Vec::new() }
}

fn by_exemption(claim: &Claim<'_>, required: &Required<'_>) -> Allowance {
    let reason = match claim.exemption {
        Exemption::ImpliedConsent => Reason::ConsentImplied,
        Exemption::SoftOptIn => Reason::SoftOptIn,
        Exemption::BusinessRelationship => Reason::EbrExemption,
        Exemption::LegitimateInterest => Reason::LegitimateInterest,
        Exemption::AskedByText => Reason::ReplyToConsumerRequest,
    };
    let source = Some(claim.source.unwrap_or(required.source).to_owned());
    let relied_on = claim.cited.into_iter().collect();
    Allowance { reason, relied_on, source, until: claim.assured, zones: Vec::new() }
}

#[cfg(test)]
mod tests;
