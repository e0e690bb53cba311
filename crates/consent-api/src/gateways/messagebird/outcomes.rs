//! What MessageBird and Bird say about a message that did not arrive: they share the codes of their network, and the
//! reasons in words.

use consent_core::event::kinds::Outcome;

use crate::gateways::outcome::of_code;

/// What error codes mean for the recipient; every other error may pass.
const CODES: &[(&str, Outcome)] = &[
    ("103", Outcome::OptedOut),
    ("1", Outcome::LandlineOrInvalid),
    ("5", Outcome::LandlineOrInvalid),
    ("9", Outcome::LandlineOrInvalid),
    ("11", Outcome::LandlineOrInvalid),
    ("13", Outcome::BlockedUnknown),
];

/// What reasons mean that are given in words.
const REASONS: &[(&str, Outcome)] = &[
    ("opted out", Outcome::OptedOut),
    ("unknown subscriber", Outcome::LandlineOrInvalid),
    ("incorrect number", Outcome::LandlineOrInvalid),
    ("carrier rejected", Outcome::BlockedUnknown),
];

/// Why a message did not arrive, from a code and the reasons beside it.
pub(in crate::gateways) fn of_failure(code: Option<&str>, reasons: &[&str]) -> Outcome {
    let by_code = code.map(|code| of_code(CODES, code)).filter(|outcome| *outcome != Outcome::Temporary);
    let reasons: Vec<_> = reasons.iter().map(|reason| reason.to_ascii_lowercase().replace('_', " ")).collect();
    let said = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    let by_words = || REASONS.iter().find(|(words, _)| said(words)).map(|(_, outcome)| *outcome);
    by_code.or_else(by_words).unwrap_or(Outcome::Temporary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_before_the_words_beside_it() {
        for (code, reasons, expected) in [
            (Some("103"), &["carrier rejected"][..], Outcome::OptedOut),
            (Some("1"), &[], Outcome::LandlineOrInvalid),
            (Some("5"), &[], Outcome::LandlineOrInvalid),
            (Some("9"), &[], Outcome::LandlineOrInvalid),
            (Some("11"), &[], Outcome::LandlineOrInvalid),
            (Some("13"), &[], Outcome::BlockedUnknown),
            (Some("34"), &["details: system failure; reason: received_network_error; code: 34"], Outcome::Temporary),
            (Some("0"), &["", "Opted_Out"], Outcome::OptedOut),
            (None, &["opted out"], Outcome::OptedOut),
            (None, &["unknown subscriber"], Outcome::LandlineOrInvalid),
            (None, &["details: incorrect_number"], Outcome::LandlineOrInvalid),
            (None, &["carrier_rejected"], Outcome::BlockedUnknown),
            (None, &["expired"], Outcome::Temporary),
            (None, &[], Outcome::Temporary),
        ] {
            assert_eq!(of_failure(code, reasons), expected, "{code:?} {reasons:?}");
        }
    }
}
