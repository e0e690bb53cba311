//! The rows of each format: what the header line says of them, and how one is written once it has been answered.

use chrono::{DateTime, Utc};
use consent_query::reason::{Answer, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answers::Verdict;
use super::csv;
use super::lines::Row;
use super::order::{Format, Keep, Order};
use crate::error::{Kind, Problem};

/// Columns in which an address is looked for when none is named: for e-mail, and for everything else.
const COLUMNS: [&[&str]; 2] = [&["email", "phone", "address", "subject"], &["phone", "email", "address", "subject"]];
/// What is added to an object, and what would stand in its way.
const ADDED: &[&str] = &["decision", "reason", "valid_until", "next_eligible_at", "line", "detail"];

/// What the header line of a CSV says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(super) columns: usize,
    /// The column with the address, and what kind of address it is.
    pub(super) column: usize,
    pub(super) name: String,
}

impl Header {
    /// Reads the header line; the column must be in it, and once. Without one the channel says which kind of address is
    /// looked for first. What is added must not be in it: in a list that was answered before, two columns would have one
    /// name, and many readers take the first.
    pub(crate) fn read(text: Result<&str, &'static str>, order: &Order) -> Result<Self, Problem> {
        let malformed = |detail: &str| Problem::new(Kind::Malformed, detail);
        let text = text.map_err(|fault| malformed(&format!("the header line cannot be read: {fault}")))?;
        let names: Vec<_> = csv::fields(text).map(|name| name.trim().to_lowercase()).collect();
        if let Some(name) = added(order.keep).iter().find(|name| names.iter().any(|one| one == *name)) {
            return Err(malformed(&format!("the header line has the column {name}, which would be added")));
        }
        let (wanted, [for_email, for_others]) = (order.column(), COLUMNS);
        let usual = if order.is_by_email() { for_email } else { for_others };
        let name = match wanted {
            Some(wanted) => Some(wanted.trim().to_lowercase()).filter(|name| names.contains(name)),
            None => usual.iter().find(|name| names.iter().any(|one| one == *name)).map(|name| (*name).to_owned()),
        };
        let name = name.ok_or_else(|| match wanted {
            Some(_) => malformed("the header line lacks column"),
            None => malformed("the header line has none of phone, email, address and subject; say which column"),
        })?;
        let mut places = names.iter().enumerate().filter(|(_, one)| **one == name).map(|(at, _)| at);
        match (places.next(), places.next()) {
            (Some(column), None) => Ok(Self { columns: names.len(), column, name }),
            _ => Err(malformed("the header line has the column with the address twice")),
        }
    }
}

/// What became of a row.
pub(crate) enum Outcome {
    /// It was answered; what could not be read in it.
    Decided(Verdict, String),
    /// It asks nothing that could be answered, and is denied.
    Unread(String),
}

impl Outcome {
    fn answer(&self) -> (Answer, Reason) {
        match self {
            Self::Decided(verdict, _) => (verdict.answer, verdict.reason),
            Self::Unread(_) => (Answer::Deny, Reason::InvalidRequest),
        }
    }

    /// What could not be read, if anything could not.
    fn detail(&self) -> Option<&str> {
        let (Self::Decided(_, detail) | Self::Unread(detail)) = self;
        (self.answer().1 == Reason::InvalidRequest).then_some(detail)
    }
}

/// The columns that are added.
fn added(keep: Keep) -> &'static [&'static str] {
    match keep {
        Keep::All => &["decision", "reason", "detail"],
        Keep::Denied => &["detail"],
        Keep::Allowed => &[],
    }
}

/// Writes the header line.
pub(crate) fn write_header(order: &Order, row: &Row, text: &str, out: &mut Vec<u8>) {
    put(&[text], out);
    added(order.keep).iter().for_each(|name| put(&[",", name], out));
    put(&[row.end], out);
}

fn put(parts: &[&str], out: &mut Vec<u8>) {
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
}

/// Where rows are written from.
pub(crate) struct Writing<'a> {
    pub(crate) order: &'a Order,
    pub(crate) header: Option<&'a Header>,
    /// The text of their block.
    pub(crate) text: &'a [u8],
}

impl Writing<'_> {
    /// Writes a row, if the order wants it.
    pub(crate) fn row(&self, row: &Row, outcome: &Outcome, out: &mut Vec<u8>) {
        let (answer, reason) = outcome.answer();
        let kept = match self.order.keep {
            Keep::All => true,
            Keep::Allowed => answer == Answer::Allow,
            Keep::Denied => answer == Answer::Deny,
        };
        if self.order.format == Format::Ndjson {
            return json_line(row, row.text(self.text), outcome, kept, out);
        }
        if !kept {
            return;
        }
        match outcome {
            // Whatever was answered could be read.
            Outcome::Decided(..) => out.extend_from_slice(row.bytes(self.text)),
            // It would break the table: its fields are left empty.
            Outcome::Unread(_) => {
                let columns = self.header.map_or(1, |header| header.columns);
                (1..columns).for_each(|_| put(&[","], out));
            }
        }
        let between = if self.order.format == Format::Csv { "," } else { "\t" };
        if self.order.keep == Keep::All {
            let word = if answer == Answer::Allow { "allow" } else { "deny" };
            put(&[between, word, between, reason.as_str()], out);
        }
        if self.order.keep != Keep::Allowed {
            let detail = outcome.detail().map(|detail| format!("line {}: {detail}", row.line));
            match (self.order.format, detail) {
                (Format::Csv, detail) => put(&[between, &csv::field(&detail.unwrap_or_default())], out),
                (_, Some(detail)) => put(&[between, &detail], out),
                (_, None) => {}
            }
        }
        put(&[row.end], out);
    }
}

/// Writes the line of an object. One that could not be read is reported whatever is asked for, without what is in it.
fn json_line(row: &Row, text: Result<&str, &'static str>, outcome: &Outcome, kept: bool, out: &mut Vec<u8>) {
    match (outcome, text) {
        (Outcome::Unread(detail), _) => bare(row, detail, out),
        (Outcome::Decided(verdict, detail), Ok(text)) if kept => with(text, &Added::new(row, verdict, detail), out),
        (Outcome::Decided(verdict, detail), _) if verdict.reason == Reason::InvalidRequest => bare(row, detail, out),
        _ => return,
    }
    put(&[row.end], out);
}

fn bare(row: &Row, detail: &str, out: &mut Vec<u8>) {
    let report = json!({"line": row.line, "decision": "deny", "reason": "INVALID_REQUEST", "detail": detail});
    put(&[&report.to_string()], out);
}

/// What is added to an object. The fields stand in the order of their names, as in every other object we write.
#[derive(Serialize)]
struct Added<'a> {
    decision: Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    next_eligible_at: Option<DateTime<Utc>>,
    reason: Reason,
    valid_until: Option<DateTime<Utc>>,
}

impl<'a> Added<'a> {
    fn new(row: &Row, verdict: &Verdict, detail: &'a str) -> Self {
        let Verdict { answer: decision, reason, valid_until, next_eligible_at, .. } = *verdict;
        let unread = (reason == Reason::InvalidRequest).then_some((row.line, detail));
        let (line, detail) = unread.unzip();
        Self { decision, detail, line, next_eligible_at, reason, valid_until }
    }
}

/// Whether an object has to be taken apart before something is added to it.
pub(super) fn clashes(text: &str) -> bool {
    // A letter of a name may be written by its number.
    let is_escaped = memchr::memmem::find(text.as_bytes(), b"\\u").is_some();
    is_escaped
        || memchr::memchr_iter(b'"', text.as_bytes())
            .filter_map(|quote| text.get(quote + 1..))
            .any(|rest| ADDED.iter().any(|name| rest.strip_prefix(name).is_some_and(|after| after.starts_with('"'))))
}

/// An object with some fields more. What was in it stays as it was written, down to the last digit of a number.
fn with(text: &str, added: &impl Serialize, out: &mut Vec<u8>) {
    let open = text.trim_end().strip_suffix('}').map(str::trim_end);
    let begin = out.len();
    match open {
        Some(open) if !open.ends_with('{') && !clashes(text) => {
            put(&[open], out);
            let comma = out.len();
            if serde_json::to_writer(&mut *out, added).is_err() {
                return out.truncate(begin);
            }
            // Its opening brace gives way to a comma.
            if let Some(brace) = out.get_mut(comma) {
                *brace = b',';
            }
        }
        _ => {
            let mut object: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
            if let Ok(Value::Object(added)) = serde_json::to_value(added) {
                object.extend(added);
            }
            put(&[&Value::Object(object).to_string()], out);
        }
    }
}

#[cfg(test)]
mod tests;
