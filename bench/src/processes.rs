//! What the kernel says of processes: processor time, memory, and who else is at work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Instant;

use anyhow::Context;

/// Ticks in a second, in which Linux counts processor time for programs.
const TICKS: f64 = 100.0;

/// Processor time until now.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    at: Instant,
    /// Of all programs, in ticks.
    programs: f64,
    /// Taken by the host from this machine.
    steal: f64,
    /// Of this process and those it started.
    own: f64,
}

/// Who else was at work between two moments, as a share of all cores.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Share of other programs.
    pub foreign: f64,
    /// Share that the host took.
    pub steal: f64,
    /// Seconds of processor time of our own.
    pub own: f64,
}

impl Times {
    /// Reads them.
    pub fn now() -> anyhow::Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("/proc/stat")?;
        let line = stat.lines().next().unwrap_or_default();
        let ticks: Vec<f64> = line.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
        let tick = |at: usize| ticks.get(at).copied().unwrap_or(0.0);
        // user, nice, system; interrupts are nobody's, and on a loaded loop-back mostly ours.
        let programs = tick(0) + tick(1) + tick(2);
        Ok(Self { at: Instant::now(), programs, steal: tick(7), own: own()? })
    }

    /// What happened since.
    pub fn since(&self, before: &Self, cores: usize) -> Noise {
        let whole = self.at.duration_since(before.at).as_secs_f64() * TICKS * cores as f64;
        let own = self.own - before.own;
        let foreign = (self.programs - before.programs - own).max(0.0) / whole;
        Noise { foreign, steal: (self.steal - before.steal) / whole, own: own / TICKS }
    }
}

/// One process, as `/proc/PID/stat` has it.
struct Process {
    parent: u32,
    ticks: f64,
}

fn process(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let words: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok());
    // Its own time and that of the children it has waited for.
    Some(Process { parent: words.get(1)?.parse().ok()?, ticks: ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)? })
}

/// Ticks of this process and all that descend from it. Threads of the kernel count as well: they write what we write.
fn own() -> anyhow::Result<f64> {
    const KERNEL: u32 = 2;
    let pids =
        fs::read_dir("/proc").context("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let processes: BTreeMap<u32, Process> = pids.filter_map(|pid| Some((pid, process(pid)?))).collect();
    let mut ours = BTreeSet::from([std::process::id(), KERNEL]);
    loop {
        let grown = ours.len();
        ours.extend(
            processes
                .iter()
                .filter(|(_, process)| ours.contains(&process.parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if ours.len() == grown {
            return Ok(ours.iter().filter_map(|pid| Some(processes.get(pid)?.ticks)).sum());
        }
    }
}

/// Seconds of processor time of a process.
pub fn cpu(pid: u32) -> anyhow::Result<f64> {
    Ok(process(pid).context("the process is gone")?.ticks / TICKS)
}

/// Bytes of a process that are in memory.
pub fn resident(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(kilobytes.context("VmRSS is missing")? * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_work_is_not_foreign() {
        let before = Times::now().unwrap();
        let end = Instant::now() + std::time::Duration::from_millis(300);
        while Instant::now() < end {
            std::hint::black_box(0_u64);
        }
        let noise = Times::now().unwrap().since(&before, 1);
        assert!(noise.own > 0.05, "{noise:?}");
        assert!(resident(std::process::id()).unwrap() > 1e6);
    }
}
