//! May we contact this person, and why?
//!
//! Events about a person are folded into a [`standing::Standing`]; a [`question::Question`] is decided against it by
//! the ordered table [`rules::RULES`], with the numbers and dates of `rules.toml`; the [`decision::Decision`] says
//! what was decided, under which rule, and which recorded events it rests on. There is one [`standing::fold`] and one
//! [`decide::decide`], and every caller uses them: checks, scrubs, simulations and audits cannot differ.
//!
//! Whatever is unknown denies: no consent, no country, no ledger, no rule.
//!
//! ```
//! use consent_core::event::{Event, Recorded};
//! use consent_query::decide::{Known, decide};
//! use consent_query::question::Question;
//! use consent_query::reason::Reason;
//! use consent_query::rules::Rules;
//! use consent_query::standing::{View, fold};
//!
//! let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
//! let received_at = "2026-11-22T12:00:00Z".parse()?;
//! let stop = Recorded { seq: 0, event_id: uuid::Uuid::nil(), received_at, event: Event::from_json(stop)? };
//!
//! let rules = Rules::embedded()?;
//! let standing = fold(&[stop], View::LIVE, &rules);
//! let question = Question {
//!     phone: Some("+1 202 555 0123".into()),
//!     channel: "sms".into(),
//!     purpose: "transactional".into(),
//!     ..Question::default()
//! };
//! let decision = decide(&question, &Known::Standing(standing), &rules, received_at, 1);
//! assert_eq!(decision.reason, Reason::OptedOutChannel);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it reads no clock, makes no random numbers and finds no events; whoever asks brings
//! the time, the id of the decision and the events of the person's whole neighbourhood.

pub mod calendar;
pub mod deadlines;
pub mod decide;
pub mod decision;
pub mod hours;
pub mod index;
pub mod matter;
pub mod question;
#[cfg(feature = "server")]
pub mod reader;
pub mod reason;
pub mod rules;
pub mod simulate;
pub mod standing;
pub mod zones;

#[cfg(test)]
mod stories;
