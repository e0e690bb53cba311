//! What the ledger tells those who hold a copy of it in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use consent_core::event::kinds::DisclosureMade;
use consent_core::event::{Event, EventKind, Recorded};
use consent_store::{Ledger, Observer, Settings, SourceKey, Submission};
use consent_tests::app::PATIENCE;
use consent_tests::bare::{self, Bare, submission};
use consent_tests::database::Kind;
use consent_tests::ledgers;
use consent_tests::people::person;
use futures_util::future::join_all;
use tokio::sync::watch;

/// Keeps what it is told, in the order in which it is told.
#[derive(Default)]
struct Told(Mutex<Vec<Recorded>>);

impl Observer for Told {
    fn committed(&self, events: &[Recorded]) {
        self.0.lock().unwrap().extend_from_slice(events);
    }
}

impl Told {
    fn has(&self, seq: u64) -> bool {
        self.0.lock().unwrap().iter().any(|event| event.seq == seq)
    }

    fn all(&self) -> Vec<Recorded> {
        self.0.lock().unwrap().clone()
    }
}

/// Everything in the ledger.
async fn read(ledger: &Ledger) -> Vec<Recorded> {
    let size = ledger.head().await.unwrap().size;
    let entries = ledger.entries(0, size).await.unwrap();
    entries.iter().map(|entry| entry.recorded().unwrap().unwrap()).collect()
}

/// Whether a hint came in time.
async fn moves(moved: &mut watch::Receiver<u64>, within: Duration) -> bool {
    tokio::time::timeout(within, moved.changed()).await.is_ok_and(|changed| changed.is_ok())
}

ledgers! {
    async fn an_observer_is_told_of_every_commit_in_order_before_any_caller_is(bare) {
        let (ledger, told) = (bare.open().await, Arc::new(Told::default()));
        assert!(ledger.observe(told.clone()));
        let append = async |n: u32| {
            let receipt = ledger.append(submission(person(n).text("STOP"))).await.unwrap();
            assert!(told.has(receipt.seq), "acknowledged before the observer was told");
        };
        join_all((0..100).map(append)).await;
        assert_eq!(told.all(), read(&ledger).await);
    }

    async fn an_observer_is_told_once_of_an_event_that_was_handed_over_twice(bare) {
        let (ledger, told) = (bare.open().await, Arc::new(Told::default()));
        ledger.observe(told.clone());
        let stop = submission(person(1).text("STOP"));
        assert!(!ledger.append(stop.clone()).await.unwrap().repeated);
        assert!(ledger.append(stop).await.unwrap().repeated);
        assert_eq!(told.all().len(), 1);
    }

    async fn what_many_hand_over_twice_at_once_is_recorded_once(bare) {
        let ledger = bare.open().await;
        let named = |n: u32| {
            let key = SourceKey { source: format!("source-{}", n % 3), key: format!("key-{}", n / 2) };
            Submission { key: Some(key), ..submission(person(1).text("Hello")) }
        };
        let append = async |n: u32| ledger.append(named(n)).await.unwrap();
        let twice = join_all((0..100).map(async |n| tokio::join!(append(n), append(n)))).await;
        assert!(twice.iter().all(|(a, b)| a.seq == b.seq && a.repeated != b.repeated));
        assert_eq!(ledger.head().await.unwrap().size, 100);
    }

    /// What a process recorded without learning of it, another one did as well.
    async fn whoever_is_told_that_an_event_is_there_already_has_seen_it(bare) {
        let (first, second) = (bare.open().await, bare.open().await);
        for n in 1..4 {
            let stop = submission(person(n).text("STOP"));
            first.append(stop.clone()).await.unwrap();
            let told = second.append(stop).await.unwrap();
            assert!(told.repeated);
            assert!(second.seen() > told.seq, "{} entries, and not the one at {}", second.seen(), told.seq);
        }
    }

    async fn there_is_one_observer(bare) {
        let (ledger, first, second) = (bare.open().await, Arc::new(Told::default()), Arc::new(Told::default()));
        assert!(ledger.observe(first.clone()));
        assert!(!ledger.observe(second.clone()));
        ledger.append(submission(person(1).text("STOP"))).await.unwrap();
        assert_eq!((first.all().len(), second.all().len()), (1, 0));
    }

    async fn an_event_put_together_here_is_recorded_as_it_will_be_read(bare) {
        let (ledger, told) = (bare.open().await, Arc::new(Told::default()));
        ledger.observe(told.clone());
        let recipient = Some("4111 1111 1111 1111".to_owned());
        let event = Event::new(EventKind::DisclosureMade(DisclosureMade { recipient, what: None }));
        ledger.append(Submission { event, ..submission(person(1).text("STOP")) }).await.unwrap();
        let recorded = read(&ledger).await;
        assert_eq!(recorded[0].event.to_json().unwrap()["recipient"], "**** **** **** 1111");
        assert_eq!(told.all(), recorded);
    }

    async fn the_proven_head_has_what_was_acknowledged(bare) {
        let ledger = bare.open().await;
        let append = async |n: u32| {
            let receipt = ledger.append(submission(person(n).text("STOP"))).await.unwrap();
            assert!(ledger.proven_head().await.unwrap() > receipt.seq);
        };
        join_all((0..50).map(append)).await;
        assert_eq!(ledger.proven_head().await.unwrap(), 50);
    }

    async fn a_commit_of_this_process_is_a_hint(bare) {
        let ledger = bare.open().await;
        let mut moved = ledger.moved();
        // On PostgreSQL the beginning of listening is one too.
        while moves(&mut moved, Duration::from_millis(500)).await {}
        ledger.append(submission(person(1).text("STOP"))).await.unwrap();
        assert!(moves(&mut moved, PATIENCE).await);
    }

    /// It would only have the head read for nothing, after every commit.
    async fn an_observer_needs_no_hint_of_what_it_is_told(bare) {
        let (ledger, told) = (bare.open().await, Arc::new(Told::default()));
        ledger.observe(told.clone());
        let mut moved = ledger.moved();
        while moves(&mut moved, Duration::from_millis(500)).await {}
        ledger.append(submission(person(1).text("STOP"))).await.unwrap();
        assert_eq!(told.all().len(), 1);
        assert!(!moves(&mut moved, Duration::from_millis(500)).await);
    }

    async fn a_sequencer_that_waits_for_more_still_answers_everybody(bare) {
        let settings = Settings { batch: 3, batch_wait: Duration::from_millis(30) };
        let ledger = bare.open_with(settings).await;
        ledger.append(submission(person(0).text("STOP"))).await.unwrap();
        let all = join_all((1..11).map(|n| ledger.append(submission(person(n).text("STOP"))))).await;
        let mut seqs: Vec<u64> = all.into_iter().map(|receipt| receipt.unwrap().seq).collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..11).collect::<Vec<_>>());
    }
}

#[test]
fn what_one_node_acknowledged_is_below_the_proven_head_of_another() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let nodes = [bare.open().await, bare.open().await];
        let append = async |n: u32| {
            let receipt = nodes[n as usize % 2].append(submission(person(n).text("STOP"))).await.unwrap();
            assert!(nodes[(n as usize + 1) % 2].proven_head().await.unwrap() > receipt.seq);
        };
        for some in (0..100).collect::<Vec<_>>().chunks(10) {
            join_all(some.iter().copied().map(append)).await;
        }
    });
}

#[test]
fn a_commit_of_another_node_is_a_hint_again_after_the_server_has_cut_the_connection() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let (here, there) = (bare.open().await, bare.open().await);
        let mut moved = here.moved();
        assert!(moves(&mut moved, PATIENCE).await, "it begins to listen");
        there.append(submission(person(1).text("STOP"))).await.unwrap();
        assert!(moves(&mut moved, PATIENCE).await);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'LISTEN%'";
        bare.database.raw().await.run(cut).await.unwrap();
        assert!(moves(&mut moved, PATIENCE).await, "it listens again");
        there.append(submission(person(2).text("STOP"))).await.unwrap();
        assert!(moves(&mut moved, PATIENCE).await);
    });
}

#[test]
fn a_proven_head_survives_a_server_that_has_cut_its_connections() {
    bare::tell(Kind::Postgres, async |bare: &Bare| {
        let ledger = bare.open().await;
        ledger.append(submission(person(1).text("STOP"))).await.unwrap();
        assert_eq!(ledger.proven_head().await.unwrap(), 1);
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        bare.database.raw().await.run(cut).await.unwrap();
        assert_eq!(ledger.proven_head().await.unwrap(), 1);
    });
}
