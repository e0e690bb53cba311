//! Drills: the program under trouble and under load, for minutes rather than moments. `scripts/drill` runs them.
//!
//! [`cluster`] is several nodes of one ledger, [`trouble`] what happens to them, [`crowd`] who calls them meanwhile. What
//! was said and answered is written down ([`recorded`]) and judged afterwards ([`verdict`]).

pub mod cluster;
pub mod crowd;
pub mod nodes;
pub mod recorded;
pub mod trouble;
pub mod verdict;
