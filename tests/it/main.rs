//! Stories about the whole service, told over HTTP, once for each database.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails here fails a test, and should say so at once"
)]

mod access;
mod answers;
mod checks;
mod commits;
mod contract;
mod doors;
mod drills;
mod events;
mod guards;
mod histories;
mod keys;
mod kill;
mod logs;
mod malformed;
mod memory;
mod nodes;
mod outage;
mod permanence;
mod refused;
mod reports;
mod reviews;
mod scans;
mod scrub;
mod simulate;
mod spool;
mod stop;
mod tampering;
mod turns;
mod vectors;
mod webhooks;
