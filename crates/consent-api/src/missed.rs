//! Opt-outs that reached a gateway and never us.
//!
//! A gateway that refuses our message because its recipient opted out tells us of an opt-out that we should have known.
//! If the ledger would have allowed the message until that report, a STOP was lost on its way, and somebody has to find
//! out where. The report itself ends the texts; this only raises the alarm, after the report is recorded and without
//! keeping anybody waiting.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::address::Phone;
use consent_core::event::kinds::{OptoutMissed, Outcome};
use consent_core::event::{Event, EventKind};
use consent_core::scope::{Channel, Lenient, Purpose, PurposeClass};
use consent_query::question::Question;
use consent_query::reader::{Freshness, Reader};
use consent_query::reason::Answer;
use consent_store::{Ledger, Receipt, SourceKey};

use crate::clock;
use crate::error::Problem;
use crate::gateways::Account;
use crate::intake::Intake;

/// Looks into reports of opt-outs.
#[derive(Clone)]
pub struct Lookout {
    ledger: Ledger,
    reader: Reader,
    intake: Intake,
    deadline: Duration,
}

/// Whether an event is a report that the recipient of a message had opted out.
pub fn is_opt_out(event: &Event) -> bool {
    let EventKind::DeliveryReported(report) = &event.kind else { return false };
    report.outcome.as_ref().and_then(Lenient::known) == Some(Outcome::OptedOut)
}

impl Lookout {
    /// A lookout whose alarms are recorded by this intake.
    pub fn new(ledger: &Ledger, reader: &Reader, intake: &Intake, deadline: Duration) -> Self {
        Self { ledger: ledger.clone(), reader: reader.clone(), intake: intake.clone(), deadline }
    }

    /// Looks into a report that was recorded, beside everything else. A report that is sent again is looked into again,
    /// which finds the same.
    pub fn look_into(&self, receipt: Receipt, account: &Account) {
        let (lookout, account) = (self.clone(), account.name.clone());
        self.intake.beside(async move {
            if let Err(problem) = lookout.find(receipt, &account).await {
                let cause = problem.cause();
                tracing::error!(account, %problem, cause, "a report of an opt-out was not looked into");
            }
        });
    }

    async fn find(&self, receipt: Receipt, account: &str) -> Result<(), Problem> {
        let Some(entry) = self.ledger.find(receipt.event_id).await? else { return Ok(()) };
        let Some(report) = entry.recorded()? else { return Ok(()) };
        let Some(phone) = report.event.phone.clone() else { return Ok(()) };
        let allowed = self.allowed_before(&phone, report.received_at).await;
        if allowed.is_empty() {
            return Ok(());
        }
        let (gateway, report_id) = (Some(account.to_owned()), report.event_id.to_string());
        let kind = OptoutMissed { gateway, report: Some(report_id.clone()), allowed };
        let mut alarm = Event::new(EventKind::OptoutMissed(kind));
        (alarm.phone, alarm.at) = (Some(phone), Some(report.occurred_at()));
        alarm.actor = Some("consentd".to_owned());
        let key = SourceKey { source: "missed".to_owned(), key: report_id };
        if self.intake.record(alarm, Some(key), self.deadline).await?.repeated {
            return Ok(());
        }
        metrics::counter!("lost_stops_total", "account" => account.to_owned()).increment(1);
        let (entry, event_id) = (report.seq, report.event_id);
        tracing::error!(account, entry, %event_id, "an opt-out is known to the gateway and never reached us");
        Ok(())
    }

    /// The marketing purposes for which a text to this number would have been allowed by what was known before a time,
    /// were it only for the hour of the day.
    async fn allowed_before(&self, phone: &Phone, received_at: DateTime<Utc>) -> Vec<Purpose> {
        let mut allowed = Vec::new();
        for purpose in Purpose::ALL.iter().filter(|purpose| purpose.class() == PurposeClass::Marketing) {
            let question = Question {
                id: clock::new_id(),
                phone: Some(phone.to_string()),
                channel: Channel::Sms.to_string(),
                purpose: purpose.to_string(),
                known_at: Some(received_at - TimeDelta::microseconds(1)),
                ..Question::default()
            };
            let decision = self.reader.ask(&question, received_at, Freshness::default()).await;
            if decision.decision == Answer::Allow || decision.next_eligible_at.is_some() {
                allowed.push(*purpose);
            }
        }
        allowed
    }
}
