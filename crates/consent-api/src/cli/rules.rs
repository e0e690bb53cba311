//! `consentd rules`: rules files, before a server is given them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use consent_query::rules::{Change, Rules, RulesError};
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::{Context, Outcome, input, words};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the rules file that is compiled in, to begin one of your own with
    Show,
    /// Say whether a file could be used, or in which line it is wrong
    #[command(after_help = "Exit codes: 0 it could be used, 1 it is wrong, 2 it cannot be read.")]
    Check {
        /// Rules file, or - for standard input
        file: PathBuf,
    },
    /// Show in what two files differ, one change a line
    #[command(after_help = "Exit codes: 0 they say the same, 1 they differ, 2 one of them cannot be read or is wrong.")]
    Diff {
        /// The file to begin with
        before: PathBuf,
        /// The file it is compared with
        after: PathBuf,
    },
}

pub(super) fn run(command: &Command, context: &Context) -> anyhow::Result<Outcome> {
    match command {
        Command::Show => {
            let shipped = json!({"text": Rules::TEXT});
            context.output.result(&shipped, || Rules::TEXT.trim_end().to_owned())?;
            Ok(Outcome::Yes)
        }
        Command::Check { file } => check(file, context),
        Command::Diff { before, after } => diff(before, after, context),
    }
}

fn check(file: &Path, context: &Context) -> anyhow::Result<Outcome> {
    let text = input::read(file).map_err(|cause| Failure::Unread { task: "nothing was checked", cause })?;
    match Rules::check(&text) {
        Ok(version) => {
            let rows = rows(&text);
            context.output.result(&json!({"ok": true, "version": version, "rows": rows}), || {
                format!("OK  version {}, {}", visible(&version), words::count(rows, "row"))
            })?;
            Ok(Outcome::Yes)
        }
        Err(error) => {
            let fault = match &error {
                RulesError::File { line, reason } => json!({"line": line, "reason": reason}),
                RulesError::Setting(reason) => json!({"line": null, "reason": reason}),
            };
            context.output.result(&json!({"ok": false, "fault": fault}), || {
                format!("FAIL  {}: {}", file.display(), visible(&error.to_string()))
            })?;
            Ok(Outcome::No)
        }
    }
}

/// The rows of all lists of a file that could be read.
fn rows(text: &str) -> usize {
    let file: toml::Table = toml::from_str(text).unwrap_or_default();
    file.values().filter_map(toml::Value::as_array).flatten().filter(|row| row.is_table()).count()
}

fn diff(before: &Path, after: &Path, context: &Context) -> anyhow::Result<Outcome> {
    let both = read(before).and_then(|before| Ok((before, read(after)?)));
    let (before, after) = both.map_err(|cause| Failure::Unread { task: "nothing was compared", cause })?;
    let changes = Rules::diff(&before, &after);
    for change in &changes {
        context.output.result(change, || line(change))?;
    }
    Ok(if changes.is_empty() { Outcome::Yes } else { Outcome::No })
}

fn read(file: &Path) -> anyhow::Result<Rules> {
    Rules::parse(&input::read(file)?).with_context(|| file.display().to_string())
}

/// A change for people. Of a row that both files have, only the fields that differ.
fn line(change: &Change) -> String {
    let (sign, said) = match (&change.before, &change.after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => ('~', fields(before, after)),
        (Some(before), Some(after)) => ('~', format!("{before} -> {after}")),
        (Some(before), None) => ('-', before.to_string()),
        (None, after) => ('+', after.as_ref().map(Value::to_string).unwrap_or_default()),
    };
    visible(&format!("{sign} {}: {said}", change.what))
}

fn fields(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    let said = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let added = after.keys().filter(|name| !before.contains_key(*name));
    let differ = before.keys().chain(added).filter(|name| before.get(*name) != after.get(*name));
    let differ = differ.map(|name| format!("{name} {} -> {}", said(before.get(name)), said(after.get(name))));
    differ.collect::<Vec<_>>().join("; ")
}

/// The files may be somebody else's, and are not to steer the terminal.
fn visible(text: &str) -> String {
    words::value(&Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_one_line_with_what_differs() {
        let line = |before: Value, after: Value| {
            let some = |value: Value| Some(value).filter(|value| !value.is_null());
            line(&Change { what: "basis x".to_owned(), before: some(before), after: some(after) })
        };
        assert_eq!(line(json!("PT15M"), json!("PT5M")), "~ basis x: \"PT15M\" -> \"PT5M\"");
        let (before, after) = (json!({"id": "x", "a": 1, "b": [1]}), json!({"id": "x", "b": [2], "c": "new"}));
        assert_eq!(line(before, after), "~ basis x: a 1 -> nothing; b [1] -> [2]; c nothing -> \"new\"");
        assert_eq!(line(json!(null), json!({"a": 1})), "+ basis x: {\"a\":1}");
        assert_eq!(line(json!({"a": "\u{202e}\n"}), json!(null)), "- basis x: {\"a\":\"\\u{202e}\\n\"}");
    }

    #[test]
    fn rows_are_the_tables_of_lists() {
        assert_eq!(rows("a = [[1], [2]]\nb = [{c = 1}]\n[d]\ne = 1\n[[f]]\ng = 1\n[[f]]\ng = 2"), 3);
    }
}
