//! By when something must be done, or until when something must be kept.
//!
//! Figures for reports and the rights desk. None of them delays or ends an opt-out, which binds at receipt and for ever.
//! Days are UTC days: the ledger's own clock is the only one that every reader of a report can repeat.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{add_business_days, is_working_day};
use crate::zones::State;

#[cfg(test)]
mod tests;

/// What runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A revocation is honoured within ten business days of receipt: 47 CFR 64.1200(a)(10).
    TcpaRevocationHonorBy,
    /// A rights request is answered within one month of receipt: GDPR Art 12(3), Regulation 1182/71 Art 3.
    #[serde(rename = "gdpr_art12_3")]
    GdprArt12_3,
    /// The same, extended by two further months.
    #[serde(rename = "gdpr_art12_3_extended")]
    GdprArt12_3Extended,
    /// The unsubscribe mechanism of an e-mail works for 30 days after sending: 15 USC 7704(a)(3)(A)(ii).
    UnsubscribeMechanismAliveUntil,
    /// The same for 60 days under CASL, s. 11(2).
    CaslMechanismAliveUntil,
    /// The one confirmation of an opt-out is sent within five minutes: 47 CFR 64.1200(a)(12).
    OptoutConfirmationUntil,
    /// A do-not-call request is on record for 5 years: 47 CFR 64.1200(d)(6); a STOP in Virginia (region `VA`) for 10.
    DncRecordKeepUntil,
}

/// The instant from which a deadline counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Receipt of what was asked.
    ReceivedAt,
    /// Sending of the message.
    SentAt,
}

/// When it runs out. Serialises as one field named after the variant, to be flattened into an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Done on this day at the latest: a revocation honoured, a rights request answered.
    DueOn(NaiveDate),
    /// Done at this instant at the latest: the confirmation of an opt-out.
    DueAt(DateTime<Utc>),
    /// Kept through this day at least: a mechanism or a record. It may go once the day is over.
    NotBefore(NaiveDate),
}

impl Kind {
    /// Which instant [`Kind::due`] counts from.
    pub fn start(self) -> Start {
        match self {
            Self::UnsubscribeMechanismAliveUntil | Self::CaslMechanismAliveUntil => Start::SentAt,
            _ => Start::ReceivedAt,
        }
    }

    /// When it runs out, counted from `start`.
    ///
    /// `region` is an ISO 3166 country or region, which chooses the working days of the GDPR kinds (see
    /// [`is_working_day`]), or a US state (`VA`, `US-VA`), which the record of a do-not-call request heeds. `None` if
    /// the calendar ends first.
    pub fn due(self, start: DateTime<Utc>, region: Option<&str>) -> Option<Due> {
        let day = start.date_naive();
        Some(match self {
            Self::TcpaRevocationHonorBy => Due::DueOn(add_business_days(day, 10)),
            Self::GdprArt12_3 => Due::DueOn(after_months(day, 1, region)?),
            Self::GdprArt12_3Extended => Due::DueOn(after_months(day, 3, region)?),
            Self::UnsubscribeMechanismAliveUntil => Due::NotBefore(day.checked_add_days(Days::new(30))?),
            Self::CaslMechanismAliveUntil => Due::NotBefore(day.checked_add_days(Days::new(60))?),
            Self::OptoutConfirmationUntil => Due::DueAt(start.checked_add_signed(TimeDelta::minutes(5))?),
            Self::DncRecordKeepUntil => Due::NotBefore(day.checked_add_months(record_life(region))?),
        })
    }
}

/// The same date some months on, or the last of that month; from a day of rest, the next working day.
fn after_months(day: NaiveDate, months: u32, region: Option<&str>) -> Option<NaiveDate> {
    let end = day.checked_add_months(Months::new(months))?;
    end.iter_days().find(|day| is_working_day(*day, region))
}

fn record_life(region: Option<&str>) -> Months {
    let virginia = region.and_then(State::parse).is_some_and(|state| state.code() == "VA");
    Months::new(12 * if virginia { 10 } else { 5 })
}
