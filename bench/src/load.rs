//! A load: connections that each ask again as soon as they are answered.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use anyhow::{Context, bail, ensure};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::children::Server;
use crate::limits;
use crate::rounds::Figures;

/// Smallest processor time that the kernel counts, in seconds.
const TICK: f64 = 0.01;

/// What is asked: whole requests, by number.
pub type Requests = Rc<dyn Fn(u64) -> Bytes>;

/// What came of a load.
#[derive(Debug)]
pub struct Answered {
    /// Requests that were answered.
    pub count: u64,
    /// From the first to the last.
    pub elapsed: Duration,
    latencies: Histogram<u64>,
}

impl Answered {
    /// As figures: requests a second, and latencies in seconds.
    pub fn figures(&self) -> Figures {
        let latency = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1e9;
        let rate = self.count as f64 / self.elapsed.as_secs_f64();
        Figures::from([("rate", rate), ("p50", latency(0.5)), ("p99", latency(0.99)), ("count", self.count as f64)])
    }
}

/// Loads a server of ours for a while: the figures, and `cpu`, its processor seconds for each request.
pub fn on(server: &Server, connections: usize, within: Duration, requests: &Requests) -> anyhow::Result<Figures> {
    let before = server.cpu()?;
    let mut figures = run(server.address()?, connections, within, requests)?.figures();
    let count = figures.get("count").copied().unwrap_or(f64::NAN);
    figures.insert("cpu", (server.cpu()? - before).max(TICK) / count);
    Ok(figures)
}

/// Loads a server for a while. Every answer must be a success.
fn run(address: SocketAddr, connections: usize, within: Duration, requests: &Requests) -> anyhow::Result<Answered> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(together(address, connections, within, requests)))
}

/// The same on the runtime of the caller, who must be in a `LocalSet`.
pub async fn together(
    address: SocketAddr,
    connections: usize,
    within: Duration,
    requests: &Requests,
) -> anyhow::Result<Answered> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let (next, began) = (Rc::new(std::cell::Cell::new(0)), Instant::now());
    let asking = open.into_iter().map(|mut connection| {
        let (next, requests) = (Rc::clone(&next), Rc::clone(requests));
        tokio::task::spawn_local(async move {
            let mut latencies = histogram()?;
            while began.elapsed() < within {
                let request = requests(next.replace(next.get() + 1));
                let sent = Instant::now();
                connection.ask(&request).await?;
                latencies.saturating_record(sent.elapsed().as_nanos() as u64);
            }
            anyhow::Ok(latencies)
        })
    });
    let asking: Vec<_> = asking.collect();
    let mut latencies = histogram()?;
    for one in asking {
        latencies.add(one.await??)?;
    }
    Ok(Answered { count: latencies.len(), elapsed: began.elapsed(), latencies })
}

/// A nanosecond to a minute, to a thousandth.
fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000_000, 3)?)
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("the server does not listen")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(limits::HEAD) })
    }

    /// Sends a request and reads its whole answer; returns the body.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (body, length) = loop {
            if let Some(found) = head(&self.buffer)? {
                break found;
            }
            ensure!(self.buffer.len() < limits::HEAD, "the head of an answer is too long");
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
        };
        while self.buffer.len() < body + length {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
        }
        Ok(self.buffer.split_off(body))
    }
}

/// Where the body begins and how long it is, once the head is whole.
fn head(buffer: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?;
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 2") {
        bail!("a request was answered {status}");
    }
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok(Some((end + 4, length.context("an answer without content-length")?)))
}

/// A request with a body.
pub fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Bytes {
    let mut text = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    Bytes::from([text.as_bytes(), b"\r\n", body].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_error_and_a_success_has_a_length() {
        assert!(head(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").is_err());
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap(), Some((38, 2)));
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Le").unwrap(), None);
    }
}
