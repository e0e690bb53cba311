//! The withdrawals: what each covers and whom it binds.

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::scope::PurposeClass;

use super::Cited;
use super::coverage::Coverage;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use super::parts;
use super::refusal::{Origin, Reach, Reader, Refusal};
use crate::reason::Reason;
use crate::rules::{MessageKind, Settings};

/// Something that ends consent, or holds it until a person has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The event that records it.
    pub cited: Cited,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// When we learnt of it: the time for confirming it runs from here.
    pub received_at: DateTime<Utc>,
    /// The reason code with which it denies.
    pub reason: Reason,
    /// What kind of act it was.
    pub origin: Origin,
    /// Whom it names itself.
    pub named: Vec<Identity>,
    /// Channels and purposes it covers.
    pub coverage: Coverage,
    /// It ends what comes from a machine, not what a person dials.
    pub automated_only: bool,
    /// Every identity it binds, sorted. An address or subject in this list is enough.
    pub binds: Vec<Identity>,
    /// The act that took it back for some of them, and for whom.
    pub returned: Option<Returned>,
}

/// The act by which somebody took a withdrawal back: START after STOP, or a permission given to a device again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The event that records it.
    pub cited: Cited,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// For whom.
    pub binds: Vec<Identity>,
}

impl Withdrawal {
    /// Whether it speaks about such a message to somebody known by any of these identities.
    pub fn speaks_to(&self, message: MessageKind, asked: &[Identity]) -> bool {
        self.covers(message)
            && asked.iter().any(|identity| self.binds.contains(identity) && !self.is_returned(identity))
    }

    /// Whether it spoke about such a message and was taken back since.
    pub fn spoke_to(&self, message: MessageKind, asked: &[Identity]) -> bool {
        self.covers(message) && asked.iter().any(|identity| self.binds.contains(identity) && self.is_returned(identity))
    }

    fn covers(&self, message: MessageKind) -> bool {
        self.coverage.contains(message.channel, message.purpose) && (message.automated || !self.automated_only)
    }

    fn is_returned(&self, identity: &Identity) -> bool {
        self.returned.as_ref().is_some_and(|returned| returned.binds.contains(identity))
    }

    /// Whether it is certain: not a text that waits to be read, nor a request that waits for an identity check.
    pub fn is_certain(&self) -> bool {
        !matches!(self.origin, Origin::Pending | Origin::Forgotten)
    }

    /// Whether the sender may confirm it once: somebody asked for messages to end, and on this channel they do.
    pub fn is_confirmable(&self, channel: consent_core::scope::Channel) -> bool {
        let marketing = |purpose: &&consent_core::scope::Purpose| purpose.class() == PurposeClass::Marketing;
        let mut purposes = consent_core::scope::Purpose::ALL.iter().filter(marketing);
        matches!(self.origin, Origin::Stop | Origin::Request)
            && self.reason != Reason::ObjectionMarketing
            && purposes.any(|purpose| self.coverage.contains(channel, *purpose))
    }
}

pub(super) fn gather(history: &History<'_>, links: &Links, settings: &Settings) -> Vec<Withdrawal> {
    let reader = Reader::new(history, settings);
    let of = |said| reader.read(said).into_iter().filter_map(move |refusal| withdrawal(said, refusal, links));
    let mut withdrawals: Vec<Withdrawal> = history.said().flat_map(of).collect();
    for whole in parts::wholes(history) {
        let refusals = reader.read_whole(&whole.said, &whole.text).into_iter();
        let new = |one: &Withdrawal| !withdrawals.contains(one);
        let found: Vec<_> =
            refusals.filter_map(|refusal| withdrawal(&whole.said, refusal, links)).filter(new).collect();
        withdrawals.extend(found);
    }
    withdrawals.sort_by_key(|one| (one.at, one.cited.seq));
    withdrawals
}

fn withdrawal(said: &Said<'_>, refusal: Refusal, links: &Links) -> Option<Withdrawal> {
    let binds = bound(said, refusal.reach, links);
    let named = said.named().to_vec();
    let Refusal { reason, coverage, origin, automated_only, .. } = refusal;
    (!binds.is_empty()).then_some(Withdrawal {
        cited: said.cited(),
        at: said.at,
        received_at: said.recorded.received_at,
        reason,
        origin,
        named,
        coverage,
        automated_only,
        binds,
        returned: None,
    })
}

/// Everybody whom an act with this reach binds, sorted.
pub(super) fn bound(said: &Said<'_>, reach: Reach, links: &Links) -> Vec<Identity> {
    let named = said.named();
    let is_phone = |identity: &&Identity| PointKind::of(identity) == Some(PointKind::Phone);
    let mut binds: Vec<Identity> = match reach {
        Reach::Number if named.iter().any(|identity| is_phone(&identity)) => {
            named.iter().filter(is_phone).cloned().collect()
        }
        Reach::Address(kind) if named.iter().any(|identity| PointKind::of(identity) == Some(kind)) => named.to_vec(),
        Reach::Subject if said.event().subject.is_some() => {
            named.iter().filter(|identity| PointKind::of(identity).is_none()).cloned().collect()
        }
        // Whoever names a person but not the address means every address of that person.
        Reach::Number | Reach::Address(_) | Reach::Subject | Reach::Person => {
            named.iter().chain(links.bound_by(named, said.at)).cloned().collect()
        }
    };
    binds.sort();
    binds.dedup();
    binds
}
