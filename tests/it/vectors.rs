//! The recorded requests of the carriers' own libraries: at the gateway as they are, and over HTTP signed anew.

use consent_api::gateways::{Account, WebhookRequest, find, verify};
use consent_tests::caller::Ask;
use consent_tests::carrier::Carrier;
use consent_tests::stories;
use secrecy::SecretString;
use serde_json::Value;

/// One recorded request.
struct Vector {
    name: String,
    method: String,
    url: String,
    secret: String,
    headers: Vec<(String, String)>,
    body: String,
    valid: bool,
}

fn vectors() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("../fixtures/twilio/vectors.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let vector = |case: &Value| Vector {
        name: text(&case["name"]),
        method: text(&case["method"]),
        url: text(&case["url"]),
        secret: text(&case["secret"]),
        headers: case["headers"].as_object().unwrap().iter().map(|(n, v)| (n.to_lowercase(), text(v))).collect(),
        body: text(&case["body"]),
        valid: case["valid"].as_bool().unwrap(),
    };
    file["cases"].as_array().unwrap().iter().map(vector).collect()
}

impl Vector {
    /// Scheme and host, then path and query.
    fn split_url(&self) -> (&str, &str) {
        let host = self.url.find("://").unwrap() + 3;
        self.url.split_at(self.url[host..].find(['/', '?']).map_or(self.url.len(), |at| host + at))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    fn pairs(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        if !self.header("content-type").contains("form") || self.method == "GET" {
            return Vec::new();
        }
        let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value)));
        self.body.split('&').filter_map(pair).collect()
    }

    /// The same request at a webhook of ours, signed by this carrier.
    fn signed_anew(&self, carrier: &Carrier) -> (String, Ask) {
        let query = self.url.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
        let path = format!("{}{query}", carrier.path());
        let pairs = self.pairs();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        let ask = Ask { headers: Vec::new(), body: self.body.clone().into_bytes() };
        let ask = ask.with("content-type", self.header("content-type"));
        let signature = carrier.sign_bytes(&path, &pairs);
        (path, ask.with("x-twilio-signature", &signature))
    }
}

fn decode(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    let mut parts = spaced.split('%');
    let mut decoded = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        decoded.push(u8::from_str_radix(&part[..2], 16).unwrap());
        decoded.extend(&part.as_bytes()[2..]);
    }
    decoded
}

#[test]
fn each_of_the_23_recorded_requests_gets_its_verdict_at_the_url_it_was_made_for() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 23);
    for vector in vectors {
        let (public_url, path) = vector.split_url();
        let account = Account {
            name: "twilio-main".to_owned(),
            kind: find("twilio").unwrap(),
            secrets: vec![SecretString::from(vector.secret.clone())],
            public_url: public_url.to_owned(),
            provider_confirms: false,
            push_opt_outs: false,
            settings: Default::default(),
            credentials: Default::default(),
        };
        let request = WebhookRequest {
            method: vector.method.clone(),
            url: account.url(path),
            headers: vector.headers.clone(),
            body: vector.body.clone().into_bytes(),
            received: chrono::DateTime::UNIX_EPOCH,
            published_keys: None,
        };
        assert_eq!(request.url, vector.url, "{}", vector.name);
        assert_eq!(verify(&request, &account).is_ok(), vector.valid, "{}", vector.name);
    }
}

stories! {
    async fn each_genuine_request_is_acknowledged_when_it_is_signed_for_our_url_and_refused_as_it_was(app) {
        let caller = app.caller.without_key();
        for vector in vectors().iter().filter(|vector| vector.valid) {
            let (path, ask) = vector.signed_anew(app.carrier());
            let foreign = Ask { headers: vector.headers.clone(), body: vector.body.clone().into_bytes() };
            let head = app.head().await.size;
            assert_eq!(caller.send_exactly(&vector.method, &path, &foreign).await.status, 401, "{}", vector.name);
            assert_eq!(app.head().await.size, head, "{}", vector.name);
            let first = caller.send_exactly(&vector.method, &path, &ask).await;
            assert!((200..300).contains(&first.status), "{}: {}", vector.name, first.status);
            let head = app.head().await.size;
            let again = caller.send_exactly(&vector.method, &path, &ask).await;
            assert_eq!((again.status, again.body), (first.status, first.body), "{}", vector.name);
            assert_eq!(app.head().await.size, head, "{}", vector.name);
        }
    }
}
