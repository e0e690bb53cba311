//! What the service says by itself: answers to STOP, START and HELP where the gateway does not give them, and opt-outs
//! that gateways should know of.
//!
//! The queue follows from the ledger: [`follow`] reads each new entry once and writes down what it asks for. What is
//! due is claimed, decided anew by the same rules as every other message, and sent. A text goes out at most once: if it
//! is not known whether the gateway took it, it counts as sent. An opt-out is reported until the gateway has it.

mod calls;
mod follow;
mod push;
mod reply;

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use consent_core::address::Phone;
use consent_core::event::Recorded;
use consent_store::{Ledger, StoreError, Task};
use futures_util::future::join_all;
use uuid::Uuid;

use crate::config::Replies;
use crate::gateways::{Account, OptOut, Text};
use crate::replies::Reply;
use crate::server::Service;
use crate::{clock, limits};
use calls::Calls;

/// The name under which the queue follows the ledger.
const NAME: &str = "outgoing";

/// Says what is to be said, one task after the other.
pub struct Outgoing {
    service: web::Data<Service>,
    replies: Replies,
    calls: Calls,
}

/// How a task ended, or that it has to wait.
enum Ended {
    /// It is over, with a word on how.
    Over(String),
    /// Later.
    Later(DateTime<Utc>),
}

impl Outgoing {
    /// For the accounts of this service, with these texts.
    pub fn new(service: web::Data<Service>, replies: Replies) -> Result<Self, reqwest::Error> {
        Ok(Self { service, replies, calls: Calls::new()? })
    }

    /// Begins to follow the ledger, if it is not followed yet: before the first message comes, or that would be missed.
    pub async fn begin(ledger: &Ledger) -> Result<(), StoreError> {
        ledger.follower(NAME).await.map(drop)
    }

    /// Works for ever.
    pub async fn keep_working(self) {
        loop {
            match self.work().await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(limits::OUTGOING_PAUSE).await,
                Err(error) => {
                    tracing::warn!(%error, "the outgoing queue waits for the ledger");
                    tokio::time::sleep(limits::OUTGOING_TROUBLE).await;
                }
            }
        }
    }

    /// Reads some new entries, says what is due, and tells whether there was anything to do.
    async fn work(&self) -> Result<bool, StoreError> {
        let read = self.follow().await?;
        let due = self.service.ledger.claim(clock::now(), limits::OUTGOING_LEASE, limits::OUTGOING_AT_ONCE).await?;
        let said = !due.is_empty();
        // At the same time: a gateway that does not answer must not keep the others waiting.
        for said in join_all(due.into_iter().map(|task| self.say(task))).await {
            said?;
        }
        let (waiting, _) = self.service.ledger.tasks_waiting().await?;
        metrics::gauge!("outgoing_waiting").set(waiting as f64);
        Ok(read || said)
    }

    /// Reads entries that nobody has read yet; `false` if there were none.
    async fn follow(&self) -> Result<bool, StoreError> {
        let ledger = &self.service.ledger;
        let (from, end) = (ledger.follower(NAME).await?, ledger.head().await?.size);
        if from >= end {
            return Ok(false);
        }
        if !follow::listens(&self.service.accounts, &self.replies) {
            return ledger.follow(NAME, from, end, &[]).await.map(|_| false);
        }
        let entries = ledger.entries(from, end).await?;
        let to = from + entries.len() as u64;
        let mut tasks = Vec::new();
        for entry in entries {
            if let Some(recorded) = entry.recorded()? {
                tasks.extend(follow::tasks(&recorded, &self.service.accounts, &self.replies));
            }
        }
        ledger.follow(NAME, from, to, &tasks).await?;
        Ok(true)
    }

    async fn say(&self, task: Task) -> Result<(), StoreError> {
        let ended = match (self.service.accounts.get(&task.account), self.entry(&task).await?) {
            (None, _) => Ended::Over("the account is gone".to_owned()),
            (_, None) => Ended::Over("erased".to_owned()),
            (Some(account), Some(recorded)) if task.kind == follow::PUSH => {
                self.push(&task, account, &recorded).await?
            }
            (Some(account), Some(recorded)) => self.reply(&task, account, &recorded).await?,
        };
        match ended {
            Ended::Later(until) => self.service.ledger.put_off(&task, until).await,
            Ended::Over(how) => {
                let word = how.split([':', ' ']).next().unwrap_or_default().to_owned();
                metrics::counter!("outgoing_total", "kind" => task.kind.clone(), "outcome" => word).increment(1);
                tracing::info!(account = task.account, kind = task.kind, seq = task.seq, how, "outgoing");
                self.service.ledger.finish(&task, &how).await
            }
        }
    }

    async fn entry(&self, task: &Task) -> Result<Option<Recorded>, StoreError> {
        let entry = self.service.ledger.entries(task.seq, task.seq + 1).await?.pop();
        entry.map_or(Ok(None), |entry| entry.recorded())
    }
}

/// When to try again after this many attempts: soon at first, then ever less often.
fn later(attempts: u32, now: DateTime<Utc>, longest: TimeDelta) -> DateTime<Utc> {
    let seconds = 2_i64.saturating_pow(attempts.clamp(1, 20));
    now + TimeDelta::seconds(seconds).min(longest)
}

/// Whether this account can send texts.
fn can_send(account: &Account) -> bool {
    account.kind.outbox.is_some()
}

/// Why an account will not say what the configuration wants said; nothing, if it will.
pub fn unable(account: &Account, replies: &Replies) -> Option<String> {
    let answers = !account.provider_confirms && Reply::ALL.iter().any(|reply| reply.text(replies).is_some());
    let nobody = Phone::parse("+12025550123").ok()?;
    let now = DateTime::UNIX_EPOCH;
    match account.kind.outbox {
        None if answers || account.push_opt_outs => Some("texts cannot be sent by this kind of gateway".to_owned()),
        Some(outbox) if answers => {
            let text = Text { from: "+12025550100", to: &nobody, body: "", id: Uuid::nil(), now };
            let why = (outbox.send)(account, &text).err();
            why.map(|incomplete| format!("texts are not answered: {incomplete}"))
        }
        _ => None,
    }
    .or_else(|| {
        let push = account.kind.outbox.filter(|_| account.push_opt_outs)?.push;
        let opt_out = OptOut { from: Some("+12025550100"), phone: &nobody, at: now, id: Uuid::nil(), now };
        let Some(push) = push else { return Some("this kind of gateway takes no opt-outs".to_owned()) };
        let why = push(account, &opt_out).err();
        why.map(|incomplete| format!("opt-outs are not reported: {incomplete}"))
    })
}
