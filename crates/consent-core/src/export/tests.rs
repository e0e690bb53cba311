use ed25519_dalek::SigningKey;

use super::*;
use crate::codec::{commit_body, commit_subject};
use crate::event::Event;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn verifier() -> Verifier {
    Verifier { name: "ledger.example.com".into(), key: key().verifying_key() }
}

fn lines(count: u64) -> Vec<Line> {
    let line = |seq: u64| {
        let json =
            serde_json::json!({"type": "purchase", "subject": format!("person-{seq}"), "product_line": "\"ä\"\n\\"});
        let received_at = "2026-11-22T12:00:00Z".parse().unwrap();
        let id = uuid::Uuid::from_u128(u128::from(seq));
        let body = Recorded::body(&Event::from_json(json).unwrap(), id, received_at).unwrap();
        let opening = Opening { r_sub: [1; 32], r_bod: [2; 32], body };
        let sub = commit_subject(&opening.r_sub, &[3; 32]);
        let bod = commit_body(&opening.r_bod, &opening.body);
        let entry = Entry { bod, sub, t: received_at.timestamp() as u64, typ: "purchase".into() };
        let bytes = entry.encode().unwrap();
        let leaf = merkle::leaf_hash(&bytes);
        let mut text = Vec::new();
        let opening = Some((&opening.r_sub, &opening.r_bod, opening.body.as_slice())).filter(|_| seq != 3);
        Line::write(&mut text, (seq, &bytes, &leaf), opening).unwrap();
        let line: Line = serde_json::from_slice(&text).unwrap();
        assert_eq!(text, [serde_json::to_vec(&line).unwrap().as_slice(), b"\n"].concat(), "as serde writes it");
        line
    };
    (0..count).map(line).collect()
}

fn export(from: u64, to: u64, size: u64) -> Vec<String> {
    let all = lines(size);
    let leaves: Vec<Hash> = all.iter().map(|line| decode_hash(&line.leaf).unwrap()).collect();
    let root = merkle::root(&leaves);
    let mut texts: Vec<String> =
        all[from as usize..to as usize].iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let sha256 = encode(&Sha256::digest(texts.iter().map(|text| format!("{text}\n")).collect::<String>()));
    let proof = merkle::prove_range(leaves.as_slice(), from, to, size).unwrap();
    let manifest = Manifest {
        from,
        to,
        size,
        root: encode(&root),
        proof: proof.iter().map(|hash| encode(hash)).collect(),
        checkpoint: Checkpoint { origin: verifier().name, size, root }.sign(&key()),
        sha256,
        rules: "1".into(),
        made_at: "2026-11-22T12:00:00Z".into(),
    };
    texts.push(manifest.to_line().unwrap());
    texts
}

fn check(texts: &[String]) -> Result<ExportSummary, ExportFault> {
    let mut check = ExportCheck::default();
    texts.iter().try_for_each(|text| check.line(text))?;
    check.finish(Some(&verifier()))
}

#[test]
fn a_whole_export_and_every_part_of_it_verify() {
    for (from, to, size) in [(0, 9, 9), (0, 0, 0), (2, 5, 9), (8, 9, 9), (0, 1, 1), (4, 4, 9)] {
        let summary = check(&export(from, to, size)).unwrap_or_else(|fault| panic!("{from}..{to} of {size}: {fault}"));
        assert_eq!(summary.entries, to - from);
        assert!(summary.signature_checked);
    }
    assert_eq!(check(&export(0, 9, 9)).unwrap().openings, 8);
}

#[test]
fn every_changed_character_is_noticed() {
    let texts = export(0, 4, 6);
    for line in 0..texts.len() {
        for at in 0..texts[line].len() {
            let mut altered = texts.clone();
            let mut bytes = altered[line].clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            // These two are said by whoever made the export, and proved by nothing.
            let unproved = ["\"rules\":", "\"made_at\":"]
                .iter()
                .any(|name| texts[line].find(name).is_some_and(|start| at >= start));
            altered[line] = text;
            assert!(unproved || check(&altered).is_err(), "line {line}, byte {at}: {}", altered[line]);
        }
    }
}

#[test]
fn missing_doubled_and_swapped_lines_are_noticed() {
    let whole = export(0, 6, 6);
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered.remove(at);
        assert!(check(&altered).is_err(), "without line {at}");
        let mut altered = whole.clone();
        altered.insert(at, whole[at].clone());
        assert!(check(&altered).is_err(), "line {at} twice");
    }
    let mut swapped = whole.clone();
    swapped.swap(1, 2);
    assert!(check(&swapped).is_err());
    let mut other_key = ExportCheck::default();
    whole.iter().try_for_each(|text| other_key.line(text)).unwrap();
    let stranger = Verifier { key: SigningKey::from_bytes(&[6; 32]).verifying_key(), ..verifier() };
    assert!(other_key.finish(Some(&stranger)).is_err());
}
