//! The texts that answer a text, and what they have to say.
//!
//! The wireless industry wants every answer to name the program; HELP to say whom to turn to, how often messages come,
//! that rates may apply and how to stop; an opt-in the same but for the contact; and an opt-out to say that no more
//! messages come, and nothing that sells (CTIA Messaging Principles and Best Practices, 47 CFR 64.1200(a)(12)). A text
//! that lacks one of these is refused at start, with what it lacks.

use crate::config::Replies;

/// Which answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// To HELP.
    Help,
    /// To an opt-out.
    OptedOut,
    /// To an opt-in.
    OptedIn,
}

impl Reply {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Help, Self::OptedOut, Self::OptedIn];

    /// Its key in `[replies]`, and its name in the queue.
    pub fn name(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::OptedOut => "opted_out",
            Self::OptedIn => "opted_in",
        }
    }

    /// Its text, if one is configured.
    pub fn text(self, replies: &Replies) -> Option<&str> {
        let text = match self {
            Self::Help => &replies.help,
            Self::OptedOut => &replies.opted_out,
            Self::OptedIn => &replies.opted_in,
        };
        Some(text.as_str()).filter(|text| !text.is_empty())
    }

    /// What it must contain: any of the words of each line.
    fn demands(self) -> &'static [Demand] {
        match self {
            Self::Help => &[CONTACT, FREQUENCY, RATES, STOP],
            Self::OptedIn => &[FREQUENCY, RATES, HELP, STOP],
            Self::OptedOut => &[ENDED],
        }
    }
}

/// Something that a text must say, and the ways to say it, in lower case.
struct Demand {
    what: &'static str,
    ways: &'static [&'static str],
}

const CONTACT: Demand =
    Demand { what: "whom to turn to (a URL, an address or a number)", ways: &["http", "www.", "@", ".com", "call "] };
const FREQUENCY: Demand = Demand {
    what: "how often messages come (such as \"Msg frequency varies\")",
    ways: &["frequency", "freq ", "freq.", "msgs/", "msg/", "messages per", "messages a ", "messages/", "recurring"],
};
const RATES: Demand = Demand { what: "that message and data rates may apply", ways: &["rates may apply"] };
const STOP: Demand = Demand { what: "how to stop (STOP)", ways: &["stop"] };
const HELP: Demand = Demand { what: "how to get help (HELP)", ways: &["help"] };
const ENDED: Demand = Demand {
    what: "that no more messages come",
    ways: &[
        "no more messages",
        "no further messages",
        "no more texts",
        "not receive",
        "no longer receive",
        "won't receive",
    ],
};

/// Words that sell, which have no place in the confirmation of an opt-out.
const SELLING: &[&str] = &["% off", "discount", "sale ", "offer", "buy ", "shop ", "deal", "coupon", "http", "www."];

/// Characters of a text that any gateway takes as one message of a few parts.
const LENGTH: usize = 320;

/// What is wrong with the configured texts.
pub fn check(replies: &Replies) -> Result<(), String> {
    for reply in Reply::ALL {
        let Some(text) = reply.text(replies) else { continue };
        let lower = text.to_lowercase();
        let wrong = |what: &str| Err(format!("replies.{}: {what}", reply.name()));
        if replies.program.is_empty() || !lower.contains(&replies.program.to_lowercase()) {
            return wrong("does not name the program (replies.program)");
        }
        if let Some(demand) = reply.demands().iter().find(|demand| !demand.ways.iter().any(|way| lower.contains(way))) {
            return wrong(&format!("does not say {}", demand.what));
        }
        if reply == Reply::OptedOut && SELLING.iter().any(|word| lower.contains(word)) {
            return wrong("the confirmation of an opt-out must not sell anything");
        }
        if text.chars().count() > LENGTH {
            return wrong(&format!("is longer than {LENGTH} characters"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP_TEXT: &str = "INFI Alerts: help at https://infi.example or 1-800-555-0100. Msg frequency varies. Msg & data rates may apply. Reply STOP to cancel.";
    const OUT: &str = "INFI Alerts: you are unsubscribed and will receive no more messages.";
    const IN: &str = "INFI Alerts: you are subscribed. Msg frequency varies. Msg & data rates may apply. Reply HELP for help, STOP to cancel.";

    fn replies(help: &str, opted_out: &str, opted_in: &str) -> Replies {
        let text = ToOwned::to_owned;
        Replies { program: text("INFI"), help: text(help), opted_out: text(opted_out), opted_in: text(opted_in) }
    }

    #[test]
    fn texts_that_say_all_they_must_pass_and_so_does_none() {
        assert_eq!(check(&replies(HELP_TEXT, OUT, IN)), Ok(()));
        assert_eq!(check(&replies("", "", "")), Ok(()));
    }

    #[test]
    fn a_text_that_lacks_something_is_refused_with_what_it_lacks() {
        let long = format!("{OUT}{}", " thank you".repeat(30));
        for (texts, fault) in [
            (
                replies(&HELP_TEXT.replace("INFI", "We").replace("infi", "we"), "", ""),
                "replies.help: does not name the program",
            ),
            (replies("INFI: Msg frequency varies. Msg & data rates may apply. STOP to end", "", ""), "whom to turn to"),
            (replies(&HELP_TEXT.replace("Msg frequency varies.", ""), "", ""), "how often"),
            (replies(&HELP_TEXT.replace("rates may apply", ""), "", ""), "rates may apply"),
            (replies(&HELP_TEXT.replace("STOP", "it"), "", ""), "how to stop"),
            (replies("", "", &IN.replace("HELP for help", "")), "replies.opted_in: does not say how to get help"),
            (replies("", "INFI: goodbye", ""), "that no more messages come"),
            (replies("", &format!("{OUT} Come back for 20% off"), ""), "must not sell"),
            (replies("", &long, ""), "longer than"),
        ] {
            let found = check(&texts).unwrap_err();
            assert!(found.contains(fault), "{found} / {fault}");
        }
        let nameless = Replies { program: String::new(), ..replies("", OUT, "") };
        assert!(check(&nameless).unwrap_err().contains("name the program"));
    }
}
