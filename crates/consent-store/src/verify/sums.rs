//! What two tables say of each page of entries, as one number.
//!
//! Look-up tokens and names lie in an order of their own, so that to find those of some entries takes longer than all
//! else. Therefore each table is read once, from one end to the other, and its rows are hashed under a secret of this
//! verification and added up by page. Where the sum is that of the rows that should be there, these are there and no
//! others: that it is so by chance is as likely as one in 2^64, and nobody can bring it about who does not know the
//! secret. Where it is not, the rows of the page are read one by one and tell what is wrong.

use std::hash::{BuildHasher, RandomState};

use futures_util::future::try_join;
use uuid::Uuid;

use crate::database::Database;
use crate::error::StoreError;
use crate::limits;

/// The sums of both tables.
#[derive(Debug)]
pub(super) struct Sums {
    secret: RandomState,
    tokens: Vec<u64>,
    names: Vec<u64>,
}

/// The sums of one page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) tokens: u64,
    pub(super) names: u64,
}

impl Sums {
    /// Reads both tables, as far as they are about the first `size` entries.
    pub(super) async fn read(database: &Database, size: u64) -> Result<Self, StoreError> {
        let secret = RandomState::new();
        let (tokens, names) = try_join(tokens(database, &secret, size), names(database, &secret, size)).await?;
        Ok(Self { secret, tokens, names })
    }

    /// The sums of the page that begins with this entry.
    pub(super) fn of_page(&self, from: u64) -> Sum {
        let of = |sums: &[u64]| sums.get(page(from)).copied().unwrap_or_default();
        Sum { tokens: of(&self.tokens), names: of(&self.names) }
    }

    /// What a token that should be there adds.
    pub(super) fn token(&self, seq: u64, token: &[u8]) -> u64 {
        hash_of_token(&self.secret, seq, token)
    }

    /// What a name that should be there adds.
    pub(super) fn name(&self, seq: u64, event_id: Uuid, content: &[u8]) -> u64 {
        hash_of_name(&self.secret, seq, event_id.as_bytes(), content)
    }
}

fn page(seq: u64) -> usize {
    (seq / limits::PAGE) as usize
}

/// The lengths of what is hashed are hashed too, so that no two rows meet.
fn hash_of_token(secret: &RandomState, seq: u64, token: &[u8]) -> u64 {
    secret.hash_one((seq, token))
}

fn hash_of_name(secret: &RandomState, seq: u64, event_id: &[u8], content: &[u8]) -> u64 {
    secret.hash_one((seq, event_id, content))
}

/// Adds what a row of an entry says; rows of entries that are not there are looked for elsewhere.
fn add(sums: &mut [u64], seq: i64, hash: impl FnOnce(u64) -> u64) {
    if let Ok(seq) = u64::try_from(seq)
        && let Some(sum) = sums.get_mut(page(seq))
    {
        *sum = sum.wrapping_add(hash(seq));
    }
}

fn empty(size: u64) -> Vec<u64> {
    vec![0; size.div_ceil(limits::PAGE) as usize]
}

async fn tokens(database: &Database, secret: &RandomState, size: u64) -> Result<Vec<u64>, StoreError> {
    let (mut sums, mut last) = (empty(size), (i64::MIN, Vec::new()));
    loop {
        let rows = database.tokens_behind(last, limits::VERIFIED_AT_ONCE as i64).await?;
        for (seq, token) in rows.iter().filter(|(seq, _)| *seq < size as i64) {
            add(&mut sums, *seq, |seq| hash_of_token(secret, seq, token));
        }
        let is_end = (rows.len() as u64) < limits::VERIFIED_AT_ONCE;
        match rows.into_iter().next_back() {
            Some(row) if !is_end => last = row,
            _ => return Ok(sums),
        }
    }
}

async fn names(database: &Database, secret: &RandomState, size: u64) -> Result<Vec<u64>, StoreError> {
    let (mut sums, mut last) = (empty(size), (String::new(), Vec::new()));
    loop {
        let rows = database.dedupe_behind(last, limits::VERIFIED_AT_ONCE as i64).await?;
        for row in rows.iter().filter(|row| row.seq < size as i64) {
            add(&mut sums, row.seq, |seq| hash_of_name(secret, seq, &row.event_id, &row.content));
        }
        let is_end = (rows.len() as u64) < limits::VERIFIED_AT_ONCE;
        match rows.into_iter().next_back() {
            Some(row) if !is_end => last = (row.source, row.key_hmac),
            _ => return Ok(sums),
        }
    }
}
