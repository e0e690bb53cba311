//! The withdrawals: what each covers and whom it binds.

use chrono::{DateTime, Utc};
use consent_core::address::Identity;
use consent_core::scope::{Channel, Purpose};

use super::Cited;
use super::coverage::Coverage;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use super::refusal::{Reach, Reader, Refusal};
use crate::reason::Reason;
use crate::rules::Settings;

/// Something that ends consent, or holds it until a person has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The event that records it.
    pub cited: Cited,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The reason code with which it denies.
    pub reason: Reason,
    /// Channels and purposes it covers.
    pub coverage: Coverage,
    /// Every identity it binds, sorted. An address or subject in this list is enough.
    pub binds: Vec<Identity>,
}

impl Withdrawal {
    /// Whether it speaks about this channel and purpose for somebody known by any of these identities.
    pub fn speaks_to(&self, channel: Channel, purpose: Purpose, asked: &[Identity]) -> bool {
        self.coverage.contains(channel, purpose) && asked.iter().any(|identity| self.binds.contains(identity))
    }

    /// Whether it is certain: not a text that waits to be read, nor a request that waits for an identity check.
    pub fn is_certain(&self) -> bool {
        !matches!(self.reason, Reason::RevocationPendingReview | Reason::RequestPendingVerification)
    }
}

pub(super) fn gather(history: &History<'_>, links: &Links, settings: &Settings) -> Vec<Withdrawal> {
    let reader = Reader::new(history, settings);
    history.said().filter_map(|said| withdrawal(said, reader.read(said)?, links)).collect()
}

fn withdrawal(said: &Said<'_>, refusal: Refusal, links: &Links) -> Option<Withdrawal> {
    let named = said.event().identities();
    let is_phone = |identity: &&Identity| PointKind::of(identity) == Some(PointKind::Phone);
    let mut binds: Vec<Identity> = match refusal.reach {
        Reach::Number if named.iter().any(|identity| is_phone(&identity)) => {
            named.iter().filter(is_phone).cloned().collect()
        }
        Reach::Address(kind) if named.iter().any(|identity| PointKind::of(identity) == Some(kind)) => named,
        // Whoever names a person but not the address means every address of that person.
        Reach::Number | Reach::Address(_) | Reach::Person => {
            let bound = links.bound_by(&named, said.at);
            named.into_iter().chain(bound).collect()
        }
    };
    binds.sort();
    binds.dedup();
    let Refusal { reason, coverage, .. } = refusal;
    (!binds.is_empty()).then_some(Withdrawal { cited: said.cited(), at: said.at, reason, coverage, binds })
}
