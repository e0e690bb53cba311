//! What may take the place of an express consent: relationships, and an interest that nobody objected to.

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::event::kinds::Level;
use consent_core::scope::{AddressKind, Channel, Purpose};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::Matter;
use crate::rules::{Exemption, Jurisdiction, Required, Term};
use crate::standing::{Cited, Fact, Grant, PointKind, Relation, RelationKind};

/// What may be claimed at once: one purchase, or a few.
type Claims<'a> = SmallVec<[Claim<'a>; 2]>;

/// An exemption that applies, or that would have applied until some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// What it is.
    pub exemption: Exemption,
    /// The event it rests on, if it rests on one.
    pub cited: Option<Cited>,
    /// When it ends; never, if absent.
    pub until: Option<DateTime<Utc>>,
    /// Until when an allow may promise so, which can be earlier.
    pub assured: Option<DateTime<Utc>>,
    /// The law, if narrower than that of the requirement.
    pub source: Option<&'a SmolStr>,
}

impl<'a> Matter<'a> {
    /// What takes the place of a consent under this requirement now: the first exemption of its row that applies.
    pub fn exempt(&self, required: &Required<'a>) -> Option<Claim<'a>> {
        required.or.iter().find_map(|exemption| self.holds(self.claims(*exemption, required.jurisdiction)))
    }

    /// Whether something took the place of a consent under this requirement, and no longer does.
    pub fn was_exempt(&self, required: &Required<'a>) -> Option<Claim<'a>> {
        let all = required.or.iter().flat_map(|exemption| self.claims(*exemption, required.jurisdiction));
        all.max_by_key(|claim| claim.until)
    }

    /// The relationship that lifts the national do-not-call list (47 CFR 64.1200(f)(5)), unless the person asked not
    /// to be called.
    pub fn business_relationship(&self) -> Option<Claim<'a>> {
        self.holds(self.claims(Exemption::BusinessRelationship, Jurisdiction::Us))
    }

    /// The claim that lasts longest, of those that still count.
    fn holds(&self, claims: Claims<'a>) -> Option<Claim<'a>> {
        let counts = |claim: &Claim<'_>| claim.until.is_none_or(|until| self.now < until);
        claims
            .into_iter()
            .filter(counts)
            .max_by_key(|claim| (claim.until.is_none(), claim.until, claim.cited.map(|cited| cited.seq)))
    }

    /// Every claim to an exemption in a jurisdiction, whether or not it has ended.
    fn claims(&self, exemption: Exemption, jurisdiction: Jurisdiction) -> Claims<'a> {
        let nowhere = self.asked.channel.address_kind() != AddressKind::Other && self.contact.is_none();
        match exemption {
            _ if nowhere || self.is_marketing() && self.forgotten().is_some() => Claims::new(),
            Exemption::LegitimateInterest => {
                let known = self.profiles().next_back().map(|profile| profile.cited);
                let claim = |cited| Claim { exemption, cited: Some(cited), until: None, assured: None, source: None };
                known.map(claim).into_iter().collect()
            }
            Exemption::BusinessRelationship if self.refused_calls() => Claims::new(),
            Exemption::SoftOptIn if !self.asked.opt_out_in_message || !self.is_marketing() => Claims::new(),
            Exemption::ImpliedConsent => {
                let relations = self.related(exemption, jurisdiction);
                relations.into_iter().chain(self.implied(jurisdiction)).collect()
            }
            Exemption::BusinessRelationship | Exemption::SoftOptIn => self.related(exemption, jurisdiction),
            Exemption::AskedByText => self.asked_by_text().into_iter().collect(),
        }
    }

    /// What was written from the number that the answer goes to, since the last refusal (policy P24).
    fn asked_by_text(&self) -> Option<Claim<'a>> {
        if self.asked.purpose != Purpose::InquiryReply || self.asked.channel.family() != Channel::Sms {
            return None;
        }
        let renewed = self.renewed();
        let counts = |fact: &&Fact<()>| {
            self.contact.as_ref().is_some_and(|to| fact.about.contains(to))
                && renewed.is_none_or(|renewed| fact.at > renewed)
                && self.is_current(fact.at)
        };
        let last = self.standing.facts().wrote.iter().filter(counts).max_by_key(|fact| (fact.at, fact.cited.seq))?;
        let until = last.at.checked_add_signed(self.rules.limit("inquiry-reply", self.now)?.delta())?;
        let claim = Claim {
            exemption: Exemption::AskedByText,
            cited: Some(last.cited),
            until: Some(until),
            assured: Some(until),
            source: None,
        };
        (self.now < until).then_some(claim)
    }

    fn refused_calls(&self) -> bool {
        self.standing.facts().refused_calls.iter().any(|fact| self.touches(&fact.about))
    }

    fn related(&self, exemption: Exemption, jurisdiction: Jurisdiction) -> Claims<'a> {
        let renewed = self.renewed();
        let counts = |fact: &&Fact<Relation>| {
            self.belongs(&fact.about)
                && renewed.is_none_or(|renewed| fact.at > renewed)
                && self.is_current(fact.at)
                && (exemption != Exemption::SoftOptIn || self.is_collected_for(fact))
        };
        let claim = |fact: &'a Fact<Relation>| {
            let term = self.term(exemption, (fact.what.kind, fact.at), jurisdiction)?;
            let (until, assured) = (term.end(), term.assured(self.now));
            Some(Claim { exemption, cited: Some(fact.cited), until, assured, source: Some(term.source) })
        };
        self.standing.facts().related.iter().filter(counts).filter_map(claim).collect()
    }

    fn term(
        &self,
        exemption: Exemption,
        relation: (RelationKind, DateTime<Utc>),
        jurisdiction: Jurisdiction,
    ) -> Option<Term<'a>> {
        self.rules.term(exemption, relation, (jurisdiction, &self.whereabouts().states), self.now)
    }

    /// A consent that is recorded as implied lasts as long as one that follows from a purchase.
    fn implied(&self, jurisdiction: Jurisdiction) -> Claims<'a> {
        let exemption = Exemption::ImpliedConsent;
        let asked = self.asked;
        let counts = |grant: &&Grant| {
            grant.level == Level::Implied && grant.is_complete() && grant.covers(asked.channel, asked.purpose)
        };
        let claim = |grant: &'a Grant| {
            let term = self.term(exemption, (RelationKind::Purchase, grant.at), jurisdiction)?;
            let earlier = |end: Option<DateTime<Utc>>| [end, grant.expires_at].into_iter().flatten().min();
            let (until, assured) = (earlier(term.end()), earlier(term.assured(self.now)));
            Some(Claim { exemption, cited: Some(grant.cited), until, assured, source: Some(term.source) })
        };
        self.candidates().filter(counts).filter_map(claim).collect()
    }

    /// The address was given in that sale, a refusal was offered then, and the message is about something similar
    /// (PECR reg 22(3)).
    fn is_collected_for(&self, fact: &Fact<Relation>) -> bool {
        let asked = self.asked.product_line.map(str::trim);
        let bought = fact.what.product_line.as_deref().map(str::trim);
        let similar = asked.zip(bought).is_some_and(|(asked, bought)| asked.eq_ignore_ascii_case(bought));
        fact.what.opt_out_offered && similar && self.contact.as_ref().is_some_and(|to| fact.about.contains(to))
    }

    /// Whether something that permits is by the one person asked about; or by whoever has the address, if it names
    /// nobody.
    fn belongs(&self, about: &[Identity]) -> bool {
        let subject = about.iter().find(|identity| PointKind::of(identity).is_none());
        match (subject, self.subjects.as_slice()) {
            (Some(Identity::Subject(subject)), [only]) => subject == *only,
            (Some(_), _) => false,
            (None, _) => match self.asked.channel.address_kind() {
                AddressKind::Other => self.touches(about),
                AddressKind::Phone | AddressKind::Email => self.contact.as_ref().is_some_and(|to| about.contains(to)),
            },
        }
    }
}
