//! The sequencer's connection, and its turns at the head.

use std::mem;

use diesel_async::SimpleAsyncConnection;
use tokio::sync::Mutex;

use super::server::Server;
use super::{Conn, append, is_contention};
use crate::error::StoreError;
use crate::rows::{Batch, Found, HeadRow, LookUp};

/// The one who writes for this node.
pub(crate) struct Writer {
    server: Server,
    /// By this name other nodes know what this one tells them, and it knows its own.
    pub(super) node: String,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    /// Gone while it is in use and after an error, so that a doubtful one is never used again.
    conn: Option<Conn>,
    /// It is in a transaction that holds the head.
    holds_head: bool,
}

impl Writer {
    pub(super) async fn connect(server: &Server, node: String) -> Result<Self, StoreError> {
        let slot = Slot { conn: Some(server.connect().await?), holds_head: false };
        Ok(Self { server: server.clone(), node, slot: Mutex::new(slot) })
    }

    /// Waits until no other node has the head, and holds it until the next append or until the turn is ended.
    pub(crate) async fn take_turn(&self) -> Result<HeadRow, StoreError> {
        let mut slot = self.slot.lock().await;
        // With it goes a turn that was not ended.
        let kept = mem::take(&mut *slot);
        let conn = match kept.conn.filter(|_| !kept.holds_head) {
            Some(conn) => conn,
            None => self.server.connect().await?,
        };
        let head = append::hold_head(&conn).await?;
        *slot = Slot { conn: Some(conn), holds_head: true };
        Ok(head)
    }

    /// Lets go of the head, if it is held.
    pub(crate) async fn end_turn(&self) {
        let mut slot = self.slot.lock().await;
        if mem::take(&mut slot.holds_head)
            && let Some(mut conn) = slot.conn.take()
            && conn.batch_execute("ROLLBACK").await.is_ok()
        {
            slot.conn = Some(conn);
        }
    }

    /// What the sequencer must know before it plans a batch.
    pub(crate) async fn look_up(&self, asked: LookUp) -> Result<Found, StoreError> {
        let mut slot = self.slot.lock().await;
        // It may have died while nobody used it; what is only read can be read again.
        if let Some(conn) = slot.conn.take()
            && let Ok(found) = append::look_up(&conn, &asked).await
        {
            slot.conn = Some(conn);
            return Ok(found);
        }
        *slot = Slot::default();
        let conn = self.server.connect().await?;
        let found = append::look_up(&conn, &asked).await?;
        slot.conn = Some(conn);
        Ok(found)
    }

    /// Appends a batch, or nothing if the head is no longer where the batch begins. A turn ends with it.
    pub(crate) async fn append(&self, batch: &Batch) -> Result<bool, StoreError> {
        let mut slot = self.slot.lock().await;
        let holds_head = mem::take(&mut slot.holds_head);
        // Taken out while in use: on any error it is dropped, and the next append connects anew.
        let mut conn = match slot.conn.take() {
            Some(conn) => conn,
            None => self.server.connect().await?,
        };
        match append::append(&mut conn, batch, &self.node, holds_head).await {
            Ok(moved) => {
                slot.conn = Some(conn);
                Ok(moved)
            }
            Err(error) if is_contention(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
