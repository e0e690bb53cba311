//! Whether the service can do its work now.

use super::Service;
use crate::limits;

impl Service {
    /// Why writes or strong checks do not work now; nothing, if they do.
    pub async fn unready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let asked = async { tokio::join!(self.ledger.unsafe_settings(), self.ledger.proven_head()) };
        match tokio::time::timeout(limits::READY_DEADLINE, asked).await {
            Ok((Ok(wrong), head)) => {
                reasons.extend(wrong);
                reasons.extend(head.err().map(|error| format!("the head cannot be trusted: {error}")));
            }
            Ok((Err(error), _)) => reasons.push(error.to_string()),
            Err(_) => reasons.push("the database does not answer".to_owned()),
        }
        if self.ledger.has_stopped() {
            reasons.push("the ledger has stopped".to_owned());
        }
        if self.ledger.has_diverged() {
            reasons.push("the ledger is not the one that was seen before: checks are denied".to_owned());
        }
        if self.notary.is_quarantined() {
            reasons.push("the ledger lacks entries that were acknowledged: checks are denied".to_owned());
        }
        if self.intake.is_in_doubt() {
            reasons.push("the last event could not be recorded in time".to_owned());
        }
        if self.intake.is_spool_stuck() {
            reasons.push("events wait in the spool".to_owned());
        }
        reasons
    }
}
