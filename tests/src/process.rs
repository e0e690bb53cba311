//! The program itself, in a process of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A child process that does not outlive this value.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // SIGKILL: what a drill is about. It fails only if the process has ended by itself.
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// A running `consentd serve`.
pub struct Process {
    child: Reaped,
    /// Scheme, host and port for callers.
    pub base: String,
    /// Scheme, host and port for operators.
    pub ops: String,
}

impl Process {
    /// Starts the program and waits until it listens. What it logs is added to `log`.
    pub fn start(program: &Path, config: &Path, log: &Path) -> Self {
        match Self::try_start(program, config, log) {
            Some(process) => process,
            None => panic!("it does not start: {}", fs::read_to_string(log).unwrap()),
        }
    }

    /// The same; nothing if it ends by itself before it listens.
    pub fn try_start(program: &Path, config: &Path, log: &Path) -> Option<Self> {
        let stderr = File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new(program);
        command.args(["serve", "--json", "--config"]).arg(config).env_clear();
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn();
        let mut child = Reaped(started.unwrap());
        let mut said = String::new();
        BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let said: Value = serde_json::from_str(&said).ok()?;
        let address = |name: &str| format!("http://{}", said[name].as_str().unwrap());
        Some(Self { child, base: address("listen"), ops: address("ops_listen") })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// Freezes it where it is.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success(), "{script}");
    }

    /// Its memory that is in use, in bytes.
    pub fn memory(&self) -> u64 {
        memory(self.id())
    }

    /// Ends it with SIGKILL, wherever it is, and waits until it is gone.
    pub fn kill(self) {}
}

/// The memory in use of a process, in bytes; nothing once it is gone.
pub fn memory(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")).map_or(0, |kib| kib.parse::<u64>().unwrap() * 1024)
}

/// The words of a list that stand in a text: what must not be logged, and was.
pub fn found_in<'a>(text: &str, canaries: &'a [String]) -> Vec<&'a str> {
    canaries.iter().map(String::as_str).filter(|canary| text.contains(canary)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_in_a_log_is_noticed() {
        let canaries = ["+12025550123".to_owned(), "pat@example.com".to_owned()];
        assert!(found_in("{\"message\":\"request\"}", &canaries).is_empty());
        assert_eq!(found_in("from +12025550123", &canaries), ["+12025550123"]);
    }
}
