//! What every event takes back, in the words of the policy.

use chrono::{DateTime, TimeZone, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::{DoNotCallRequest, Objection, OptoutClarified, Outcome, PreferenceSet};
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{Channel, Lenient, Purpose, WithdrawalScope};

use super::{Event, mistakes, requests};

/// The act.
#[derive(Clone, PartialEq)]
pub(super) enum What {
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
    /// Purposes on a channel, or on all.
    Switched(Option<Channel>, Vec<Purpose>),
    Device,
    Objection,
    Pending,
    /// An erasure that was asked for and done: it refuses nothing, but nothing takes the place of a consent.
    Met,
}

/// The code, the act, and the purposes that it leaves alone.
pub(super) type Reading = (&'static str, What, Vec<Purpose>);

const TELEPHONE: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];

fn plain(code: &'static str, what: What) -> Vec<Reading> {
    vec![(code, what, Vec::new())]
}

pub(super) fn read(event: &Event<'_>, events: &[Event<'_>]) -> Vec<Reading> {
    match event.kind {
        EventKind::InboundSms(sms) => match classify(sms.body.as_deref().unwrap_or(""), None) {
            Meaning::OptOut => stop(event.at),
            Meaning::WrongNumber => plain("OPTED_OUT_CHANNEL", What::Stranger),
            _ => Vec::new(),
        },
        EventKind::InboundUnparsed(_) => match review(event, events) {
            Some(true) => stop(event.at),
            Some(false) => Vec::new(),
            None => plain("REVOCATION_PENDING_REVIEW", What::Held),
        },
        EventKind::DeliveryReported(report) if mistakes::outcome(report) == Some(Outcome::OptedOut) => {
            plain("OPTED_OUT_CHANNEL", What::Carrier)
        }
        EventKind::WithdrawalRequest(request) => match request.scope {
            WithdrawalScope::Channel(channel) => plain("OPTED_OUT_CHANNEL", What::Channels(vec![channel])),
            WithdrawalScope::Purpose(purpose) => plain("OPTED_OUT_PURPOSE", What::Purpose(purpose)),
            _ => plain("OPTED_OUT_ALL", What::Everything),
        },
        EventKind::DoNotCallRequest(request) => no_calls(request, event.at),
        EventKind::OptoutClarified(answer) => clarified(answer),
        EventKind::EmailUnsubscribe(_) => plain("OPTED_OUT_CHANNEL", What::Unsubscribed),
        EventKind::EmailComplaint(_) => plain("OPTED_OUT_CHANNEL", What::Complained),
        EventKind::PreferenceSet(choice) => switched(choice),
        EventKind::PushPermission(permission) if permission.state.as_deref() == Some("denied") => {
            plain("OPTED_OUT_CHANNEL", What::Device)
        }
        EventKind::Objection(objection) if !is_overruled(objection) => plain("OBJECTION_MARKETING", What::Objection),
        EventKind::RightsRequest(request) => {
            let taken = requests::taken(event, request, events);
            taken.map_or_else(Vec::new, |(code, what)| plain(code, what))
        }
        _ => Vec::new(),
    }
}

/// From the end of January 2027 one refusal ends everything that machines send.
fn revoke_all(at: DateTime<Utc>) -> Option<Reading> {
    let ends_all = at >= Utc.with_ymd_and_hms(2027, 1, 31, 0, 0, 0).unwrap();
    ends_all.then(|| ("OPTED_OUT_ALL", What::RevokeAll, Vec::new()))
}

fn stop(at: DateTime<Utc>) -> Vec<Reading> {
    let mut all = plain("OPTED_OUT_CHANNEL", What::Stop);
    all.extend(revoke_all(at));
    all
}

fn no_calls(request: &DoNotCallRequest, at: DateTime<Utc>) -> Vec<Reading> {
    let named = request.channel.as_ref().and_then(Lenient::known);
    let channels = named.map_or_else(|| TELEPHONE.to_vec(), |one| vec![one]);
    let mut all = plain("OPTED_OUT_CHANNEL", What::Channels(channels));
    all.extend(revoke_all(at));
    all
}

fn clarified(answer: &OptoutClarified) -> Vec<Reading> {
    let named: Vec<Channel> = answer.channels.iter().filter_map(Lenient::known).collect();
    let channels = if named.is_empty() { TELEPHONE.to_vec() } else { named };
    let kept = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
    vec![("OPTED_OUT_CHANNEL", What::Channels(channels), kept)]
}

fn switched(choice: &PreferenceSet) -> Vec<Reading> {
    let off: Vec<Purpose> = choice.off.iter().filter_map(Lenient::known).collect();
    let channel = choice.channel.as_ref().and_then(Lenient::known);
    plain("OPTED_OUT_PURPOSE", What::Switched(channel, off))
}

/// An objection that weighs interests can be decided against; one to advertisements cannot.
fn is_overruled(objection: &Objection) -> bool {
    let against = ["refused", "rejected", "overridden", "dismissed", "not_upheld"];
    let weighed = objection.scope.as_deref() == Some("legitimate_interest");
    weighed && objection.outcome.as_deref().is_some_and(|outcome| against.contains(&outcome))
}

/// What a person found when reading a held message. An opt-out once found is never cleared.
fn review(held: &Event<'_>, events: &[Event<'_>]) -> Option<bool> {
    let outcomes = events.iter().filter_map(|event| match event.kind {
        EventKind::ReviewResolved(review) if review.event_id == Some(held.id.to_string()) => review.outcome.as_deref(),
        _ => None,
    });
    outcomes.map(|outcome| outcome == "is_opt_out").max()
}
