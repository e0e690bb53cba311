//! What an error means at the command line: its exit code, one sentence, and the command that helps.

use std::io::{self, Write};
use std::process::ExitCode;

use consent_store::{AppendError, Fault, StoreError};
use serde_json::Value;

use super::words;
use crate::client::ClientError;
use crate::config::ConfigError;
use crate::error::Problem;
use crate::notary::NotaryError;
use crate::spool::SpoolError;

/// An error of the command line's own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The arguments contradict each other.
    #[error("{0}")]
    Usage(String),
    /// There is no ledger where the configuration says.
    #[error("there is no ledger at {0}")]
    NoLedger(String),
    /// What a command was given cannot be read, where 1 would say that it was read and came out badly.
    #[error("{task}")]
    Unread {
        /// What was not done for it.
        task: &'static str,
        /// What cannot be read, and why.
        #[source]
        cause: anyhow::Error,
    },
}

/// Prints the error with a hint and returns its exit code.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        return ExitCode::from(1);
    }
    let mut out = io::stderr().lock();
    // With standard error gone nobody is left to tell.
    let _ = writeln!(out, "consentd: {}", sentence(error));
    if let Some(hint) = hint(error) {
        let _ = writeln!(out, "hint: {hint}");
    }
    ExitCode::from(code(error))
}

/// The error with its causes, and every field at fault.
pub(super) fn sentence(error: &anyhow::Error) -> String {
    let chain = format!("{error:#}");
    let Some(problem) = problem(error) else { return chain };
    let title = problem["title"].as_str().unwrap_or_default();
    let words = words::problem(&problem);
    let text = if title.is_empty() { format!("{chain}: {words}") } else { chain.replacen(title, &words, 1) };
    // What a server keeps for its log, the person who runs the command may know.
    let cause = error.chain().find_map(|cause| cause.downcast_ref::<Problem>()?.cause());
    cause.map_or(text.clone(), |cause| format!("{text} ({cause})"))
}

/// The problem details of a refusal, by the server or by ourselves.
pub(super) fn problem(error: &anyhow::Error) -> Option<Value> {
    error.chain().find_map(|cause| match (cause.downcast_ref(), cause.downcast_ref::<Problem>()) {
        (Some(ClientError::Refused { problem, .. }), _) if problem.is_object() => Some(problem.clone()),
        (_, Some(problem)) => serde_json::to_value(problem.body()).ok(),
        _ => None,
    })
}

/// Whether it was the database or the server that could not be reached.
pub(super) fn is_unavailable(error: &anyhow::Error) -> bool {
    code(error) == 3
}

/// Whoever read our output has gone, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(broken)
}

/// The exit code of an error.
fn code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        let refused = cause.downcast_ref::<Problem>().is_some_and(Problem::is_unavailable);
        if refused || cause.downcast_ref().is_some_and(ClientError::is_unavailable) {
            return 3;
        }
        match (cause.downcast_ref::<Failure>(), store_error(cause)) {
            (Some(Failure::Usage(_) | Failure::Unread { .. }), _) => return 2,
            (Some(Failure::NoLedger(_)), _) => return 3,
            (_, Some(StoreError::Database(text))) if lacks_tables(text) => return 1,
            (_, Some(StoreError::Unavailable | StoreError::Database(_) | StoreError::Locked)) => return 3,
            _ => {}
        }
    }
    1
}

/// The command that would help, where there is one.
pub(super) fn hint(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        if let Some(ConfigError::Invalid(_)) = cause.downcast_ref() {
            return Some("consentd init --directory DIR writes a configuration with every key explained");
        }
        if let Some(Failure::NoLedger(_)) = cause.downcast_ref() {
            return Some("consentd init makes one; --config FILE names another configuration");
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            let in_use = error.kind() == io::ErrorKind::AddrInUse;
            return in_use.then_some("another program listens there; set server.listen or server.ops_listen");
        }
        match store_error(cause)? {
            StoreError::Keys(text) if text.contains("chmod") => None,
            StoreError::KeyMissing(_) | StoreError::Keys(_) => {
                Some("consentd keys init makes the keys of a new ledger; those of an old one come from its backup")
            }
            StoreError::Database(text) if lacks_tables(text) => Some("consentd migrate makes the tables"),
            StoreError::Unavailable => {
                Some("is database.url right, is the database running, does it let this user in?")
            }
            StoreError::Locked => {
                Some("add --url URL --key-file FILE (consentd apikeys create makes a key), or stop the server")
            }
            StoreError::BadUrl => Some("set database.url to sqlite:PATH or postgres://user@host/database"),
            _ => None,
        }
    })
}

/// The error of the store in a cause. Errors that only pass it on do not name it as their source.
fn store_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a StoreError> {
    if let Some(AppendError::Store(error)) = cause.downcast_ref() {
        return Some(error);
    }
    match (cause.downcast_ref(), cause.downcast_ref(), cause.downcast_ref()) {
        (Some(NotaryError::Store(error)), _, _) => Some(error),
        (_, Some(SpoolError::Store(error)), _) => Some(error),
        (_, _, Some(Fault::Store(error))) => Some(error),
        _ => cause.downcast_ref(),
    }
}

/// Both databases' words for a table that is not there.
fn lacks_tables(text: &str) -> bool {
    text.contains("no such table") || text.contains("does not exist")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn exit_codes_say_whether_to_try_again() {
        for (error, expected) in [
            (StoreError::Unavailable, 3),
            (StoreError::Locked, 3),
            (StoreError::Database("database is locked".into()), 3),
            (StoreError::Database("no such table: head".into()), 1),
            (StoreError::BadUrl, 1),
            (StoreError::Corrupt { seq: 1, what: "leaf" }, 1),
        ] {
            let error = Err::<(), _>(error).context("the database cannot be opened").unwrap_err();
            assert_eq!(code(&error), expected, "{error:#}");
        }
        assert_eq!(code(&Failure::Usage("both".into()).into()), 2);
        let cause = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(code(&Failure::Unread { task: "nothing was read", cause }.into()), 2);
        assert_eq!(code(&NotaryError::Store(StoreError::Unavailable).into()), 3);
        assert_eq!(code(&SpoolError::Store(StoreError::Unavailable).into()), 3);
        assert_eq!(code(&Fault::Store(StoreError::Unavailable).into()), 3);
        assert_eq!(code(&Problem::from(StoreError::Unavailable).into()), 3);
    }
}
