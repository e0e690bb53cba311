//! Someone who calls the service over HTTP.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

use crate::carrier::Delivery;
use crate::seen::Seen;

/// A caller, with or without an API key.
#[derive(Debug, Clone)]
pub struct Caller {
    http: Client,
    base: String,
    key: Option<String>,
    seen: Arc<Seen>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

/// One request, as far as it differs from an empty one.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Ask {
    /// A JSON body.
    pub fn json(body: &Value) -> Self {
        Self::text("application/json", body.to_string())
    }

    /// A body of some type.
    pub fn text(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { headers: vec![("content-type".to_owned(), content_type.to_owned())], body: body.into() }
    }

    /// One header more.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Caller {
    /// A caller without a key.
    pub fn new(base: &str, seen: &Arc<Seen>) -> Self {
        // No connection is kept: one that idles would hold up the end of the service.
        let http = Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap();
        Self { http, base: base.to_owned(), key: None, seen: Arc::clone(seen) }
    }

    /// The same caller with this key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The same caller without a key.
    pub fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    /// The same key at another service.
    pub fn at(&self, other: &Self) -> Self {
        Self { key: self.key.clone(), ..other.clone() }
    }

    /// Scheme, host and port of the service.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where answers are noted.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The key.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Notes an answer, and checks what must be true of every one.
    pub fn note(&self, method: &str, path: &str, answer: &Answer) {
        self.seen.note(method, path, answer.status);
        answer.check_form(path);
    }

    /// Makes a request; `None` if the service went away before it had answered.
    pub async fn try_send(&self, method: Method, path: &str, ask: Ask) -> Option<Answer> {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base)).body(ask.body);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.ok()?.to_vec();
        let answer = Answer { status, headers, body };
        self.note(method.as_str(), path, &answer);
        Some(answer)
    }

    /// Makes a request.
    pub async fn send(&self, method: Method, path: &str, ask: Ask) -> Answer {
        self.try_send(method, path, ask).await.expect("the service answers")
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Ask::json(body)).await
    }

    /// Posts JSON under an idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Ask::json(body).with("idempotency-key", key)).await
    }

    /// Gets.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Ask::default()).await
    }

    /// Makes the carrier's request.
    pub async fn deliver(&self, delivery: &Delivery) -> Answer {
        self.try_deliver(delivery).await.expect("the service answers")
    }

    /// Makes the carrier's request; `None` if the service went away before it had answered.
    pub async fn try_deliver(&self, delivery: &Delivery) -> Option<Answer> {
        let ask = Ask { headers: delivery.headers(), body: delivery.body.clone().into_bytes() };
        self.without_key().try_send(Method::POST, &delivery.path, ask).await
    }
}

impl Answer {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The pointers to the fields at fault.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    }

    /// Every answer has an id, and every error is problem details that carry the same one.
    fn check_form(&self, path: &str) {
        let id = self.header("x-request-id");
        assert!(!id.is_empty(), "{path}: an answer without an id");
        if self.status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json", "{path} {}", self.status);
            let problem = self.json();
            assert_eq!(problem["status"], self.status, "{path}");
            assert_eq!(problem["request_id"], id, "{path}");
            assert!(problem["type"].as_str().unwrap().starts_with("urn:consent:problem:"), "{path}");
            assert!(!problem["title"].as_str().unwrap().is_empty(), "{path}");
        }
        if self.status == 503 {
            assert!(self.header("retry-after").parse::<u32>().is_ok(), "{path}: when to try again is missing");
        }
    }
}
