//! How much is measured.

use std::time::Duration;

use clap::ValueEnum;

/// Names of the sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// To see that everything works; the figures mean nothing
    Tiny,
    /// Minutes
    Small,
    /// What the goals speak of
    Full,
}

/// The quantities of a size.
#[derive(Debug, Clone, Copy)]
pub struct Quantities {
    /// Contacts of the simulated ledger, which has events and no database.
    pub contacts: u64,
    /// Contacts whose events are really recorded, where a database is part of the work.
    pub recorded: u64,
    /// Rows of a list.
    pub list: u64,
    /// Rows of a list where each costs database queries.
    pub short_list: u64,
    /// How long each side of a round is loaded.
    pub load: Duration,
    /// Events that a bare loop writes in a round.
    pub written: u64,
    /// Calls of a function in a round.
    pub calls: u64,
    /// Contacts of the ledgers in the row about growth.
    pub growth: [u64; 3],
}

impl Size {
    /// The quantities.
    pub fn quantities(self) -> Quantities {
        let load = |ms| Duration::from_millis(ms);
        match self {
            Self::Tiny => Quantities {
                contacts: 1_000,
                recorded: 200,
                list: 400,
                short_list: 100,
                load: load(50),
                written: 128,
                calls: 200,
                growth: [500, 1_000, 2_000],
            },
            Self::Small => Quantities {
                contacts: 200_000,
                recorded: 20_000,
                list: 100_000,
                short_list: 2_000,
                load: load(1_000),
                written: 4_096,
                calls: 20_000,
                growth: [20_000, 200_000, 2_000_000],
            },
            Self::Full => Quantities {
                contacts: 10_000_000,
                recorded: 200_000,
                list: 1_000_000,
                short_list: 20_000,
                load: load(3_000),
                written: 32_768,
                calls: 200_000,
                growth: [1_000_000, 10_000_000, 100_000_000],
            },
        }
    }
}
