//! What takes a withdrawal back without a new consent: START after STOP, an answer to the confirmation of an opt-out,
//! a switch turned on again, and a device that permits notifications again. None of them reaches any other withdrawal.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::{InboundSms, OptoutClarified, PreferenceSet};
use consent_core::keywords::Meaning;
use consent_core::scope::{Channel, Lenient, Purpose};

use super::coverage::{Coverage, family};
use super::grants::Grant;
use super::history::{History, Said};
use super::links::{Links, PointKind};
use super::refusal::{Origin, Reach};
use super::withdrawals::{Returned, Withdrawal, bound};
use crate::rules::{Restores, Settings, StopScope};

/// Applies every such act to the withdrawals before it.
pub(super) fn apply(
    withdrawals: &mut Vec<Withdrawal>,
    history: &History<'_>,
    links: &Links,
    grants: &[Grant],
    settings: &Settings,
) {
    for said in history.standing() {
        match &said.event().kind {
            EventKind::InboundSms(sms)
                if is_start(said, sms) && settings.start_keyword_restores == Restores::PriorScope =>
            {
                restart(withdrawals, said, links, grants, settings);
            }
            EventKind::OptoutClarified(answer) => clarify(withdrawals, said, answer, grants),
            EventKind::PreferenceSet(choices) if choices.via.as_deref() == Some("portal") => {
                switch_on(withdrawals, said, choices, links);
            }
            EventKind::PushPermission(permission) if permission.state.as_deref() == Some("granted") => {
                permit(withdrawals, said, links);
            }
            _ => {}
        }
    }
}

fn is_start(said: &Said<'_>, sms: &InboundSms) -> bool {
    !sms.is_piece() && said.read(sms).meaning == Meaning::OptIn
}

/// A START returns what the STOPs of this number took since the last consent before them, and for no more people than
/// such a STOP would bind now.
fn restart(withdrawals: &mut [Withdrawal], said: &Said<'_>, links: &Links, grants: &[Grant], settings: &Settings) {
    let points = said.named();
    let Some(number) = points.iter().find(|one| PointKind::of(one) == Some(PointKind::Phone)) else { return };
    let reach = match settings.stop_scope {
        StopScope::PersonAndNumber => Reach::Person,
        StopScope::Number => Reach::Number,
    };
    let by_text = |one: &Withdrawal| {
        one.at < said.permits_at && one.named.contains(number) && one.is_by_text() && one.returned.is_none()
    };
    let since = episode(withdrawals, grants, &by_text);
    let mut binds = None;
    for one in withdrawals.iter_mut().filter(|one| by_text(one) && since.is_none_or(|since| one.at >= since)) {
        let binds = binds.get_or_insert_with(|| bound(said, reach, links)).clone();
        one.returned = Some(Returned { cited: said.cited(), at: said.permits_at, binds });
    }
}

impl Withdrawal {
    /// A STOP, whether we or the carrier received it.
    fn is_by_text(&self) -> bool {
        let texts = self.coverage.contains(Channel::Sms, Purpose::SpecialOffers);
        self.origin == Origin::Stop || self.origin == Origin::Report && texts
    }
}

/// The time of the last complete consent before the latest of these withdrawals: with it a new chapter began, and what
/// was taken before it is not returned.
fn episode(
    withdrawals: &[Withdrawal],
    grants: &[Grant],
    meant: &impl Fn(&Withdrawal) -> bool,
) -> Option<DateTime<Utc>> {
    let latest = withdrawals.iter().filter(|one| meant(one)).max_by_key(|one| one.at)?;
    let counts = |grant: &&Grant| {
        grant.is_complete()
            && grant.is_explicit()
            && grant.at < latest.at
            && latest.binds.iter().any(|identity| grant.is_of(identity))
    };
    grants.iter().filter(counts).map(|grant| grant.at).max()
}

/// The answer to a confirmation narrows the STOP that was confirmed; without an answer it stands in full
/// (47 CFR 64.1200(a)(12)).
fn clarify(withdrawals: &mut [Withdrawal], said: &Said<'_>, answer: &OptoutClarified, grants: &[Grant]) {
    let kept: Vec<Purpose> = answer.keep_purposes.iter().filter_map(Lenient::known).collect();
    let kept = Coverage::of(&family(Channel::Sms), &kept);
    let by = said.named();
    let meant = |one: &Withdrawal| {
        one.origin == Origin::Stop && one.at < said.permits_at && one.binds.iter().any(|identity| by.contains(identity))
    };
    let since = episode(withdrawals, grants, &meant);
    for one in withdrawals.iter_mut().filter(|one| meant(one) && since.is_none_or(|since| one.at >= since)) {
        one.coverage = one.coverage.without(kept);
    }
}

/// A switch that the person turns on again, on the preference page, returns what turning it off took.
fn switch_on(withdrawals: &mut Vec<Withdrawal>, said: &Said<'_>, choices: &PreferenceSet, links: &Links) {
    let channels = match &choices.channel {
        Some(channel) => channel.known().map(family).unwrap_or_default(),
        None => Channel::ALL.to_vec(),
    };
    let on = Coverage::of(&channels, &choices.on);
    let by = said.named();
    let mut returned = Vec::new();
    for one in withdrawals.iter_mut().filter(|one| one.origin == Origin::Switch && one.at < said.permits_at) {
        let common = one.coverage.common(on);
        if one.returned.is_none() && !common.is_empty() && one.binds.iter().any(|identity| by.contains(identity)) {
            one.coverage = one.coverage.without(common);
            let act = Returned { cited: said.cited(), at: said.permits_at, binds: bound(said, Reach::Person, links) };
            returned.push(Withdrawal { coverage: common, returned: Some(act), ..one.clone() });
        }
    }
    withdrawals.extend(returned);
    withdrawals.sort_by_key(|one| (one.at, one.cited.seq));
}

/// A permission given again returns what its denial took. The consent it needs beside it is not given by it.
fn permit(withdrawals: &mut [Withdrawal], said: &Said<'_>, links: &Links) {
    let by = said.named();
    let denied = |one: &&mut Withdrawal| {
        one.origin == Origin::Device
            && one.at < said.permits_at
            && one.binds.iter().any(|identity| by.contains(identity))
    };
    for one in withdrawals.iter_mut().filter(denied).filter(|one| one.returned.is_none()) {
        let binds = bound(said, Reach::Person, links);
        one.returned = Some(Returned { cited: said.cited(), at: said.permits_at, binds });
    }
}

#[cfg(test)]
mod tests;
