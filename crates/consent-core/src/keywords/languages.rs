//! The languages whose words are understood. Nobody says which language they write, so every list counts for every
//! reply.
//!
//! The words come from 47 CFR 64.1200(a)(10), from the lists that gateways and carriers handle by themselves
//! (their own documentation), and from how people ask for messages to end; those of languages other than English and
//! French wait for the eye of somebody who grew up with them.

mod chinese;
mod czech;
mod danish;
mod dutch;
mod english;
mod finnish;
mod french;
mod german;
mod hindi;
mod icelandic;
mod italian;
mod japanese;
mod korean;
mod norwegian;
mod polish;
mod portuguese;
mod russian;
mod spanish;
mod swedish;
mod turkish;

use super::language::Language;

/// At most 32: each has a bit.
pub(super) const LANGUAGES: &[&Language] = &[
    &english::ENGLISH,
    &spanish::SPANISH,
    &french::FRENCH,
    &portuguese::PORTUGUESE,
    &german::GERMAN,
    &italian::ITALIAN,
    &dutch::DUTCH,
    &danish::DANISH,
    &norwegian::NORWEGIAN,
    &swedish::SWEDISH,
    &finnish::FINNISH,
    &icelandic::ICELANDIC,
    &polish::POLISH,
    &czech::CZECH,
    &turkish::TURKISH,
    &russian::RUSSIAN,
    &hindi::HINDI,
    &chinese::CHINESE,
    &japanese::JAPANESE,
    &korean::KOREAN,
];
