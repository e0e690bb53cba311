//! What we send through a gateway: texts that answer a text, and opt-outs that it should know of.
//!
//! Nothing here opens a connection. A gateway describes a [`Call`]; the queue makes it, and hands the answer back.

use chrono::{DateTime, Utc};
use consent_core::address::Phone;
use uuid::Uuid;

use super::Account;

/// How a kind of gateway is called.
pub struct Outbox {
    /// The call that sends a text.
    pub send: fn(&Account, &Text<'_>) -> Result<Call, Incomplete>,
    /// The call that puts a number on the gateway's own block list; `None` if it has no interface for that.
    pub push: Option<Push>,
    /// What the gateway's answer means, from its status and body.
    pub answer: fn(u16, &[u8]) -> Answer,
}

/// Describes the call that reports an opt-out.
pub type Push = fn(&Account, &OptOut<'_>) -> Result<Call, Incomplete>;

/// A text to send.
pub struct Text<'a> {
    /// Our number, as the gateway wrote it: where the message that is answered came to.
    pub from: &'a str,
    /// Whom it goes to.
    pub to: &'a Phone,
    /// What it says.
    pub body: &'a str,
    /// Names it, so that it is sent once, however often it is tried, where the gateway has a way to say so.
    pub id: Uuid,
    /// The time of this attempt.
    pub now: DateTime<Utc>,
}

/// An opt-out to report.
pub struct OptOut<'a> {
    /// Our number, as the gateway wrote it, if the opt-out came to one.
    pub from: Option<&'a str>,
    /// Who opted out.
    pub phone: &'a Phone,
    /// When.
    pub at: DateTime<Utc>,
    /// Names it.
    pub id: Uuid,
    /// The time of this attempt.
    pub now: DateTime<Utc>,
}

/// An HTTP request to make. It holds credentials and is therefore not `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Method.
    pub method: &'static str,
    /// Whole URL.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Call {
    /// A POST of JSON.
    pub(super) fn post_json(url: String, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { method: "POST", url, headers, body: body.to_string().into_bytes() }
    }

    /// A POST of a form.
    pub(super) fn post_form(url: String, fields: &[(&str, &str)]) -> Self {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        Self { method: "POST", url, headers, body: super::form::encode(fields).into_bytes() }
    }

    /// With a further header.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With user and password (RFC 7617).
    pub(super) fn basic(self, user: &str, password: &str) -> Self {
        use base64::Engine;
        let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.header("authorization", format!("Basic {token}"))
    }

    /// With a bearer token (RFC 6750).
    pub(super) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }
}

/// What a gateway answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It took the text, or knows of the opt-out; with its name for the text.
    Done(Option<String>),
    /// It will not, and asking again changes nothing; with its code or status.
    Refused(String),
    /// Not now; with its code or status.
    Later(String),
}

impl Answer {
    /// By the status alone: 2xx is done, 408, 425, 429 and 5xx may pass, all else is final.
    pub(super) fn by_status(status: u16, id: Option<String>) -> Self {
        match status {
            200..300 => Self::Done(id),
            408 | 425 | 429 | 500.. => Self::Later(status.to_string()),
            _ => Self::Refused(status.to_string()),
        }
    }
}

/// A setting or credential that the call needs is missing from the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account has no {0}")]
pub struct Incomplete(pub &'static str);

impl Account {
    /// A setting that a call needs.
    pub(super) fn need_setting(&self, name: &'static str) -> Result<&str, Incomplete> {
        self.setting(name).ok_or(Incomplete(name))
    }

    /// A credential that a call needs.
    pub(super) fn need_credential(&self, name: &'static str) -> Result<&str, Incomplete> {
        self.credential(name).ok_or(Incomplete(name))
    }

    /// Scheme and host of the gateway's interface: the setting `api_url`, or the gateway's own.
    pub(super) fn api_url<'a>(&'a self, default: &'a str) -> &'a str {
        self.setting("api_url").unwrap_or(default).trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_try_again() {
        assert_eq!(Answer::by_status(201, Some("x".to_owned())), Answer::Done(Some("x".to_owned())));
        for status in [408, 425, 429, 500, 503, 599] {
            assert_eq!(Answer::by_status(status, None), Answer::Later(status.to_string()));
        }
        for status in [301, 400, 401, 403, 404, 409, 422] {
            assert_eq!(Answer::by_status(status, None), Answer::Refused(status.to_string()));
        }
    }
}
