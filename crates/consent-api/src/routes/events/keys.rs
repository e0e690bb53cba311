//! The names that callers give their events: what is said twice under one name is recorded once.

use actix_web::http::header::HeaderMap;
use consent_core::event::fault::Fault;
use consent_core::export::encode;
use consent_store::SourceKey;
use consent_store::limits::IDEMPOTENCY_KEY;
use sha2::{Digest, Sha256};

/// What the key of one of many events is hashed with.
const ITEM: &[u8] = b"consent-ledger/item-key/v1\0";

/// The key in the header, as it stands there. The draft writes it as a quoted string; most callers leave the quotes
/// out.
pub(super) fn sent_key(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get("idempotency-key")?.as_bytes());
    let text = text.trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Some(key.to_owned())
}

/// The key of one of many events that came under one key, counted from 0. It is a hash, so that it is never too long
/// and no other key that somebody gives. Under a key that is none it is none either: the empty one.
pub fn item_key(key: &str, at: u64) -> String {
    if !is_key(key) {
        return String::new();
    }
    encode(&Sha256::new().chain_update(ITEM).chain_update(at.to_be_bytes()).chain_update(key).finalize())
}

/// The name of an event at its source, or what is wrong with the key.
pub(super) fn source_key(caller: &str, key: Option<String>, pointer: &str) -> Result<Option<SourceKey>, Fault> {
    match key {
        Some(key) if !is_key(&key) => {
            Err(Fault::new(pointer, format!("an idempotency key has 1 to {IDEMPOTENCY_KEY} bytes")))
        }
        key => Ok(key.map(|key| SourceKey { source: format!("api:{caller}"), key })),
    }
}

fn is_key(key: &str) -> bool {
    (1..=IDEMPOTENCY_KEY).contains(&key.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_of_many_events_has_a_key_that_is_short_enough_and_no_other() {
        let longest = "k".repeat(IDEMPOTENCY_KEY);
        let keys = ["k", "k/0", "k/1", longest.as_str()];
        let items: BTreeSet<String> = keys.iter().flat_map(|key| (0..12).map(move |at| item_key(key, at))).collect();
        assert_eq!(items.len(), keys.len() * 12);
        assert!(items.iter().all(|item| is_key(item) && !keys.contains(&item.as_str())));
        assert!(items.contains(&item_key("k", 3)), "it is the same when it is sent again");
    }

    #[test]
    fn under_a_key_that_is_none_no_event_has_one() {
        for key in [String::new(), "k".repeat(IDEMPOTENCY_KEY + 1)] {
            assert!(source_key("crm", Some(item_key(&key, 0)), "").is_err());
            assert!(source_key("crm", Some(key), "").is_err());
        }
        assert_eq!(source_key("crm", None, ""), Ok(None));
    }
}
