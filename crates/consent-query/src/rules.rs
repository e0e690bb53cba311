//! The rules, in their order, and the dated numbers they are judged by.
//!
//! Order and logic are here, one file per family; numbers and dates are in `rules.toml`, read into [`Rules`].

mod allow;
mod bases;
mod consent;
mod dated;
mod do_not_call;
mod erasure;
mod laws;
mod ledger;
mod minor;
mod necessity;
mod notice;
mod reach;
mod reading;
mod reply;
mod request;
mod restriction;
mod rows;
mod settings;
mod source;
mod timing;
mod verdict;
mod withdrawal;
mod words;

use crate::decide::Known;
use crate::matter::Matter;
use crate::question::{Asked, Invalid};
pub use dated::{Change, Jurisdiction, MessageKind, Rules, RulesError};
pub(crate) use rows::Term;
pub use rows::{Exemption, Required, Requirements};
pub use settings::{Classifier, Day, Duration, Expiry, OrderBy, Restores, Settings, StateHours, StopScope};
pub use verdict::{Allowance, Objection, Others, Verdict};
pub use words::Words;

/// Every rule, in the order in which they speak. Permanent reasons come before temporary ones, and only rules above
/// the withdrawals may allow what a withdrawal forbids.
pub const RULES: &[Rule] = &[
    Rule {
        id: "valid-request",
        number: 1,
        source: "design rule: what is not understood is not allowed",
        silent: "The question could be read.",
        judge: Judge::Intake(request::judge),
    },
    Rule {
        id: "ledger-available",
        number: 2,
        source: "design rule: without certainty about opt-outs nothing is allowed",
        silent: "Everything in the ledger was taken into account.",
        judge: Judge::Intake(ledger::judge),
    },
    Rule {
        id: "erased",
        number: 3,
        source: "GDPR Art 17; Privacy Policy 2024-03-20, ERASURE",
        silent: "This person was not erased, or came back since.",
        judge: Judge::Merits(erasure::judge),
    },
    Rule {
        id: "minor",
        number: 4,
        source: "COPPA, 16 CFR 312.2-312.5; Privacy Policy 2024-03-20, A NOTE ABOUT CHILDREN",
        silent: "Nothing says that this person is under thirteen.",
        judge: Judge::Merits(minor::judge),
    },
    Rule {
        id: "emergency",
        number: 5,
        source: "47 CFR 64.1200(a)(1), (f)(4); Privacy Policy 2024-03-20 (safety)",
        silent: "The message is not about an emergency.",
        judge: Judge::Merits(necessity::emergency),
    },
    Rule {
        id: "rights-response",
        number: 6,
        source: "GDPR Art 12(3)-(4), 18(2)",
        silent: "The message does not answer a request under data protection law.",
        judge: Judge::Merits(necessity::rights_response),
    },
    Rule {
        id: "restriction",
        number: 7,
        source: "GDPR Art 18(2)-(3); Privacy Policy 2024-03-20, RESTRICTION",
        silent: "No restriction of processing is in force.",
        judge: Judge::Merits(restriction::judge),
    },
    Rule {
        id: "reply",
        number: 8,
        source: "47 CFR 64.1200(a)(12); CTIA Messaging Principles 5.1",
        silent: "The message confirms no opt-out and answers no call for help.",
        judge: Judge::Merits(reply::judge),
    },
    Rule {
        id: "reachable",
        number: 9,
        source: "47 CFR 64.1200(m), 84 FR 11226; CTIA Messaging Principles 5.1.5",
        silent: "Nothing says that the address reaches nobody, or somebody else.",
        judge: Judge::Merits(reach::judge),
    },
    Rule {
        id: "withdrawals",
        number: 10,
        source: "47 CFR 64.1200(a)(10); 15 USC 7704(a)(4); GDPR Art 7(3), 21(2)-(3); Privacy Policy 2024-03-20",
        silent: "No withdrawal covers this message, or a later explicit consent outranks each that does.",
        judge: Judge::Merits(withdrawal::judge),
    },
    Rule {
        id: "address-source",
        number: 11,
        source: "Privacy Policy 2024-03-20: billing information is not used for marketing",
        silent: "Where the address was learnt does not forbid this purpose.",
        judge: Judge::Merits(source::judge),
    },
    Rule {
        id: "notice",
        number: 12,
        source: "15 USC 7702(17); Privacy Policy 2024-03-20 (service by e-mail, changes of the policy)",
        silent: "The message is none that may go without consent.",
        judge: Judge::Merits(notice::judge),
    },
    Rule {
        id: "national-dnc",
        number: 13,
        source: "47 CFR 64.1200(c)(2), (f)(5)",
        silent: "The number is not on the national list, or the person permitted such calls.",
        judge: Judge::Merits(do_not_call::judge),
    },
    Rule {
        id: "consent-basis",
        number: 14,
        source: "47 CFR 64.1200(a)(1)-(2), (f)(9); CASL s.6; Directive 2002/58/EC Art 13; PECR reg 22",
        silent: "The law of every place where the person may be is satisfied.",
        judge: Judge::Merits(consent::judge),
    },
    Rule {
        id: "timing",
        number: 15,
        source: "47 CFR 64.1200(c)(1) and the laws of the states",
        silent: "No limit on hours or on the number of messages stands against it now.",
        judge: Judge::Merits(timing::judge),
    },
    Rule {
        id: "consent",
        number: 16,
        source: "the consent relied on",
        silent: "There is nothing that this message could rest on.",
        judge: Judge::Merits(allow::judge),
    },
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
    /// What it means that it has nothing to say, in a sentence.
    pub silent: &'static str,
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
    pub asked: Result<&'a Asked<'a>, &'a [Invalid]>,
    /// What is known of the person, or why nothing is.
    pub known: &'a Known,
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
