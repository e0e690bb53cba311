//! The drill of interference: the same checks alone and while the server does something large, in turns.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::oneshot;

use super::line::{Line, request};
use super::single::{Single, import};
use super::span::{Spans, median};
use crate::app::runtime;
use crate::caller::Ask;
use crate::database::Kind;
use crate::dice::Dice;
use crate::people::person;

/// People of one request of the import, none of whom is asked about.
const IMPORTED_AT_ONCE: u32 = 500;
/// How long something large runs before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);
/// Bytes in a megabyte.
const MEGABYTE: f64 = 1e6;
/// What is promised while a list is scrubbed.
const GOAL: &str = "goal: throughput at least 0.75, p99 at most 3";

/// What is drilled.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// On which database.
    pub kind: Kind,
    /// How often each is measured.
    pub rounds: usize,
    /// How long each time.
    pub lasts: Duration,
    /// Connections that ask.
    pub connections: usize,
    /// People who are known.
    pub people: u32,
    /// Rows of the list that is scrubbed.
    pub rows: u32,
    /// The server on one core and the callers on another.
    pub pin: bool,
}

/// Something large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Scrub,
    Export,
    Import,
}

/// Checks a second, and milliseconds that 99 of 100 do not exceed.
#[derive(Debug, Clone, Copy)]
struct Measured {
    per_second: f64,
    p99: f64,
}

/// Runs the drill, and tells the ratios.
pub async fn run(program: &Path, plan: Plan, tell: impl Fn(&str)) {
    let began = Instant::now();
    let single = Single::start(program, plan.kind, plan.people).await;
    let taken_in = began.elapsed();
    if plan.pin {
        pin(single.process.id(), 0);
        pin(std::process::id(), 1);
    }
    tell(&format!(
        "{:?}, {} people taken in within {taken_in:.1?}, {} connections, {} rounds of {:?}",
        plan.kind, plan.people, plan.connections, plan.rounds, plan.lasts
    ));
    let list: String = (0..plan.rows).map(|n| format!("{}\n", person(n % (2 * plan.people)).phone)).collect();
    let (list, imported): (Arc<str>, _) = (Arc::from(list), Arc::new(AtomicU32::new(2 * plan.people)));
    let mut dice = Dice::new(1);
    for work in [Work::Scrub, Work::Export, Work::Import] {
        let (mut alone, mut beside, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            // In random order: what drifts must not count for one of them.
            let first = dice.chance(50);
            for with in [first, !first] {
                if with {
                    let busy = Busy::with(work, &single, &list, &imported);
                    beside.push(measure(&single, plan, WARM_UP).await);
                    done.push(busy.end());
                } else {
                    alone.push(measure(&single, plan, Duration::ZERO).await);
                }
            }
        }
        tell(&format!("{}; {:.2} of it a second", compare(work, &alone, &beside), median(&done).0));
    }
    tell(GOAL);
    let _ = single.end().await;
}

/// Somebody who has the server do something large, in a thread of its own: what it takes to ask for that and to read
/// the answers must not hold up whoever measures.
struct Busy {
    over: oneshot::Sender<()>,
    thread: JoinHandle<f64>,
}

impl Busy {
    /// Begins the same work again and again.
    fn with(work: Work, single: &Single, list: &Arc<str>, imported: &Arc<AtomicU32>) -> Self {
        let (over, ending) = oneshot::channel();
        let (server, list, imported) = (single.process.base.clone(), Arc::clone(list), Arc::clone(imported));
        let key = single.key.clone();
        let working = async move {
            let (began, mut done) = (Instant::now(), 0.0);
            tokio::select! {
                () = repeat(work, (&server, &key), &list, (&imported, &mut done)) => {}
                _ = ending => {}
            }
            done / began.elapsed().as_secs_f64()
        };
        let thread = std::thread::spawn(|| runtime().block_on(working));
        Self { over, thread }
    }

    /// Ends it, and fails as it failed. Returns how much of the work was done a second: requests of an import, else
    /// megabytes.
    fn end(self) -> f64 {
        let _ = self.over.send(());
        self.thread.join().unwrap()
    }
}

/// The same work again and again, for ever.
async fn repeat(work: Work, (server, key): (&str, &str), list: &str, (imported, done): (&AtomicU32, &mut f64)) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut line = Line::to(server);
    loop {
        let url = |path: &str| format!("{server}{path}");
        let request = match work {
            Work::Scrub => {
                let request = http.post(url("/v1/scrub?channel=sms&purpose=transactional"));
                request.header("content-type", "text/plain").body(list.to_string())
            }
            Work::Export => http.get(url("/v1/export")),
            Work::Import => {
                let from = imported.fetch_add(IMPORTED_AT_ONCE, Ordering::Relaxed);
                let sent = import(key, from, from + IMPORTED_AT_ONCE);
                assert_eq!(line.send(&sent).await.unwrap().0, 200);
                *done += 1.0;
                continue;
            }
        };
        let mut answer = request.bearer_auth(key).send().await.unwrap().error_for_status().unwrap();
        while let Some(piece) = answer.chunk().await.unwrap() {
            *done += piece.len() as f64 / MEGABYTE;
        }
    }
}

/// Checks over all connections for a while.
async fn measure(single: &Single, plan: Plan, after: Duration) -> Measured {
    tokio::time::sleep(after).await;
    let (spans, began) = (Spans::default(), Instant::now());
    let ask = async |seed: usize| {
        let (mut line, mut dice) = (Line::to(&single.process.base), Dice::new(seed as u64));
        while began.elapsed() < plan.lasts {
            let phone = person(dice.below(plan.people as usize) as u32).phone;
            let question = json!({"phone": phone, "channel": "sms", "purpose": "transactional"});
            let sent = request("/v1/check", Some(&single.key), &Ask::json(&question));
            let asked = Instant::now();
            let (status, _) = line.send(&sent).await.unwrap();
            assert_eq!(status, 200);
            spans.add(asked.elapsed());
        }
    };
    join_all((0..plan.connections).map(ask)).await;
    let spans = spans.take();
    Measured { per_second: spans.count() as f64 / began.elapsed().as_secs_f64(), p99: spans.percentile(99) }
}

/// The ratios of each round, the middle one first.
fn compare(work: Work, alone: &[Measured], beside: &[Measured]) -> String {
    let ratios = |of: fn(&Measured) -> f64| {
        let ratios: Vec<f64> = beside.iter().zip(alone).map(|(beside, alone)| of(beside) / of(alone)).collect();
        median(&ratios)
    };
    let middle = |of: fn(&Measured) -> f64| median(&alone.iter().map(of).collect::<Vec<_>>()).0;
    let (kept, slower) = (ratios(|one| one.per_second), ratios(|one| one.p99));
    format!(
        "{work:?}: throughput x {:.2} ({:.2} to {:.2}), p99 x {:.1} ({:.1} to {:.1}); alone {:.0} checks/s, p99 {:.2} ms",
        kept.0,
        kept.1,
        kept.2,
        slower.0,
        slower.1,
        slower.2,
        middle(|one| one.per_second),
        middle(|one| one.p99),
    )
}

/// Keeps a process on one core.
fn pin(process: u32, core: usize) {
    let (core, process) = (core.to_string(), process.to_string());
    let pinned = Command::new("taskset").args(["-a", "-c", "-p", &core, &process]).output().unwrap();
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
}
