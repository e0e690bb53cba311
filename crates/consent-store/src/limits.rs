//! Every maximum of the store, in one place.

use std::time::Duration;

/// Events that may wait for the sequencer before callers are turned away.
pub const QUEUE: usize = 10_000;
/// Of these, places that only what takes permission away may fill: an import must never crowd out a STOP.
pub const QUEUE_FOR_OPT_OUTS: usize = 2_000;
/// Events in one transaction, unless it is set otherwise.
pub const BATCH: usize = 2_048;
/// Events in one transaction, however it is set: what a lost compare-and-swap or a failure repeats.
pub const BATCH_AT_MOST: usize = 8_192;
/// How long the sequencer may be set to wait for more events to come: everyone whose event is among them waits.
pub const BATCH_WAIT_AT_MOST: Duration = Duration::from_millis(1_000);
/// How long those who wait for the same read of the head wait for it before the next read begins.
pub const HEAD_TIME: Duration = Duration::from_secs(2);
/// Pauses before listening to other nodes is tried again: the first, and the longest.
pub const LISTEN_PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// Batches that a node commits in turns with others after it last saw one of theirs.
pub const TURNS: u32 = 64;
/// How often a lost compare-and-swap is tried again: another node won every time, so the ledger did move.
pub const SWAP_TRIES: u32 = 100;
/// How long a commit whose fate is unknown is looked up before its callers are told that it is unknown.
pub const RESOLVE_TIME: Duration = Duration::from_secs(10);
/// Pause between two look-ups of a commit whose fate is unknown.
pub const RESOLVE_PAUSE: Duration = Duration::from_millis(100);
/// Linked addresses and subjects taken into account for one person.
pub const IDENTITIES: usize = 1_000;
/// Events taken into account for one person.
pub const EVENTS_OF_ONE: usize = 100_000;
/// How long a caller waits for one query.
pub const QUERY_TIME: Duration = Duration::from_secs(10);
/// Tokens looked up in one query; SQLite takes 32,766 bind values a statement.
pub const LOOK_UP: usize = 10_000;
/// Entries read at once by a scan.
pub const PAGE: u64 = 1_000;
/// Entries by which the edge of a tree may lie behind before it is read from tiles instead.
pub const READ_BACK: u64 = 1 << 14;
/// Look-up tokens or names that a verification reads at once: a few megabytes.
pub const VERIFIED_AT_ONCE: u64 = 1 << 14;
/// Data keys that are kept at hand while a page is opened, for those who have several events in it.
pub const KEYS_AT_HAND: usize = 64;
/// Cores that one scan uses.
pub const SCAN_THREADS: usize = 8;
/// Messages that one verification finds missing in the list for reviewers; the next finds the others.
pub const UNLISTED: usize = 1_000;
/// Bytes of an idempotency key.
pub const IDEMPOTENCY_KEY: usize = 255;
