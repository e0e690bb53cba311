//! What follows from an entry of the ledger.

use std::collections::BTreeMap;

use consent_core::event::kinds::{InboundSms, Indicator};
use consent_core::event::{EventKind, Recorded};
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::Lenient;
use consent_store::Task;

use super::can_send;
use crate::config::Replies;
use crate::gateways::Account;
use crate::replies::Reply;

/// The kind of task that reports an opt-out.
pub(super) const PUSH: &str = "push";

/// The tasks that an entry asks for: an answer through the account the text came by, and a report to every other account
/// that wants opt-outs.
pub(super) fn tasks(recorded: &Recorded, accounts: &BTreeMap<String, Account>, replies: &Replies) -> Vec<Task> {
    let task = |account: &Account, kind: &str| Task::new(recorded.seq, &account.name, kind, recorded.received_at);
    let answer = answered(recorded, accounts).and_then(|(account, reply)| {
        let wanted = reply.text(replies).is_some() && can_send(account);
        wanted.then(|| task(account, reply.name()))
    });
    let told = accounts.values().filter(|account| wants(account, recorded)).map(|account| task(account, PUSH));
    answer.into_iter().chain(told).collect()
}

/// The answer that a text calls for, unless the gateway gives it.
fn answered<'a>(recorded: &Recorded, accounts: &'a BTreeMap<String, Account>) -> Option<(&'a Account, Reply)> {
    let sms = text_of(recorded)?;
    let account = accounts.get(sms.gateway.as_deref()?).filter(|account| !account.provider_confirms)?;
    let reply = match meaning(sms) {
        Meaning::OptOut => Reply::OptedOut,
        Meaning::OptIn => Reply::OptedIn,
        Meaning::Help => Reply::Help,
        _ => return None,
    };
    Some((account, reply))
}

/// A text by SMS or MMS. Our answers go by SMS, so that one on another channel gets none.
fn text_of(recorded: &Recorded) -> Option<&InboundSms> {
    match &recorded.event.kind {
        EventKind::InboundSms(sms) => {
            let elsewhere = matches!(recorded.event.source.as_deref(), Some("whatsapp" | "rcs"));
            (!elsewhere).then_some(sms)
        }
        _ => None,
    }
}

pub(super) fn meaning(sms: &InboundSms) -> Meaning {
    classify(sms.body.as_deref().unwrap_or_default(), indicator(sms))
}

fn indicator(sms: &InboundSms) -> Option<Indicator> {
    sms.opt_out_indicator.as_ref().and_then(Lenient::known)
}

/// Whether an account's block list may have to learn of this. It need not if its gateway itself told us.
fn wants(account: &Account, recorded: &Recorded) -> bool {
    let may_block = account.push_opt_outs && account.kind.outbox.is_some_and(|outbox| outbox.push.is_some());
    let from_here = match &recorded.event.kind {
        EventKind::InboundSms(sms) => {
            sms.gateway.as_deref() == Some(&account.name) && indicator(sms) == Some(Indicator::Stop)
        }
        EventKind::DeliveryReported(report) => report.gateway.as_deref() == Some(&account.name),
        _ => false,
    };
    let kind = &recorded.event.kind;
    let concerns_texts = match kind {
        EventKind::InboundSms(sms) => matches!(meaning(sms), Meaning::OptOut | Meaning::WrongNumber),
        EventKind::InboundUnparsed(_) | EventKind::EmailBounced(_) => false,
        kind => kind.narrows(),
    };
    may_block && !from_here && concerns_texts
}
