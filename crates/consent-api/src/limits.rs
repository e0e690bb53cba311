//! Every maximum of the service, in one place. They are documented in `openapi.yaml` and `config.default.toml`.

use std::time::Duration;

use chrono::TimeDelta;

/// Bytes of a JSON body.
pub const JSON_BODY: usize = 2 * 1024 * 1024;
/// Bytes of a JSON body that are read where they arrive; longer ones are read beside the other requests.
pub const JSON_INLINE: usize = 64 * 1024;
/// Bytes for which room is made before an answer is written; most decisions fit.
pub const ANSWER: usize = 1024;
/// Bytes of a webhook that are read, so that its signature can be checked.
pub const WEBHOOK_BODY: usize = 1024 * 1024;
/// How long a body may take to arrive.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the head of a request may take to arrive.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// A request that took longer is in the log even if nothing was wrong with it.
pub const SLOW_REQUEST: Duration = Duration::from_secs(1);
/// How often the metrics are tidied, so that they do not grow where nobody reads them.
pub const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Events in one `POST /v1/events`.
pub const EVENTS: usize = 1_000;
/// Events of one `POST /v1/events` that wait for their commit at the same time.
pub const EVENTS_AT_ONCE: usize = 500;
/// The same while questions are being answered; each lot rests behind the one before.
pub const EVENTS_BESIDE_QUESTIONS: usize = 16;
/// Scenarios, and likewise deadlines, in one `POST /v1/simulate`.
pub const SCENARIOS: usize = 1_000;
/// Events of one scenario in it: the work grows faster than a history does.
pub const SCENARIO_EVENTS: usize = 1_000;
/// How often the index is put aside for the next start.
pub const SNAPSHOT: Duration = Duration::from_secs(600);
/// Questions in one `POST /v1/check/batch`.
pub const QUESTIONS: usize = 10_000;
/// Bytes of a text among the defaults of a batch: each of its questions may have a copy of it.
pub const DEFAULT_TEXT: usize = 1_024;
/// How long one batch may take. Questions that are not answered by then are denied.
pub const BATCH_DEADLINE: Duration = Duration::from_secs(20);
/// Batches, and blocks of scrubs, that are answered at the same time; others wait, so that checks find a connection
/// to the database free.
pub const BULK: usize = 2;
/// Questions of one of them that are read at the same time.
pub const BULK_AT_ONCE: usize = 4;
/// Rows, or questions of a batch, that are worked on before other requests have their turn.
pub const BULK_TURN: usize = 200;
/// Rows of a list that are answered together, as of one position.
pub const SCRUB_BLOCK: usize = 500;
/// Rows that are answered from memory before it is seen whether others should have their turn.
pub const SCRUB_TURN: usize = 32;
/// Bytes of rows that are answered together, where the rows are long.
pub const SCRUB_BLOCK_BYTES: usize = 256 * 1024;
/// How long one such block may take. Rows that are not answered by then are denied.
pub const SCRUB_BLOCK_DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of one line of a list.
pub const SCRUB_LINE: usize = 64 * 1024;
/// How long the next piece of a list may take to arrive.
pub const SCRUB_IDLE: Duration = Duration::from_secs(30);
/// How often the place of a scrub at the command line is kept, so that it can be resumed.
pub const SCRUB_SAVE: Duration = Duration::from_secs(1);
/// How often its progress is shown to somebody who watches.
pub const PROGRESS_WATCHED: Duration = Duration::from_millis(200);
/// How often it is written where nobody does.
pub const PROGRESS: Duration = Duration::from_secs(10);
/// Files of scenarios that are answered at the same time; others wait, so that checks find a processor free.
pub const SIMULATIONS: usize = 2;
/// Items of a page of history, at most and by default.
pub const HISTORY_PAGE: usize = 200;
/// Items of a page of history when the caller does not say.
pub const HISTORY_DEFAULT: usize = 50;
/// Messages of a page of reviews, at most and by default.
pub const REVIEWS_PAGE: usize = 200;
/// Messages of a page of reviews when the caller does not say.
pub const REVIEWS_DEFAULT: usize = 50;
/// How often a review is looked at anew because somebody else recorded one at the same time.
pub const REVIEW_TRIES: usize = 5;
/// How long a caller's key may be looked up.
pub const KEY_DEADLINE: Duration = Duration::from_secs(2);
/// How long a caller's key is believed after it was looked up, and thus how long a revoked one may still work.
pub const KEY_BELIEVED: Duration = Duration::from_secs(1);
/// Keys that are believed at the same time; others are looked up at every request.
pub const KEYS_BELIEVED: usize = 4_096;
/// Batches, scrubs, exports and imports that one key may have under way at the same time on one node.
pub const LONG_WORK_A_KEY: usize = 4;
/// Lines that could not be read whose numbers a certificate tells.
pub const SCRUB_UNREAD: usize = 100;
/// How long a caller may take nothing of the answer to a scrub or an export that is under way.
pub const TAKEN: Duration = Duration::from_secs(120);
/// Bytes of a caller's key.
pub const API_KEY: usize = 200;
/// How long a gateway's published key may take to arrive.
pub const FETCH: Duration = Duration::from_secs(3);
/// Published keys fetched at the same time.
pub const FETCHES: usize = 8;
/// Bytes of a published key, certificate or key set.
pub const PUBLISHED: usize = 64 * 1024;
/// How long it is used before it is fetched again.
pub const PUBLISHED_FOR: Duration = Duration::from_secs(3600);
/// How many are kept.
pub const PUBLISHED_KEPT: usize = 64;
/// How often the outgoing queue looks for something to do.
pub const OUTGOING_PAUSE: Duration = Duration::from_millis(200);
/// How long it waits while the ledger does not answer.
pub const OUTGOING_TROUBLE: Duration = Duration::from_secs(2);
/// How long a node has for what it has claimed. Longer than all of that takes, so that nothing is said twice.
pub const OUTGOING_LEASE: TimeDelta = TimeDelta::minutes(10);
/// Tasks claimed at once.
pub const OUTGOING_AT_ONCE: u32 = 8;
/// How long a gateway may take to answer us.
pub const OUTGOING_CALL: Duration = Duration::from_secs(10);
/// Longest pause between two attempts to answer a text.
pub const REPLY_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long after a text it may be answered.
pub const REPLY_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// Longest pause between two attempts to report an opt-out.
pub const PUSH_PAUSE: TimeDelta = TimeDelta::hours(1);
/// How far the time in a signature may be from ours, either way.
pub const SIGNATURE_WINDOW: Duration = Duration::from_secs(300);
/// The furthest that an account may set it, for a gateway that may send an old signature again.
pub const SIGNATURE_WINDOW_LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Time left of a gateway's patience for the answer to travel back.
pub const ACKNOWLEDGE_MARGIN: Duration = Duration::from_millis(500);
/// How much later than it came an event that was committed after all may count: a commit takes some time.
pub const AS_IT_CAME: TimeDelta = TimeDelta::seconds(1);
/// Events on their way into the ledger at the same time.
pub const UNDER_WAY: u32 = 50_000;
/// How long an event may wait in the spool before the service calls itself not ready.
pub const SPOOL_PATIENCE: Duration = Duration::from_secs(10);
/// How often waiting spool records are tried again.
pub const SPOOL_PAUSE: Duration = Duration::from_secs(1);
/// Refused requests in one ring; the oldest goes first. Each account has two rings.
pub const REFUSED: usize = 4_096;
/// Bytes of a refused request that is kept. Genuine ones are smaller.
pub const REFUSED_BYTES: usize = 64 * 1024;
/// Bytes of all requests in one ring.
pub const REFUSED_TOTAL: usize = 32 * 1024 * 1024;
/// How long a refused request is kept.
pub const REFUSED_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Pieces that a ring takes at once, and in a second once it has taken those. A request is a piece for each so many
/// bytes: a flood takes an hour to push out what was there before.
pub const REFUSED_BURST: u32 = 1_024;
/// See [`REFUSED_BURST`].
pub const REFUSED_A_SECOND: f64 = 1.0;
/// See [`REFUSED_BURST`].
pub const REFUSED_PIECE: usize = 8 * 1024;
/// Refused requests of one ring that are being written at the same time.
pub const REFUSED_UNDER_WAY: u32 = 64;
/// How long the end of the service waits for them.
pub const REFUSED_FINISH: Duration = Duration::from_secs(2);
/// How long the start of the service waits for refused requests to be tried again; the others wait for the next start.
pub const REFUSED_RETRY: Duration = Duration::from_secs(10);
/// How often a checkpoint is signed, if the ledger has grown.
pub const CHECKPOINT_PAUSE: Duration = Duration::from_millis(500);
/// Shortest pause between two verifications of the whole ledger.
pub const VERIFY_PAUSE: Duration = Duration::from_secs(60);
/// The pause is at least this many times as long as the verification took, so that it costs little.
pub const VERIFY_SHARE: u32 = 20;
/// How long `/readyz` waits for the database.
pub const READY_DEADLINE: Duration = Duration::from_secs(2);
/// How long after a failed write the service calls itself not ready, unless a write has succeeded since.
pub const WRITE_DOUBT: Duration = Duration::from_secs(5);
/// Connections that may wait to be accepted.
pub const BACKLOG: u32 = 1024;
/// How long a client waits for a connection.
pub const CLIENT_CONNECT: Duration = Duration::from_secs(5);
/// How long a client waits for the next piece of an answer.
pub const CLIENT_READ: Duration = Duration::from_secs(30);
/// How long a client waits before it asks again, where its key has too much under way.
pub const CLIENT_PAUSE: Duration = Duration::from_secs(1);
/// How often it asks again.
pub const CLIENT_TRIES: u32 = 60;
/// How long a client waits for a whole answer.
pub const CLIENT_TOTAL: Duration = Duration::from_secs(30);
/// How long a check at the command line may wait for the local database.
pub const LOCAL_CHECK: Duration = Duration::from_secs(5);
/// How long `consentd doctor` waits for the database.
pub const DOCTOR: Duration = Duration::from_secs(8);
