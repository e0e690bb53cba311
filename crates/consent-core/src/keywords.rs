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

mod english;
mod french;
mod reply;

use crate::event::kinds::Indicator;
use reply::Reply;

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

/// What this reply means, given its whole text and what the gateway says it did with it.
pub fn classify(body: &str, indicator: Option<Indicator>) -> Meaning {
    let reply = Reply::new(body, indicator);
    STEPS.iter().find_map(|step| step(&reply)).unwrap_or(Meaning::Ordinary)
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
    among(Reply::new(body, None).text(), |language| language.yes)
}

/// One way to understand a reply; `None` leaves it to the next.
type Step = fn(&Reply) -> Option<Meaning>;

/// The gateway's indicator would come first, but no gateway may turn a plain STOP into something else.
const STEPS: &[Step] = &[opt_out_keyword, gateway_indicator, opt_in_keyword, help_keyword, wrong_number];

/// The words of one language, as [`Reply`] leaves them: lower case, without accents, single spaces, no hyphens.
struct Language {
    opt_out: &'static [&'static str],
    /// Never `yes`: it is an opt-in only as the answer to a question that we asked.
    opt_in: &'static [&'static str],
    help: &'static [&'static str],
    yes: &'static [&'static str],
    wrong_number: &'static [&'static str],
    /// Words that may stand around a keyword without changing what it means.
    courtesy: &'static [&'static str],
}

/// Nobody says which language they write, so every list counts for every reply.
const LANGUAGES: &[&Language] = &[&english::WORDS, &french::WORDS];

fn opt_out_keyword(reply: &Reply) -> Option<Meaning> {
    among(reply.without_courtesy(), |language| language.opt_out).then_some(Meaning::OptOut)
}

fn gateway_indicator(reply: &Reply) -> Option<Meaning> {
    Some(match reply.indicator? {
        Indicator::Stop => Meaning::OptOut,
        Indicator::Start => Meaning::OptIn,
        Indicator::Help => Meaning::Help,
    })
}

/// Exact, without courtesy: what gives permission has to be said plainly.
fn opt_in_keyword(reply: &Reply) -> Option<Meaning> {
    among(reply.text(), |language| language.opt_in).then_some(Meaning::OptIn)
}

fn help_keyword(reply: &Reply) -> Option<Meaning> {
    among(reply.without_courtesy(), |language| language.help).then_some(Meaning::Help)
}

fn wrong_number(reply: &Reply) -> Option<Meaning> {
    among(reply.without_courtesy(), |language| language.wrong_number).then_some(Meaning::WrongNumber)
}

fn among(text: &str, list: fn(&Language) -> &'static [&'static str]) -> bool {
    LANGUAGES.iter().any(|language| list(language).contains(&text))
}

#[cfg(test)]
mod tests;
