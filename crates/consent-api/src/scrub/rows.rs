//! The rows of each format: who is meant by one, and how it is written once it has been answered.

use consent_query::decision::Decision;
use consent_query::reason::{Answer, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::csv;
use super::lines::Row;
use super::order::{Format, Keep, Order};
use crate::error::{Kind, Problem};
use crate::routes::QuestionBody;

/// Columns in which an address is looked for when none is named, the most telling first.
const COLUMNS: &[&str] = &["phone", "email", "address", "subject"];
/// What is added to an object, and what would stand in its way.
const ADDED: &[&str] = &["decision", "reason", "valid_until", "next_eligible_at", "line", "detail"];

/// What the header line of a CSV says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    columns: usize,
    /// The column with the address, and what kind of address it is.
    column: usize,
    name: String,
}

impl Header {
    /// Reads the header line; the column must be in it.
    pub(crate) fn read(row: &Row, wanted: Option<&str>) -> Result<Self, Problem> {
        let malformed = |detail: &str| Problem::new(Kind::Malformed, detail);
        let text = row.text.as_ref().map_err(|_| malformed("the header line cannot be read"))?;
        let names: Vec<_> = csv::fields(text).iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        let column = match wanted {
            Some(wanted) => {
                find(&wanted.trim().to_lowercase()).ok_or_else(|| malformed("the header line lacks column"))
            }
            None => COLUMNS.iter().find_map(|name| find(name)).ok_or_else(|| {
                malformed("the header line has none of phone, email, address and subject; say which column")
            }),
        }?;
        let name = names.get(column).cloned().unwrap_or_default();
        Ok(Self { columns: names.len(), column, name })
    }

    /// A row in place of one that would break the table.
    fn substitute(&self, text: &str) -> String {
        let fields = (0..self.columns).map(|at| if at == self.column { csv::field(text) } else { String::new() });
        fields.collect::<Vec<_>>().join(",")
    }
}

/// The question that a row asks, nothing if it is blank, or why it asks none.
pub(crate) fn question(order: &Order, header: Option<&Header>, row: &Row) -> Result<Option<QuestionBody>, String> {
    let text = row.text.as_ref().map_err(ToString::to_string)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let question = order.question();
    match (order.format, header) {
        (Format::Text, _) => Ok(Some(about(question, "", text))),
        (Format::Ndjson, _) => object(question, text).map(Some),
        (Format::Csv, Some(header)) => {
            let fields = csv::fields(text);
            if fields.len() != header.columns {
                return Err(format!("the row has {} fields, the header line {}", fields.len(), header.columns));
            }
            let field = fields.get(header.column).map(String::as_str).unwrap_or_default();
            Ok(Some(about(question, &header.name, field)))
        }
        (Format::Csv, None) => Err("there is no header line".to_owned()),
    }
}

/// The question about an address of the kind that its column names; otherwise it is what it looks like.
fn about(question: QuestionBody, name: &str, address: &str) -> QuestionBody {
    let address = Some(address.trim().to_owned());
    let looks = |of: fn(&str) -> bool| address.as_deref().is_some_and(of);
    match name {
        "phone" => QuestionBody { phone: address, ..question },
        "email" => QuestionBody { email: address, ..question },
        "subject" => QuestionBody { subject: address, ..question },
        _ if looks(|text| text.contains('@')) => QuestionBody { email: address, ..question },
        _ if looks(|text| text.contains(':')) => QuestionBody { subject: address, ..question },
        _ => QuestionBody { phone: address, ..question },
    }
}

/// The question about those whom an object names.
fn object(question: QuestionBody, text: &str) -> Result<QuestionBody, String> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|_| "the line is no JSON object".to_owned())?;
    let named = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} must be a text")),
    };
    Ok(QuestionBody { phone: named("phone")?, email: named("email")?, subject: named("subject")?, ..question })
}

/// What became of a row.
pub(crate) enum Outcome {
    /// It was answered; what could not be read in it.
    Decided(Box<Decision>, String),
    /// It asks nothing that could be answered, and is denied.
    Unread(String),
}

impl Outcome {
    fn answer(&self) -> (Answer, Reason) {
        match self {
            Self::Decided(decision, _) => (decision.decision, decision.reason),
            Self::Unread(_) => (Answer::Deny, Reason::InvalidRequest),
        }
    }
}

/// Writes the header line.
pub(crate) fn write_header(order: &Order, row: &Row, out: &mut Vec<u8>) {
    let added = if order.keep == Keep::All { ",decision,reason" } else { "" };
    let text = row.text.as_deref().unwrap_or_default();
    out.extend_from_slice(format!("{text}{added}{}", row.end).as_bytes());
}

/// Writes a row, if the order wants it.
pub(crate) fn write(order: &Order, header: Option<&Header>, row: &Row, outcome: &Outcome, out: &mut Vec<u8>) {
    let (answer, reason) = outcome.answer();
    let kept = match order.keep {
        Keep::All => true,
        Keep::Allowed => answer == Answer::Allow,
        Keep::Denied => answer == Answer::Deny,
    };
    let word = if answer == Answer::Allow { "allow" } else { "deny" };
    let line = match (order.format, outcome, &row.text) {
        (Format::Ndjson, _, _) => json_line(row, outcome, kept),
        (_, _, _) if !kept => None,
        (Format::Text, _, Ok(text)) => Some(text.clone()),
        (Format::Csv, Outcome::Decided(..), Ok(text)) => Some(text.clone()),
        (Format::Text, Outcome::Unread(detail), _) => Some(format!("# line {}: {detail}", row.line)),
        (Format::Csv, Outcome::Unread(detail), _) => {
            header.map(|header| header.substitute(&format!("line {}: {detail}", row.line)))
        }
        (_, Outcome::Decided(..), Err(_)) => None,
    };
    let Some(line) = line else { return };
    out.extend_from_slice(line.as_bytes());
    match (order.keep, order.format) {
        (Keep::All, Format::Text) => out.extend_from_slice(format!("\t{word}\t{reason}").as_bytes()),
        (Keep::All, Format::Csv) => out.extend_from_slice(format!(",{word},{reason}").as_bytes()),
        _ => {}
    }
    out.extend_from_slice(row.end.as_bytes());
}

/// The line of an object. One that could not be read is reported whatever is asked for, without what is in it.
fn json_line(row: &Row, outcome: &Outcome, kept: bool) -> Option<String> {
    let bare = |detail: &str| {
        let report = json!({"line": row.line, "decision": "deny", "reason": "INVALID_REQUEST", "detail": detail});
        Some(report.to_string())
    };
    match (outcome, &row.text) {
        (Outcome::Unread(detail), _) => bare(detail),
        (Outcome::Decided(decision, detail), Ok(text)) if kept => Some(with(text, added(row, decision, detail))),
        (Outcome::Decided(decision, detail), _) if decision.reason == Reason::InvalidRequest => bare(detail),
        _ => None,
    }
}

fn added(row: &Row, decision: &Decision, detail: &str) -> Value {
    let mut added = json!({
        "decision": decision.decision, "reason": decision.reason, "valid_until": decision.valid_until,
        "next_eligible_at": decision.next_eligible_at,
    });
    if decision.reason == Reason::InvalidRequest {
        added["line"] = json!(row.line);
        added["detail"] = json!(detail);
    }
    added
}

/// An object with some fields more. What was in it stays as it was written, down to the last digit of a number.
fn with(text: &str, added: Value) -> String {
    let clashes = ADDED.iter().any(|name| text.contains(&format!("\"{name}\"")));
    let open = text.trim_end().strip_suffix('}').map(str::trim_end);
    match open {
        Some(open) if !clashes && !open.ends_with('{') => {
            let added = added.to_string();
            format!("{open},{}", added.strip_prefix('{').unwrap_or_default())
        }
        _ => {
            let mut object: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
            if let Value::Object(added) = added {
                object.extend(added);
            }
            Value::Object(object).to_string()
        }
    }
}

#[cfg(test)]
mod tests;
