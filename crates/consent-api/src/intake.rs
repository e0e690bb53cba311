//! The one way by which events enter: into the ledger in time, or, where nothing may be lost, into the spool.

mod dated;
mod lasting;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use consent_core::event::Event;
use consent_core::export::encode;
use consent_store::{AppendError, HandedOver, Ledger, Receipt, SourceKey, Submission};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::unconstrained;

use crate::error::{Kind, Problem};
use crate::spool::Spool;
use crate::{clock, limits};
pub(crate) use dated::{Taken, dated, may_permit, named, taken};
use lasting::Lasting;

/// Takes events in.
#[derive(Clone)]
pub struct Intake {
    ledger: Ledger,
    spool: Spool,
    /// When a write failed last, in microseconds; 0 once one has succeeded since.
    failed_at: Arc<AtomicI64>,
    /// Web workers end with their runtimes; what they accepted must not end with them.
    runtime: Handle,
    /// One permit for each event on its way.
    under_way: Arc<Semaphore>,
}

impl Intake {
    /// An intake into this ledger and spool.
    pub fn new(ledger: Ledger, spool: Spool) -> Self {
        let (runtime, under_way) = (Handle::current(), Arc::new(Semaphore::new(limits::UNDER_WAY as usize)));
        Self { ledger, spool, failed_at: Arc::default(), runtime, under_way }
    }

    /// Waits until everything that was accepted is in the ledger or in the spool. Nothing more is accepted then.
    pub async fn finish(&self) {
        if self.under_way.acquire_many(limits::UNDER_WAY).await.is_ok() {
            self.under_way.close();
        }
    }

    /// Whether an event waits in the spool for longer than an outage should last.
    pub fn is_spool_stuck(&self) -> bool {
        self.spool.is_stuck()
    }

    /// Records an event before the deadline.
    ///
    /// What an authentic gateway said, and every opt-out, is spooled if the ledger does not take it in time: the
    /// caller still gets an error, because another node could still allow, but nothing is lost. An opt-out that comes
    /// under a key already in use counts all the same.
    ///
    /// What still waits in the spool and is said again counts from when it came first.
    ///
    /// From the first poll on a caller that goes away takes nothing back.
    pub async fn record(&self, event: Event, key: Option<SourceKey>, deadline: Duration) -> Result<Receipt, Problem> {
        let intake = self.clone();
        let event_id = clock::new_id();
        let submission = Submission { event: named(event, key.as_ref(), event_id), event_id, key };
        let closed = |_| Problem::new(Kind::Unavailable, "the service is ending");
        // Handed over at the first poll: events that come in order are recorded in order. That is why tokio may not
        // put this off, as it does with every task that has done much at once.
        let permit = unconstrained(Arc::clone(&self.under_way).acquire_owned()).await.map_err(closed)?;
        let came = self.spool.came(&submission);
        let handed_over = self.ledger.hand_over(dated(&submission, came));
        let recording = async move {
            let outcome = intake.take(submission, came, handed_over, deadline).await;
            drop(permit);
            outcome
        };
        Lasting::new(&self.runtime, recording).await
    }

    /// Runs something that nobody waits for, where it does not end with the request that caused it.
    pub fn beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    async fn take(
        &self,
        submission: Submission,
        came: Option<DateTime<Utc>>,
        handed_over: Result<HandedOver, AppendError>,
        deadline: Duration,
    ) -> Result<Receipt, Problem> {
        let forbids = submission.event.kind.forbids();
        let arrived = came.or_else(|| clock::made_at(submission.event_id));
        match self.committed(&submission, handed_over, deadline).await {
            Err(AppendError::Conflict(first)) if forbids => match taken(&self.ledger, &submission, came, first).await {
                Ok(Taken::Same) => Ok(Receipt { repeated: true, ..first }),
                Ok(Taken::Later) => {
                    let receipt = self.take_again(told_again(submission), came, arrived, deadline).await?;
                    Ok(Receipt { repeated: true, position: receipt.position, ..first })
                }
                Ok(Taken::Otherwise) => {
                    let receipt = self.take_again(renamed(submission), came, arrived, deadline).await?;
                    Err(Problem::conflict(Some(receipt)))
                }
                Err(error) => Err(self.keep(&submission, arrived, error).await),
            },
            Err(AppendError::Conflict(_)) => Err(Problem::conflict(None)),
            Err(error) if forbids => Err(self.keep(&submission, arrived, error).await),
            Err(error) => Err(error.into()),
            Ok(receipt) => Ok(receipt),
        }
    }

    /// Records under another name what came under one that is taken.
    async fn take_again(
        &self,
        again: Submission,
        came: Option<DateTime<Utc>>,
        arrived: Option<DateTime<Utc>>,
        deadline: Duration,
    ) -> Result<Receipt, Problem> {
        let came = came.or_else(|| self.spool.came(&again));
        let handed_over = self.ledger.hand_over(dated(&again, came));
        let error = match self.committed(&again, handed_over, deadline).await {
            Ok(receipt) => return Ok(receipt),
            Err(AppendError::Conflict(first)) => match taken(&self.ledger, &again, came, first).await {
                Ok(Taken::Same) => return Ok(first),
                Ok(_) => AppendError::Conflict(first),
                Err(error) => error,
            },
            Err(error) => error,
        };
        Err(self.keep(&again, arrived, error).await)
    }

    async fn committed(
        &self,
        submission: &Submission,
        handed_over: Result<HandedOver, AppendError>,
        deadline: Duration,
    ) -> Result<Receipt, AppendError> {
        let result = match handed_over {
            Ok(handed_over) => tokio::time::timeout(deadline, handed_over.committed()).await,
            Err(error) => Ok(Err(error)),
        };
        let result = result.unwrap_or(Err(AppendError::Unknown));
        let failed = !matches!(result, Ok(_) | Err(AppendError::Conflict(_)));
        self.failed_at.store(if failed { clock::now().timestamp_micros() } else { 0 }, Ordering::Relaxed);
        metrics::counter!("events_total", "type" => submission.event.kind.name(), "outcome" => outcome(&result))
            .increment(1);
        result
    }

    /// Spools what the ledger did not take.
    async fn keep(&self, submission: &Submission, arrived: Option<DateTime<Utc>>, error: AppendError) -> Problem {
        match self.spool.put(submission, arrived).await {
            Ok(()) => {
                metrics::counter!("spooled_total").increment(1);
                Problem::new(Kind::Unavailable, "it is kept and will be recorded; sending it again is safe")
                    .because(error)
            }
            Err(spool) => {
                tracing::error!(%spool, "neither the ledger nor the spool took an event");
                metrics::counter!("spool_failed_total").increment(1);
                Problem::from(error)
            }
        }
    }

    /// Whether a write failed a moment ago and none has succeeded since.
    pub fn is_in_doubt(&self) -> bool {
        let failed = DateTime::<Utc>::from_timestamp_micros(self.failed_at.load(Ordering::Relaxed)).unwrap_or_default();
        (clock::now() - failed).to_std().is_ok_and(|since| since < limits::WRITE_DOUBT)
    }
}

/// The same event under another name, as its own is taken by a later telling.
pub(crate) fn told_again(submission: Submission) -> Submission {
    let key = second_name(&submission);
    Submission { event_id: clock::new_id(), key, ..submission }
}

/// An opt-out under another name than its own, which another event has: what it takes away, and no more.
pub(crate) fn renamed(submission: Submission) -> Submission {
    let Submission { event, event_id, key } = told_again(submission);
    Submission { event: Event { kind: event.kind.forbidding(), ..event }, event_id, key }
}

/// The name under which an event is recorded whose own name another has. It is made from what the event says, so that
/// it is found again, however often it is sent.
pub(crate) fn second_name(submission: &Submission) -> Option<SourceKey> {
    let SourceKey { source, key } = submission.key.clone()?;
    let said = serde_json::Value::Object(submission.event.to_json().ok()?).to_string();
    Some(SourceKey { source, key: format!("{key}/{}", encode(&Sha256::digest(said))) })
}

fn outcome(result: &Result<Receipt, AppendError>) -> &'static str {
    match result {
        Ok(receipt) if receipt.repeated => "repeated",
        Ok(_) => "recorded",
        Err(AppendError::Conflict(_)) => "conflict",
        Err(_) => "failed",
    }
}
