//! The Merkle tree of RFC 6962, section 2: roots, inclusion proofs, consistency proofs, and proofs of a whole range.

use sha2::{Digest, Sha256};

use crate::codec::Hash;

/// A proof does not lead to the root it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to the root")]
pub struct BadProof;

/// Hash of a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of the tree of no entries: `SHA-256("")`.
pub fn empty_root() -> Hash {
    Sha256::digest(b"").into()
}

/// Root of the tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
            node_hash(&root(left), &root(right))
        }
    }
}

/// The largest power of two below `size` (which is at least 2).
fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// Where the hashes of complete subtrees come from: memory, tiles or a database.
///
/// Asked only for `[start, start + 2^height)` with `start` a multiple of `2^height`.
pub trait Subtrees {
    /// What can go wrong when hashes are fetched.
    type Error;
    /// The root of the complete subtree of `2^height` leaves that begins at `start`.
    fn complete(&self, start: u64, height: u32) -> Result<Hash, Self::Error>;
}

impl Subtrees for [Hash] {
    type Error = std::convert::Infallible;
    fn complete(&self, start: u64, height: u32) -> Result<Hash, Self::Error> {
        Ok(root(&self[start as usize..(start + (1 << height)) as usize]))
    }
}

/// Root of the leaves `[start, end)`, which must be a node of the tree: as RFC 6962 splits it.
pub fn subtree_root<S: Subtrees + ?Sized>(tree: &S, start: u64, end: u64) -> Result<Hash, S::Error> {
    match end - start {
        0 => Ok(empty_root()),
        size if size.is_power_of_two() => tree.complete(start, size.trailing_zeros()),
        size => {
            let middle = start + split(size);
            Ok(node_hash(&subtree_root(tree, start, middle)?, &subtree_root(tree, middle, end)?))
        }
    }
}

/// Inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
pub fn prove_inclusion<S: Subtrees + ?Sized>(tree: &S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(subtree_root(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree_root(tree, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Checks an inclusion proof (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), BadProof> {
    if index >= size {
        return Err(BadProof);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return Err(BadProof);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(step, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(BadProof) }
}

/// Consistency proof between the trees of `old` and `new` leaves (RFC 6962, section 2.1.2).
pub fn prove_consistency<S: Subtrees + ?Sized>(tree: &S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(proof);
    }
    let (mut start, mut end) = (0, new);
    // Walk to the node whose right edge is the old tree's; what is passed on the way is the proof.
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(subtree_root(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree_root(tree, start, middle)?);
            start = middle;
        }
    }
    // The verifier knows the old root already when that node is the whole old tree.
    if start != 0 {
        proof.push(subtree_root(tree, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks a consistency proof (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), BadProof> {
    if old > new {
        return Err(BadProof);
    }
    if old == new || old == 0 {
        let expected_old = if old == 0 { empty_root() } else { *new_root };
        return if proof.is_empty() && *old_root == expected_old { Ok(()) } else { Err(BadProof) };
    }
    let (mut node, mut last) = (old - 1, new - 1);
    let skip = node.trailing_ones();
    node >>= skip;
    last >>= skip;
    let mut steps = proof.iter();
    let seed = if old.is_power_of_two() { old_root } else { steps.next().ok_or(BadProof)? };
    let (mut first, mut second) = (*seed, *seed);
    for step in steps {
        if last == 0 {
            return Err(BadProof);
        }
        if node & 1 == 1 || node == last {
            first = node_hash(step, &first);
            second = node_hash(step, &second);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            second = node_hash(&second, step);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && first == *old_root && second == *new_root { Ok(()) } else { Err(BadProof) }
}

/// The hashes that, with the leaves `[from, to)`, lead to the root of `size` leaves; from left to right.
pub fn prove_range<S: Subtrees + ?Sized>(tree: &S, from: u64, to: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    fn walk<S: Subtrees + ?Sized>(
        tree: &S,
        (from, to): (u64, u64),
        (start, end): (u64, u64),
        proof: &mut Vec<Hash>,
    ) -> Result<(), S::Error> {
        if start == end || (from <= start && end <= to) {
            return Ok(());
        }
        if end <= from || to <= start {
            proof.push(subtree_root(tree, start, end)?);
            return Ok(());
        }
        let middle = start + split(end - start);
        walk(tree, (from, to), (start, middle), proof)?;
        walk(tree, (from, to), (middle, end), proof)
    }
    let mut proof = Vec::new();
    walk(tree, (from, to), (0, size), &mut proof)?;
    Ok(proof)
}

/// The root of `size` leaves, worked out from the leaves `[from, from + leaves.len())` and a range proof.
pub fn root_of_range(leaves: &[Hash], from: u64, size: u64, proof: &[Hash]) -> Result<Hash, BadProof> {
    fn walk<'a>(
        leaves: &[Hash],
        from: u64,
        (start, end): (u64, u64),
        proof: &mut impl Iterator<Item = &'a Hash>,
    ) -> Result<Hash, BadProof> {
        let to = from + leaves.len() as u64;
        if from <= start && end <= to {
            return Ok(root(&leaves[(start - from) as usize..(end - from) as usize]));
        }
        if end <= from || to <= start {
            return proof.next().copied().ok_or(BadProof);
        }
        let middle = start + split(end - start);
        let left = walk(leaves, from, (start, middle), proof)?;
        Ok(node_hash(&left, &walk(leaves, from, (middle, end), proof)?))
    }
    if from + leaves.len() as u64 > size {
        return Err(BadProof);
    }
    let mut steps = proof.iter();
    let found = if size == 0 { empty_root() } else { walk(leaves, from, (0, size), &mut steps)? };
    if steps.next().is_none() { Ok(found) } else { Err(BadProof) }
}

#[cfg(test)]
mod tests;
