//! The drill of load: webhooks and checks over many connections for minutes. Nothing that was acknowledged may be lost,
//! and memory may not grow with what has been done.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::audit;
use super::line::{Line, delivery, request};
use super::single::Single;
use super::span::{Spans, slope};
use crate::caller::Ask;
use crate::carrier::Delivery;
use crate::database::Kind;
use crate::dice::Dice;
use crate::people::person;

/// How often a line is said about it, and how often memory is looked at.
const LINE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_secs(1);
/// Bytes by which memory may grow for each event that is recorded: a history in memory has to grow by something, and a
/// request that is not let go of is larger than this.
const GROWTH: f64 = 512.0;
/// Bytes by which memory may grow anyway: pools and caches fill while a short drill runs.
const WARMTH: f64 = 64.0 * 1_048_576.0;

/// What is drilled.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// On which database.
    pub kind: Kind,
    /// How long.
    pub lasts: Duration,
    /// Connections, all kept.
    pub connections: usize,
    /// People who text and are asked about.
    pub people: u32,
    /// Of the dice.
    pub seed: u64,
}

/// What the connections have done.
#[derive(Default)]
struct Done {
    over: AtomicBool,
    webhooks: Spans,
    checks: Spans,
    /// Ids of the messages that were acknowledged.
    acknowledged: Mutex<Vec<String>>,
    recorded: AtomicU64,
    /// Answers other than the good ones, and connections that broke.
    failed: AtomicU64,
}

/// Runs the drill; returns what broke a promise.
pub async fn run(program: &Path, plan: Plan, tell: impl Fn(&str)) -> Vec<String> {
    let single = Single::start(program, plan.kind, plan.people).await;
    tell(&format!("{:?}: {} people have agreed", plan.kind, plan.people));
    let (done, mut dice) = (Done::default(), Dice::new(plan.seed));
    let callers = (0..plan.connections).map(|_| call(&single, plan, &done, Dice::new(dice.throw())));
    let watching = watch(&single, plan, &done, &tell);
    let (_, memory) = tokio::join!(join_all(callers.collect::<Vec<_>>()), watching);
    let mut faults: Vec<String> = growth(&memory, &tell).into_iter().collect();
    let acknowledged = std::mem::take(&mut *done.acknowledged.lock().unwrap());
    tell(&format!("{} acknowledged, {} failed", acknowledged.len(), done.failed.load(Ordering::Relaxed)));
    faults.extend(audit::lost_or_doubled(&single, acknowledged).await);
    match single.end().await {
        Ok(verified) => tell(&verified),
        Err(fault) => faults.push(fault),
    }
    faults
}

/// One connection: a webhook or a check, one after the other.
async fn call(single: &Single, plan: Plan, done: &Done, mut dice: Dice) {
    let mut line = Line::to(&single.process.base);
    while !done.over.load(Ordering::Relaxed) {
        let phone = person(dice.below(plan.people as usize) as u32).phone;
        if dice.chance(50) {
            let question = serde_json::json!({"phone": phone, "channel": "sms", "purpose": "transactional"});
            let sent = request("/v1/check", Some(&single.key), &Ask::json(&question));
            send(&mut line, &sent, &done.checks, done).await;
        } else {
            let message = message(single, &phone, &mut dice);
            if send(&mut line, &delivery(&message), &done.webhooks, done).await {
                done.recorded.fetch_add(1, Ordering::Relaxed);
                done.acknowledged.lock().unwrap().push(message.sid);
            }
        }
    }
}

/// What the carrier has to say: STOPs, other texts, and reports.
fn message(single: &Single, phone: &str, dice: &mut Dice) -> Delivery {
    match dice.below(10) {
        0..=3 => single.carrier().text(phone, "STOP"),
        4..=6 => single.carrier().text(phone, dice.one::<&str>(&["Thanks!", "HELP", "See you at 5", "START"])),
        _ => single.carrier().report(phone, "delivered", ""),
    }
}

/// Whether the answer was a good one.
async fn send(line: &mut Line, request: &[u8], spans: &Spans, done: &Done) -> bool {
    let began = Instant::now();
    let good = line.send(request).await.is_ok_and(|(status, _)| (200..300).contains(&status));
    spans.add(began.elapsed());
    if !good {
        done.failed.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    good
}

/// Tells how it goes until it is over; returns the memory of the server by events recorded.
async fn watch(single: &Single, plan: Plan, done: &Done, tell: &impl Fn(&str)) -> Vec<(f64, f64)> {
    let (began, mut told, mut memory) = (Instant::now(), Instant::now(), Vec::new());
    while began.elapsed() < plan.lasts {
        tokio::time::sleep(LOOK).await;
        let resident = single.process.memory() as f64;
        memory.push((done.recorded.load(Ordering::Relaxed) as f64, resident));
        let seconds = told.elapsed().as_secs_f64();
        if told.elapsed() >= LINE {
            told = Instant::now();
            let (webhooks, checks) = (done.webhooks.take(), done.checks.take());
            tell(&format!(
                "{:4} s  {:6.0} webhooks/s p50 {:6.1} ms p99 {:6.1} ms  {:6.0} checks/s p50 {:6.1} ms p99 {:6.1} ms  {:5.0} MiB",
                began.elapsed().as_secs(),
                webhooks.count() as f64 / seconds,
                webhooks.percentile(50),
                webhooks.percentile(99),
                checks.count() as f64 / seconds,
                checks.percentile(50),
                checks.percentile(99),
                resident / 1_048_576.0,
            ));
        }
    }
    done.over.store(true, Ordering::Relaxed);
    memory
}

/// Whether memory grew in the second half, by more than what was recorded accounts for.
fn growth(memory: &[(f64, f64)], tell: &impl Fn(&str)) -> Option<String> {
    let second = &memory[memory.len() / 2..];
    let recorded = second.last()?.0 - second.first()?.0;
    let growth = slope(second);
    let told = format!("memory grows by {growth:.0} bytes for each of the last {recorded:.0} events");
    tell(&told);
    (growth > GROWTH && growth * recorded > WARMTH).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_grows_with_what_is_done_is_noticed() {
        let grows = |by: f64| {
            let memory: Vec<_> =
                (0..600).map(|n| (f64::from(n) * 1_000.0, 1e8 + by * f64::from(n) * 1_000.0)).collect();
            growth(&memory, &|_| ()).is_some()
        };
        assert!(grows(2_000.0) && !grows(100.0) && !grows(0.0));
        // A warm-up that ends in the first half, and one of little size in the second.
        let warm: Vec<_> =
            (0..600).map(|n| (f64::from(n) * 1_000.0, if n < 250 { 1e6 * f64::from(n) } else { 2.5e8 })).collect();
        assert_eq!(growth(&warm, &|_| ()), None);
        let small: Vec<_> = (0..20).map(|n| (f64::from(n) * 100.0, 1e8 + 1e5 * f64::from(n))).collect();
        assert_eq!(growth(&small, &|_| ()), None);
        assert_eq!(growth(&[], &|_| ()), None);
    }
}
