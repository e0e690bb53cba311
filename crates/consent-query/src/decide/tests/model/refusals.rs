//! What was taken back, whom it binds, and whether it stands.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::scope::{Channel, Purpose, PurposeClass};

use super::acts::{self, What};
use super::consents::Given;
use super::people::{People, is_point};
use super::returns::{self, Back};
use super::{Case, Event};

/// Something that was taken back.
pub(super) struct Refused {
    pub(super) at: DateTime<Utc>,
    pub(super) received: DateTime<Utc>,
    seq: u64,
    code: &'static str,
    pub(super) what: What,
    pub(super) kept: Vec<Purpose>,
    robots_only: bool,
    pub(super) named: Vec<String>,
    pub(super) binds: Vec<String>,
    pub(super) given_back: Vec<Back>,
}

fn is_marketing(purpose: Purpose) -> bool {
    purpose.class() == PurposeClass::Marketing
}

impl Refused {
    /// Whether it takes this back, in the words of the policy.
    fn takes(&self, channel: Channel, purpose: Purpose, automated: bool) -> bool {
        let on = |one: Channel| one.family() == channel.family();
        let by_number = matches!(channel, Channel::Sms | Channel::Mms | Channel::Voice | Channel::Whatsapp);
        let consent_alone = !matches!(channel, Channel::Email | Channel::Postal);
        let of_channel = |one: Channel| on(one) && (consent_alone || is_marketing(purpose));
        let taken = match &self.what {
            What::Stop | What::Carrier => on(Channel::Sms),
            What::Stranger => by_number,
            What::RevokeAll => by_number && channel != Channel::Whatsapp,
            What::Held => by_number && is_marketing(purpose),
            What::Channels(channels) => channels.iter().any(|one| of_channel(*one)),
            What::Everything => consent_alone || is_marketing(purpose),
            What::Purpose(one) => *one == purpose,
            What::Unsubscribed | What::Complained => channel == Channel::Email && is_marketing(purpose),
            What::Switched(one, purposes) => one.is_none_or(on) && purposes.contains(&purpose),
            What::Device => channel == Channel::Push,
            What::Objection | What::Pending | What::Met => is_marketing(purpose),
        };
        let kept = self.kept.contains(&purpose) && (self.what != What::Stop || on(Channel::Sms));
        taken && !kept && (automated || !self.robots_only)
    }

    pub(super) fn is_confirmable(&self, channel: Channel) -> bool {
        let asked_for = matches!(
            self.what,
            What::Stop | What::RevokeAll | What::Channels(_) | What::Everything | What::Purpose(_) | What::Unsubscribed
        );
        let marketing = [Purpose::Updates, Purpose::SpecialOffers, Purpose::Services];
        asked_for && marketing.iter().any(|purpose| self.takes(channel, *purpose, true))
    }
}

/// Every refusal, oldest first, with what was given back.
pub(super) fn refused(events: &[Event<'_>], people: &People, grants: &[Given<'_>]) -> Vec<Refused> {
    let mut all: Vec<Refused> = Vec::new();
    for event in events {
        for (code, what, kept) in acts::read(event, events) {
            all.push(Refused {
                at: event.at,
                received: event.received,
                seq: event.seq,
                code,
                kept,
                robots_only: what == What::RevokeAll,
                named: event.named.clone(),
                binds: bound(event, &what, people),
                given_back: Vec::new(),
                what,
            });
        }
    }
    for event in events {
        returns::give_back(&mut all, event, people, grants);
    }
    all
}

fn bound(event: &Event<'_>, what: &What, people: &People) -> Vec<String> {
    let names = |kind: &str| event.named.iter().any(|name| name.starts_with(kind));
    let phones = || event.named.iter().filter(|name| name.starts_with("phone:")).cloned().collect();
    match what {
        What::Stranger if names("phone:") => phones(),
        What::Held | What::Carrier if names("phone:") => event.named.clone(),
        What::Unsubscribed | What::Complained if names("email:") => event.named.clone(),
        What::Pending | What::Met if is_personal(event.kind) && names("subject:") => {
            event.named.iter().filter(|name| !is_point(name)).cloned().collect()
        }
        _ => people.neighbourhood(&event.named, event.at),
    }
}

/// A request for the data of one person is none for those who share their number.
fn is_personal(kind: &EventKind) -> bool {
    match kind {
        EventKind::RightsRequest(request) => request.right.as_deref() != Some("objection"),
        _ => false,
    }
}

impl Case<'_> {
    /// Whether it speaks about what is asked.
    fn speaks(&self, one: &Refused) -> bool {
        let (channel, purpose) = (self.asked.channel, self.asked.purpose);
        let returned =
            |name: &String| one.given_back.iter().any(|back| back.to.contains(name) && back.holds(channel, purpose));
        let bound = one.binds.iter().any(|name| self.whom.contains(name) && !returned(name));
        bound && one.takes(channel, purpose, self.asked.automated)
    }

    /// Whether a later consent outranks it: an explicit one, and none that was only imported.
    fn is_outranked(&self, one: &Refused) -> bool {
        self.grants.iter().any(|grant| {
            let counts = grant.is_explicit() && grant.counts(self.asked.at);
            let covers = grant.covers(self.asked.channel, self.asked.purpose);
            self.is_given(grant) && counts && covers && grant.at > one.at
        })
    }

    /// Those that speak, an erasure that was done aside.
    fn spoken(&self) -> impl Iterator<Item = &Refused> {
        self.refusals.iter().filter(|one| one.what != What::Met && self.speaks(one))
    }

    /// The refusals that no later consent outranks.
    pub(super) fn standing_refusals(&self) -> Vec<&Refused> {
        self.spoken().filter(|one| !self.is_outranked(one)).collect()
    }

    /// Whether they had their data erased and agreed to nothing since: then nothing takes the place of a consent.
    pub(super) fn needs_consent_itself(&self) -> bool {
        let met = |one: &&Refused| one.what == What::Met && self.speaks(one);
        self.refusals.iter().filter(met).any(|one| !self.is_outranked(one))
    }

    /// When the last refusal that was outranked was made, if none stands: what was given before is gone.
    pub(super) fn fresh_start(&self) -> Option<DateTime<Utc>> {
        if !self.standing_refusals().is_empty() {
            return None;
        }
        self.refusals.iter().filter(|one| self.speaks(one)).map(|one| one.at).max()
    }

    /// The code of the latest refusal that is certain or, if none is, of the latest that is not.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let standing = self.standing_refusals();
        let certain = |one: &&&Refused| !matches!(one.what, What::Held | What::Pending);
        let latest = |list: Vec<&&Refused>| {
            let at = list.iter().map(|one| one.at).max()?;
            // Of acts at one instant the reason that stands first in the list of reasons is given.
            let order = ["OPTED_OUT_ALL", "OBJECTION_MARKETING", "OPTED_OUT_CHANNEL", "OPTED_OUT_PURPOSE"];
            let rank = |one: &&&Refused| order.iter().position(|code| *code == one.code).unwrap_or(9);
            let mut tied: Vec<&&Refused> = list.into_iter().filter(|one| one.at == at).collect();
            tied.sort_by_key(|one| (rank(one), one.code == "REQUEST_PENDING_VERIFICATION", one.seq));
            tied.first().map(|one| one.code)
        };
        let sure: Vec<&&Refused> = standing.iter().filter(certain).collect();
        if sure.is_empty() { latest(standing.iter().collect()) } else { latest(sure) }
    }
}
