//! Rule 13: the national do-not-call list.

use chrono::{DateTime, Utc};
use consent_core::event::kinds::Level;
use smallvec::smallvec;

use super::{Objection, Verdict, consent};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::Fact;

/// A number on the list is dialled for marketing only with written permission (47 CFR 64.1200(c)(2)(ii)), or within
/// an established business relationship ((f)(5)). When such a relationship allows is said by rule 16.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    let Some(listing) = listed(matter) else { return Verdict::Silent };
    if has_written_permission(matter) || matter.business_relationship().is_some() {
        return Verdict::Silent;
    }
    Objection::permanent(Reason::NationalDnc, smallvec![listing.cited]).into()
}

/// The entry that puts the number to be dialled on the list. On a tie the entry stands.
pub(super) fn listed<'a>(matter: &Matter<'a>) -> Option<&'a Fact<bool>> {
    latest(matter).filter(|fact| fact.what)
}

/// When the word that the number to be dialled is off the list becomes too old to rest on unasked (16 CFR
/// 310.4(b)(3)(iv)): an allow ends there, and is asked for anew.
pub(super) fn known_until(matter: &Matter<'_>) -> Option<DateTime<Utc>> {
    let off = latest(matter).filter(|fact| !fact.what)?;
    let end = off.at.checked_add_signed(matter.rules.limit("national-dnc-list", matter.now)?.delta())?;
    (matter.now < end).then_some(end)
}

fn latest<'a>(matter: &Matter<'a>) -> Option<&'a Fact<bool>> {
    let to = matter.contact().filter(|_| matter.is_live_sales_call())?;
    let of_number = matter.standing.facts().listed.iter().filter(|fact| fact.about.contains(to));
    of_number.max_by_key(|fact| (fact.at, fact.what))
}

/// Whether a signed agreement names the number.
pub(super) fn has_written_permission(matter: &Matter<'_>) -> bool {
    matter.required().first().is_some_and(|required| {
        consent::sufficient(matter, required).is_some_and(|grant| matter.worth(grant) == Level::ExpressWritten)
    })
}

#[cfg(test)]
mod tests;
