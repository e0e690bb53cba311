//! Reports an opt-out to a gateway's own block list, until the gateway has it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, Phone};
use consent_core::event::{EventKind, Recorded};
use consent_query::question::Question;
use consent_query::reader::Freshness;
use consent_query::reason::{Answer as Verdict, Reason};
use consent_store::{StoreError, Task};

use super::calls::Made;
use super::{Ended, Outgoing, later};
use crate::gateways::{Account, Answer, OptOut};
use crate::{clock, limits};

/// Refusals of texts as such: what a block list is for.
const REFUSALS: &[Reason] = &[Reason::OptedOutAll, Reason::OptedOutChannel];

impl Outgoing {
    /// Reports every number that the entry has closed to texts.
    pub(super) async fn push(&self, task: &Task, account: &Account, said: &Recorded) -> Result<Ended, StoreError> {
        let over = |how: &str| Ok(Ended::Over(how.to_owned()));
        let Some((outbox, push)) = account.kind.outbox.and_then(|outbox| Some((outbox, outbox.push?))) else {
            return over("no longer configured");
        };
        let now = clock::now();
        let again = Ended::Later(later(task.attempts, now, limits::PUSH_PAUSE));
        let mut reported = 0;
        for phone in self.numbers(said).await? {
            match self.is_closed(&phone, task.seq, now).await {
                Some(true) => {}
                Some(false) => continue,
                // The ledger was not consulted: nobody has said that the opt-out is over.
                None => return Ok(again),
            }
            let from = match &said.event.kind {
                EventKind::InboundSms(sms) if sms.gateway.as_deref() == Some(&account.name) => sms.to.as_deref(),
                _ => account.setting("sender"),
            };
            let at = said.event.at.unwrap_or(said.received_at);
            let opt_out = OptOut { from, phone: &phone, at, id: said.event_id, now };
            let call = match push(account, &opt_out) {
                Ok(call) => call,
                Err(incomplete) => return over(&format!("incomplete: {incomplete}")),
            };
            match self.calls.make(call).await {
                Made::NotReached(why) | Made::Unknown(why) => {
                    tracing::warn!(account = account.name, why, "an opt-out is not reported yet");
                    return Ok(again);
                }
                Made::Answered(status, body) => match (outbox.answer)(status, &body) {
                    Answer::Done(_) => reported += 1,
                    Answer::Later(_) => return Ok(again),
                    Answer::Refused(code) => return over(&format!("refused: {code}")),
                },
            }
        }
        over(if reported > 0 { "reported" } else { "nothing to report" })
    }

    /// The numbers of those whom the entry is about.
    async fn numbers(&self, said: &Recorded) -> Result<BTreeSet<Phone>, StoreError> {
        let person = self.service.ledger.person(&said.event.identities()).await?;
        let named = person.events.iter().flat_map(|recorded| recorded.event.identities());
        let phone = |identity| match identity {
            Identity::Phone(phone) => Some(phone),
            _ => None,
        };
        Ok(named.filter_map(phone).collect())
    }

    /// Whether every kind of marketing by text to this number is refused for good; nothing if that cannot be told now.
    async fn is_closed(&self, phone: &Phone, seq: u64, now: DateTime<Utc>) -> Option<bool> {
        for purpose in ["updates", "special_offers", "services"] {
            let question = Question {
                id: clock::new_id(),
                phone: Some(phone.to_string()),
                channel: "sms".to_owned(),
                purpose: purpose.to_owned(),
                ..Question::default()
            };
            let decision = self.service.reader.ask(&question, now, Freshness::of(seq + 1)).await;
            if decision.reason == Reason::LedgerUnavailable {
                return None;
            }
            let refused = REFUSALS.contains(&decision.reason);
            if decision.decision == Verdict::Allow || !refused {
                return Some(false);
            }
        }
        Some(true)
    }
}
