//! Pages of a verification: read ahead, and on all cores checked for whatever can be seen without those before them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_core::codec::{Entry, Hash};
use consent_core::event::Recorded;
use consent_core::review::why_held;
use futures_util::{Stream, StreamExt, stream};
use tokio::runtime::Handle;

use super::quick::Quick;
use super::sums::Sums;
use super::{Fault, fault};
use crate::database::Database;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::limits;
use crate::rows::DedupeRow;
use crate::sealed::Sealed;
use crate::vault::{OpenedEntry, Vault};

/// An entry in which nothing is wrong.
pub(super) struct Checked {
    pub(super) seq: u64,
    pub(super) leaf: Hash,
    pub(super) t: u64,
    pub(super) received_at: DateTime<Utc>,
    /// It is a message that a person has to read.
    pub(super) is_held: bool,
}

impl Checked {
    pub(super) fn new(recorded: &Recorded, leaf: Hash, t: u64) -> Self {
        let is_held = why_held(&recorded.event.kind).is_some();
        Self { seq: recorded.seq, leaf, t, received_at: recorded.received_at, is_held }
    }
}

/// Some entries in order.
pub(super) struct Page {
    /// Those in which nothing is wrong, up to the first in which something is.
    pub(super) entries: Vec<Checked>,
    /// The positions that are listed for a person to read, in order.
    pub(super) listed: Vec<i64>,
    /// What is wrong with the entry behind them.
    pub(super) fault: Option<Fault>,
}

/// What the tables say about some entries.
struct Rows {
    sealed: Vec<Sealed>,
    tokens: Vec<(i64, Vec<u8>)>,
    names: Vec<DedupeRow>,
}

impl Ledger {
    /// The entries below `size`, a page at a time, in order; so many pages are under way.
    pub(super) async fn pages(
        &self,
        size: u64,
        ahead: usize,
    ) -> Result<impl Stream<Item = Result<Page, Fault>> + use<>, StoreError> {
        let sums = Arc::new(Sums::read(&self.database, size).await?);
        let (database, vault) = (Arc::clone(&self.database), self.vault.clone());
        let pages = stream::iter((0..size).step_by(limits::PAGE as usize)).map(move |from| {
            let to = size.min(from + limits::PAGE);
            page(Arc::clone(&database), vault.clone(), Arc::clone(&sums), (from, to))
        });
        Ok(pages.buffered(ahead))
    }
}

/// Begins with a page at once, and not only when it is asked for.
fn page(
    database: Arc<Database>,
    vault: Vault,
    sums: Arc<Sums>,
    (from, to): (u64, u64),
) -> impl Future<Output = Result<Page, Fault>> + Send + use<> {
    let reading = database.runtime().clone().spawn(async move {
        let (first, end) = (from as i64, to as i64);
        let listed = database.listed_between(first, end).await?;
        let quick = Quick::new(vault.clone(), sums);
        let checked = database.rows_between((first, end), move |rows| quick.check(rows, (from, to))).await??;
        if let Some(entries) = checked {
            return Ok(Page { entries, listed, fault: None });
        }
        // Something is wrong, or not as it usually is.
        let sealed = database.sealed_between(first, end).await?;
        let names = database.dedupe_between(first, end).await?;
        let tokens = database.tokens_between(first, end).await?;
        let rows = Rows { sealed, tokens, names };
        let checking = Handle::current().spawn_blocking(move || rows.check(&vault, (from, to)));
        let (entries, fault) = checking.await.unwrap_or(Err(StoreError::Unavailable.into()))?;
        Ok(Page { entries, listed, fault })
    });
    async move { reading.await.unwrap_or(Err(StoreError::Unavailable.into())) }
}

impl Rows {
    /// Those in which nothing is wrong, and what is wrong with the one behind them.
    fn check(self, vault: &Vault, (from, to): (u64, u64)) -> Result<(Vec<Checked>, Option<Fault>), Fault> {
        let Self { sealed, tokens, names } = self;
        let mut opener = vault.opener();
        let opened = sealed.into_iter().map(|row| opener.open(row)).collect::<Result<Vec<_>, _>>()?;
        if opened.len() as u64 != to - from {
            return Err(fault(format!("entries {from} to {}", to - 1), "an entry is missing"));
        }
        let tokens = by_position(tokens.into_iter().map(|(seq, token)| (seq as u64, token)));
        let names = by_position(names.into_iter().map(|row| (row.seq as u64, row)));
        let of = |seq: u64| {
            (tokens.get(&seq).map_or(&[][..], Vec::as_slice), names.get(&seq).map_or(&[][..], Vec::as_slice))
        };
        let mut entries = Vec::with_capacity(opened.len());
        for entry in opened {
            let (tokens, names) = of(entry.seq);
            match vault.check_content(&entry, tokens, names) {
                Ok(checked) => entries.push(checked),
                Err(fault) => return Ok((entries, Some(fault))),
            }
        }
        Ok((entries, None))
    }
}

fn by_position<T>(rows: impl Iterator<Item = (u64, T)>) -> HashMap<u64, Vec<T>> {
    let mut found: HashMap<u64, Vec<T>> = HashMap::new();
    rows.for_each(|(seq, row)| found.entry(seq).or_default().push(row));
    found
}

impl Vault {
    /// The event of an entry, which must be found by whatever it is looked for.
    fn check_content(&self, entry: &OpenedEntry, tokens: &[Vec<u8>], names: &[DedupeRow]) -> Result<Checked, Fault> {
        let (recorded, parsed) = self.check_tokens(entry, tokens)?;
        self.check_name(&recorded, entry, names)?;
        Ok(Checked::new(&recorded, entry.leaf, parsed.t))
    }

    /// An entry must have the one name by which a repeat of it is told, and be found under its own id.
    fn check_name(&self, recorded: &Recorded, entry: &OpenedEntry, found: &[DedupeRow]) -> Result<(), Fault> {
        let place = format!("entry {}", recorded.seq);
        if entry.event_id != Some(recorded.event_id) {
            return Err(fault(place, "is found under the id of another event"));
        }
        let peppers = 0..self.keys().peppers().len();
        let contents = peppers.map(|pepper| self.content(pepper, &recorded.event));
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        let fits = |row: &DedupeRow| row.event_id == recorded.event_id.as_bytes() && contents.contains(&row.content);
        match found {
            [row] if fits(row) => Ok(()),
            _ => Err(fault(place, "the name under which repeats of it are told is missing or another's")),
        }
    }

    /// The look-up tokens of an entry must be those of the people in it, or an opt-out would not be found; and the
    /// entry must commit to the first of them.
    fn check_tokens(&self, entry: &OpenedEntry, found: &[Vec<u8>]) -> Result<(Recorded, Entry), Fault> {
        let place = format!("entry {}", entry.seq);
        let (Some(recorded), Some(opening)) = (entry.recorded()?, &entry.opening) else {
            return Err(fault(place, "the opening is missing"));
        };
        let parsed = Entry::decode(&entry.bytes).map_err(|error| fault(&place, error.to_string()))?;
        let identities = recorded.event.identities();
        let fits = self.keys().peppers().iter().any(|pepper| {
            let expected = pepper.tokens(&recorded.event);
            let about = identities.first().map_or_else(|| pepper.nobody(), |who| pepper.token(who));
            expected.iter().map(<[u8; 32]>::as_slice).eq(found.iter().map(Vec::as_slice))
                && opening.is_about(&parsed, &about)
        });
        if parsed.typ != recorded.type_name() || parsed.t != recorded.received_at.timestamp().max(0) as u64 {
            return Err(fault(place, "type or time is not that of the event"));
        }
        if fits {
            Ok((recorded, parsed))
        } else {
            Err(fault(place, "the look-up tokens are not those of the people in the event"))
        }
    }
}
