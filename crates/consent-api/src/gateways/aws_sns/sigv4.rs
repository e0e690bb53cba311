//! AWS Signature Version 4: how a call to AWS is signed (docs.aws.amazon.com, "Create a signed AWS API request").

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::gateways::Call;
use crate::gateways::form::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who calls what, and when.
pub(super) struct Signer<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret_access_key: &'a str,
    /// With passing credentials.
    pub(super) session_token: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) now: DateTime<Utc>,
}

impl Signer<'_> {
    /// Signs a call, all its headers and its host. The URL must have a path that needs no encoding, and no query.
    pub(super) fn sign(&self, call: Call) -> Call {
        let time = self.now.format("%Y%m%dT%H%M%SZ").to_string();
        let mut call = call.header("x-amz-date", time.as_str());
        if let Some(token) = self.session_token {
            call = call.header("x-amz-security-token", token);
        }
        let (request, names) = canonical(&call);
        let scope = format!("{}/{}/{}/aws4_request", self.now.format("%Y%m%d"), self.region, self.service);
        let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let signature = hex(&mac(&self.key(), &to_sign));
        let credential = format!("{}/{scope}", self.access_key_id);
        let value = format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}");
        call.header("authorization", value)
    }

    /// The key of this day, region and service.
    fn key(&self) -> Vec<u8> {
        let day = self.now.format("%Y%m%d").to_string();
        let secret = format!("AWS4{}", self.secret_access_key).into_bytes();
        [day.as_str(), self.region, self.service, "aws4_request"].iter().fold(secret, |key, part| mac(&key, part))
    }
}

/// The canonical request, and the names of the headers in it.
fn canonical(call: &Call) -> (String, String) {
    let (host, path) = host_and_path(&call.url);
    let mut headers: Vec<_> = call.headers.iter().map(|(name, value)| (name.to_lowercase(), value.trim())).collect();
    headers.push(("host".to_owned(), host));
    headers.sort();
    let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let body = hex(&Sha256::digest(&call.body));
    (format!("{}\n{path}\n\n{lines}\n{names}\n{body}", call.method), names)
}

fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (host, if path.is_empty() { "/" } else { path })
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length; should that change, the signature is wrong and AWS says so.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::gateways::aws_sns::tests::at;

    /// `get-vanilla` and `post-vanilla` are of AWS's own test suite, the others were signed by botocore 1.44.5.
    #[test]
    fn calls_are_signed_as_aws_signs_them() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../../../../tests/fixtures/aws_sns/sigv4.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for case in vectors["cases"].as_array().unwrap() {
            let headers = case["headers"].as_object().unwrap().iter();
            let call = Call {
                method: if case["method"] == "GET" { "GET" } else { "POST" },
                url: text(&case["url"]),
                headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
                body: text(&case["body"]).into_bytes(),
            };
            let signer = Signer {
                access_key_id: vectors["access_key_id"].as_str().unwrap(),
                secret_access_key: vectors["secret_access_key"].as_str().unwrap(),
                session_token: case["token"].as_str(),
                region: case["region"].as_str().unwrap(),
                service: case["service"].as_str().unwrap(),
                now: at(case["at"].as_str().unwrap()),
            };
            let signed = signer.sign(call);
            let found = signed.headers.iter().find(|(name, _)| name == "authorization").unwrap();
            assert_eq!(found.1, text(&case["authorization"]), "{}", case["name"]);
        }
    }
}
