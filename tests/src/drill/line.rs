//! A connection that is kept, for callers by the hundred: requests ready to be sent, answers read no further than needed.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::caller::Ask;
use crate::carrier::Delivery;

/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// A connection to a server, made anew when it breaks.
pub struct Line {
    address: String,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// The bytes of a request.
pub fn request(path: &str, key: Option<&str>, ask: &Ask) -> Vec<u8> {
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", ask.body.len());
    let key = key.map(|key| ("authorization".to_owned(), format!("Bearer {key}")));
    for (name, value) in ask.headers.iter().cloned().chain(key) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    [head.as_bytes(), b"\r\n", &ask.body].concat()
}

/// The bytes of a carrier's request.
pub fn delivery(delivery: &Delivery) -> Vec<u8> {
    request(&delivery.path, None, &Ask { headers: delivery.headers(), body: delivery.body.clone().into_bytes() })
}

impl Line {
    /// A line to a server, such as `http://127.0.0.1:8080`.
    pub fn to(base: &str) -> Self {
        let address = base.strip_prefix("http://").unwrap_or(base).to_owned();
        Self { address, stream: None, received: Vec::new() }
    }

    /// Sends a request, and reads the answer: its status and body.
    pub async fn send(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address).await?,
        };
        stream.set_nodelay(true)?;
        stream.write_all(request).await?;
        self.received.clear();
        let (status, from) = loop {
            self.read(&mut stream).await?;
            if let Some((status, from, length)) = head(&self.received) {
                while self.received.len() < from + length {
                    self.read(&mut stream).await?;
                }
                break (status, from);
            }
        };
        // After an error nothing is put back: the next request has a new connection.
        self.stream = Some(stream);
        Ok((status, &self.received[from..]))
    }

    async fn read(&mut self, stream: &mut TcpStream) -> Result<()> {
        self.received.reserve(PIECE);
        match stream.read_buf(&mut self.received).await? {
            0 => Err(Error::from(ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }
}

/// Status, where the body begins, and its length, once the head is there.
fn head(received: &[u8]) -> Option<(u16, usize, usize)> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&received[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().filter_map(|line| line.split_once(": "));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some((status, end + 4, length.filter_map(|(_, value)| value.parse().ok()).next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), None);
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Some((200, 38, 2)));
        assert_eq!(head(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((204, 27, 0)));
    }
}
