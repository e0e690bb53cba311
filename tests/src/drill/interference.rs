//! The drill of interference: the same checks alone and while the server does something large, in turns.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::line::{Line, request};
use super::single::{Single, import};
use super::span::{Spans, median};
use crate::caller::Ask;
use crate::database::Kind;
use crate::dice::Dice;
use crate::people::person;

/// People of one request of the import, none of whom is asked about.
const IMPORTED_AT_ONCE: u32 = 500;
/// How long something large runs before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);
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
    let single = Single::start(program, plan.kind, plan.people).await;
    if plan.pin {
        pin(single.process.id(), 0);
        pin(std::process::id(), 1);
    }
    tell(&format!(
        "{:?}, {} people, {} connections, {} rounds of {:?}",
        plan.kind, plan.people, plan.connections, plan.rounds, plan.lasts
    ));
    let list: String = (0..plan.rows).map(|n| format!("{}\n", person(n % (2 * plan.people)).phone)).collect();
    let (mut dice, mut imported) = (Dice::new(1), 2 * plan.people);
    for work in [Work::Scrub, Work::Export, Work::Import] {
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            // In random order: what drifts must not count for one of them.
            let first = dice.chance(50);
            for with in [first, !first] {
                if with {
                    let working = repeat(&single, work, &list, &mut imported);
                    tokio::select! {
                        measured = measure(&single, plan, WARM_UP) => beside.push(measured),
                        () = working => {}
                    }
                } else {
                    alone.push(measure(&single, plan, Duration::ZERO).await);
                }
            }
        }
        tell(&compare(work, &alone, &beside));
    }
    tell(GOAL);
    let _ = single.end().await;
}

/// The same work again and again, for ever.
async fn repeat(single: &Single, work: Work, list: &str, imported: &mut u32) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut line = Line::to(&single.process.base);
    loop {
        let url = |path: &str| format!("{}{path}", single.process.base);
        let request = match work {
            Work::Scrub => {
                let request = http.post(url("/v1/scrub?channel=sms&purpose=transactional"));
                request.header("content-type", "text/plain").body(list.to_owned())
            }
            Work::Export => http.get(url("/v1/export")),
            Work::Import => {
                let (from, to) = (*imported, *imported + IMPORTED_AT_ONCE);
                *imported = to;
                assert_eq!(line.send(&import(&single.key, from, to)).await.unwrap().0, 200);
                continue;
            }
        };
        let mut answer = request.bearer_auth(&single.key).send().await.unwrap().error_for_status().unwrap();
        while answer.chunk().await.unwrap().is_some() {}
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
