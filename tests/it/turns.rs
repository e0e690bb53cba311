//! Several nodes that write one ledger all the time, and the tree that they extend.

use std::time::Duration;

use consent_store::{AppendError, Ledger, ReadBack, Submission};
use consent_tests::bare::{self, Bare, submission};
use consent_tests::database::Kind;
use consent_tests::ledgers;
use consent_tests::people::person;
use futures_util::future::{join, join_all};

/// Records texts, so many at a time.
async fn append(ledger: &Ledger, texts: u32) {
    join_all((0..texts).map(async |n| ledger.append(submission(person(n).text("Hello"))).await.unwrap())).await;
}

ledgers! {
    async fn a_root_that_was_read_back_bit_by_bit_is_that_of_the_whole_tree(bare) {
        let (ledger, mut read) = (bare.open().await, ReadBack::default());
        let mut grown = Vec::new();
        for more in [0, 1, 2, 300, 5] {
            append(&ledger, more).await;
            let head = ledger.head().await.unwrap();
            assert_eq!(ledger.root_behind(&mut read, head.size).await.unwrap(), head.root);
            grown.push(head);
        }
        // What lies before, and what is read back by somebody else.
        for head in grown {
            assert_eq!(ledger.root_behind(&mut read, head.size).await.unwrap(), head.root);
            assert_eq!(ledger.root_behind(&mut ReadBack::default(), head.size).await.unwrap(), head.root);
        }
    }
}

#[test]
fn nodes_that_write_all_the_time_have_their_turns() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let nodes = [bare.open().await, bare.open().await, bare.open().await];
        // Each node has to be done before the test is.
        join_all(nodes.iter().map(async |node| {
            for _ in 0..20 {
                append(node, 10).await;
            }
        }))
        .await;
        assert_eq!(nodes[0].head().await.unwrap().size, 600);
        // Alone again.
        for _ in 0..80 {
            append(&nodes[1], 1).await;
        }
        append(&nodes[2], 1).await;
        assert_eq!(nodes[0].head().await.unwrap().size, 681);
    });
}

/// Hands an event over until it is recorded; counts the times.
async fn insist(ledger: &Ledger, event: Submission) -> u32 {
    let mut times = 1;
    loop {
        match ledger.append(event.clone()).await {
            Ok(_) => return times,
            Err(AppendError::Stopped | AppendError::Conflict(_)) => panic!("it will never be recorded"),
            Err(_) => times += 1,
        }
    }
}

#[test]
fn nodes_whose_turns_are_broken_off_lose_and_double_nothing() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let nodes = [bare.open().await, bare.open().await];
        let write = join_all(nodes.iter().map(async |node| {
            for _ in 0..30 {
                join_all((0..8).map(|n| insist(node, submission(person(n).text("STOP"))))).await;
            }
        }));
        let cut = async {
            let mut raw = bare.database.raw().await;
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE datname = current_database() AND pid <> pg_backend_pid()";
                raw.run(all).await.unwrap();
            }
        };
        join(write, cut).await;
        assert_eq!(nodes[0].head().await.unwrap().size, 480);
    });
}

/// What PostgreSQL has read of a table: from one end to the other, and by an index.
async fn scans(bare: &Bare, table: &str) -> (u64, u64) {
    let mut raw = bare.database.raw().await;
    let sql = format!("SELECT seq_scan || ' ' || idx_scan AS text FROM pg_stat_user_tables WHERE relname = '{table}'");
    let counts = raw.texts(&sql).await.remove(0);
    let (all, by_index) = counts.split_once(' ').unwrap();
    (all.parse().unwrap(), by_index.parse().unwrap())
}

/// Plans are made while the ledger is small, when to read all of it is as good as an index, and are kept while it grows.
#[test]
fn names_and_keys_are_looked_up_by_their_index_from_the_first_batch_on() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let ledger = bare.open().await;
        for _ in 0..20 {
            append(&ledger, 20).await;
        }
        // A session says what it did when it has something to do a second later.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        append(&ledger, 1).await;
        for table in ["dedupe", "subject_keys"] {
            let mut counted = scans(bare, table).await;
            for _ in 0..100 {
                if counted.1 >= 20 || counted.0 >= 20 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                counted = scans(bare, table).await;
            }
            assert!(
                counted.0 < 10 && counted.1 >= 20,
                "{table}: {} times from end to end, {} by index",
                counted.0,
                counted.1
            );
        }
    });
}
