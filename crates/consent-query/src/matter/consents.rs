//! Which consents and withdrawals count for a question.

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::kinds::Level;
use consent_core::scope::{AddressKind, Channel, PurposeClass};

use smallvec::SmallVec;

use super::Matter;
use crate::decision::Evidence;
use crate::question::Asked;
use crate::reason::Reason;
use crate::rules::{Jurisdiction, Settings};
use crate::standing::{Grant, Origin, PointKind, Returned, Withdrawal};

impl<'a> Matter<'a> {
    /// The withdrawals that cover what is asked and bind whom it is asked about, oldest first.
    fn covering(&self) -> impl Iterator<Item = &'a Withdrawal> {
        let message = self.message();
        self.standing.withdrawals().iter().filter(move |one| one.speaks_to(message, &self.identities))
    }

    /// The covering withdrawals that no later explicit consent outranks.
    pub fn unlifted(&self) -> &[&'a Withdrawal] {
        self.unlifted.get_or_init(|| self.find_unlifted())
    }

    /// The acts that took back withdrawals which would otherwise speak against this.
    pub fn returned(&self) -> Evidence {
        let message = self.message();
        let spoke = self.standing.withdrawals().iter().filter(|one| one.spoke_to(message, &self.identities));
        let mut acts: Evidence =
            spoke.filter_map(|one| one.returned.as_ref()).map(|Returned { cited, .. }| *cited).collect();
        acts.sort_by_key(|act| act.seq);
        acts.dedup();
        acts
    }

    fn find_unlifted(&self) -> SmallVec<[&'a Withdrawal; 4]> {
        let last = self.last_outranking();
        self.covering().filter(|withdrawal| !self.is_lifted(withdrawal, last)).collect()
    }

    /// Until when every withdrawal that is lifted now stays so; for good, if absent. The last of them is outranked by
    /// the fewest consents, so the others stay lifted at least as long as it does.
    pub fn lifted_until(&self) -> Option<DateTime<Utc>> {
        // Most people never withdrew anything.
        let mut covering = self.covering().peekable();
        covering.peek()?;
        let last = self.last_outranking();
        let lifted = covering.filter(|withdrawal| self.is_lifted(withdrawal, last)).map(|one| one.at).max()?;
        let ends = self.outranking().filter(|grant| grant.at > lifted).map(|grant| grant.expires_at);
        ends.max_by_key(|end| (end.is_none(), *end)).flatten()
    }

    /// The consents that lift every withdrawal before them, if it can be lifted at all.
    fn outranking(&self) -> impl Iterator<Item = &'a Grant> {
        self.given().filter(move |grant| self.outranks(grant))
    }

    fn last_outranking(&self) -> Option<DateTime<Utc>> {
        self.outranking().map(|grant| grant.at).max()
    }

    /// Only explicit, valid and proven consent for just this, given strictly later, outranks a withdrawal.
    fn is_lifted(&self, withdrawal: &Withdrawal, last: Option<DateTime<Utc>>) -> bool {
        let objection = withdrawal.reason == Reason::ObjectionMarketing;
        let can_be = !objection || self.settings().explicit_consent_lifts_objection;
        can_be && last.is_some_and(|last| last > withdrawal.at)
    }

    /// An import never does, whatever it proves: what was on a list says nothing of what came after it was made.
    fn outranks(&self, grant: &Grant) -> bool {
        let Asked { channel, purpose, .. } = *self.asked;
        grant.is_explicit() && !grant.is_imported && grant.is_in_force(self.now) && grant.covers(channel, purpose)
    }

    /// When the person was forgotten at their own request, if nothing explicit was agreed to since.
    pub(super) fn forgotten(&self) -> Option<DateTime<Utc>> {
        let forgotten = self.unlifted().iter().filter(|one| one.origin == Origin::Forgotten);
        forgotten.map(|one| one.at).max()
    }

    /// The time of the last withdrawal that was lifted, if none stands: what was given before it is gone for good.
    /// Where one stands, it denies by itself, and what was given before tells what would be missing without it.
    pub fn renewed(&self) -> Option<DateTime<Utc>> {
        let find = || if self.unlifted().is_empty() { self.covering().map(|one| one.at).max() } else { None };
        *self.renewed.get_or_init(find)
    }

    /// The grants that may serve as a basis. Of somebody who was forgotten, only what could outrank that.
    pub fn candidates(&self) -> impl Iterator<Item = &'a Grant> {
        let ended = self.renewed();
        let is_later = move |grant: &&Grant| ended.is_none_or(|ended| grant.at > ended) && self.is_current(grant.at);
        let forgotten = self.forgotten();
        let is_anew = move |grant: &&Grant| {
            forgotten.is_none_or(|time| grant.at > time && grant.is_explicit() && !grant.is_imported)
        };
        self.given().filter(is_later).filter(is_anew)
    }

    /// Whether something of this time is later than the day on which the number last went out of service.
    pub(super) fn is_current(&self, at: DateTime<Utc>) -> bool {
        self.disconnected.is_none_or(|gone| at.date_naive() > gone.what)
    }

    /// The grants given for the address in question by whom it is asked about.
    pub fn given(&self) -> impl Iterator<Item = &'a Grant> {
        self.given.get_or_init(|| self.find_given()).iter().copied()
    }

    fn find_given(&self) -> SmallVec<[&'a Grant; 4]> {
        let given = self.standing.grants().iter().filter(|grant| match self.asked.channel.address_kind() {
            AddressKind::Phone | AddressKind::Email => self.contact.as_ref().is_some_and(|to| self.is_for(grant, to)),
            AddressKind::Other => self.is_by(grant),
        });
        given.collect()
    }

    /// Whether the grant was given for this address and has not ended with a change of hands.
    fn is_for(&self, grant: &Grant, contact: &Identity) -> bool {
        if !grant.points.contains(contact) {
            return false;
        }
        let links = self.standing.links();
        match (&grant.subject, &self.asked.subject) {
            (Some(giver), Some(asked)) => giver == asked && !links.moved_since(giver, contact, grant.at),
            // Nobody said whom the message is meant for, so it might reach a newer holder.
            (Some(giver), None) => {
                !links.moved_since(giver, contact, grant.at) && !links.another_since(giver, contact, grant.at)
            }
            (None, _) => true,
        }
    }

    /// Whether the grant is by the one person asked about, on channels whose addresses we do not know.
    fn is_by(&self, grant: &Grant) -> bool {
        match (&grant.subject, self.subjects.as_slice()) {
            (Some(giver), [only]) => giver == *only,
            (Some(_), _) => false,
            (None, _) => self.asked.identities().any(|identity| grant.points.contains(&identity)),
        }
    }

    /// What a consent is worth here. Accepting the policy is worth more in the United States: enough for messages
    /// that inform, for marketing only if a deployment says that it is a written consent (policy P03, P14).
    pub fn worth(&self, grant: &Grant) -> Level {
        let at_home = matches!(self.jurisdictions.as_slice(), [Jurisdiction::Us]);
        let level = self.settings().policy_acceptance_level;
        let counts = self.asked.purpose.class() != PurposeClass::Marketing || level == Level::ExpressWritten;
        if grant.level == Level::PolicyAcceptance && at_home && counts { level } else { grant.level }
    }

    /// The opt-outs that could be confirmed on this channel, to this address, and that nothing undid since: oldest
    /// first.
    pub fn confirmable(&self) -> SmallVec<[&'a Withdrawal; 4]> {
        let channel = self.asked.channel;
        let again = self.given().filter(|grant| agrees_anew(grant, channel, self.now)).map(|grant| grant.at).max();
        let stands = |one: &&Withdrawal| {
            let returned = one.returned.as_ref().is_some_and(|act| self.touches(&act.binds));
            !returned && again.is_none_or(|again| one.at >= again) && one.at <= self.now
        };
        let here = |one: &&Withdrawal| one.is_confirmable(channel) && self.reaches(one);
        self.standing.withdrawals().iter().filter(here).filter(stands).collect()
    }

    /// Whether an answer to this would reach whoever said it: at an address that it names or, if it names none of the
    /// kind, wherever the person it binds is asked about.
    fn reaches(&self, one: &Withdrawal) -> bool {
        let is_asked = |bound: &Identity| matches!(bound, Identity::Subject(who) if self.subjects.contains(&who));
        let by_person = || one.binds.iter().any(is_asked);
        match (&self.contact, self.asked.channel.address_kind()) {
            (_, AddressKind::Other) => by_person(),
            (None, _) => false,
            (Some(to), _) => {
                let kind = PointKind::of(to);
                let mut alike = one.named.iter().filter(|point| PointKind::of(point) == kind).peekable();
                if alike.peek().is_some() { alike.any(|point| point == to) } else { by_person() }
            }
        }
    }

    pub(super) fn settings(&self) -> &'a Settings {
        self.rules.settings()
    }
}

fn agrees_anew(grant: &Grant, channel: Channel, now: DateTime<Utc>) -> bool {
    grant.is_explicit() && grant.is_in_force(now) && grant.channels.iter().any(|one| one.family() == channel.family())
}
