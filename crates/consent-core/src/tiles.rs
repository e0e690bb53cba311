//! The growing right edge of the tree, and the tiles it leaves behind (C2SP `tlog-tiles`, tiles of height 8).

use crate::codec::Hash;
use crate::merkle::{self, node_hash};

/// Levels of the tree that one tile covers.
pub const TILE_HEIGHT: u32 = 8;
/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

/// A full tile: 256 hashes of one level, never changed once written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Level of the tile: its hashes are roots of `256^level` leaves.
    pub level: u32,
    /// Index of the tile in its level.
    pub index: u64,
    /// The hashes, one after the other.
    pub bytes: Vec<u8>,
}

impl Tile {
    /// The hashes of the tile.
    pub fn hashes(bytes: &[u8]) -> Vec<Hash> {
        bytes.as_chunks::<32>().0.to_vec()
    }
}

/// What must be known to append to a tree: the roots of its complete subtrees and the tiles not yet full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// Complete subtrees from left to right: (height, root), heights falling.
    subtrees: Vec<(u32, Hash)>,
    /// For each tile level, the hashes after its last full tile.
    pending: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of `size` leaves, from the hashes after the last full tile of each level.
    ///
    /// `None` if the numbers of hashes do not fit the size.
    pub fn restore(size: u64, pending: Vec<Vec<Hash>>) -> Option<Self> {
        let fits = |(level, hashes): (usize, &Vec<Hash>)| {
            hashes.len() as u64 == (size >> (TILE_HEIGHT as usize * level)) % TILE_WIDTH as u64
        };
        let levels = Self::levels(size);
        if pending.len() != levels || !pending.iter().enumerate().all(fits) {
            return None;
        }
        let mut subtrees = Vec::new();
        for (level, hashes) in pending.iter().enumerate().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let height = rest.len().ilog2();
                let (complete, behind) = rest.split_at(1 << height);
                subtrees.push((TILE_HEIGHT * level as u32 + height, merkle::root(complete)));
                rest = behind;
            }
        }
        Some(Self { size, subtrees, pending })
    }

    /// How many tile levels a tree of this size has.
    pub fn levels(size: u64) -> usize {
        if size == 0 { 0 } else { size.ilog2() as usize / TILE_HEIGHT as usize + 1 }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        let mut from_right = self.subtrees.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = from_right.next() else {
            return merkle::empty_root();
        };
        from_right.fold(last, |right, left| node_hash(&left, &right))
    }

    /// Appends a leaf; tiles that become full are added to `full`.
    pub fn push(&mut self, leaf: Hash, full: &mut Vec<Tile>) {
        self.size += 1;
        self.note(0, leaf, full);
        let (mut height, mut hash) = (0, leaf);
        while let Some(&(left_height, left)) = self.subtrees.last() {
            if left_height != height {
                break;
            }
            self.subtrees.pop();
            hash = node_hash(&left, &hash);
            height += 1;
            if height.is_multiple_of(TILE_HEIGHT) {
                self.note((height / TILE_HEIGHT) as usize, hash, full);
            }
        }
        self.subtrees.push((height, hash));
    }

    fn note(&mut self, level: usize, hash: Hash, full: &mut Vec<Tile>) {
        if self.pending.len() <= level {
            self.pending.resize(level + 1, Vec::new());
        }
        let hashes = &mut self.pending[level];
        hashes.push(hash);
        if hashes.len() == TILE_WIDTH {
            let index = (self.size >> (TILE_HEIGHT as usize * (level + 1))) - 1;
            full.push(Tile { level: level as u32, index, bytes: hashes.concat() });
            hashes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    #[test]
    fn the_edge_has_the_root_of_the_tree_at_every_size_and_can_be_restored() {
        let leaves: Vec<Hash> = (0..70_000_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Edge::default();
        let mut tiles = Vec::new();
        for (at, leaf) in leaves.iter().enumerate() {
            edge.push(*leaf, &mut tiles);
            let size = at + 1;
            if size < 600 || [65_535, 65_536, 65_537, 70_000].contains(&size) {
                assert_eq!(edge.root(), merkle::root(&leaves[..size]), "size {size}");
                let again = Edge::restore(size as u64, edge.pending.clone());
                assert_eq!(again.map(|edge| edge.root()), Some(edge.root()), "size {size}");
            }
        }
        assert_eq!(tiles.iter().filter(|tile| tile.level == 0).count(), 70_000 / 256);
        assert_eq!(tiles.iter().filter(|tile| tile.level == 1).count(), 1);
        let upper = tiles.iter().find(|tile| tile.level == 1).unwrap();
        for (tile, root) in tiles.iter().filter(|tile| tile.level == 0).zip(Tile::hashes(&upper.bytes)) {
            assert_eq!(merkle::root(&Tile::hashes(&tile.bytes)), root, "tile {}", tile.index);
        }
    }

    #[test]
    fn an_edge_of_the_wrong_shape_is_refused() {
        assert!(Edge::restore(3, vec![vec![[0; 32]; 2]]).is_none());
        assert!(Edge::restore(0, vec![vec![]]).is_none());
        assert_eq!(Edge::restore(0, vec![]).unwrap().root(), merkle::empty_root());
    }
}
