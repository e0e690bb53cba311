//! What must be true of every ledger, whatever happened to it.

use std::collections::{BTreeMap, BTreeSet};

use consent_core::checkpoint::Verifier;
use consent_core::export::{ExportCheck, ExportFault, ExportSummary};
use serde_json::Value;

/// A verified export.
#[derive(Debug, Clone)]
pub struct Export {
    /// The events, in the order of the ledger, each with its `seq`.
    pub events: Vec<Value>,
    /// What the verification found.
    pub summary: ExportSummary,
}

impl Export {
    /// Verifies an export as an auditor would, offline.
    pub fn read(text: &str, verifier: Option<&Verifier>) -> Result<Self, ExportFault> {
        let (mut check, mut events) = (ExportCheck::default(), Vec::new());
        for line in text.lines() {
            check.line(line)?;
            events.extend(event(line));
        }
        Ok(Self { events, summary: check.finish(verifier)? })
    }

    /// The events of a type.
    pub fn of_type(&self, name: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["type"] == name).collect()
    }
}

fn event(line: &str) -> Option<Value> {
    let line: Value = serde_json::from_str(line).ok()?;
    let mut event: Value = serde_json::from_str(line["opening"]["body"].as_str()?).ok()?;
    event["seq"] = line["seq"].clone();
    Some(event)
}

/// Who said what to a service, by name: the idempotency key of an event or the id of a message.
#[derive(Debug, Clone, Default)]
pub struct Ledgered {
    /// Everything that was ever sent.
    pub sent: BTreeSet<String>,
    /// What was acknowledged.
    pub acknowledged: BTreeSet<String>,
}

impl Ledgered {
    /// What breaks the promise that all that was acknowledged is in the ledger, nothing is in it twice, and nothing
    /// is in it that nobody sent.
    pub fn faults(&self, events: &[Value]) -> Vec<String> {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for name in events.iter().filter_map(name) {
            *found.entry(name).or_default() += 1;
        }
        let doubled =
            found.iter().filter(|(_, count)| **count > 1).map(|(name, count)| format!("{name} {count} times"));
        let lost = self.acknowledged.iter().filter(|name| !found.contains_key(name.as_str()));
        let invented = found.keys().filter(|name| !self.sent.contains(**name));
        let lost = lost.map(|name| format!("{name} is lost"));
        doubled.chain(lost).chain(invented.map(|name| format!("{name} was never sent"))).collect()
    }
}

fn name(event: &Value) -> Option<&str> {
    event["idempotency_key"].as_str().or(event["provider_message_id"].as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_lost_doubled_or_invented_is_noticed() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let told = Ledgered { sent: names(&["a", "b", "c"]), acknowledged: names(&["a", "b"]) };
        let event = |key: &str| json!({"idempotency_key": key});
        let text = json!({"provider_message_id": "b"});
        assert!(told.faults(&[event("a"), text.clone()]).is_empty());
        assert!(told.faults(&[event("a"), text.clone(), event("c"), json!({})]).is_empty());
        assert_eq!(told.faults(&[event("a")]), ["b is lost"]);
        assert_eq!(told.faults(&[event("a"), text.clone(), text.clone()]), ["b 2 times"]);
        assert_eq!(told.faults(&[event("a"), text, event("d")]), ["d was never sent"]);
    }
}
