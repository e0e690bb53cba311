use proptest::prelude::*;

use super::*;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u32).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// The tree of another implementation over the same leaves.
fn foreign(count: usize) -> ct_merkle::mem_backed_tree::MemoryBackedTree<Sha256, [u8; 4]> {
    let mut tree = ct_merkle::mem_backed_tree::MemoryBackedTree::new();
    (0..count as u32).for_each(|n| tree.push(n.to_be_bytes()));
    tree
}

#[test]
fn roots_are_those_of_the_published_vectors() {
    // The eight leaves of the Certificate Transparency reference tests.
    let inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let from_hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let hashes: Vec<Hash> = inputs.iter().map(|input| leaf_hash(&from_hex(input))).collect();
    for (at, expected) in roots.iter().enumerate() {
        assert_eq!(root(&hashes[..=at]).to_vec(), from_hex(expected), "{} leaves", at + 1);
    }
}

#[test]
fn another_implementation_finds_the_same_roots_and_accepts_our_proofs() {
    for size in 1..=130_usize {
        let (ours, theirs) = (leaves(size), foreign(size));
        let their_root = theirs.root();
        assert_eq!(root(&ours).as_slice(), their_root.as_bytes().as_slice(), "size {size}");
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = prove_inclusion(ours.as_slice(), index as u64, size as u64).unwrap();
            assert_eq!(proof.concat(), theirs.prove_inclusion(index).as_bytes(), "leaf {index} of {size}");
        }
        for old in 1..size {
            let proof = prove_consistency(ours.as_slice(), old as u64, size as u64).unwrap();
            assert_eq!(proof.concat(), theirs.prove_consistency(size - old).as_bytes(), "{old} to {size}");
        }
    }
}

proptest! {
    #[test]
    fn inclusion_proofs_hold_and_no_altered_one_does(size in 1_usize..300, pick in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>()) {
        let all = leaves(size);
        let index = pick.index(size);
        let top = root(&all);
        let proof = prove_inclusion(all.as_slice(), index as u64, size as u64).unwrap();
        prop_assert!(verify_inclusion(&all[index], index as u64, size as u64, &proof, &top).is_ok());
        prop_assert!(verify_inclusion(&all[(index + 1) % size], index as u64, size as u64, &proof, &top).is_err() || size == 1);
        prop_assert!(verify_inclusion(&all[index], size as u64, size as u64, &proof, &top).is_err());
        if !proof.is_empty() {
            let mut altered = proof.clone();
            altered[flip.index(proof.len())][0] ^= 1;
            prop_assert!(verify_inclusion(&all[index], index as u64, size as u64, &altered, &top).is_err());
            prop_assert!(verify_inclusion(&all[index], index as u64, size as u64, &proof[1..], &top).is_err());
        }
    }

    #[test]
    fn consistency_proofs_hold_and_a_rewritten_past_does_not(new in 1_usize..300, pick in any::<prop::sample::Index>()) {
        let all = leaves(new);
        let old = pick.index(new + 1);
        let (old_root, new_root) = (root(&all[..old]), root(&all));
        let proof = prove_consistency(all.as_slice(), old as u64, new as u64).unwrap();
        prop_assert!(verify_consistency(old as u64, new as u64, &proof, &old_root, &new_root).is_ok());
        if old > 0 {
            let mut rewritten = all;
            rewritten[old - 1][0] ^= 1;
            let proof = prove_consistency(rewritten.as_slice(), old as u64, new as u64).unwrap();
            prop_assert!(verify_consistency(old as u64, new as u64, &proof, &old_root, &root(&rewritten)).is_err());
        }
    }

    #[test]
    fn a_range_with_its_proof_leads_to_the_root(size in 0_usize..300, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let all = leaves(size);
        let (a, b) = (a.index(size + 1), b.index(size + 1));
        let (from, to) = (a.min(b), a.max(b));
        let proof = prove_range(all.as_slice(), from as u64, to as u64, size as u64).unwrap();
        prop_assert_eq!(root_of_range(&all[from..to], from as u64, size as u64, &proof), Ok(root(&all)));
        if from < to {
            let mut altered = all[from..to].to_vec();
            altered[0][0] ^= 1;
            prop_assert_ne!(root_of_range(&altered, from as u64, size as u64, &proof), Ok(root(&all)));
        }
        if !proof.is_empty() {
            prop_assert!(root_of_range(&all[from..to], from as u64, size as u64, &proof[1..]).is_err());
            let longer = [proof.as_slice(), &[[0; 32]]].concat();
            prop_assert!(root_of_range(&all[from..to], from as u64, size as u64, &longer).is_err());
        }
    }
}
