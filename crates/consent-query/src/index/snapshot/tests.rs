use std::sync::Arc;

use consent_core::address::Identity;
use consent_core::event::Recorded;
use consent_store::Keyring;
use serde_json::json;

use super::*;
use crate::index::Found;
use crate::stories::{PHONE, event_id, grant, profile, recorded, reply, with};

const ROOT: Hash = [5; 32];

fn pepper() -> Pepper {
    Pepper::new(&[7; 32])
}

fn vault(folder: &Path) -> Vault {
    Vault::new(Arc::new(Keyring::init(&folder.join("keys")).unwrap()))
}

/// Events of which one is about an event that is not there yet.
fn events() -> Vec<Recorded> {
    let mistake = json!({"type": "event_compensated", "subject": "nobody", "event_id": event_id(4), "at": "2026-11-01T12:00:00Z"});
    let twice = with(&grant(), json!({"subject": "B"}));
    recorded(&[profile(), grant(), twice, mistake, reply("STOP")])
}

fn feed(index: &Index, events: &[Recorded]) {
    events.iter().for_each(|event| index.apply(&index.prepare(event), &[]).unwrap());
}

fn found(index: &Index) -> Vec<Recorded> {
    let Found::Person(person) = index.person(&[Identity::Phone(PHONE.parse().unwrap())]) else { panic!("in memory") };
    person.events
}

fn load(path: &Path, vault: &Vault) -> Result<Index, SnapshotError> {
    Snapshot::open(path)?.unwrap().read(vault, pepper())
}

#[test]
fn what_was_kept_is_there_again_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, path) = (vault(folder.path()), folder.path().join("index"));
    let index = Index::new(pepper());
    let events = events();
    feed(&index, &events[..4]);
    write(&index.capture(), &ROOT, &vault, &path).unwrap();
    assert_eq!(Snapshot::open(&path).unwrap().unwrap().at(), (4, ROOT));
    let again = load(&path, &vault).unwrap();
    assert_eq!((again.position(), found(&again)), (4, found(&index)));
    feed(&again, &events[4..]);
    feed(&index, &events[4..]);
    assert_eq!(found(&again), found(&index));
    assert!(found(&again).iter().any(|event| event.seq == 3), "what waited for the event was kept too");
}

/// What is written meanwhile does not lie where the captured records do.
#[test]
fn an_index_is_kept_as_it_was_when_it_was_captured() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, path) = (vault(folder.path()), folder.path().join("index"));
    let index = Index::new(pepper());
    let said = |person: u64| with(&reply("Hello"), json!({"from": format!("+1202555{:04}", 1_000 + person)}));
    let people = || (0..100).map(said);
    let others = (100..500).map(said);
    let events = recorded(&others.chain(people()).chain(people()).chain((500..900).map(said)).collect::<Vec<_>>());
    let theirs = &events[400..500];
    feed(&index, &events[..500]);
    let of = |index: &Index, event: &Recorded| {
        let Found::Person(person) = index.person(&event.event.identities()) else { panic!("in memory") };
        person.events
    };
    let before: Vec<_> = theirs.iter().map(|event| of(&index, event)).collect();
    let captured = index.capture();
    feed(&index, &events[500..]);
    write(&captured, &ROOT, &vault, &path).unwrap();
    let again = load(&path, &vault).unwrap();
    assert_eq!(theirs.iter().map(|event| of(&again, event)).collect::<Vec<_>>(), before);
    assert_eq!(of(&index, &theirs[40]).len(), 2);
}

#[test]
fn a_file_of_which_a_byte_is_changed_or_missing_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, path) = (vault(folder.path()), folder.path().join("index"));
    let index = Index::new(pepper());
    feed(&index, &events());
    write(&index.capture(), &ROOT, &vault, &path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(1 + whole.len() / 400) {
        let mut altered = whole.clone();
        altered[at] ^= 0x20;
        std::fs::write(&path, &altered).unwrap();
        assert!(load(&path, &vault).is_err(), "byte {at}");
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(load(&path, &vault).is_err(), "cut at {at}");
    }
    std::fs::write(&path, [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(load(&path, &vault).is_err(), "something behind it");
    std::fs::write(&path, &whole).unwrap();
    assert!(load(&path, &vault).is_ok());
}

#[test]
fn a_file_made_with_other_keys_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, path) = (vault(folder.path()), folder.path().join("index"));
    let index = Index::new(pepper());
    feed(&index, &events());
    write(&index.capture(), &ROOT, &vault, &path).unwrap();
    let other = Snapshot::open(&path).unwrap().unwrap().read(&vault, Pepper::new(&[8; 32]));
    assert!(matches!(other, Err(SnapshotError::Keys)));
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(load(&path, &self::vault(elsewhere.path())).is_err());
}

#[test]
fn nothing_personal_is_in_the_clear_and_only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (vault, path) = (vault(folder.path()), folder.path().join("index"));
    let index = Index::new(pepper());
    feed(&index, &events());
    write(&index.capture(), &ROOT, &vault, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let number = 12_025_550_123_u64.to_le_bytes();
    assert!(!bytes.windows(5).any(|some| some == &number[..5]));
    assert!(!bytes.windows(13).any(|some| some == b"special_offer"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
