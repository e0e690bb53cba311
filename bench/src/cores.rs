//! Which cores run what: the server one, the load another.

use anyhow::Context;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that this process may use, divided.
#[derive(Debug, Clone)]
pub struct Cores {
    /// All of them.
    pub all: Vec<usize>,
    /// The one for what is measured.
    pub server: usize,
    /// The one for what asks. The same, if there is only one.
    pub load: usize,
}

impl Cores {
    /// Those of this process.
    pub fn find() -> anyhow::Result<Self> {
        let set = sched_getaffinity(None).context("the cores of this process cannot be read")?;
        let all: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect();
        let (server, load) = (all.first().copied(), all.last().copied());
        let none = "this process has no core";
        Ok(Self { server: server.context(none)?, load: load.context(none)?, all })
    }

    /// Whether server and load can be kept apart.
    pub fn are_apart(&self) -> bool {
        self.server != self.load
    }

    /// Runs something, and what it starts, on all cores.
    pub fn on_all<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.on(&self.all, work)
    }

    /// Runs something, and what it starts, on these cores.
    pub fn on<T>(&self, cores: &[usize], work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        pin(cores)?;
        let done = work();
        pin(&[self.load])?;
        done
    }
}

/// Keeps this thread, and the threads and processes it will start, on these cores.
pub fn pin(cores: &[usize]) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    sched_setaffinity(None, &set).context("this thread cannot be kept on its core")
}
