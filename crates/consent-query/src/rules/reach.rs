//! Rule 9: an address that reaches nobody, or somebody else by now.

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use smallvec::smallvec;

use super::{Objection, Verdict, consent, notice};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::Grant;

pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    [reassigned(matter), undeliverable(matter)].into_iter().flatten().collect()
}

/// The number went out of service on or after the day of the consent (47 CFR 64.1200(m), 84 FR 11226): its next
/// holder agreed to nothing. A consent given later counts. Without one, the number has to be given again, and even
/// then whatever needs a consent rests on one that is gone.
fn reassigned(matter: &Matter<'_>) -> Option<Objection> {
    let (gone, to) = matter.disconnected().zip(matter.contact())?;
    let is_fresh = |at: DateTime<Utc>| at.date_naive() > gone.what;
    let covers = |grant: &Grant| grant.flaw.is_none() && grant.covers(matter.asked.channel, matter.asked.purpose);
    if matter.given().any(|grant| is_fresh(grant.at) && covers(grant)) {
        return None;
    }
    let needs_consent = || notice::judge(matter) == Verdict::Silent && consent::judge(matter) != Verdict::Silent;
    let took_consent = matter.given().any(|grant| !is_fresh(grant.at)) && needs_consent();
    let objection = || Objection::permanent(Reason::NumberReassigned, smallvec![gone.cited]);
    (took_consent || !is_given_again(matter, to, is_fresh)).then(objection)
}

/// What was sent there came back for good. Only the person giving the same address again ends this.
fn undeliverable(matter: &Matter<'_>) -> Option<Objection> {
    let to = matter.contact()?;
    let here = matter.standing.facts().unreachable.iter().filter(|fact| fact.about.contains(to));
    let last = here.filter(|fact| fact.what.contains(&matter.asked.channel)).max_by_key(|fact| fact.at)?;
    let objection = || Objection::permanent(Reason::AddressUndeliverable, smallvec![last.cited]);
    (!is_given_again(matter, to, |at| at > last.at)).then(objection)
}

/// Whether the person gave this address at such a time: a profile or a consent that can count names it.
fn is_given_again(matter: &Matter<'_>, to: &Identity, since: impl Fn(DateTime<Utc>) -> bool) -> bool {
    let in_profile = matter.profiles().any(|profile| since(profile.at) && profile.about.contains(to));
    let names = |grant: &Grant| since(grant.at) && grant.flaw.is_none() && grant.named.contains(to);
    in_profile || matter.given().any(names)
}

#[cfg(test)]
mod tests;
