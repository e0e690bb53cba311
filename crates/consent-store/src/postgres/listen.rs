//! Nodes of one ledger tell each other when they have appended.

use diesel_async::SimpleAsyncConnection;
use futures_util::StreamExt;
use tokio::sync::watch;

use super::connect;
use crate::error::StoreError;
use crate::limits;
use crate::observer::hint;

/// A random name of this process among the nodes of a ledger.
pub(super) fn node() -> Result<String, StoreError> {
    let name = getrandom::u64().map_err(|_| StoreError::Keys("the system gives no random bytes".to_owned()))?;
    Ok(format!("{name:016x}"))
}

/// Passes on what other nodes tell. Never ends: it connects anew, with pauses that grow.
pub(super) async fn listen(url: String, node: String, moved: watch::Sender<u64>) {
    let (first, longest) = limits::LISTEN_PAUSES;
    let mut pause = first;
    loop {
        match heard(&url, &node, &moved).await {
            Ok(()) => pause = first,
            Err(_) => pause = longest.min(pause * 2),
        }
        tokio::time::sleep(pause).await;
    }
}

/// Listens until the connection ends; an error if there was none.
async fn heard(url: &str, node: &str, moved: &watch::Sender<u64>) -> Result<(), StoreError> {
    let mut conn = connect(url).await?;
    conn.batch_execute("LISTEN consent_ledger_moved").await?;
    // Something may have been told while nobody listened.
    hint(moved);
    let mut told = std::pin::pin!(conn.notifications_stream());
    while let Some(Ok(message)) = told.next().await {
        if message.payload != node {
            hint(moved);
        }
    }
    Ok(())
}
