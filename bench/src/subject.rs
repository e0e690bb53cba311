//! What answers from memory, as the measurements see it: the only file that knows how.

use std::collections::HashMap;
use std::path::Path;
use std::sync::RwLock;

use chrono::{DateTime, Utc};
use consent_core::codec::Hash;
use consent_core::event::Recorded;
use consent_core::token::Pepper;
use consent_query::decide::{Known, decide};
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};
use consent_store::Ledger;

use crate::generator::Generator;

/// Whether the service answers from memory. Until it does, each of its answers costs database queries, and rows that
/// need many answers are measured with a shorter list.
pub const IN_SERVICE: bool = false;

/// How it is called in the table.
pub const NAME: &str = "a map of whole events (no index yet)";

/// A stand-in for the index: whole events by person, in a map.
pub struct Subject {
    pepper: Pepper,
    rules: Rules,
    people: RwLock<HashMap<Hash, Vec<Recorded>>>,
}

impl Subject {
    /// One that knows nobody.
    pub fn empty() -> anyhow::Result<Self> {
        Ok(Self { pepper: Pepper::new(&[7; 32]), rules: Rules::embedded()?, people: RwLock::default() })
    }

    /// Takes a whole simulated ledger in; returns the number of its events.
    pub fn take_in(&self, people: Generator) -> anyhow::Result<u64> {
        let mut count = 0;
        for event in people.ledger(0) {
            self.apply(event?);
            count += 1;
        }
        Ok(count)
    }

    /// Takes a real ledger in, up to its head.
    pub async fn follow(&self, ledger: &Ledger) -> anyhow::Result<()> {
        let (end, mut next) = (ledger.head().await?.size, 0);
        while next < end {
            for entry in ledger.entries(next, end).await? {
                next = entry.seq + 1;
                if let Some(event) = entry.recorded()? {
                    self.apply(event);
                }
            }
        }
        Ok(())
    }

    fn apply(&self, event: Recorded) {
        let Ok(mut people) = self.people.write() else { return };
        if let Some(who) = event.event.identities().first() {
            people.entry(self.pepper.token(who)).or_default().push(event);
        }
    }

    /// Answers a question.
    pub fn ask(&self, question: &Question, now: DateTime<Utc>) -> anyhow::Result<Decision> {
        let tokens = question.identities().into_iter().map(|who| self.pepper.token(&who)).collect::<Vec<_>>();
        let events =
            self.people.read().ok().and_then(|people| people.get(tokens.first()?).cloned()).unwrap_or_default();
        let known = Known::Standing(fold(&events, View::default(), &self.rules));
        Ok(decide(question, &known, &self.rules, now, 0))
    }

    /// Writes a snapshot; `false` if there is no such thing.
    pub fn save(&self, _: &Path) -> anyhow::Result<bool> {
        Ok(false)
    }

    /// Reads a snapshot.
    pub fn load(_: &Path) -> anyhow::Result<Self> {
        anyhow::bail!("there are no snapshots yet")
    }
}
