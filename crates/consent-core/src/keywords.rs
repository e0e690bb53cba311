//! From the text of a reply to its meaning.
//!
//! [`classify`] asks a fixed list of steps in order; the first that has an answer gives it. A step that takes
//! permission away is generous, one that gives it is strict: a STOP that is missed is a message to somebody who
//! asked for none, a START that is missed is a message less. The words themselves are data, one file per language.
//!
//! ```
//! use consent_core::keywords::{Meaning, classify};
//!
//! assert_eq!(classify("Stop, please! 🛑", None), Meaning::OptOut);
//! assert_eq!(classify("stop by the shop", None), Meaning::Ordinary);
//! ```

mod fold;
mod instructed;
mod language;
mod languages;
mod lexicon;
mod pattern;
mod quotation;
mod reading;
mod reply;
mod steps;
mod typo;
mod unspaced;

use crate::event::kinds::Indicator;
use reading::Reading;
use reply::Reply;
use steps::STEPS;

/// What a person means by a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// No more messages (47 CFR 64.1200(a)(10)).
    OptOut,
    /// Messages are wanted.
    OptIn,
    /// Who is writing, and how does it end?
    Help,
    /// The number belongs to somebody else than we think.
    WrongNumber,
    /// The answer to the question what an opt-out was meant to cover (47 CFR 64.1200(a)(12)).
    Clarification,
    /// It may be an opt-out: a person has to read it, and marketing waits until then.
    NeedsReview,
    /// Anything else.
    Ordinary,
}

impl Meaning {
    /// The name used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
            Self::Help => "help",
            Self::WrongNumber => "wrong_number",
            Self::Clarification => "clarification",
            Self::NeedsReview => "needs_review",
            Self::Ordinary => "ordinary",
        }
    }
}

/// What a reply means and why: for people who ask, and for tests. Nothing in it comes from the reply itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// What it means.
    pub meaning: Meaning,
    /// Which rule spoke: `keyword`, `gateway`, `instruction`, `slip`, `sentence`, `wrong_number`, `phrase`, `doubt`,
    /// `opt_in`, `help`, `clarification`, or `ordinary` when none did.
    pub rule: &'static str,
    /// The language of the word or phrase (ISO 639-1).
    pub language: Option<&'static str>,
    /// The word or phrase of our own lists that was found.
    pub matched: Option<&'static str>,
}

impl Explained {
    /// Whether the reply is a keyword, with or without instruction, or the gateway says so: nothing was interpreted.
    pub fn is_exact(&self) -> bool {
        matches!(self.rule, "keyword" | "gateway" | "instruction")
    }

    const ORDINARY: Self = Self { meaning: Meaning::Ordinary, rule: "ordinary", language: None, matched: None };

    fn by_gateway(meaning: Meaning) -> Self {
        Self { meaning, rule: "gateway", language: None, matched: None }
    }
}

/// What this reply means, given its whole text and what the gateway says it did with it.
pub fn classify(body: &str, indicator: Option<Indicator>) -> Meaning {
    explain(body, indicator).meaning
}

/// What this reply means, and which rule says so.
///
/// ```
/// use consent_core::keywords::{Meaning, explain};
///
/// let explained = explain("Please take me off your list", None);
/// assert_eq!((explained.meaning, explained.rule), (Meaning::OptOut, "phrase"));
/// ```
pub fn explain(body: &str, indicator: Option<Indicator>) -> Explained {
    let reply = Reply::new(body);
    let reading = Reading::new(&reply, indicator);
    STEPS.iter().find_map(|step| step(&reading)).unwrap_or(Explained::ORDINARY)
}

/// Whether a reply says yes and nothing else. That is an opt-in only as the answer to a question that we asked: the
/// second step of a double opt-in.
///
/// ```
/// use consent_core::keywords::is_yes;
///
/// assert!(is_yes("Yes!") && is_yes("y") && !is_yes("yes but not on Sundays"));
/// ```
pub fn is_yes(body: &str) -> bool {
    steps::yes(&Reply::new(body))
}

#[cfg(test)]
mod tests;
