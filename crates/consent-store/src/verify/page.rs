//! Pages of a verification: read ahead, and on all cores checked for whatever can be seen without those before them.

use std::collections::HashMap;
use std::iter::Peekable;
use std::num::NonZero;
use std::sync::Arc;
use std::{thread, vec};

use consent_core::codec::Entry;
use consent_core::event::Recorded;
use futures_util::{Stream, StreamExt, stream};
use tokio::runtime::Handle;

use super::{Fault, fault};
use crate::database::Database;
use crate::error::StoreError;
use crate::ledger::Ledger;
use crate::limits;
use crate::rows::DedupeRow;
use crate::sealed::Sealed;
use crate::vault::{OpenedEntry, Vault};

/// The look-up tokens of some entries, in the order of these.
type Tokens = Vec<(i64, Vec<u8>)>;

/// Some entries in order.
pub(super) struct Page {
    /// Those in which nothing is wrong, up to the first in which something is.
    pub(super) entries: Vec<(OpenedEntry, Recorded)>,
    /// The positions that are listed for a person to read, in order.
    pub(super) listed: Vec<i64>,
    /// What is wrong with the entry behind them.
    pub(super) fault: Option<Fault>,
}

/// What the tables say about some entries.
struct Rows {
    sealed: Vec<Sealed>,
    tokens: Tokens,
    names: Vec<DedupeRow>,
    listed: Vec<i64>,
}

impl Ledger {
    /// The entries `[from, to)`, a page at a time, in order.
    pub(super) async fn pages(
        &self,
        from: u64,
        to: u64,
    ) -> Result<impl Stream<Item = Result<Page, Fault>> + use<>, StoreError> {
        // Tokens are kept in their own order: on SQLite the whole table is read to find those of some entries.
        let mut tokens = self.database.tokens_between(from as i64, to as i64).await?.into_iter().peekable();
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(limits::SCAN_THREADS);
        let (database, vault) = (Arc::clone(&self.database), self.vault.clone());
        let pages = stream::iter((from..to).step_by(limits::PAGE as usize)).map(move |at| {
            let end = to.min(at + limits::PAGE);
            let theirs = before(&mut tokens, end as i64);
            page(Arc::clone(&database), vault.clone(), (at, end), theirs)
        });
        Ok(pages.buffered(cores + 1))
    }
}

fn before(tokens: &mut Peekable<vec::IntoIter<(i64, Vec<u8>)>>, end: i64) -> Tokens {
    std::iter::from_fn(|| tokens.next_if(|(seq, _)| *seq < end)).collect()
}

/// Begins with a page at once, and not only when it is asked for.
fn page(
    database: Arc<Database>,
    vault: Vault,
    (from, to): (u64, u64),
    tokens: Tokens,
) -> impl Future<Output = Result<Page, Fault>> + Send + use<> {
    let reading = database.runtime().clone().spawn(async move {
        let (first, end) = (from as i64, to as i64);
        let sealed = database.sealed_between(first, end).await?;
        let names = database.dedupe_between(first, end).await?;
        let listed = database.listed_between(first, end).await?;
        let rows = Rows { sealed, tokens, names, listed };
        let checking = Handle::current().spawn_blocking(move || rows.check(&vault, (from, to)));
        checking.await.unwrap_or(Err(StoreError::Unavailable.into()))
    });
    async move { reading.await.unwrap_or(Err(StoreError::Unavailable.into())) }
}

impl Rows {
    fn check(self, vault: &Vault, (from, to): (u64, u64)) -> Result<Page, Fault> {
        let Self { sealed, tokens, names, listed } = self;
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
        let mut page = Page { entries: Vec::with_capacity(opened.len()), listed, fault: None };
        for entry in opened {
            let (tokens, names) = of(entry.seq);
            match vault.check_content(&entry, tokens, names) {
                Ok(recorded) => page.entries.push((entry, recorded)),
                Err(fault) => {
                    page.fault = Some(fault);
                    break;
                }
            }
        }
        Ok(page)
    }
}

fn by_position<T>(rows: impl Iterator<Item = (u64, T)>) -> HashMap<u64, Vec<T>> {
    let mut found: HashMap<u64, Vec<T>> = HashMap::new();
    rows.for_each(|(seq, row)| found.entry(seq).or_default().push(row));
    found
}

impl Vault {
    /// The event of an entry, which must be found by whatever it is looked for.
    fn check_content(&self, entry: &OpenedEntry, tokens: &[Vec<u8>], names: &[DedupeRow]) -> Result<Recorded, Fault> {
        let recorded = self.check_tokens(entry, tokens)?;
        self.check_name(&recorded, entry, names)?;
        Ok(recorded)
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
    fn check_tokens(&self, entry: &OpenedEntry, found: &[Vec<u8>]) -> Result<Recorded, Fault> {
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
            Ok(recorded)
        } else {
            Err(fault(place, "the look-up tokens are not those of the people in the event"))
        }
    }
}
