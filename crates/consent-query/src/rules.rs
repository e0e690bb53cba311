//! The rules, in their order, and the dated numbers they are judged by.
//!
//! Order and logic are here, one file per family; numbers and dates are in `rules.toml`, read into [`Rules`].

mod allow;
mod consent;
mod dated;
mod ledger;
mod reading;
mod request;
mod settings;
mod withdrawal;

use chrono::{DateTime, Utc};

use crate::decide::Known;
use crate::matter::Matter;
use crate::question::{Asked, Invalid};
use crate::reason::Reason;
use crate::standing::Cited;
pub use dated::{Jurisdiction, MessageKind, Required, Rules, RulesError};
pub use settings::{Duration, OrderBy, Settings, StopScope};

/// Every rule, in the order in which they speak. Permanent reasons come before temporary ones, and only rules above
/// the withdrawals may allow what a withdrawal forbids.
pub const RULES: &[Rule] = &[
    Rule {
        id: "valid-request",
        number: 1,
        source: "design rule: what is not understood is not allowed",
        judge: Judge::Intake(request::judge),
    },
    Rule {
        id: "ledger-available",
        number: 2,
        source: "design rule: without certainty about opt-outs nothing is allowed",
        judge: Judge::Intake(ledger::judge),
    },
    Rule {
        id: "withdrawals",
        number: 10,
        source: "47 CFR 64.1200(a)(10); 15 USC 7704(a)(4); GDPR Art 7(3), 21(2)-(3); Privacy Policy 2024-03-20",
        judge: Judge::Merits(withdrawal::judge),
    },
    Rule {
        id: "consent-basis",
        number: 14,
        source: "47 CFR 64.1200(a)(1)-(2), (f)(9); CASL s.6; Directive 2002/58/EC Art 13; PECR reg 22",
        judge: Judge::Merits(consent::judge),
    },
    Rule { id: "consent", number: 16, source: "the consent relied on", judge: Judge::Merits(allow::judge) },
];

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, as it stands in decisions.
    pub id: &'static str,
    /// Its place in the order; numbers are stable, so there are gaps.
    pub number: u8,
    /// The law or design rule behind it; an objection may name a narrower one.
    pub source: &'static str,
    /// What it looks at, and how it judges.
    pub judge: Judge,
}

/// How a rule judges.
#[derive(Debug, Clone, Copy)]
pub enum Judge {
    /// By whether there is anything to judge at all.
    Intake(fn(&Intake<'_>) -> Verdict),
    /// By what is known of the person.
    Merits(fn(&Matter<'_>) -> Verdict),
}

/// A question before it is known whether it can be judged.
#[derive(Debug, Clone, Copy)]
pub struct Intake<'a> {
    /// The question, or what is wrong with it.
    pub asked: Result<&'a Asked, &'a [Invalid]>,
    /// What is known of the person, or why nothing is.
    pub known: &'a Known,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the matter is left to the rules that follow.
    Silent,
    /// Yes: the rules that follow are not asked.
    Allow(Allowance),
    /// No, for one reason at least.
    Deny {
        /// The weightiest objection.
        first: Objection,
        /// Further objections.
        others: Vec<Objection>,
    },
}

/// Why a rule denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The reason code.
    pub reason: Reason,
    /// The events behind it.
    pub relied_on: Vec<Cited>,
    /// A narrower source than that of the rule.
    pub source: Option<String>,
    /// A fuller sentence than that of the reason code; never with personal data.
    pub words: Option<String>,
    /// When asking again may help; never, if absent.
    pub next_eligible_at: Option<DateTime<Utc>>,
}

/// Why a rule allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The reason code.
    pub reason: Reason,
    /// The events behind it.
    pub relied_on: Vec<Cited>,
    /// A narrower source than that of the rule.
    pub source: Option<String>,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

impl Objection {
    /// An objection that waiting does not cure, resting on these events.
    pub fn permanent(reason: Reason, relied_on: Vec<Cited>) -> Self {
        Self { reason, relied_on, source: None, words: None, next_eligible_at: None }
    }
}

impl From<Objection> for Verdict {
    fn from(first: Objection) -> Self {
        Self::Deny { first, others: Vec::new() }
    }
}

impl FromIterator<Objection> for Verdict {
    /// The weightiest objection comes first; no objection at all is silence.
    fn from_iter<I: IntoIterator<Item = Objection>>(objections: I) -> Self {
        let mut objections = objections.into_iter();
        match objections.next() {
            Some(first) => Self::Deny { first, others: objections.collect() },
            None => Self::Silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_the_order_of_their_numbers_and_no_name_occurs_twice() {
        assert!(RULES.windows(2).all(|pair| pair[0].number < pair[1].number));
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
