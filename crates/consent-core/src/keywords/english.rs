//! English.

use super::Language;

/// Opt-outs: 47 CFR 64.1200(a)(10), and what gateways and carriers take for one by themselves.
pub(super) const WORDS: Language = Language {
    opt_out: &[
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "unsubscribe me",
        "unsub",
        "end",
        "quit",
        "cancel",
        "revoke",
        "optout",
        "opt out",
        "opt me out",
        "remove",
        "remove me",
    ],
    opt_in: &["start", "unstop"],
    help: &["help", "info"],
    yes: &["yes", "y", "yes please"],
    wrong_number: &["wrong number"],
    courtesy: &["please", "pls", "plz", "now", "it", "texting", "texting me", "thanks", "thank you", "sorry"],
};
