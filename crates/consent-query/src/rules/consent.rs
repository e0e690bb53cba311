//! Rule 14: the consent that jurisdiction, channel and purpose require, or what may take its place.

use smallvec::smallvec;

use super::{Objection, Required, Verdict};
use crate::decision::Evidence;
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::{Confirmation, Grant};

/// Objects where a jurisdiction is not satisfied; of the consents that fail, the one nearest to sufficing gives the
/// reason.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let required = matter.required();
    let unmet = required.iter().find(|one| sufficient(matter, one).is_none() && matter.exempt(one).is_none());
    let Some(unmet) = unmet else { return Verdict::Silent };
    let short = matter.candidates().filter_map(|grant| Some((shortfall(grant, matter, unmet)?, grant)));
    let nearest =
        short.min_by_key(|(reason, grant)| (distance(*reason), std::cmp::Reverse((grant.at, grant.cited.seq))));
    let over = matter.was_exempt(unmet).map(|claim| claim.cited.into_iter().collect::<Evidence>());
    let objection = match (nearest, over) {
        (Some((Reason::ConsentUnconfirmed, grant)), _) => {
            Objection::permanent(Reason::ConsentUnconfirmed, smallvec![grant.cited])
        }
        (_, Some(relations)) => Objection::permanent(Reason::ConsentExpired, relations),
        (Some((reason, grant)), None) => Objection::permanent(reason, smallvec![grant.cited]),
        (None, None) => Objection::permanent(Reason::NoConsent, Evidence::new()),
    };
    Objection { source: Some(unmet.source.clone()), words: Some(unmet.into()), ..objection }.into()
}

/// The best consent that suffices: the most explicit; of those the one that lasts longest, then the latest.
pub(super) fn sufficient<'a>(matter: &Matter<'a>, required: &Required<'_>) -> Option<&'a Grant> {
    let suffices = |grant: &&Grant| shortfall(grant, matter, required).is_none();
    matter.candidates().filter(suffices).max_by_key(|grant| {
        let lasts = (grant.expires_at.is_none(), grant.expires_at);
        (matter.worth(grant), lasts, grant.at, grant.cited.seq)
    })
}

/// What is missing of a consent; if several things are, the one that is hardest to mend.
fn shortfall(grant: &Grant, matter: &Matter<'_>, required: &Required<'_>) -> Option<Reason> {
    let asked = matter.asked;
    [
        (!grant.channels.contains(&asked.channel)).then_some(Reason::ConsentChannelNotCovered),
        (!grant.purposes.contains(&asked.purpose)).then_some(Reason::ConsentPurposeNotCovered),
        grant.flaw,
        (matter.worth(grant) < required.level).then_some(Reason::ConsentInsufficient),
        grant.is_over(matter.now).then_some(Reason::ConsentExpired),
        (grant.confirmation == Confirmation::Pending).then_some(Reason::ConsentUnconfirmed),
    ]
    .into_iter()
    .flatten()
    .next()
}

/// How far a consent with this shortfall is from sufficing.
fn distance(shortfall: Reason) -> u8 {
    match shortfall {
        Reason::ConsentUnconfirmed => 0,
        Reason::ConsentExpired => 1,
        Reason::ConsentInsufficient => 2,
        Reason::ConsentUnproven => 3,
        Reason::ConsentInvalid => 4,
        Reason::ConsentPurposeNotCovered => 5,
        _ => 6,
    }
}

#[cfg(test)]
mod relations;
#[cfg(test)]
mod tests;
