//! A gateway that is called: it keeps what it is sent, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::app::PATIENCE;

/// A call as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Method and path, as in `POST /messages`.
    pub line: String,
    /// Headers, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

impl Call {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

/// What the gateway does with a call.
#[derive(Debug, Clone)]
pub enum Say {
    /// Answers with this status and body.
    Answer(u16, &'static str),
    /// Closes the connection without a word.
    HangUp,
}

/// A listener on this machine.
#[derive(Debug)]
pub struct MockGateway {
    /// Scheme and host.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl MockGateway {
    /// One that gives these answers in turn, and the last for ever.
    pub async fn start(script: &[Say]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (calls, script): (Arc<Mutex<Vec<Call>>>, _) =
            (Arc::default(), Arc::new(Mutex::new(script.iter().cloned().collect())));
        let mock = Self { url, calls: Arc::clone(&calls) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&calls), Arc::clone(&script)));
            }
        });
        mock
    }

    /// What it was sent so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// What it was sent, once there are so many calls.
    pub async fn after(&self, calls: usize) -> Vec<Call> {
        let end = Instant::now() + PATIENCE;
        while self.calls().len() < calls {
            assert!(Instant::now() < end, "{} calls, not {calls}", self.calls().len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.calls()
    }

    /// What it was sent, after enough time for what should not come.
    pub async fn after_a_while(&self) -> Vec<Call> {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        self.calls()
    }
}

async fn serve(mut stream: TcpStream, calls: Arc<Mutex<Vec<Call>>>, script: Arc<Mutex<VecDeque<Say>>>) {
    let mut received = Vec::new();
    let call = loop {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(length) if length > 0 => received.extend_from_slice(&piece[..length]),
            _ => return,
        }
        if let Some(call) = read(&received) {
            break call;
        }
    };
    calls.lock().unwrap().push(call);
    let say = {
        let mut script = script.lock().unwrap();
        if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
    };
    if let Some(Say::Answer(status, body)) = say {
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// The call, once all of it is there.
fn read(received: &[u8]) -> Option<Call> {
    let text = String::from_utf8_lossy(received);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let call = Call { line, headers, body: body.to_owned() };
    let length: usize = call.header("content-length").parse().unwrap_or(0);
    (body.len() >= length).then_some(call)
}
