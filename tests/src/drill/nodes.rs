//! The drill of several nodes: callers and trouble at once, then the verdict.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};

use super::cluster::Cluster;
use super::crowd::{Asking, Crowd, Figures};
use super::recorded::{History, Said};
use super::trouble::{Troubles, plague};
use super::verdict;
use crate::checker::{Export, Ledgered};
use crate::dice::Dice;
use crate::place::Setup;

/// How often a line is said about it.
const LINE: Duration = Duration::from_secs(5);
/// How long the spools may take to be empty once the trouble is over.
const RECOVERY: Duration = Duration::from_secs(60);

/// What is drilled.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Nodes of the ledger.
    pub nodes: usize,
    /// Callers at once.
    pub callers: usize,
    /// How long there is trouble.
    pub lasts: Duration,
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

/// Runs the drill with this program, and tells how it goes.
pub async fn run(program: &Path, plan: Plan, tell: impl Fn(&str)) -> Found {
    // A check as long as a busy machine needs; the rest as in production.
    let cluster = Cluster::start(program, plan.nodes, Setup { check_ms: 1_000, log: "warn", ..Setup::default() }).await;
    let (crowd, troubles) = (Crowd::of(&cluster, plan.asking), Troubles::default());
    let (until, mut dice) = (Instant::now() + plan.lasts, Dice::new(plan.seed));
    let callers: Vec<_> = (0..plan.callers).map(|_| crowd.call(Dice::new(dice.throw()), until)).collect();
    let plagues = cluster.nodes.iter();
    let plagues: Vec<_> =
        plagues.map(|node| plague(&cluster, node, Dice::new(dice.throw()), until, &troubles)).collect();
    let watching = async {
        while Instant::now() + LINE < until {
            tokio::time::sleep(LINE).await;
            tell(&format!("{:?}, {}", crowd.figures(), words(&troubles)));
        }
    };
    join(join(join_all(callers), join_all(plagues)), watching).await;
    tell("the trouble is over");
    crowd.repeat(Dice::new(dice.throw())).await;
    let faults = judge(&cluster, &crowd).await;
    let found = Found { faults, figures: crowd.figures(), troubles: words(&troubles) };
    drop(crowd);
    cluster.end().await;
    found
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
