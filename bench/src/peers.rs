//! Servers that others made, thrown away after use: PostgreSQL and Redis.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::children::Server;
use crate::cores::Cores;
use crate::limits;

/// A PostgreSQL server that `scripts/postgres` starts and removes.
pub struct Postgres {
    server: Server,
}

impl Postgres {
    /// Starts it, on some of the cores.
    pub fn start(cores: &Cores, on: &[usize]) -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postgres");
        let mut command = Command::new(script);
        // It says where it is, then waits for the end of its input.
        command.args(["sh", "-c", r#"printf '{"url":"%s"}\n' "$CONSENT_TEST_POSTGRES"; cat >/dev/null"#]);
        Ok(Self { server: cores.on(on, || Server::run(command))? })
    }

    /// URL of its first database.
    pub fn url(&self) -> anyhow::Result<String> {
        let url = self.server.said.get("url").and_then(Value::as_str);
        url.map(str::to_owned).context("scripts/postgres does not say where the server is")
    }

    /// URL of a new, empty database for a part.
    pub async fn database(&self, part: &str) -> anyhow::Result<String> {
        let name = format!("bench_{part}");
        let url = self.url()?;
        connect(&url).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let (server, _) = url.rsplit_once('/').context("a URL without a database")?;
        Ok(format!("{server}/{name}"))
    }
}

/// A connection.
pub async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A Redis server that keeps nothing on disk.
pub struct Redis {
    child: Child,
    _folder: TempDir,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Redis {
    /// Starts it, on some of the cores.
    pub fn start(cores: &Cores, on: &[usize]) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new("redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--port",
            &address.port().to_string(),
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        command.arg("--dir").arg(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let missing = "redis-server is missing: apt-get install redis-server, or measure with --without redis";
        let child = cores.on(on, || command.spawn().context(missing))?;
        let redis = Self { child, _folder: folder, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(began.elapsed() < limits::END, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(redis)
    }

    /// Sets many keys.
    pub fn fill(&self, pairs: impl Iterator<Item = anyhow::Result<(String, String)>>) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut answers = BufReader::new(stream.try_clone()?);
        let mut waiting = 0;
        let mut pairs = pairs.peekable();
        let mut batch = String::new();
        while let Some(pair) = pairs.next() {
            let (key, value) = pair?;
            batch += &format!("SET {key} {value}\r\n");
            waiting += 1;
            if waiting == limits::FILLING || pairs.peek().is_none() {
                stream.write_all(batch.as_bytes())?;
                batch.clear();
                for _ in 0..std::mem::take(&mut waiting) {
                    let mut line = String::new();
                    answers.read_line(&mut line)?;
                    if !line.starts_with("+OK") {
                        bail!("redis-server refuses: {}", line.trim());
                    }
                }
            }
        }
        Ok(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // SIGKILL: there is nothing to keep.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
