//! Servers in processes of their own, so that they can have a core of their own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{limits, processes};

/// A process that says in one line of JSON that it is ready, and ends when its input does.
pub struct Server {
    child: Child,
    /// What it said.
    pub said: Value,
}

impl Server {
    /// Starts this program again, as a server.
    pub fn start<S: AsRef<OsStr>>(arguments: &[S]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").args(arguments);
        Self::run(command)
    }

    /// Starts any program that does the same.
    pub fn run(mut command: Command) -> anyhow::Result<Self> {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let child = started.with_context(|| format!("{:?} cannot be started", command.get_program()))?;
        let mut server = Self { child, said: Value::Null };
        let output = server.child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        server.said = serde_json::from_str(&line).context("a server did not start: see what it wrote above")?;
        Ok(server)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        let said = self.said.get("listen").and_then(Value::as_str).context("it does not say where it listens")?;
        Ok(said.parse()?)
    }

    /// A number that it said.
    pub fn number(&self, name: &str) -> anyhow::Result<f64> {
        self.said.get(name).and_then(Value::as_f64).with_context(|| format!("it does not say {name}"))
    }

    /// Seconds of processor time that it has used.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        processes::cpu(self.pid())
    }

    /// Waits for its end.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.close()
    }

    fn close(&mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let began = Instant::now();
        while began.elapsed() < limits::END {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        self.child.kill()?;
        self.child.wait()?;
        bail!("a server did not end by itself")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, or is killed: there is nobody to tell.
        let _ = self.close();
    }
}
