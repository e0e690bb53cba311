//! An export of any length, checked while it comes: as an auditor would, and for what was acknowledged.

use std::collections::HashMap;

use consent_core::export::ExportCheck;
use serde_json::Value;

use super::single::Single;

/// How many faults of a kind are told.
const TOLD: usize = 5;

/// What is not in the ledger just once although it was acknowledged, or the first fault of the export.
pub async fn lost_or_doubled(single: &Single, acknowledged: Vec<String>) -> Vec<String> {
    let mut found: HashMap<String, u32> = acknowledged.into_iter().map(|name| (name, 0)).collect();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/export", single.process.base);
    let mut export = http.get(url).bearer_auth(&single.key).send().await.unwrap().error_for_status().unwrap();
    let (mut check, mut rest) = (ExportCheck::default(), Vec::new());
    while let Some(piece) = export.chunk().await.unwrap() {
        rest.extend_from_slice(&piece);
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = rest.drain(..whole).collect();
        for line in std::str::from_utf8(&lines).unwrap().lines() {
            if let Err(fault) = check.line(line) {
                return vec![fault.to_string()];
            }
            if let Some(times) = name(line).and_then(|name| found.get_mut(&name)) {
                *times += 1;
            }
        }
    }
    if let Err(fault) = check.finish(Some(single.verifier())) {
        return vec![fault.to_string()];
    }
    let wrong: Vec<_> = found.into_iter().filter(|(_, times)| *times != 1).collect();
    let told = wrong.iter().take(TOLD).map(|(name, times)| format!("{name} is there {times} times"));
    let more = (wrong.len() > TOLD).then(|| format!("{} messages in all are not there once", wrong.len()));
    told.chain(more).collect()
}

/// The message that an entry is about.
fn name(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let event: Value = serde_json::from_str(line["opening"]["body"].as_str()?).ok()?;
    event["provider_message_id"].as_str().map(ToOwned::to_owned)
}
