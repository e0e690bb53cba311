//! Makes the calls that gateways describe.

use std::time::Duration;

use crate::gateways::Call;
use crate::limits;

/// The client for calls to gateways. Redirects are not followed: credentials belong to the configured host.
pub(super) struct Calls(reqwest::Client);

/// How a call went.
pub(super) enum Made {
    /// The gateway answered: status and body.
    Answered(u16, Vec<u8>),
    /// It was never reached.
    NotReached(String),
    /// It may have been reached, and did not answer.
    Unknown(String),
}

impl Calls {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(limits::OUTGOING_CALL)
            .build()?;
        Ok(Self(client))
    }

    /// Makes a call, once.
    pub(super) async fn make(&self, call: Call) -> Made {
        let mut request = match call.method {
            "GET" => self.0.get(&call.url),
            "PUT" => self.0.put(&call.url),
            "DELETE" => self.0.delete(&call.url),
            _ => self.0.post(&call.url),
        };
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        match request.body(call.body).send().await {
            Err(error) if error.is_connect() || error.is_builder() => Made::NotReached(error.without_url().to_string()),
            Err(error) => Made::Unknown(error.without_url().to_string()),
            Ok(response) => {
                let status = response.status().as_u16();
                // The status counts; without a body only the gateway's name for the text is missing.
                let body = response.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
                Made::Answered(status, body)
            }
        }
    }
}
