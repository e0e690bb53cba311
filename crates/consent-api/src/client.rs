//! A client of a running server: what the command line uses with `--url`.

use std::net::IpAddr;

use consent_query::decision::Decision;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::gateways::percent_encode;
use crate::limits;
use crate::reviews::{Page, Resolution};
use crate::routes::{HistoryQuestion, QuestionBody, Resolve, ReviewsQuery};

/// Why a server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not an address of a server.
    #[error("{0:?} is not a URL such as https://consent.example.com")]
    Url(String),
    /// No answer, or only the beginning of one.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server said no. The problem is as it came (RFC 9457), or null if there was none.
    #[error("the server answered {status}: {}", title(.problem))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem details.
        problem: Value,
    },
    /// An answer that no server of this version gives.
    #[error("the server's answer cannot be read; is it a consent ledger?")]
    Unreadable,
}

fn title(problem: &Value) -> &str {
    problem["title"].as_str().unwrap_or("without a reason")
}

impl ClientError {
    /// Whether asking again later may help.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => matches!(status, 429 | 502..=504),
            _ => false,
        }
    }

    /// Whether the key has too much under way, which ends by itself.
    pub fn is_too_many(&self) -> bool {
        matches!(self, Self::Refused { status: 429, .. })
    }
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_decode() {
            return Self::Unreadable;
        }
        let error = error.without_url();
        // The outermost text says only that sending failed; the innermost says why.
        let mut cause: &dyn std::error::Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let why = if error.is_timeout() { "it does not answer in time".to_owned() } else { cause.to_string() };
        Self::Unreachable(why)
    }
}

/// A client with the key of one caller.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: SecretString,
}

impl Client {
    /// A client of the server at `url`, such as `https://consent.example.com`.
    pub fn new(url: &str, key: SecretString) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url(url.to_owned());
        let base = Url::parse(&format!("{}/", url.trim_end_matches('/'))).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || !base.username().is_empty() || base.password().is_some() {
            return Err(wrong());
        }
        let builder = reqwest::Client::builder()
            .connect_timeout(limits::CLIENT_CONNECT)
            .read_timeout(limits::CLIENT_READ)
            // A key must not follow wherever an answer points.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("consentd/", env!("CARGO_PKG_VERSION")));
        // No proxy can reach what listens on this machine alone.
        let builder = if is_loopback(&base) { builder.no_proxy() } else { builder };
        Ok(Self { http: builder.build()?, base, key })
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let url = self.base.join(path).map_err(|_| ClientError::Url(self.base.to_string()))?;
        Ok(self.http.request(method, url).bearer_auth(self.key.expose_secret()))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let request = self.request(Method::POST, path)?.json(body).timeout(limits::CLIENT_TOTAL);
        Ok(accepted(request.send().await?).await?.json().await?)
    }

    /// Asks a question.
    pub async fn check(&self, question: &QuestionBody) -> Result<Decision, ClientError> {
        self.post("v1/check", question).await
    }

    /// Asks many questions, each of which is answered as of the head at the beginning or of a later one.
    pub async fn check_batch(&self, questions: &[QuestionBody]) -> Result<Vec<Decision>, ClientError> {
        let mut answered: Value = self.post("v1/check/batch", &json!({"questions": questions})).await?;
        let results = serde_json::from_value::<Vec<Decision>>(answered["results"].take());
        results.ok().filter(|results| results.len() == questions.len()).ok_or(ClientError::Unreadable)
    }

    /// Records one event; returns `{"event_id","position"}`.
    pub async fn record(&self, event: &Value, key: Option<&str>) -> Result<Value, ClientError> {
        let mut request = self.request(Method::POST, "v1/events")?.json(event).timeout(limits::CLIENT_TOTAL);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        Ok(accepted(request.send().await?).await?.json().await?)
    }

    /// Reads a page of a history: `{"events","next","position"}`.
    pub async fn history(&self, question: &HistoryQuestion) -> Result<Value, ClientError> {
        self.post("v1/history", question).await
    }

    /// Reads a page of the messages that wait for a person.
    pub async fn reviews(&self, query: &ReviewsQuery) -> Result<Page, ClientError> {
        let request = self.request(Method::GET, &format!("v1/reviews{}", page(query)))?;
        Ok(accepted(request.timeout(limits::CLIENT_TOTAL).send().await?).await?.json().await?)
    }

    /// Says what a message is.
    pub async fn resolve(&self, id: &str, found: &Resolve) -> Result<Resolution, ClientError> {
        self.post(&format!("v1/reviews/{}/resolve", percent_encode(id)), found).await
    }

    /// Begins an export, to be read in pieces. There is no limit on the whole, only on each wait.
    pub async fn export(&self, from: Option<u64>, to: Option<u64>) -> Result<Response, ClientError> {
        let range = [("from", from), ("to", to)];
        let range: Vec<_> = range.into_iter().filter_map(|(name, at)| Some((name, at?))).collect();
        let query: Vec<_> = range.into_iter().map(|(name, at)| format!("{name}={at}")).collect();
        let path = format!("v1/export?{}", query.join("&"));
        accepted(self.request(Method::GET, &path)?.send().await?).await
    }
}

fn page(query: &ReviewsQuery) -> String {
    let after = query.after.map(|after| format!("after={after}"));
    let limit = query.limit.map(|limit| format!("limit={limit}"));
    format!("?{}", after.into_iter().chain(limit).collect::<Vec<_>>().join("&"))
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The response, if it is a good one.
async fn accepted(response: Response) -> Result<Response, ClientError> {
    let status = response.status();
    match status {
        StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(response),
        _ => {
            let problem = tokio::time::timeout(limits::CLIENT_READ, response.json()).await;
            let problem = problem.ok().and_then(Result::ok).unwrap_or_default();
            Err(ClientError::Refused { status: status.as_u16(), problem })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_servers() {
        for url in ["https://consent.example.com", "http://127.0.0.1:8080/", "https://example.com/consent"] {
            assert!(Client::new(url, "key".to_owned().into()).is_ok(), "{url}");
        }
        for url in ["", "consent.example.com", "ftp://example.com", "https://user:password@example.com"] {
            assert!(matches!(Client::new(url, "key".to_owned().into()), Err(ClientError::Url(_))), "{url}");
        }
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost", true),
            ("https://consent.example.com", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let refused = |status| ClientError::Refused { status, problem: Value::Null };
        assert!(refused(503).is_unavailable() && refused(429).is_unavailable());
        assert!(!refused(401).is_unavailable() && !refused(500).is_unavailable());
    }
}
