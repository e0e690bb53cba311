//! Somebody with the database in hand, and without our keys; or a failover that lost what was committed last.

use std::sync::Arc;

use consent_api::clock;
use consent_query::question::Question;
use consent_query::reader::{Freshness, Live, Owner, Reader};
use consent_query::reason::Answer;
use consent_query::rules::Rules;
use consent_store::{AppendError, Head, Ledger, StoreError};
use consent_tests::app::{PATIENCE, TestApp};
use consent_tests::bare::{Bare, submission};
use consent_tests::database::Raw;
use consent_tests::people::{Person, person};
use consent_tests::{ledgers, stories};
use serde_json::Value;

/// A change to the rows of one entry, and the words in which the verification must name it.
struct Damage {
    what: &'static str,
    table: &'static str,
    column: &'static str,
    /// Which row, for the entry at `$seq`.
    row: &'static str,
    named: &'static str,
}

const FLIPS: &[Damage] = &[
    Damage {
        what: "a byte of the entry",
        table: "entries",
        column: "bytes",
        row: "seq = $seq",
        named: "entry $seq: the leaf hash is not that of the entry",
    },
    Damage {
        what: "a byte of the leaf hash",
        table: "entries",
        column: "leaf",
        row: "seq = $seq",
        named: "entry $seq: the leaf hash is not that of the entry",
    },
    Damage {
        what: "a byte of the sealed opening",
        table: "openings",
        column: "sealed",
        row: "seq = $seq",
        named: "entry $seq: the opening cannot be unsealed",
    },
    Damage {
        what: "a byte of the wrapped key",
        table: "subject_keys",
        column: "wrapped",
        row: "id = (SELECT key_id FROM openings WHERE seq = $seq)",
        named: "entry $seq: the data key cannot be unwrapped",
    },
    Damage {
        what: "a byte of a tile",
        table: "tiles",
        column: "bytes",
        row: "level = 0 AND n = 0",
        named: "tile 0/0: missing, or not the hashes of the entries",
    },
    Damage {
        what: "a byte of the head",
        table: "head",
        column: "root",
        row: "id = 1",
        named: "head: its root is not that of the entries",
    },
];

/// Rows that are taken away.
const REMOVALS: &[Damage] = &[
    Damage { what: "the entry", table: "entries", column: "", row: "seq = $seq", named: "an entry is missing" },
    Damage {
        what: "the opening",
        table: "openings",
        column: "",
        row: "seq = $seq",
        named: "entry $seq: the opening is missing",
    },
    Damage {
        what: "the data key",
        table: "subject_keys",
        column: "",
        row: "id = (SELECT key_id FROM openings WHERE seq = $seq)",
        named: "entry $seq: the data key is missing",
    },
    Damage {
        what: "the look-up token",
        table: "tokens",
        column: "",
        row: "seq = $seq",
        named: "entry $seq: the look-up tokens are not those of the people in the event",
    },
];

impl Damage {
    fn at(&self, text: &str, seq: u64) -> String {
        text.replace("$seq", &seq.to_string())
    }

    fn place(&self, seq: u64) -> String {
        format!("{} WHERE {}", self.table, self.at(self.row, seq))
    }

    async fn write(&self, raw: &mut Raw, seq: u64, bytes: &[u8]) {
        let literal = raw.literal(bytes);
        let place = self.at(self.row, seq);
        raw.run(&format!("UPDATE {} SET {} = {literal} WHERE {place}", self.table, self.column)).await.unwrap();
    }
}

/// A ledger of three hundred entries in which one person agreed and then wrote STOP; the position of the STOP.
async fn history(app: &TestApp, pat: &Person) -> u64 {
    app.record(&pat.grant()).await.expect(201);
    app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
    let seq = app.head().await.size - 1;
    let others: Vec<Value> = (100..400).map(|n| person(n).text("Hello")).collect();
    app.record_all(&others).await;
    assert!(app.verify().await.unwrap().tiles > 0);
    seq
}

stories! {
    async fn every_flipped_byte_is_named_and_gives_no_allow(app) {
        let pat = person(1);
        let seq = history(app, &pat).await;
        let mut raw = app.raw().await;
        raw.drop_guards().await;
        for damage in FLIPS {
            let before = raw.bytes(damage.column, &damage.place(seq)).await;
            for at in [0, before.len() / 2, before.len() - 1] {
                let mut altered = before.clone();
                altered[at] ^= 0x01;
                damage.write(&mut raw, seq, &altered).await;
                let fault = app.verify().await.expect_err(damage.what);
                assert!(fault.contains(&damage.at(damage.named, seq)), "{} {at}: {fault}", damage.what);
                let decision = app.check(&pat.question()).await;
                assert_eq!(decision["decision"], "deny", "{} {at}: {decision}", damage.what);
            }
            damage.write(&mut raw, seq, &before).await;
            app.verify().await.unwrap_or_else(|fault| panic!("{} put right: {fault}", damage.what));
        }
        app.restart().await;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_removed_entry_is_named_and_gives_no_allow(app) {
        remove(app, &REMOVALS[0]).await;
    }

    async fn a_removed_opening_is_named_and_gives_no_allow(app) {
        remove(app, &REMOVALS[1]).await;
    }

    async fn a_removed_data_key_is_named_and_gives_no_allow(app) {
        remove(app, &REMOVALS[2]).await;
    }

    // What a check finds is found by token: that one is missing shows in the verification that runs beside the service.
    async fn a_removed_look_up_token_is_named_and_ends_every_allow(app) {
        let damage = &REMOVALS[3];
        let seq = history(app, &person(1)).await;
        let mut raw = app.raw().await;
        raw.drop_guards().await;
        raw.run(&format!("DELETE FROM {}", damage.place(seq))).await.unwrap();
        app.expect_damage(&damage.at(damage.named, seq));
        app.restart().await;
        app.until(&person(1).question(), "deny LEDGER_UNAVAILABLE").await;
    }

    async fn an_entry_that_was_put_in_past_the_service_is_named(app) {
        history(app, &person(1)).await;
        let mut raw = app.raw().await;
        raw.drop_guards().await;
        raw.run("INSERT INTO tokens SELECT token, 5 FROM tokens WHERE seq = 9").await.unwrap();
        app.expect_damage("entry 5: the look-up tokens are not those of the people in the event");
    }

    async fn a_ledger_that_goes_back_is_noticed_and_denies_after_a_restart_too(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        let early = app.head().await;
        app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
        app.export().await;
        go_back(&mut app.raw().await, &early).await;
        assert!(app.verify().await.unwrap_err().contains("went backwards"));
        app.until(&pat.question(), "deny LEDGER_UNAVAILABLE").await;
        app.restart().await;
        assert_eq!(app.decide(&pat.question()).await, "deny LEDGER_UNAVAILABLE");
        app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
        assert_eq!(app.decide(&pat.question()).await, "deny LEDGER_UNAVAILABLE");
    }
}

ledgers! {
    async fn a_node_that_committed_what_was_lost_allows_nothing_once_others_have_gone_on(bare) {
        let node = bare.open().await;
        let live = fork(bare, (&node, &node), 6).await;
        assert!(matches!(live.catch_up().await, Err(StoreError::Corrupt { seq: 3, .. })));
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
    }

    async fn a_node_that_read_what_was_lost_allows_nothing_once_others_have_gone_on(bare) {
        let (node, other) = (bare.open().await, bare.open().await);
        let live = fork(bare, (&node, &other), 6).await;
        assert!(matches!(live.catch_up().await, Err(StoreError::Corrupt { seq: 3, .. })));
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
    }

    async fn as_many_entries_as_were_lost_are_not_taken_for_those(bare) {
        let node = bare.open().await;
        let live = fork(bare, (&node, &node), 4).await;
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
        live.catch_up().await.unwrap();
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
    }

    async fn a_node_records_nothing_in_a_ledger_that_lost_what_it_knows(bare) {
        let node = bare.open().await;
        let live = fork(bare, (&node, &node), 6).await;
        for _ in 0..2 {
            let refused = node.append(submission(person(9).text("Hello"))).await;
            let is_corrupt = |error: &StoreError| matches!(error, StoreError::Corrupt { .. });
            assert!(matches!(&refused, Err(AppendError::Store(error)) if is_corrupt(error)), "{refused:?}");
        }
        assert_eq!(node.head().await.unwrap().size, 6);
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
    }

    async fn what_is_remembered_of_lost_entries_is_not_put_aside(bare) {
        let node = bare.open().await;
        let live = fork(bare, (&node, &node), 6).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        assert!(live.keep(path.clone()).await.is_err());
        assert!(!path.exists());
        assert_eq!(decide(&node, &live).await, "deny LEDGER_UNAVAILABLE");
    }
}

/// Takes a ledger back to where it was, as a failover does to a server that had not got the last entries yet.
async fn go_back(raw: &mut Raw, early: &Head) {
    raw.drop_guards().await;
    let root = raw.literal(&early.root);
    for table in ["entries", "openings", "tokens", "dedupe", "reviews"] {
        raw.run(&format!("DELETE FROM {table} WHERE seq >= {}", early.size)).await.unwrap();
    }
    raw.run(&format!("UPDATE head SET size = {}, root = {root}", early.size)).await.unwrap();
    raw.run(&format!("DELETE FROM checkpoints WHERE size > {}", early.size)).await.unwrap();
}

async fn say(ledger: &Ledger, event: Value) {
    ledger.append(submission(event)).await.unwrap();
}

/// What a node remembers of a ledger of four entries, in which somebody agreed. While it does not look, the other three
/// are lost, and another node lets the ledger grow to this size: first with a STOP.
async fn fork(bare: &Bare, (node, writer): (&Ledger, &Ledger), size: u64) -> Live {
    let live = Live::new(node, Owner::Many).unwrap();
    say(writer, person(1).grant()).await;
    let early = writer.head().await.unwrap();
    for n in 2..5 {
        say(writer, person(n).text("Hello")).await;
    }
    live.catch_up().await.unwrap();
    assert_eq!(decide(node, &live).await, "allow CONSENT_EXPRESS_WRITTEN");
    go_back(&mut bare.database.raw().await, &early).await;
    let other = bare.open().await;
    say(&other, person(1).text("STOP")).await;
    while other.head().await.unwrap().size < size {
        say(&other, person(5).text("Hello")).await;
    }
    live
}

/// What a node answers about person 1 by what it remembers.
async fn decide(node: &Ledger, live: &Live) -> String {
    let rules = Arc::new(Rules::embedded().unwrap());
    let reader = Reader::new(node.clone(), rules, PATIENCE, || false).with_index(live.clone());
    let (phone, channel, purpose) = (Some(person(1).phone), "sms".to_owned(), "transactional".to_owned());
    let question = Question { phone, channel, purpose, ..Question::default() };
    let decision = reader.ask(&question, clock::now(), Freshness::default()).await;
    let answer = if decision.decision == Answer::Allow { "allow" } else { "deny" };
    format!("{answer} {}", decision.reason)
}

async fn remove(app: &mut TestApp, damage: &Damage) {
    let pat = person(1);
    let seq = history(app, &pat).await;
    let mut raw = app.raw().await;
    raw.drop_guards().await;
    raw.run(&format!("DELETE FROM {}", damage.place(seq))).await.unwrap();
    let decision = app.check(&pat.question()).await;
    assert_eq!(decision["decision"], "deny", "{}: {decision}", damage.what);
    app.expect_damage(&damage.at(damage.named, seq));
}
