//! What follows from an entry of the ledger.

use std::collections::BTreeMap;

use consent_core::event::kinds::{InboundSms, Indicator};
use consent_core::event::{EventKind, Recorded};
use consent_core::keywords::Meaning;
use consent_core::review;
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

/// Whether any entry can ask for anything: else there is none to be read.
pub(super) fn listens(accounts: &BTreeMap<String, Account>, replies: &Replies) -> bool {
    let answers = Reply::ALL.iter().any(|reply| reply.text(replies).is_some());
    accounts
        .values()
        .any(|account| can_send(account) && (account.push_opt_outs || answers && !account.provider_confirms))
}

/// The answer that a text calls for, unless the gateway gives it.
fn answered<'a>(recorded: &Recorded, accounts: &'a BTreeMap<String, Account>) -> Option<(&'a Account, Reply)> {
    let sms = text_of(recorded)?;
    // Without a text it is the gateway's own block list that speaks, and nobody waits for an answer.
    sms.body.as_deref().filter(|body| !body.trim().is_empty())?;
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

fn meaning(sms: &InboundSms) -> Meaning {
    review::read(sms).meaning
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

#[cfg(test)]
mod tests {
    use consent_core::event::Event;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::clock;
    use crate::gateways::find;

    fn accounts() -> BTreeMap<String, Account> {
        let account = |name: &str, kind: &str, provider_confirms| Account {
            name: name.to_owned(),
            kind: find(kind).unwrap(),
            secrets: Vec::new(),
            public_url: String::new(),
            provider_confirms,
            push_opt_outs: true,
            settings: BTreeMap::new(),
            credentials: BTreeMap::new(),
        };
        let all = [account("t", "twilio", false), account("u", "twilio", true), account("x", "telnyx", false)];
        all.into_iter().map(|account| (account.name.clone(), account)).collect()
    }

    fn asked_for(event: Value) -> Vec<String> {
        let replies = Replies {
            program: "INFI".to_owned(),
            help: "help".to_owned(),
            opted_out: "out".to_owned(),
            opted_in: String::new(),
        };
        let event = Event::from_json(event).unwrap();
        let recorded = Recorded { seq: 7, event_id: Uuid::nil(), received_at: clock::now(), event };
        tasks(&recorded, &accounts(), &replies)
            .into_iter()
            .map(|task| format!("{} {}", task.account, task.kind))
            .collect()
    }

    #[test]
    fn nothing_is_read_for_accounts_that_say_nothing() {
        let silent =
            Replies { program: String::new(), help: String::new(), opted_out: String::new(), opted_in: String::new() };
        let answering = Replies { help: "help".to_owned(), ..silent.clone() };
        let of = |confirms: bool, pushes: bool| {
            let all = accounts().into_iter().take(1);
            let set = |account: Account| Account { provider_confirms: confirms, push_opt_outs: pushes, ..account };
            all.map(|(name, account)| (name, set(account))).collect::<BTreeMap<_, _>>()
        };
        for (accounts, replies, expected) in [
            (of(false, false), &silent, false),
            (of(false, false), &answering, true),
            (of(true, false), &answering, false),
            (of(true, true), &silent, true),
            (BTreeMap::new(), &answering, false),
        ] {
            assert_eq!(listens(&accounts, replies), expected);
        }
    }

    #[test]
    fn every_entry_asks_for_what_follows_from_it() {
        let text = |gateway: &str, body: &str, more: Value| {
            let mut event = json!({"type": "inbound_sms", "gateway": gateway, "from": "+12025550123", "body": body});
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        for (event, expected) in [
            (text("t", "STOP", json!({})), &["t opted_out", "t push", "u push"][..]),
            (text("t", "STOP", json!({"opt_out_indicator": "STOP"})), &["t opted_out", "u push"]),
            (text("u", "STOP", json!({"opt_out_indicator": "STOP"})), &["t push"]),
            (text("x", "Please stop texting me", json!({})), &["x opted_out", "t push", "u push"]),
            (text("gone", "STOP", json!({})), &["t push", "u push"]),
            (text("t", "STOP", json!({"source": "whatsapp"})), &["t push", "u push"]),
            (text("t", "", json!({"opt_out_indicator": "STOP"})), &["u push"]),
            (text("t", "wrong number", json!({})), &["t push", "u push"]),
            (text("t", "HELP", json!({})), &["t help"]),
            (text("u", "HELP", json!({})), &[]),
            // No text is configured for it.
            (text("t", "START", json!({})), &[]),
            (text("t", "Thanks, see you on Monday", json!({})), &[]),
            (json!({"type": "withdrawal_request", "via": "chat", "phone": "+12025550123"}), &["t push", "u push"]),
            (json!({"type": "email_bounced", "email": "pat@example.com"}), &[]),
            (json!({"type": "purchase", "subject": "A"}), &[]),
        ] {
            let shown = event.to_string();
            assert_eq!(asked_for(event), expected, "{shown}");
        }
    }
}
