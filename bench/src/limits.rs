//! Every maximum of the measurements, in one place.

use std::time::Duration;

/// Share of all cores that other programs may use during a round; more, and the round does not count.
pub const FOREIGN: f64 = 0.10;
/// Rounds that are tried for each one that is asked for.
pub const TRIES: usize = 3;
/// Rounds without which no bound is given.
pub const ROUNDS: usize = 7;
/// Chance that the true median lies beyond the bound.
pub const RISK: f64 = 0.05;
/// How long a server may take to end before it is killed.
pub const END: Duration = Duration::from_secs(10);
/// Events that wait for their commit while a ledger is filled.
pub const FILLING: usize = 4_096;
/// Bytes of the head of an answer.
pub const HEAD: usize = 8 * 1024;
/// Rows in one message while a table is filled.
pub const COPY: usize = 10_000;
/// Growth of memory that a scrub or an export may show, in bytes.
pub const GROWTH: f64 = 64.0 * 1024.0 * 1024.0;
