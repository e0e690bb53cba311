//! What is sealed opens again, and nothing else does.

use consent_core::event::Event;

use super::*;
use crate::limits;
use crate::sealed::{Fixed, PublicPart, Sealed, SealedPart, WrappedKey};

fn sealed() -> (tempfile::TempDir, Vault, Recorded, Sealed) {
    let directory = tempfile::tempdir().unwrap();
    let vault = Vault::new(Arc::new(Keyring::init(directory.path()).unwrap()));
    let (recorded, sealed) = seal_anew(&vault);
    (directory, vault, recorded, sealed)
}

/// A text, sealed under a new key.
fn seal_anew(vault: &Vault) -> (Recorded, Sealed) {
    let stop = serde_json::json!({"type": "inbound_sms", "from": "+12025550123", "body": "STOP"});
    let recorded = Recorded {
        seq: 7,
        event_id: uuid::Uuid::from_u128(1),
        received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        event: Event::from_json(stop).unwrap(),
    };
    let about = vault.pepper().unwrap().token(&recorded.event.identities()[0]);
    let (key, row) = vault.make_key(&about, recorded.seq).unwrap();
    let body = Recorded::body(&recorded.event, recorded.event_id, recorded.received_at).unwrap();
    let (entry, opening) = vault.seal_event(&recorded, body, &about, &key).unwrap();
    let entry = PublicPart { seq: entry.seq, bytes: entry.bytes, leaf: fixed(&entry.leaf) };
    let (event_id, key_id) = (fixed(&opening.event_id), fixed(&opening.key_id));
    let opening = SealedPart { event_id, key_id, sealed: opening.sealed };
    let (id, token) = (fixed(&row.id), fixed(&row.token));
    let key = WrappedKey { id, token, wrapped: row.wrapped, kek_epoch: row.kek_epoch };
    (recorded, (entry, Some(opening), Some(key)))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Fixed<N> {
    Fixed(bytes.try_into().ok())
}

#[test]
fn what_was_sealed_opens_to_the_same_event() {
    let (_directory, vault, recorded, entry) = sealed();
    let opened = vault.open_entry(entry).unwrap();
    assert_eq!(opened.recorded().unwrap(), Some(recorded));
}

#[test]
fn every_flipped_bit_is_an_error_and_never_another_event() {
    let (_directory, vault, _, entry) = sealed();
    let flips: [fn(&mut Sealed) -> &mut [u8]; 6] = [
        |entry| &mut entry.0.bytes,
        |entry| entry.0.leaf.0.as_mut().unwrap(),
        |entry| &mut entry.1.as_mut().unwrap().sealed,
        |entry| &mut entry.2.as_mut().unwrap().wrapped,
        |entry| entry.2.as_mut().unwrap().token.0.as_mut().unwrap(),
        |entry| entry.2.as_mut().unwrap().id.0.as_mut().unwrap(),
    ];
    for (number, field) in flips.into_iter().enumerate() {
        for at in 0..field(&mut entry.clone()).len() {
            let mut altered = entry.clone();
            field(&mut altered)[at] ^= 0x10;
            assert!(vault.open_entry(altered).is_err(), "field {number}, byte {at}");
        }
    }
    assert!(vault.open_entry(entry).is_ok());
}

#[test]
fn each_entry_is_opened_with_its_own_key_whichever_keys_are_at_hand() {
    let (_directory, vault, recorded, _) = sealed();
    // More than there are places, so that some share one.
    let entries: Vec<Sealed> = (0..=limits::KEYS_AT_HAND).map(|_| seal_anew(&vault).1).collect();
    let read = |found: Scanned<'_>| found.body().map(|body| Recorded::from_body(found.seq, body));
    let mut opener = vault.opener();
    for entry in entries.iter().chain(&entries).flat_map(|entry| [entry, entry]) {
        assert_eq!(opener.scan(entry, read).unwrap(), Some(Ok(recorded.clone())));
    }
    let (entry, part, _) = entries[0].clone();
    assert!(vault.opener().scan(&(entry, part, None), read).is_err(), "there is no key");
}

#[test]
fn nothing_personal_is_in_the_clear() {
    let (_directory, _, _, (entry, opening, key)) = sealed();
    let everything = [entry.bytes, opening.unwrap().sealed, key.unwrap().wrapped].concat();
    let text = String::from_utf8_lossy(&everything);
    assert!(!text.contains("2025550123") && !text.contains("STOP"));
}

#[test]
fn an_older_key_encryption_key_still_opens() {
    let (directory, vault, recorded, entry) = sealed();
    vault.keys().rotate(KeyKind::Kek).unwrap();
    let rotated = Vault::new(Arc::new(Keyring::load(directory.path()).unwrap()));
    assert_eq!(rotated.open_entry(entry).unwrap().recorded().unwrap(), Some(recorded));
    let outside = vault.seal_outside(b"waiting", b"spool").unwrap();
    assert_eq!(rotated.open_outside(&outside, b"spool").unwrap(), b"waiting");
    assert!(rotated.open_outside(&outside, b"other").is_err());
}

/// New keys lie side by side in the database, and cost it few pages a commit.
#[test]
fn ids_of_data_keys_are_in_the_order_of_the_ledger() {
    let (_directory, vault, _, _) = sealed();
    let id = |first| vault.make_key(&[7; 32], first).unwrap().1.id;
    let ids = [0, 1, 255, 256, 70_000, u64::from(u32::MAX)].map(id);
    assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 16));
    assert_ne!(id(1), id(1), "a batch that is planned again makes another key");
}
