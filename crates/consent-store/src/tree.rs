//! The Merkle tree as the tables hold it: full tiles, and leaf hashes behind them.

use std::collections::BTreeMap;

use consent_core::codec::Hash;
use consent_core::merkle::{self, Subtrees};
use consent_core::tiles::{Edge, TILE_HEIGHT, TILE_WIDTH, Tile};

use crate::error::StoreError;
use crate::{Database, limits};

/// The right edge of the tree of `size` leaves.
async fn load_edge(database: &Database, size: u64) -> Result<Edge, StoreError> {
    let mut pending = Vec::new();
    for level in 0..Edge::levels(size) as u32 {
        let count = size >> (TILE_HEIGHT * level);
        let first = count - count % TILE_WIDTH as u64;
        pending.push(hashes(database, level, first, count).await?);
    }
    let what = "entries or tiles are missing";
    Edge::restore(size, pending).ok_or(StoreError::Corrupt { seq: size.saturating_sub(1), what })
}

/// The hashes `[from, to)` of a tile level, which lie in one tile: roots of `256^level` leaves.
async fn hashes(database: &Database, level: u32, from: u64, to: u64) -> Result<Vec<Hash>, StoreError> {
    if level == 0 {
        let leaves = database.leaves_between(from as i64, to as i64).await?;
        let exact = leaves.len() as u64 == to - from;
        let hashes: Option<Vec<Hash>> = leaves.into_iter().map(|leaf| leaf.try_into().ok()).collect();
        return hashes.filter(|_| exact).ok_or(StoreError::Corrupt { seq: from, what: "entries are missing" });
    }
    // Each hash is the root of the full tile below it.
    let tiles = database.tiles_between(level as i32 - 1, from as i64, to as i64).await?;
    if tiles.len() as u64 != to - from {
        return Err(StoreError::Corrupt { seq: from << (TILE_HEIGHT * level), what: "tiles are missing" });
    }
    Ok(tiles.iter().map(|tile| merkle::root(&Tile::hashes(&tile.bytes))).collect())
}

/// Brings an edge to `size` leaves, from wherever it is.
pub(crate) async fn advance(database: &Database, edge: &mut Edge, size: u64) -> Result<(), StoreError> {
    let near = edge.size() > 0 && size.checked_sub(edge.size()).is_some_and(|behind| behind <= limits::READ_BACK);
    if !near {
        *edge = load_edge(database, size).await?;
    }
    let mut full = Vec::new();
    while edge.size() < size {
        let from = edge.size();
        let leaves = hashes(database, 0, from, size.min(from + limits::PAGE)).await?;
        leaves.into_iter().for_each(|leaf| edge.push(leaf, &mut full));
        full.clear();
    }
    Ok(())
}

/// The tree of a ledger as far as it was read back: it grows with the ledger, and reads no entry a second time.
#[derive(Debug, Default)]
pub struct ReadBack(Edge);

impl ReadBack {
    /// The root of the tree when it had `size` entries.
    pub(crate) async fn root_at(&mut self, database: &Database, size: u64) -> Result<Hash, StoreError> {
        if size < self.0.size() {
            // Only the edge is left of what was read.
            return prove(database, |tree| merkle::subtree_root(tree, 0, size)).await;
        }
        advance(database, &mut self.0, size).await?;
        Ok(self.0.root())
    }
}

/// Runs a proof over the stored tree. The proof is written for memory, the tree lies in a database: so it runs
/// again with each subtree that it was found to need; a proof needs some dozens.
pub(crate) async fn prove<T>(
    database: &Database,
    proof: impl Fn(&dyn Subtrees<Error = Missing>) -> Result<T, Missing>,
) -> Result<T, StoreError> {
    let mut known = Known::default();
    loop {
        match proof(&known) {
            Ok(result) => return Ok(result),
            Err(Missing { start, height }) => {
                let root = complete(database, start, height).await?;
                known.roots.insert((start, height), root);
            }
        }
    }
}

/// A subtree that a proof needs and that was not fetched yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing {
    start: u64,
    height: u32,
}

#[derive(Default)]
struct Known {
    roots: BTreeMap<(u64, u32), Hash>,
}

impl Subtrees for Known {
    type Error = Missing;
    fn complete(&self, start: u64, height: u32) -> Result<Hash, Missing> {
        self.roots.get(&(start, height)).copied().ok_or(Missing { start, height })
    }
}

/// The root of a complete subtree.
async fn complete(database: &Database, start: u64, height: u32) -> Result<Hash, StoreError> {
    let level = height / TILE_HEIGHT;
    let from = start >> (TILE_HEIGHT * level);
    let count = 1 << (height % TILE_HEIGHT);
    Ok(merkle::root(&hashes(database, level, from, from + count).await?))
}
