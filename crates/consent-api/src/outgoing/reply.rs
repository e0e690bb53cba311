//! Answers a text: decided like every other message, sent at most once, and recorded.

use chrono::{DateTime, Utc};
use consent_core::address::Phone;
use consent_core::event::{Event, EventKind, Recorded};
use consent_query::question::Question;
use consent_query::reader::Freshness;
use consent_query::reason::{Answer as Verdict, Reason};
use consent_store::{SourceKey, StoreError, Task};
use serde_json::json;

use super::calls::Made;
use super::{Ended, Outgoing, later};
use crate::gateways::{Account, Answer, Text};
use crate::replies::Reply;
use crate::{clock, limits};

impl Outgoing {
    /// Sends the answer that a text asked for, if it may still be sent.
    pub(super) async fn reply(&self, task: &Task, account: &Account, asked: &Recorded) -> Result<Ended, StoreError> {
        let over = |how: &str| Ok(Ended::Over(how.to_owned()));
        let EventKind::InboundSms(sms) = &asked.event.kind else { return over("not a text") };
        let Some(reply) = Reply::ALL.into_iter().find(|reply| reply.name() == task.kind) else {
            return over("unknown");
        };
        let (Some(body), Some(outbox)) = (reply.text(&self.replies), account.kind.outbox) else {
            return over("no longer configured");
        };
        let sender = sms.from.as_deref().and_then(|from| Phone::parse_from_gateway(from).ok());
        let (Some(to), Some(from)) = (sender, sms.to.as_deref()) else { return over("no number to answer") };
        let sent = Sent { task, reply, to: &to, asked };
        if task.calling {
            // The node that called was lost on the way. A second text would be one too many.
            self.record(&sent, None).await;
            return over("unknown: the call was interrupted");
        }
        let now = clock::now();
        let again = Ended::Later(later(task.attempts, now, limits::REPLY_PAUSE));
        match self.denied(&sent, now).await {
            None => {}
            // Nobody has said no. Whether it is too late by then, the rules say.
            Some(Reason::LedgerUnavailable) => return Ok(again),
            Some(denied) => return over(&format!("denied: {denied}")),
        }
        let text = Text { from, to: &to, body, id: asked.event_id, now };
        let call = match (outbox.send)(account, &text) {
            Ok(call) => call,
            Err(incomplete) => return over(&format!("incomplete: {incomplete}")),
        };
        if !self.service.ledger.calling(task).await? {
            return over("claimed by another node");
        }
        match self.calls.make(call).await {
            Made::NotReached(why) => {
                tracing::warn!(account = account.name, why, "the gateway was not reached");
                Ok(again)
            }
            Made::Unknown(why) => {
                self.record(&sent, None).await;
                over(&format!("unknown: {why}"))
            }
            Made::Answered(status, answer) => match (outbox.answer)(status, &answer) {
                Answer::Done(id) => {
                    self.record(&sent, id).await;
                    over("sent")
                }
                Answer::Refused(code) => over(&format!("refused: {code}")),
                Answer::Later(_) => Ok(again),
            },
        }
    }

    /// Why the answer may not be sent now; nothing, if it may.
    async fn denied(&self, sent: &Sent<'_>, now: DateTime<Utc>) -> Option<Reason> {
        match sent.reply {
            Reply::OptedOut => self.ask(sent, "optout_confirmation", now).await.err(),
            Reply::Help => self.ask(sent, "help_response", now).await.err(),
            Reply::OptedIn => self.denied_as_subscriber(sent, now).await,
        }
    }

    /// An opt-in is confirmed only if it worked: some kind of marketing is allowed, now or in an hour that is not quiet.
    async fn denied_as_subscriber(&self, sent: &Sent<'_>, now: DateTime<Utc>) -> Option<Reason> {
        if now - sent.asked.received_at > limits::REPLY_WITHIN {
            return Some(Reason::OptoutConfirmationLate);
        }
        let mut denied = None;
        for purpose in ["updates", "special_offers", "services"] {
            match self.ask(sent, purpose, now).await {
                Ok(()) | Err(Reason::QuietHours | Reason::FrequencyCap | Reason::TimezoneUnknown) => return None,
                Err(Reason::LedgerUnavailable) => return Some(Reason::LedgerUnavailable),
                Err(reason) => denied = Some(reason),
            }
        }
        denied
    }

    async fn ask(&self, sent: &Sent<'_>, purpose: &str, now: DateTime<Utc>) -> Result<(), Reason> {
        let question = Question {
            id: clock::new_id(),
            phone: Some(sent.to.to_string()),
            subject: sent.asked.event.subject.as_ref().map(ToString::to_string),
            channel: "sms".to_owned(),
            purpose: purpose.to_owned(),
            ..Question::default()
        };
        let decision = self.service.reader.ask(&question, now, Freshness::of(sent.task.seq + 1)).await;
        if decision.decision == Verdict::Allow { Ok(()) } else { Err(decision.reason) }
    }

    /// Records that the answer was sent. The key makes that one event, however often it is tried.
    async fn record(&self, sent: &Sent<'_>, provider_message_id: Option<String>) {
        let purpose = match sent.reply {
            Reply::OptedOut => "optout_confirmation",
            Reply::Help => "help_response",
            Reply::OptedIn => "inquiry_reply",
        };
        let fields = json!({
            "type": "message_sent",
            "at": clock::now(),
            "phone": sent.to.to_string(),
            "channel": "sms",
            "purpose": purpose,
            "provider_message_id": provider_message_id,
            "source": format!("gateway:{}", sent.task.account),
        });
        let key = SourceKey { source: "outgoing".to_owned(), key: format!("{}/{}", sent.task.seq, sent.task.kind) };
        let recorded = match Event::from_json(fields) {
            Ok(event) => self.service.intake.record(event, Some(key), self.service.event_deadline).await.map(drop).ok(),
            Err(_) => None,
        };
        if recorded.is_none() {
            tracing::error!(seq = sent.task.seq, "an answer was sent that could not be recorded");
        }
    }
}

/// An answer under way.
struct Sent<'a> {
    task: &'a Task,
    reply: Reply,
    to: &'a Phone,
    asked: &'a Recorded,
}
