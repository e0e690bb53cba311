//! What was taken back, and what was given back of it.

use chrono::{DateTime, TimeZone, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::{Level, Outcome};
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{Channel, Lenient, Purpose, PurposeClass, WithdrawalScope};

use super::consents::Given;
use super::people::People;
use super::{Case, Event};

/// Something that was taken back.
pub(super) struct Refused {
    pub(super) at: DateTime<Utc>,
    seq: u64,
    code: &'static str,
    what: What,
    kept: Vec<Purpose>,
    robots_only: bool,
    pub(super) named: Vec<String>,
    pub(super) binds: Vec<String>,
    pub(super) given_back_to: Vec<String>,
}

/// The act.
#[derive(Clone, PartialEq)]
enum What {
    Stop,
    Carrier,
    Stranger,
    RevokeAll,
    Held,
    Channels(Vec<Channel>),
    Everything,
    Purpose(Purpose),
    Unsubscribed,
    Complained,
    Switched(Channel, Vec<Purpose>),
    Device,
    Objection,
    Pending,
}

fn is_marketing(purpose: Purpose) -> bool {
    purpose.class() == PurposeClass::Marketing
}

impl Refused {
    /// Whether it takes this back, in the words of the policy.
    fn takes(&self, channel: Channel, purpose: Purpose, automated: bool) -> bool {
        let on = |one: Channel| match one {
            Channel::Sms | Channel::Mms => matches!(channel, Channel::Sms | Channel::Mms),
            other => channel == other,
        };
        let consent_alone = !matches!(channel, Channel::Email | Channel::Postal);
        let of_channel = |one: Channel| on(one) && (consent_alone || is_marketing(purpose));
        let taken = match &self.what {
            What::Stop | What::Carrier => on(Channel::Sms),
            What::Stranger => matches!(channel, Channel::Sms | Channel::Mms | Channel::Voice | Channel::Whatsapp),
            What::RevokeAll => matches!(channel, Channel::Sms | Channel::Mms | Channel::Voice),
            What::Held => on(Channel::Sms) && is_marketing(purpose),
            What::Channels(channels) => channels.iter().any(|one| of_channel(*one)),
            What::Everything => consent_alone || is_marketing(purpose),
            What::Purpose(one) => *one == purpose,
            What::Unsubscribed | What::Complained => channel == Channel::Email && is_marketing(purpose),
            What::Switched(one, purposes) => on(*one) && purposes.contains(&purpose),
            What::Device => channel == Channel::Push,
            What::Objection | What::Pending => is_marketing(purpose),
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
        for (code, what, kept) in read(event, events) {
            let binds = bound(event, &what, people);
            let named = event.named.clone();
            let (robots_only, given_back_to) = (what == What::RevokeAll, Vec::new());
            let refused =
                Refused { at: event.at, seq: event.seq, code, what, kept, robots_only, named, binds, given_back_to };
            all.push(refused);
        }
    }
    for event in events {
        give_back(&mut all, event, people, grants);
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
        _ => people.neighbourhood(&event.named, event.at),
    }
}

type Reading = (&'static str, What, Vec<Purpose>);

fn read(event: &Event<'_>, events: &[Event<'_>]) -> Vec<Reading> {
    let plain = |code, what| vec![(code, what, Vec::new())];
    let revoke_all = || event.at >= Utc.with_ymd_and_hms(2027, 1, 31, 0, 0, 0).unwrap();
    let stop = || {
        let mut all = plain("OPTED_OUT_CHANNEL", What::Stop);
        all.extend(revoke_all().then(|| ("OPTED_OUT_ALL", What::RevokeAll, Vec::new())));
        all
    };
    let everywhere = || vec![Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];
    match event.kind {
        EventKind::InboundSms(sms) => match classify(sms.body.as_deref().unwrap_or(""), None) {
            Meaning::OptOut => stop(),
            Meaning::WrongNumber => plain("OPTED_OUT_CHANNEL", What::Stranger),
            _ => Vec::new(),
        },
        EventKind::InboundUnparsed(_) => match review(event, events) {
            Some(true) => stop(),
            Some(false) => Vec::new(),
            None => plain("REVOCATION_PENDING_REVIEW", What::Held),
        },
        EventKind::DeliveryReported(report) => {
            let opted_out = report.outcome.as_ref().and_then(Lenient::known) == Some(Outcome::OptedOut);
            if opted_out { plain("OPTED_OUT_CHANNEL", What::Carrier) } else { Vec::new() }
        }
        EventKind::WithdrawalRequest(request) => match request.scope {
            WithdrawalScope::Channel(channel) => plain("OPTED_OUT_CHANNEL", What::Channels(vec![channel])),
            WithdrawalScope::Purpose(purpose) => plain("OPTED_OUT_PURPOSE", What::Purpose(purpose)),
            _ => plain("OPTED_OUT_ALL", What::Everything),
        },
        EventKind::DoNotCallRequest(request) => {
            let named = request.channel.as_ref().and_then(Lenient::known);
            let mut all = plain("OPTED_OUT_CHANNEL", What::Channels(named.map_or_else(everywhere, |one| vec![one])));
            all.extend(revoke_all().then(|| ("OPTED_OUT_ALL", What::RevokeAll, Vec::new())));
            all
        }
        EventKind::OptoutClarified(answer) => {
            let named: Vec<Channel> = answer.channels.iter().filter_map(Lenient::known).collect();
            let channels = if named.is_empty() { everywhere() } else { named };
            let kept = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
            vec![("OPTED_OUT_CHANNEL", What::Channels(channels), kept)]
        }
        EventKind::EmailUnsubscribe(_) => plain("OPTED_OUT_CHANNEL", What::Unsubscribed),
        EventKind::EmailComplaint(_) => plain("OPTED_OUT_CHANNEL", What::Complained),
        EventKind::PreferenceSet(choice) => {
            let off: Vec<Purpose> = choice.off.iter().filter_map(Lenient::known).collect();
            let channel = choice.channel.as_ref().and_then(Lenient::known).unwrap();
            plain("OPTED_OUT_PURPOSE", What::Switched(channel, off))
        }
        EventKind::PushPermission(permission) if permission.state.as_deref() == Some("denied") => {
            plain("OPTED_OUT_CHANNEL", What::Device)
        }
        EventKind::Objection(_) => plain("OBJECTION_MARKETING", What::Objection),
        EventKind::RightsRequest(request) => match request.right.as_deref() {
            Some("objection") => plain("OBJECTION_MARKETING", What::Objection),
            Some("erasure") if request.identity_verified == Some(true) => plain("OBJECTION_MARKETING", What::Objection),
            Some("erasure") => plain("REQUEST_PENDING_VERIFICATION", What::Pending),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What a person found when reading a held message. An opt-out once found is never cleared.
fn review(held: &Event<'_>, events: &[Event<'_>]) -> Option<bool> {
    let outcomes = events.iter().filter_map(|event| match event.kind {
        EventKind::ReviewResolved(review) if review.event_id == Some(held.id.to_string()) => review.outcome.as_deref(),
        _ => None,
    });
    outcomes.map(|outcome| outcome == "is_opt_out").max()
}

/// START, an answer to a confirmation, and a device that permits again.
fn give_back(all: &mut [Refused], event: &Event<'_>, people: &People, grants: &[Given<'_>]) {
    let number = event.named.iter().find(|name| name.starts_with("phone:"));
    let to = || people.neighbourhood(&event.named, event.at);
    match event.kind {
        EventKind::InboundSms(sms) if classify(sms.body.as_deref().unwrap_or(""), None) == Meaning::OptIn => {
            let meant = |one: &Refused| {
                let texts = matches!(one.what, What::Stop | What::RevokeAll | What::Carrier);
                texts
                    && number.is_some_and(|number| one.named.contains(number))
                    && one.at < event.at
                    && one.given_back_to.is_empty()
            };
            let since = chapter(all, &meant, grants);
            for one in all.iter_mut().filter(|one| meant(one) && since.is_none_or(|since| one.at >= since)) {
                one.given_back_to = to();
            }
        }
        EventKind::OptoutClarified(answer) => {
            let kept: Vec<Purpose> = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
            let meant = |one: &Refused| {
                let shared = one.binds.iter().any(|name| event.named.contains(name));
                matches!(one.what, What::Stop | What::RevokeAll) && one.at < event.at && shared
            };
            let since = chapter(all, &meant, grants);
            for one in all.iter_mut().filter(|one| meant(one) && since.is_none_or(|since| one.at >= since)) {
                one.kept.extend(kept.clone());
            }
        }
        EventKind::PushPermission(permission) if permission.state.as_deref() == Some("granted") => {
            let denied = |one: &&mut Refused| {
                let shared = one.binds.iter().any(|name| event.named.contains(name));
                one.what == What::Device && one.at < event.at && shared && one.given_back_to.is_empty()
            };
            all.iter_mut().filter(denied).for_each(|one| one.given_back_to = to());
        }
        _ => {}
    }
}

/// The last consent before the latest of these refusals: older ones stay as they are.
fn chapter(all: &[Refused], meant: &impl Fn(&Refused) -> bool, grants: &[Given<'_>]) -> Option<DateTime<Utc>> {
    let latest = all.iter().filter(|one| meant(one)).max_by_key(|one| one.at)?;
    let counts = grants.iter().filter(|grant| {
        let mine = grant.about().iter().any(|name| latest.binds.contains(name));
        mine && !grant.is_void() && grant.complete && grant.terms.level >= Some(Level::Express) && grant.at < latest.at
    });
    counts.map(|grant| grant.at).max()
}

impl Case<'_> {
    /// Whether it speaks about what is asked.
    fn speaks(&self, one: &Refused) -> bool {
        let bound = one.binds.iter().any(|name| self.whom.contains(name) && !one.given_back_to.contains(name));
        bound && one.takes(self.asked.channel, self.asked.purpose, self.asked.automated)
    }

    /// The refusals that no later consent outranks.
    pub(super) fn standing_refusals(&self) -> Vec<&Refused> {
        let outranked = |one: &Refused| {
            self.grants.iter().any(|grant| {
                let explicit = grant.terms.level >= Some(Level::Express) && grant.counts(self.asked.at);
                let covers = grant.covers(self.asked.channel, self.asked.purpose);
                self.is_given(grant) && explicit && covers && grant.at > one.at
            })
        };
        self.refusals.iter().filter(|one| self.speaks(one) && !outranked(one)).collect()
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
