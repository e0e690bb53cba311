//! What happened, what it means, and how it is proved.
//!
//! This crate is the vocabulary of the consent ledger. [`event`] defines everything that can be said about a person's
//! consent, [`address`] who it is said about, [`scope`] what it covers, [`keywords`] what people mean by their
//! replies and [`review`] which of these a person has to read. [`codec`] turns an event into a public [`codec::Entry`] and the private [`codec::Opening`] it commits to;
//! [`merkle`], [`tiles`] and [`checkpoint`] prove that nothing recorded was changed.
//!
//! ```
//! use consent_core::event::{Event, Recorded};
//! use consent_core::codec::{Entry, commit_body, commit_subject};
//!
//! let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
//! let stop = Event::from_json(stop)?;
//! let received_at = "2026-11-22T12:00:00Z".parse()?;
//! let body = Recorded::body(&stop, uuid::Uuid::nil(), received_at)?;
//!
//! let pepper = consent_core::token::Pepper::new(&[0; 32]);
//! let token = pepper.token(&stop.identities()[0]);
//! let entry = Entry {
//!     bod: commit_body(&[1; 32], &body),
//!     sub: commit_subject(&[2; 32], &token),
//!     t: received_at.timestamp() as u64,
//!     typ: stop.kind.name().to_owned(),
//! };
//! assert!(!String::from_utf8(entry.encode()?)?.contains("2025550123"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it reads no clock, makes no random numbers, and knows no file, network or database.

pub mod address;
pub mod card;
pub mod checkpoint;
pub mod codec;
pub mod event;
pub mod export;
pub mod keywords;
pub mod limits;
pub mod merkle;
pub mod review;
pub mod scope;
pub mod tiles;
pub mod token;
