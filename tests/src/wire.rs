//! Requests byte by byte: what an HTTP library would put right, or not let us do.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::caller::{Answer, Ask, Caller};

impl Caller {
    /// The head of a request, with the length of a body that may follow.
    pub fn head(&self, method: &str, path: &str, ask: &Ask, length: usize) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        let key = self.key().map(|key| ("authorization".to_owned(), format!("Bearer {key}")));
        for (name, value) in ask.headers.iter().cloned().chain(key) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{head}content-length: {length}\r\n\r\n")
    }

    /// Opens a connection and sends these bytes.
    pub async fn open(&self, bytes: &[u8]) -> TcpStream {
        let address = self.base().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Makes a request exactly as it is given.
    pub async fn send_exactly(&self, method: &str, path: &str, ask: &Ask) -> Answer {
        let head = self.head(method, path, ask, ask.body.len());
        let stream = self.open(&[head.as_bytes(), &ask.body].concat()).await;
        self.read(method, path, stream).await
    }

    /// Reads the answer to a request that was sent on this connection.
    pub async fn read(&self, method: &str, path: &str, mut stream: TcpStream) -> Answer {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the head of an answer");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let answer = Answer { status, headers, body: bytes[end + 4..].to_vec() };
        self.note(method, path, &answer);
        answer
    }
}
