//! Rule 8: the two messages that may follow an opt-out: its one confirmation, and the answer to HELP.

use chrono::TimeDelta;
use consent_core::scope::{Channel, Purpose};
use smallvec::smallvec;

use super::{Allowance, Objection, Verdict};
use crate::decision::Evidence;
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::{Cited, Fact, Sent};

/// Channels on which an opt-out may be confirmed: in writing (47 CFR 64.1200(a)(12) knows a text alone).
const WRITTEN: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Email, Channel::Push, Channel::Whatsapp];

pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    match matter.asked.purpose {
        Purpose::OptoutConfirmation => confirmation(matter),
        Purpose::HelpResponse => help(matter),
        _ => Verdict::Silent,
    }
}

/// One confirmation, within the delay, of opt-outs that nothing undid since. A repeated STOP earns no second one.
fn confirmation(matter: &Matter<'_>) -> Verdict {
    let opt_outs = if WRITTEN.contains(&matter.asked.channel) { matter.confirmable() } else { Default::default() };
    let late = |cited: Evidence| Objection::permanent(Reason::OptoutConfirmationLate, cited).into();
    let last = opt_outs.iter().max_by_key(|one| (one.received_at, one.cited.seq));
    let (Some(first), Some(last)) = (opt_outs.first(), last) else { return late(Evidence::new()) };
    let confirms = |sent: &&Fact<Sent>| sent.what.purpose == Purpose::OptoutConfirmation && sent.at >= first.at;
    if let Some(sent) = sent_to(matter).find(confirms) {
        return Objection::permanent(Reason::OptoutConfirmationUsed, smallvec![last.cited, sent.cited]).into();
    }
    let until = last.received_at + matter.rules.settings().optout_confirmation_max_delay.delta();
    if matter.now >= until {
        return late(smallvec![last.cited]);
    }
    allow(Reason::OptoutConfirmation, last.cited, until)
}

/// One answer to each HELP, by text to the number that sent it, if no STOP came after it.
fn help(matter: &Matter<'_>) -> Verdict {
    let here = |fact: &&Fact<()>| matter.contact().is_some_and(|to| fact.about.contains(to)) && fact.at <= matter.now;
    let questions = matter.standing.facts().asked_for_help.iter().filter(here);
    let Some(asked) = questions.max_by_key(|fact| (fact.at, fact.cited.seq)) else { return Verdict::Silent };
    let limit = matter.rules.limit("help-reply", matter.now).map_or(TimeDelta::MAX, |limit| limit.delta());
    let Some(until) = asked.at.checked_add_signed(limit) else { return Verdict::Silent };
    let answers = |sent: &Fact<Sent>| sent.what.purpose == Purpose::HelpResponse && sent.at >= asked.at;
    let withdrawn = matter.unlifted();
    let by_text = matter.asked.channel.family() == Channel::Sms;
    let stopped = withdrawn.iter().any(|one| one.at >= asked.at)
        || !withdrawn.is_empty() && !matter.rules.settings().help_reply_after_stop;
    if !by_text || stopped || matter.now >= until || sent_to(matter).any(answers) {
        return Verdict::Silent;
    }
    allow(Reason::ReplyToConsumerRequest, asked.cited, until)
}

fn allow(reason: Reason, cited: Cited, until: chrono::DateTime<chrono::Utc>) -> Verdict {
    Verdict::Allow(Allowance { until: Some(until), ..Allowance::lasting(reason, smallvec![cited]) })
}

/// What went out on this kind of channel to whom is asked about.
fn sent_to<'a>(matter: &'a Matter<'_>) -> impl Iterator<Item = &'a Fact<Sent>> {
    let family = matter.asked.channel.family();
    let here = move |sent: &&Fact<Sent>| sent.what.channel.family() == family && matter.touches(&sent.about);
    matter.standing.facts().sent.iter().filter(here)
}

#[cfg(test)]
mod tests;
