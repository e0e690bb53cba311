//! Files that a command reads as a whole.

use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;

/// The text of a file; of standard input, if the path is `-`.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let text = match path.to_str() {
        Some("-") => {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text).map(|_| text)
        }
        _ => std::fs::read_to_string(path),
    };
    text.with_context(|| path.display().to_string())
}
