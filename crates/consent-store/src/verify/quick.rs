//! A page in which nothing is wrong, which is nearly every one, seen to be so in one go. What is wrong it does not tell.

use std::sync::Arc;

use consent_core::codec::{Hash, canonical_object, commit_subject};
use consent_core::event::{InPlace, Recorded};
use diesel::QueryResult;

use super::page::Checked;
use super::sums::{Sum, Sums};
use crate::error::StoreError;
use crate::sealed::Sealed;
use crate::sequencer::hash_of_content;
use crate::vault::{Scanned, Vault};

/// Looks at the rows of a page.
pub(super) struct Quick {
    vault: Vault,
    sums: Arc<Sums>,
    /// For each pepper, newest first, what a page under it should add up to; none once an entry in it is not under it.
    expected: Vec<Option<Sum>>,
    /// What was submitted, in memory that is used again and again.
    content: Vec<u8>,
}

impl Quick {
    pub(super) fn new(vault: Vault, sums: Arc<Sums>) -> Self {
        let expected = vec![Some(Sum::default()); vault.keys().peppers().len()];
        Self { vault, sums, expected, content: Vec::new() }
    }

    /// The entries of a page, if nothing is wrong with them.
    pub(super) fn check(
        mut self,
        rows: &mut dyn Iterator<Item = QueryResult<Sealed>>,
        (from, to): (u64, u64),
    ) -> Result<Option<Vec<Checked>>, StoreError> {
        let (mut opener, mut all) = (self.vault.opener(), Vec::with_capacity((to - from) as usize));
        for row in rows {
            let row = row?;
            let is_next = row.0.seq as u64 == from + all.len() as u64;
            let Ok(Some(checked)) = opener.scan(&row, |found| self.look(&row, &found).filter(|_| is_next)) else {
                return Ok(None);
            };
            all.push(checked);
        }
        let (found, whole) = (self.sums.of_page(from), all.len() as u64 == to - from);
        // Names and tokens of an entry may be under different peppers, but then somebody has to look.
        Ok((whole && self.expected.contains(&Some(found))).then_some(all))
    }

    fn look(&mut self, row: &Sealed, found: &Scanned<'_>) -> Option<Checked> {
        let Scanned { seq, entry, leaf, opening, .. } = *found;
        let (r_sub, _, body) = opening?;
        let recorded = self.read(seq, body)?;
        let (id, t) = (row.1.as_ref()?.event_id.bytes()?, recorded.received_at.timestamp().max(0) as u64);
        if recorded.event_id.as_bytes() != id || entry.typ != recorded.type_name() || entry.t != t {
            return None;
        }
        let (people, events) = (recorded.event.identities(), recorded.event.references());
        for (expected, pepper) in self.expected.iter_mut().zip(self.vault.keys().peppers()) {
            let Some(sum) = expected else { continue };
            let mut about: Option<Hash> = None;
            for who in &people {
                let token = pepper.token(who);
                about.get_or_insert(token);
                sum.tokens = sum.tokens.wrapping_add(self.sums.token(seq, &token));
            }
            for id in &events {
                sum.tokens = sum.tokens.wrapping_add(self.sums.token(seq, &pepper.reference(*id)));
            }
            let content = hash_of_content(pepper, &self.content);
            sum.names = sum.names.wrapping_add(self.sums.name(seq, recorded.event_id, &content));
            let about = about.unwrap_or_else(|| pepper.nobody());
            if commit_subject(r_sub, &about) != entry.sub {
                *expected = None;
            }
        }
        Some(Checked::new(&recorded, *leaf, t))
    }

    /// The event in a body, and in `content` what was submitted.
    fn read(&mut self, seq: u64, body: &[u8]) -> Option<Recorded> {
        self.content.clear();
        if let Some(stored) = InPlace::of(body) {
            stored.submitted(&mut self.content);
            if let Some(recorded) = stored.recorded(seq) {
                return Some(recorded);
            }
        }
        let recorded = Recorded::from_body(seq, body).ok()?;
        self.content = canonical_object(&recorded.event.to_json().ok()?).ok()?;
        Some(recorded)
    }
}
