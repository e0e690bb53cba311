//! Records that grow, move and are read meanwhile.

use super::*;

/// An event of a person of many.
fn said(seq: u64, person: u64, body: &str) -> Recorded {
    let text = json!({"type": "inbound_sms", "from": format!("+1202{:07}", 2_000_000 + person), "body": body});
    let received_at = time("2026-11-22T12:00:00Z") + chrono::TimeDelta::milliseconds(seq as i64);
    Recorded { seq, event_id: event_id(seq), received_at, event: Event::from_json(text).unwrap() }
}

fn found(index: &Index, person: u64) -> Vec<Recorded> {
    read(index, person).events
}

/// What is known of somebody. Should the machine have stopped the one who writes in the middle of a record, the ledger
/// would be asked instead; here the index is, again.
fn read(index: &Index, person: u64) -> Person {
    let phone = said(0, person, "").event.identities();
    for _ in 0..1_000 {
        if let Found::Person(person) = index.person(&phone) {
            return person;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("it is in memory");
}

#[test]
fn nothing_is_lost_when_chunks_are_emptied() {
    let index = index();
    let (people, rounds) = (500, 60);
    let all: Vec<Recorded> = (0..people * rounds).map(|seq| said(seq, seq % people, "Hello")).collect();
    feed_plainly(&index, &all);
    for person in (0..people).step_by(7) {
        let expected: Vec<&Recorded> = all.iter().filter(|event| event.seq % people == person).collect();
        assert_eq!(found(&index, person).iter().collect::<Vec<_>>(), expected);
    }
    let memory = index.memory();
    assert!(memory.dead * 2 <= memory.total + (3 << 20), "{memory:?}");
}

/// Without looking for what events refer to: these refer to none.
fn feed_plainly(index: &Index, events: &[Recorded]) {
    for event in events {
        index.apply(&index.prepare(event), &[]).unwrap();
    }
}

#[test]
fn whoever_reads_while_another_writes_sees_every_event_below_the_position() {
    let index = index();
    let people = 50;
    let all: Vec<Recorded> = (0..4_000).map(|seq| said(seq, seq % people, "Hello")).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| feed_plainly(&index, &all));
        for person in [0, 7, 49] {
            let index = &index;
            scope.spawn(move || {
                loop {
                    let read = read(index, person);
                    let expected = (0..read.position).filter(|seq| seq % people == person).count();
                    assert_eq!(read.events.len(), expected);
                    if read.position == 4_000 {
                        break;
                    }
                }
            });
        }
    });
}

/// One person after the other; after some others they say something again.
fn one_after_the_other(people: u64) -> Vec<Recorded> {
    const LATER: u64 = 20;
    let persons = (0..people + LATER).flat_map(|now| [Some(now), now.checked_sub(LATER)]).flatten();
    persons.filter(|person| *person < people).zip(0..).map(|(person, seq)| said(seq, person, "Hello")).collect()
}

#[test]
fn new_records_lie_where_older_ones_lay() {
    let index = index();
    feed_plainly(&index, &one_after_the_other(20_000));
    let memory = index.memory();
    assert!(memory.dead < 20 << 10, "{memory:?}");
}

#[test]
fn whoever_reads_where_the_record_of_another_comes_to_lie_finds_their_own() {
    let index = index();
    let all = one_after_the_other(60_000);
    std::thread::scope(|scope| {
        scope.spawn(|| feed_plainly(&index, &all));
        scope.spawn(|| {
            for near in (0..4).cycle() {
                let position = index.position();
                // Those about whom something is being said are the ones whose records move.
                let person = (position / 2 + near).saturating_sub(12);
                let events = found(&index, person);
                assert!(events.iter().all(|event| event.event == said(0, person, "Hello").event), "{person}");
                assert!(!events.is_empty() || position < 40, "{person} at {position}");
                if position == all.len() as u64 {
                    break;
                }
            }
        });
    });
}

#[test]
fn a_record_that_is_too_large_is_left_to_the_ledger() {
    let index = index();
    let long = "x".repeat(1_500);
    for seq in 0..200 {
        let event = said(seq, 1, &format!("{long}{seq}"));
        index.apply(&index.prepare(&event), &[]).unwrap();
    }
    assert!(matches!(index.person(&said(0, 1, "").event.identities()), Found::Elsewhere));
    assert!(matches!(index.person(&said(0, 2, "").event.identities()), Found::Person(_)));
    assert!(index.is_sound());
}

/// An event in which somebody is named by their id, and perhaps by a number.
fn named(seq: u64, mut fields: Value) -> Recorded {
    fields["type"] = json!("profile_recorded");
    let received_at = time("2026-11-22T12:00:00Z") + chrono::TimeDelta::milliseconds(seq as i64);
    Recorded { seq, event_id: event_id(seq), received_at, event: Event::from_json(fields).unwrap() }
}

#[test]
fn of_more_people_on_one_number_than_a_record_holds_everybody_is_left_to_the_ledger() {
    let (index, people, rest) = (index(), 300, 12);
    let shared = "+12025559999";
    let all = (0..people).map(|n| named(n, json!({"subject": format!("S{n}"), "phone": shared})));
    let own = |n: u64| format!("+1202556{n:04}");
    // Who has a number of their own beside it, whatever comes first.
    let others = (0..rest).map(|n| named(people + n, json!({"subject": format!("S{}", n * 25), "phone": own(n)})));
    feed_plainly(&index, &all.chain(others).collect::<Vec<_>>());
    let asked = |fields: Value| index.person(&named(0, fields).event.identities());
    for n in 0..people {
        assert!(matches!(asked(json!({"subject": format!("S{n}")})), Found::Elsewhere), "{n}");
    }
    for n in 0..rest {
        assert!(matches!(asked(json!({"phone": own(n)})), Found::Elsewhere), "{n}");
    }
    assert!(matches!(asked(json!({"phone": shared})), Found::Elsewhere));
    assert!(matches!(asked(json!({"subject": "nobody"})), Found::Person(_)));
    assert!(index.is_sound());
}

#[test]
fn records_that_lie_side_by_side_can_be_joined() {
    let (index, people) = (index(), 30_000);
    let number = |n: u64| format!("+1202{:07}", 2_000_000 + n);
    let texts = (0..people).map(|n| said(2 * n, n, "Hello"));
    let subjects = (0..people).map(|n| named(2 * n + 1, json!({"subject": format!("S{n}")})));
    let mut all: Vec<_> = texts.chain(subjects).collect();
    all.sort_by_key(|event| event.seq);
    all.extend((0..people).map(|n| named(2 * people + n, json!({"subject": format!("S{n}"), "phone": number(n)}))));
    feed_plainly(&index, &all);
    assert!(index.is_sound());
    for person in (0..people).step_by(99) {
        assert_eq!(found(&index, person).len(), 3, "{person}");
    }
}
