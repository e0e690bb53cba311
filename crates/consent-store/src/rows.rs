//! Rows as they stand in the tables, and the batch that an append writes.

use diesel::prelude::*;

use crate::schema::{
    api_keys, checkpoints, dedupe, entries, followers, head, key_checks, openings, outgoing, reviews, subject_keys,
    tiles, tokens,
};

/// The end of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = head)]
pub(crate) struct HeadRow {
    pub(crate) size: i64,
    pub(crate) root: Vec<u8>,
    pub(crate) received_at: i64,
    pub(crate) pepper: i32,
}

/// The public part of an entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = entries)]
pub(crate) struct EntryRow {
    pub(crate) seq: i64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) leaf: Vec<u8>,
}

/// The sealed part of an entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = openings)]
pub(crate) struct OpeningRow {
    pub(crate) seq: i64,
    pub(crate) event_id: Vec<u8>,
    pub(crate) key_id: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

/// A wrapped data key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = subject_keys)]
pub(crate) struct KeyRow {
    pub(crate) id: Vec<u8>,
    pub(crate) token: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
    pub(crate) kek_epoch: i32,
}

/// One person of one entry.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens)]
pub(crate) struct TokenRow {
    pub(crate) token: Vec<u8>,
    pub(crate) seq: i64,
}

/// The name under which an event was recorded.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dedupe)]
pub(crate) struct DedupeRow {
    pub(crate) source: String,
    pub(crate) key_hmac: Vec<u8>,
    pub(crate) seq: i64,
    pub(crate) event_id: Vec<u8>,
    pub(crate) content: Vec<u8>,
}

/// A message that a person has to read, and the event by which somebody did.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews)]
pub(crate) struct ReviewRow {
    pub(crate) seq: i64,
    pub(crate) event_id: Vec<u8>,
    pub(crate) why: String,
    pub(crate) resolved_by: Option<Vec<u8>>,
}

/// A message was read.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// Id of the message's event.
    pub(crate) event_id: Vec<u8>,
    /// Id of the event that says so.
    pub(crate) by: Vec<u8>,
}

/// A full tile of the tree.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tiles)]
pub(crate) struct TileRow {
    pub(crate) level: i32,
    pub(crate) n: i64,
    pub(crate) bytes: Vec<u8>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoints)]
pub(crate) struct CheckpointRow {
    pub(crate) size: i64,
    pub(crate) note: String,
}

/// The fingerprint of a key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = key_checks)]
pub(crate) struct KeyCheckRow {
    pub(crate) kind: String,
    pub(crate) number: i32,
    pub(crate) fingerprint: Vec<u8>,
}

/// A caller's key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) scopes: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
}

/// How far a follower has read.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = followers)]
pub(crate) struct FollowerRow {
    pub(crate) name: String,
    pub(crate) position: i64,
}

/// Something to say to a gateway.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outgoing)]
pub(crate) struct OutgoingRow {
    pub(crate) seq: i64,
    pub(crate) account: String,
    pub(crate) kind: String,
    pub(crate) due_at: i64,
    pub(crate) attempts: i32,
    pub(crate) calling: i32,
    pub(crate) outcome: Option<String>,
}

/// What the sequencer asks before it plans a batch.
#[derive(Debug)]
pub(crate) struct LookUp {
    /// Sources and keyed hashes of names.
    pub(crate) names: Vec<(String, Vec<u8>)>,
    /// Tokens of people.
    pub(crate) owners: Vec<Vec<u8>>,
}

/// What there is of it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) names: Vec<DedupeRow>,
    pub(crate) keys: Vec<KeyRow>,
}

/// Everything one append writes, in one transaction.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) from: HeadRow,
    pub(crate) to: HeadRow,
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) tokens: Vec<TokenRow>,
    pub(crate) keys: Vec<KeyRow>,
    pub(crate) openings: Vec<OpeningRow>,
    pub(crate) dedupe: Vec<DedupeRow>,
    pub(crate) tiles: Vec<TileRow>,
    /// Messages that begin to wait for a person.
    pub(crate) held: Vec<ReviewRow>,
    /// Messages that were read.
    pub(crate) resolved: Vec<Resolved>,
    /// Ids of events that are taken back as mistakes: messages that they resolved wait again.
    pub(crate) taken_back: Vec<Vec<u8>>,
}
