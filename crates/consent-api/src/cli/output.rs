//! Standard output and standard error: the only place of the command line that writes to either.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// Where results go, as text or as JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: the value as one line of JSON, or its text.
    pub(super) fn result(self, value: &impl Serialize, text: impl FnOnce() -> String) -> io::Result<()> {
        if self.json { self.json(value) } else { self.text(text()) }
    }

    /// Prints text for people, whatever was asked for.
    pub(super) fn text(self, text: impl Display) -> io::Result<()> {
        let text = text.to_string();
        self.bytes(text.trim_end_matches('\n').as_bytes())?;
        self.bytes(b"\n")
    }

    /// Prints a value as one line of JSON.
    pub(super) fn json(self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.bytes(&line)
    }

    /// Prints bytes as they are.
    pub(super) fn bytes(self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Whether somebody watches what is told.
    pub(super) fn is_watched(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Says how far something has come, at a terminal always in the same line.
    pub(super) fn progress(self, text: impl Display, last: bool) {
        let mut err = io::stderr().lock();
        // With standard error gone nobody is left to tell.
        let _ = match (err.is_terminal(), last) {
            (true, false) => write!(err, "\r{text}\x1b[K"),
            (true, true) => writeln!(err, "\r{text}\x1b[K"),
            (false, _) => writeln!(err, "{text}"),
        };
    }

    /// Tells a person at the terminal something that is no result.
    pub(super) fn note(self, text: impl Display) {
        // With standard error gone nobody is left to tell.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
