//! Messages that wait for a person: what waits, and what becomes of it.
//!
//! The ledger finds what may wait; whether it still does is said by the same [`Reviews`] by which questions are
//! answered.

use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::event::fault::Fault;
use consent_core::event::{Event, EventKind, Recorded, kinds::DisclosureMade};
use consent_core::review::{Finding, Why, why_held};
use consent_query::rules::Rules;
use consent_query::standing::{Reviews, waits};
use consent_store::{Ledger, Receipt, SourceKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Kind, Problem};
use crate::intake::Intake;
use crate::limits;

/// A message that waits until a person has read it
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Id of its event: what `resolve` asks for.
    #[schema(example = "019aab00-0000-7000-8000-000000000000")]
    pub event_id: String,
    /// Its position in the ledger.
    pub seq: u64,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Why it waits: `unparsed needs_review clarification unknown_indicator nothing_said interpreted`.
    #[schema(example = "needs_review")]
    pub why: String,
    /// Gateway account.
    pub gateway: Option<String>,
    /// Who sent it, as far as that is known.
    pub sender: Option<String>,
    /// The text; null if it could not be read, or there is none.
    pub body: Option<String>,
    /// What could not be read, in base64.
    pub bytes: Option<String>,
    /// What the gateway says it did.
    pub opt_out_indicator: Option<String>,
}

/// Some of the messages that wait
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// The messages, oldest first. There may be fewer than asked for: only `next` says whether more follow.
    pub reviews: Vec<Message>,
    /// `after` of the next page; null on the last.
    pub next: Option<u64>,
    /// Size of the ledger when this was read.
    pub position: u64,
}

/// What is recorded of a review
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resolution {
    /// Id of the event that says what the message is.
    pub event_id: String,
    /// Size of the ledger after it.
    pub position: u64,
    /// It was recorded before.
    #[serde(skip)]
    #[schema(ignore)]
    pub repeated: bool,
}

/// Reads and answers for one ledger.
pub struct Desk<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The rules by which messages are held.
    pub rules: &'a Rules,
    /// Where findings are recorded.
    pub intake: &'a Intake,
    /// Time for one to be recorded.
    pub deadline: Duration,
}

impl Desk<'_> {
    /// A page of what waits, oldest first. Showing it is a disclosure, and recorded before anything is shown; the first
    /// page stands for those that follow it.
    pub async fn waiting(&self, after: Option<u64>, limit: Option<usize>, reader: &str) -> Result<Page, Problem> {
        let limit = limit.unwrap_or(limits::REVIEWS_DEFAULT);
        if limit == 0 || limit > limits::REVIEWS_PAGE {
            let detail = format!("must be 1 to {}", limits::REVIEWS_PAGE);
            return Err(Problem::fields(vec![Fault::new("/limit", detail)]));
        }
        let reasons: Vec<Why> = Why::ALL.iter().copied().filter(|why| self.holds(*why)).collect();
        let found = self.ledger.waiting(&reasons, after, limit).await?;
        let said = self.ledger.said_about(found.messages.iter().map(|message| message.event_id)).await?;
        let known = Reviews::of(&said, self.rules);
        let open = found.messages.iter().filter(|message| known.outcome(message.event_id).is_none());
        let reviews: Vec<Message> = open.filter_map(|message| self.shown(message)).collect();
        if after.is_none() && !reviews.is_empty() {
            self.intake.record(disclosure(reader), None, self.deadline).await?;
        }
        Ok(Page { reviews, next: found.next, position: found.position })
    }

    fn holds(&self, why: Why) -> bool {
        waits(why, self.rules.settings())
    }

    fn shown(&self, recorded: &Recorded) -> Option<Message> {
        let why = why_held(&recorded.event.kind).filter(|why| self.holds(*why))?;
        let named = || recorded.event.identities().first().map(|who| who.value().to_owned());
        let mut message = Message {
            event_id: recorded.event_id.to_string(),
            seq: recorded.seq,
            received_at: recorded.received_at,
            why: why.as_str().to_owned(),
            gateway: None,
            sender: None,
            body: None,
            bytes: None,
            opt_out_indicator: None,
        };
        match recorded.event.kind.clone() {
            EventKind::InboundSms(sms) => {
                let indicator = sms.opt_out_indicator.and_then(|word| serde_json::to_value(word).ok());
                message.opt_out_indicator = indicator.as_ref().and_then(Value::as_str).map(ToOwned::to_owned);
                (message.gateway, message.sender, message.body) = (sms.gateway, sms.from.or_else(named), sms.body);
            }
            EventKind::InboundUnparsed(raw) => {
                (message.gateway, message.sender, message.bytes) = (raw.gateway, raw.sender.or_else(named), raw.bytes);
            }
            _ => return None,
        }
        Some(message)
    }

    /// Records what a person found in a message, once. That it is an opt-out counts whatever was found before; that it
    /// is none does not count against an opt-out.
    pub async fn resolve(
        &self,
        id: &str,
        finding: Finding,
        reviewer: &str,
        caller: &str,
    ) -> Result<Resolution, Problem> {
        let id = self.message(id).await?;
        for _ in 0..limits::REVIEW_TRIES {
            let said = self.ledger.said_about([id]).await?;
            let known = Reviews::of(&said, self.rules);
            let before = known.outcome(id);
            if before == Some(finding) {
                return self.known(id, finding, &said).await;
            }
            if before == Some(Finding::IsOptOut) {
                return Err(Problem::new(Kind::Resolved, "it was found to be an opt-out, and stays one"));
            }
            let event = review(id, finding, reviewer, caller)?;
            // Named by how often it was read: of two reviewers at the same time the second sees what the first found.
            let key = SourceKey { source: "reviews".to_owned(), key: format!("{id}/{}", known.times(id)) };
            match self.intake.record(event, Some(key), self.deadline).await {
                Err(problem) if problem.is_conflict() => {}
                Err(problem) => return Err(problem),
                Ok(receipt) => return answer(receipt, before),
            }
        }
        Err(Problem::new(Kind::Unavailable, "others say what this message is at the same time"))
    }

    /// The id of a message that waits for a person, or did.
    async fn message(&self, id: &str) -> Result<Uuid, Problem> {
        let unknown = || Problem::new(Kind::NotFound, "no message with this id has to be read by a person");
        let id: Uuid = id.parse().map_err(|_| unknown())?;
        let entry = self.ledger.find(id).await?.ok_or_else(unknown)?;
        let recorded = entry.recorded()?.ok_or_else(unknown)?;
        self.shown(&recorded).map(|_| id).ok_or_else(unknown)
    }

    /// What was recorded when somebody found the same.
    async fn known(&self, id: Uuid, finding: Finding, said: &[Recorded]) -> Result<Resolution, Problem> {
        let says_so = |event: &&Recorded| match &event.event.kind {
            EventKind::ReviewResolved(review) => {
                event.event.references().contains(&id) && consent_core::review::finding(review) == Some(finding)
            }
            _ => false,
        };
        let event_id = said.iter().rfind(says_so).map(|event| event.event_id.to_string()).unwrap_or_default();
        Ok(Resolution { event_id, position: self.ledger.head().await?.size, repeated: true })
    }
}

/// The answer to a finding that was recorded, given what was found before.
fn answer(receipt: Receipt, before: Option<Finding>) -> Result<Resolution, Problem> {
    if before.is_some() {
        let detail = "it was found to be none; the opt-out was recorded all the same, and counts";
        return Err(Problem::new(Kind::Resolved, detail).with_receipt(Some(receipt)));
    }
    let Receipt { event_id, position, repeated, .. } = receipt;
    Ok(Resolution { event_id: event_id.to_string(), position, repeated })
}

fn review(id: Uuid, finding: Finding, reviewer: &str, caller: &str) -> Result<Event, Problem> {
    let (id, outcome) = (id.to_string(), finding.as_str());
    let fields = json!({
        "type": "review_resolved", "event_id": id, "outcome": outcome, "reviewer": reviewer, "actor": caller,
    });
    Ok(Event::from_json(fields)?)
}

fn disclosure(reader: &str) -> Event {
    let what = "messages that wait for review".to_owned();
    let kind = DisclosureMade { recipient: Some(reader.to_owned()), what: Some(what) };
    let mut event = Event::new(EventKind::DisclosureMade(kind));
    event.actor = Some(reader.to_owned());
    event
}
