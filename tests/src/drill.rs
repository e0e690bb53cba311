//! Drills: the program under trouble and under load, for minutes rather than moments. `scripts/drill` runs them.
//!
//! [`nodes`]: several nodes of one ledger ([`cluster`]) are used ([`crowd`]) while they are killed, frozen and cut off
//! ([`trouble`]); what was said and answered is written down ([`recorded`]) and judged afterwards ([`verdict`]).
//! [`load`]: one server ([`single`]) has much to do over many connections ([`line`]) and loses nothing ([`audit`]).
//! [`interference`]: how much checks suffer from what else it does.

pub mod audit;
pub mod cluster;
pub mod crowd;
pub mod interference;
pub mod line;
pub mod load;
pub mod nodes;
pub mod recorded;
pub mod single;
pub mod span;
pub mod trouble;
pub mod verdict;
