//! What was given back of what was taken: START, answers to a confirmation, devices, and switches.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::Level;
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{Channel, Lenient, Purpose};

use super::Event;
use super::acts::What;
use super::consents::Given;
use super::people::People;
use super::refusals::Refused;

/// To whom something was given back, on which channel and for which purposes; all, if none is named.
pub(super) struct Back {
    pub(super) to: Vec<String>,
    channel: Option<Channel>,
    purposes: Option<Vec<Purpose>>,
}

impl Back {
    fn whole(to: Vec<String>) -> Self {
        Self { to, channel: None, purposes: None }
    }

    pub(super) fn holds(&self, channel: Channel, purpose: Purpose) -> bool {
        self.channel.is_none_or(|one| one.family() == channel.family())
            && self.purposes.as_ref().is_none_or(|purposes| purposes.contains(&purpose))
    }
}

pub(super) fn give_back(all: &mut [Refused], event: &Event<'_>, people: &People, grants: &[Given<'_>]) {
    let to = || people.neighbourhood(&event.named, event.at);
    match event.kind {
        EventKind::InboundSms(sms) if classify(sms.body.as_deref().unwrap_or(""), None) == Meaning::OptIn => {
            started(all, event, &to(), grants);
        }
        EventKind::OptoutClarified(answer) if !event.mistaken => {
            let kept: Vec<Purpose> = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
            clarified(all, event, &kept, grants);
        }
        EventKind::PushPermission(permission) if permission.state.as_deref() == Some("granted") => {
            let denied = |one: &&mut Refused| {
                let open = one.what == What::Device && one.given_back.is_empty();
                open && one.at < event.at && shares(one, event)
            };
            all.iter_mut().filter(denied).for_each(|one| one.given_back.push(Back::whole(to())));
        }
        EventKind::PreferenceSet(choice) if choice.via.as_deref() == Some("portal") && !event.mistaken => {
            let channel = choice.channel.as_ref().and_then(Lenient::known);
            let off = |one: &&mut Refused| matches!(one.what, What::Switched(..)) && one.at < event.at;
            for one in all.iter_mut().filter(off) {
                one.given_back.push(Back { to: to(), channel, purposes: Some(choice.on.clone()) });
            }
        }
        _ => {}
    }
}

fn shares(one: &Refused, event: &Event<'_>) -> bool {
    one.binds.iter().any(|name| event.named.contains(name))
}

/// START gives back every STOP of its number since the last consent.
fn started(all: &mut [Refused], event: &Event<'_>, to: &[String], grants: &[Given<'_>]) {
    let number = event.named.iter().find(|name| name.starts_with("phone:"));
    let meant = |one: &Refused| {
        let texts = matches!(one.what, What::Stop | What::RevokeAll | What::Carrier);
        let here = number.is_some_and(|number| one.named.contains(number));
        texts && here && one.at < event.at && one.given_back.is_empty()
    };
    let since = chapter(all, &meant, grants);
    for one in all.iter_mut().filter(|one| meant(one) && since.is_none_or(|since| one.at >= since)) {
        one.given_back.push(Back::whole(to.to_vec()));
    }
}

/// An answer keeps purposes that the STOP before it took.
fn clarified(all: &mut [Refused], event: &Event<'_>, kept: &[Purpose], grants: &[Given<'_>]) {
    let meant =
        |one: &Refused| matches!(one.what, What::Stop | What::RevokeAll) && one.at < event.at && shares(one, event);
    let since = chapter(all, &meant, grants);
    for one in all.iter_mut().filter(|one| meant(one) && since.is_none_or(|since| one.at >= since)) {
        one.kept.extend(kept);
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
