//! What an event takes back. Generous: what is missing or not understood binds as widely as it could have been meant.

mod rights;

use consent_core::event::EventKind;
use consent_core::event::kinds::{
    DoNotCallRequest, EmailUnsubscribe, InboundSms, OptoutClarified, Outcome, PreferenceSet,
};
use consent_core::keywords::{Explained, Meaning};
use consent_core::review::{self, Finding};
use consent_core::scope::{Channel, Lenient, Purpose, WithdrawalScope};
use uuid::Uuid;

use super::coverage::{self, Coverage};
use super::history::{History, Said};
use super::links::PointKind;
use super::requests::Requests;
use super::reviews::{self, Reviews};
use crate::reason::Reason;
use crate::rules::{Settings, StopScope};

/// The channels on which a do-not-call request may have been meant (47 CFR 64.1200(d)).
const TELEPHONE: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];

/// The channels of robocalls and robotexts (47 CFR 64.1200(a)(10)).
const ROBOTS: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice];

/// What one event takes back.
#[derive(Clone, Copy)]
pub(super) struct Refusal {
    pub(super) reason: Reason,
    pub(super) coverage: Coverage,
    pub(super) reach: Reach,
    pub(super) origin: Origin,
    /// What comes from a machine only.
    pub(super) automated_only: bool,
}

/// What kind of act a withdrawal was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A STOP, by text: a START from the same number takes it back.
    Stop,
    /// The person said so by another way.
    Request,
    /// A carrier or mail provider reports it: nobody wrote to us.
    Report,
    /// A switch of a preference page.
    Switch,
    /// The permission of a device, which its owner can give again.
    Device,
    /// The number belongs to somebody else.
    Stranger,
    /// Nobody knows yet whether it is one.
    Pending,
    /// The person asked to be forgotten, and was. Nothing but an explicit consent may follow.
    Forgotten,
}

/// How far a refusal reaches beyond the words of the event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The phone number alone: the subject we took for its holder is not the one who wrote.
    Number,
    /// Whoever the event names, given that it names an address of this kind.
    Address(PointKind),
    /// The subject that the event names, not those who share an address with them; without one, as `Person`.
    Subject,
    /// The people behind, and all their addresses.
    Person,
}

/// Reads events with what other events say about them.
pub(super) struct Reader<'a> {
    settings: &'a Settings,
    reviews: Reviews,
    requests: Requests,
}

impl<'a> Reader<'a> {
    pub(super) fn new(history: &History<'_>, settings: &'a Settings) -> Self {
        Self { settings, reviews: Reviews::in_history(history), requests: Requests::of(history) }
    }

    /// Everything that one event takes back.
    pub(super) fn read(&self, said: &Said<'_>) -> Vec<Refusal> {
        self.with_all(said, self.said(said))
    }

    /// The same for a text whose parts have been put together, the last of which this event brought.
    pub(super) fn read_whole(&self, said: &Said<'_>, text: &InboundSms) -> Vec<Refusal> {
        self.with_all(said, self.reply(text, &review::read(text), said.recorded.event_id))
    }

    fn with_all(&self, said: &Said<'_>, refusal: Option<Refusal>) -> Vec<Refusal> {
        let Some(refusal) = refusal else { return Vec::new() };
        let all = self.revokes_all(said, refusal).then_some(Refusal {
            reason: Reason::OptedOutAll,
            coverage: Coverage::of(ROBOTS, Purpose::ALL),
            reach: Reach::Person,
            automated_only: true,
            ..refusal
        });
        std::iter::once(refusal).chain(all).collect()
    }

    /// From its day on, one STOP or do-not-call request ends all robocalls and robotexts (64.1200(a)(10), DA 26-12).
    /// What was said before that day is not read anew.
    fn revokes_all(&self, said: &Said<'_>, refusal: Refusal) -> bool {
        let Some(since) = self.settings.revoke_all_effective.begins() else { return false };
        let by_reply = match &said.event().kind {
            EventKind::InboundSms(_) | EventKind::InboundUnparsed(_) => refusal.is_stop(),
            EventKind::DoNotCallRequest(_) => true,
            _ => false,
        };
        by_reply && said.at >= since
    }

    fn said(&self, said: &Said<'_>) -> Option<Refusal> {
        let id = said.recorded.event_id;
        match &said.event().kind {
            EventKind::InboundSms(sms) => self.reply(sms, said.read(sms), id),
            EventKind::InboundUnparsed(_) => self.held(id),
            EventKind::DeliveryReported(report) => {
                let opted_out = report.outcome.as_ref().and_then(Lenient::known) == Some(Outcome::OptedOut);
                let refusal = || self.of_channel(Channel::Sms, Reach::Address(PointKind::Phone));
                opted_out.then(|| Refusal { origin: Origin::Report, ..refusal() })
            }
            EventKind::WithdrawalRequest(request) => Some(self.request(&request.scope)),
            EventKind::OptoutClarified(answer) => Some(self.clarified(answer)),
            EventKind::DoNotCallRequest(request) => Some(self.do_not_call(request)),
            EventKind::PreferenceSet(choices) => switched_off(choices),
            EventKind::PushPermission(permission) => {
                let granted = permission.state.as_deref() == Some("granted");
                let refusal = || self.of_channel(Channel::Push, Reach::Person);
                (!granted).then(|| Refusal { origin: Origin::Device, ..refusal() })
            }
            EventKind::EmailUnsubscribe(request) => (!is_prefetch(request)).then(unsubscribed),
            EventKind::EmailComplaint(_) => Some(Refusal { origin: Origin::Report, ..unsubscribed() }),
            EventKind::Objection(objection) => rights::objection(objection),
            EventKind::RightsRequest(request) => rights::request(request, id, &self.requests, self.settings),
            _ => None,
        }
    }

    fn reply(&self, sms: &InboundSms, read: &Explained, id: Uuid) -> Option<Refusal> {
        if review::why_reply_held(sms, read).is_some_and(|why| reviews::waits(why, self.settings)) {
            return self.held(id);
        }
        match read.meaning {
            Meaning::OptOut => Some(self.stop()),
            Meaning::WrongNumber => {
                let coverage = Coverage::of(TELEPHONE, Purpose::ALL);
                let refusal = Refusal::new(Reason::OptedOutChannel, coverage, Reach::Number);
                Some(Refusal { origin: Origin::Stranger, ..refusal })
            }
            _ => None,
        }
    }

    fn stop(&self) -> Refusal {
        Refusal { origin: Origin::Stop, ..self.of_channel(Channel::Sms, self.stop_reach()) }
    }

    fn stop_reach(&self) -> Reach {
        match self.settings.stop_scope {
            StopScope::PersonAndNumber => Reach::Person,
            StopScope::Number => Reach::Number,
        }
    }

    /// A message that nobody has read yet, or what was found when somebody did. Once found an opt-out it stays one.
    fn held(&self, id: Uuid) -> Option<Refusal> {
        let reach = Reach::Address(PointKind::Phone);
        let pending = Refusal::new(Reason::RevocationPendingReview, Coverage::marketing(TELEPHONE), reach);
        match self.reviews.outcome(id) {
            Some(Finding::IsOptOut) => Some(self.stop()),
            Some(Finding::IsNot) => None,
            None => Some(Refusal { origin: Origin::Pending, ..pending }),
        }
    }

    fn of_channel(&self, channel: Channel, reach: Reach) -> Refusal {
        let texts = channel.family() == Channel::Sms;
        let coverage = if texts && !self.settings.stop_blocks_transactional_sms {
            Coverage::marketing(&coverage::family(channel))
        } else {
            Coverage::channel(channel)
        };
        Refusal::new(Reason::OptedOutChannel, coverage, reach)
    }

    fn request(&self, scope: &WithdrawalScope) -> Refusal {
        match scope {
            WithdrawalScope::Channel(channel) => self.of_channel(*channel, Reach::Person),
            WithdrawalScope::Purpose(purpose) => {
                let coverage = Coverage::of(Channel::ALL, &[*purpose]);
                Refusal::new(Reason::OptedOutPurpose, coverage, Reach::Person)
            }
            WithdrawalScope::Unspecified | WithdrawalScope::All | WithdrawalScope::Other(_) => {
                Refusal::new(Reason::OptedOutAll, Coverage::all_consent(), Reach::Person)
            }
        }
    }

    fn do_not_call(&self, request: &DoNotCallRequest) -> Refusal {
        self.of_channels(&request.channel.iter().cloned().collect::<Vec<_>>())
    }

    /// The channels meant, but for the purposes that the person wants to keep (64.1200(a)(12)).
    fn clarified(&self, answer: &OptoutClarified) -> Refusal {
        let refusal = self.of_channels(&answer.channels);
        let kept: Vec<Purpose> = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
        Refusal { coverage: refusal.coverage.without(Coverage::of(Channel::ALL, &kept)), ..refusal }
    }

    /// These channels or, if none is named or one is not understood, all that reach a telephone.
    fn of_channels(&self, channels: &[Lenient<Channel>]) -> Refusal {
        let known: Vec<Channel> = channels.iter().filter_map(Lenient::known).collect();
        let vague = channels.is_empty() || known.len() < channels.len();
        let meant = if vague { [&known, TELEPHONE].concat() } else { known };
        let of = |channel: &Channel| self.of_channel(*channel, Reach::Person).coverage;
        let coverage = meant.iter().map(of).fold(Coverage::default(), Coverage::and);
        Refusal::new(Reason::OptedOutChannel, coverage, Reach::Person)
    }
}

impl Refusal {
    /// Something that a person asked for, whoever the sender is.
    fn new(reason: Reason, coverage: Coverage, reach: Reach) -> Self {
        Self { reason, coverage, reach, origin: Origin::Request, automated_only: false }
    }

    fn is_stop(self) -> bool {
        self.origin == Origin::Stop
    }
}

/// A scanner followed the link before the person saw it (RFC 8058: only a POST may act).
fn is_prefetch(request: &EmailUnsubscribe) -> bool {
    request.method.as_deref() == Some("get_prefetch")
}

fn unsubscribed() -> Refusal {
    let coverage = Coverage::marketing(&[Channel::Email]);
    Refusal::new(Reason::OptedOutChannel, coverage, Reach::Address(PointKind::Email))
}

/// What was switched off on a preference page. What was switched on gives nothing: the evidence is missing.
fn switched_off(choices: &PreferenceSet) -> Option<Refusal> {
    if choices.off.is_empty() {
        return None;
    }
    let channels = choices.channel.as_ref().and_then(Lenient::known).map(coverage::family);
    let mut purposes: Vec<Purpose> = choices.off.iter().filter_map(Lenient::known).collect();
    if purposes.len() < choices.off.len() {
        purposes.extend(coverage::marketing_purposes());
    }
    let coverage = Coverage::of(channels.as_deref().unwrap_or(Channel::ALL), &purposes);
    let refusal = Refusal::new(Reason::OptedOutPurpose, coverage, Reach::Person);
    Some(Refusal { origin: Origin::Switch, ..refusal })
}
