//! The drill of several nodes: callers and trouble at once, then the verdict.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::cluster::Cluster;
use super::crowd::{Asking, Crowd, Figures};
use super::recorded::{Call, History, Said};
use super::trouble::{Kinds, Troubles, plague};
use super::verdict;
use crate::checker::{Export, Ledgered};
use crate::dice::Dice;
use crate::place::Setup;

/// How often a line is said about it.
const LINE: Duration = Duration::from_secs(5);
/// How much longer it may take than planned until enough has happened.
const LONGEST: Duration = Duration::from_secs(180);
/// How long the spools may take to be empty once the trouble is over.
const RECOVERY: Duration = Duration::from_secs(60);

/// What is drilled.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Nodes of the ledger.
    pub nodes: usize,
    /// Callers at once who record, and as many who only ask.
    pub callers: usize,
    /// People who are talked about at a time.
    pub people: usize,
    /// How long there is trouble, at least.
    pub lasts: Duration,
    /// It goes on until so much was recorded, allowed and denied: a slow machine must not make an empty drill.
    pub until: u64,
    /// Of the dice.
    pub seed: u64,
    /// How questions are asked.
    pub asking: Asking,
}

/// What came out.
#[derive(Debug)]
pub struct Found {
    /// Broken promises.
    pub faults: Vec<String>,
    /// How the calls ended.
    pub figures: Figures,
    /// How often each trouble happened, in words.
    pub troubles: String,
}

impl Found {
    /// How often somebody would have been written to who had said STOP.
    pub fn wrong_allows(&self) -> usize {
        self.faults.iter().filter(|fault| fault.starts_with("wrong allow")).count()
    }
}

/// Runs the drill with this program, and tells how it goes.
pub async fn run(program: &Path, plan: Plan, tell: impl Fn(&str)) -> Found {
    // A check as long as a busy machine needs; the rest as in production.
    let cluster = Cluster::start(program, plan.nodes, Setup { check_ms: 2_000, log: "warn", ..Setup::default() }).await;
    let (crowd, troubles) = (Crowd::of(&cluster, plan.people, plan.asking), Troubles::default());
    let (over, mut dice) = (AtomicBool::new(false), Dice::new(plan.seed));
    let callers: Vec<_> = (0..plan.callers).map(|_| crowd.record(Dice::new(dice.throw()), &over)).collect();
    let askers: Vec<_> = (0..plan.callers).map(|_| crowd.wonder(Dice::new(dice.throw()), &over)).collect();
    let plagues = cluster.nodes.iter().enumerate().map(|(at, node)| {
        let kinds = match (plan.asking, at) {
            (Asking::Fresh, _) => Kinds::All,
            // Broken promises show where one node is behind and the others go on.
            (_, 0) => Kinds::Stalls,
            _ => Kinds::None,
        };
        plague(&cluster, (node, kinds), Dice::new(dice.throw()), &over, &troubles)
    });
    let plagues: Vec<_> = plagues.collect();
    let watching = watch(&crowd, plan, &troubles, &tell);
    let watching = async {
        watching.await;
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all(callers), join_all(askers), join_all(plagues), watching);
    tell("the trouble is over");
    crowd.repeat(Dice::new(dice.throw())).await;
    tell(&format!("{}; slowest start {:?}", spans(&crowd.recorder.calls()), cluster.slowest_start()));
    let faults = judge(&cluster, &crowd).await;
    let found = Found { faults, figures: crowd.figures(), troubles: words(&troubles) };
    drop(crowd);
    cluster.end().await;
    found
}

/// Tells how it goes, and ends when enough has happened.
async fn watch(crowd: &Crowd<'_>, plan: Plan, troubles: &Troubles, tell: &impl Fn(&str)) {
    let (began, mut told) = (Instant::now(), Instant::now());
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let Figures { recorded, allowed, denied, .. } = crowd.figures();
        let enough = [recorded, allowed, denied].iter().all(|count| *count >= plan.until);
        if began.elapsed() >= plan.lasts && (enough || began.elapsed() >= plan.lasts + LONGEST) {
            return;
        }
        if told.elapsed() >= LINE {
            told = Instant::now();
            tell(&format!("{:?}, {}", crowd.figures(), words(troubles)));
        }
    }
}

/// Everything that is wrong with what was answered, and with the ledger as it is now.
async fn judge(cluster: &Cluster, crowd: &Crowd<'_>) -> Vec<String> {
    let end = Instant::now() + RECOVERY;
    while cluster.nodes.iter().any(|node| node.waiting() > 0) {
        assert!(Instant::now() < end, "a spool is not drained");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let verifier = cluster.verify().await;
    let mut exports = Vec::new();
    for node in &cluster.nodes {
        exports.push(cluster.export(node, &verifier).await);
    }
    let calls = crowd.recorder.calls();
    let acknowledged = calls.iter().filter_map(|call| match &call.said {
        Said::Grant { name, position: Some(_) } | Said::Stop { name, acknowledged: true } => Some(name.clone()),
        _ => None,
    });
    let told = Ledgered { sent: crowd.sent(), acknowledged: acknowledged.collect() };
    let mut faults = crowd.surprises();
    for export in &exports {
        faults.extend(told.faults(&export.events));
    }
    faults.extend(verdict::faults(&History { calls, places: places(&exports[0]) }));
    faults
}

/// How long calls took, trouble included.
fn spans(calls: &[Call]) -> String {
    let of = |wanted: fn(&Said) -> bool| {
        let mut spans: Vec<_> =
            calls.iter().filter(|call| wanted(&call.said)).map(|call| call.ended - call.began).collect();
        spans.sort_unstable();
        let at = |percent: usize| spans.get(spans.len() * percent / 100).copied().unwrap_or_default() / 1_000;
        format!("p50 {} ms, p90 {} ms, p99 {} ms", at(50), at(90), at(99))
    };
    let (records, checks) = (of(|said| !matches!(said, Said::Check(_))), of(|said| matches!(said, Said::Check(_))));
    format!("grants and STOPs {records}; questions {checks}; nothing was acknowledged for {} ms", longest_gap(calls))
}

/// The longest time in which no grant and no STOP was acknowledged, in milliseconds.
fn longest_gap(calls: &[Call]) -> u64 {
    let good =
        |said: &Said| matches!(said, Said::Grant { position: Some(_), .. } | Said::Stop { acknowledged: true, .. });
    let ended: Vec<_> = calls.iter().filter(|call| good(&call.said)).map(|call| call.ended).collect();
    ended.windows(2).map(|two| two[1] - two[0]).max().unwrap_or_default() / 1_000
}

/// Size of the ledger just after each event that has a name.
fn places(export: &Export) -> BTreeMap<String, u64> {
    let named = export.events.iter().filter_map(|event| {
        let name = event["idempotency_key"].as_str().or(event["provider_message_id"].as_str())?;
        Some((name.to_owned(), event["seq"].as_u64()? + 1))
    });
    named.collect()
}

fn words(troubles: &Troubles) -> String {
    let troubles = troubles.lock().unwrap();
    troubles.iter().map(|(name, times)| format!("{name} {times}")).collect::<Vec<_>>().join(", ")
}
