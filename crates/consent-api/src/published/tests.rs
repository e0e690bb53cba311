use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that answers whatever it is asked, and then holds the line.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, count) = (answer.clone(), count.clone());
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                        count.fetch_add(1, Ordering::SeqCst);
                        let _ = stream.write_all(&answer).await;
                    }
                });
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn published() -> Published {
    Published::patient(Duration::from_millis(500)).unwrap()
}

#[tokio::test]
async fn what_is_published_is_fetched_once_and_kept() {
    let server = Server::answering(answer("200 OK", "", "the key")).await;
    let published = published();
    for _ in 0..3 {
        assert_eq!(published.at(&server.url).await.unwrap(), b"the key");
    }
    assert_eq!(server.asked(), 1);
    assert_eq!(published.get(&server.url).await.unwrap(), b"the key");
    assert_eq!(server.asked(), 2);
}

/// What stands elsewhere is not what the gateway published; it could be an address inside.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering(answer("200 OK", "", "another key")).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = Server::answering(answer(status, &format!("location: {}\r\n", elsewhere.url), "")).await;
        let error = published().at(&server.url).await.unwrap_err();
        assert!(matches!(error, FetchError::Status(301..=308)), "{error}");
    }
    assert_eq!(elsewhere.asked(), 0);
}

#[tokio::test]
async fn another_status_than_200_brings_no_key() {
    for (status, expected) in [("404 Not Found", 404), ("500 Oops", 500), ("206 Partial Content", 206)] {
        let server = Server::answering(answer(status, "", "not a key")).await;
        let published = published();
        for _ in 0..2 {
            let error = published.at(&server.url).await.unwrap_err();
            assert!(matches!(error, FetchError::Status(found) if found == expected), "{error}");
        }
        assert_eq!(server.asked(), 2, "a failure is not kept");
    }
}

#[tokio::test]
async fn what_is_too_long_is_not_read_to_its_end() {
    let (most, more) = ("x".repeat(limits::PUBLISHED), "x".repeat(limits::PUBLISHED + 1));
    let said = Server::answering(answer("200 OK", "", &most)).await;
    assert_eq!(published().at(&said.url).await.unwrap().len(), limits::PUBLISHED);
    // The length is stated, but nothing follows it; and one that is stated nowhere.
    let stated = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", more.len());
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{more}\r\n", more.len());
    for answer in [stated, chunked] {
        let server = Server::answering(answer).await;
        assert!(matches!(published().at(&server.url).await, Err(FetchError::TooLong)));
    }
}

#[tokio::test]
async fn what_is_slow_is_given_up() {
    for answer in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nthe"] {
        let server = Server::answering(answer).await;
        let error = published().at(&server.url).await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable(_)), "{error}");
    }
}

#[tokio::test]
async fn the_log_sees_nothing_of_the_address() {
    let error = published().get("http://127.0.0.1:1/?Token=secret").await.unwrap_err();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(one) = cause {
        let log = format!("{one} {one:?}");
        assert!(!log.contains("secret") && !log.contains("127.0.0.1:1/"), "{log}");
        cause = one.source();
    }
}

#[tokio::test]
async fn too_many_at_once_are_told_so() {
    let server = Server::answering("").await;
    let published = published();
    let fetches = (0..=limits::FETCHES).map(|_| published.get(&server.url));
    let results = futures_util::future::join_all(fetches).await;
    let busy = results.iter().filter(|result| matches!(result, Err(FetchError::Busy))).count();
    assert_eq!(busy, 1);
}

#[test]
fn the_memory_of_keys_has_an_end_and_forgets_the_oldest() {
    let published = published();
    for n in 0..limits::PUBLISHED_KEPT * 2 {
        published.keep(&format!("https://keys.example/{n}"), b"key");
    }
    assert_eq!(published.kept.lock().unwrap().len(), limits::PUBLISHED_KEPT);
    assert!(published.find("https://keys.example/0").is_none());
    assert!(published.find(&format!("https://keys.example/{}", limits::PUBLISHED_KEPT * 2 - 1)).is_some());
}
