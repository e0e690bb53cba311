//! A carrier that signs like Twilio, written from its documentation and not from our own verification.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The number that people text to.
pub const OUR_NUMBER: &str = "+14155550100";

/// An account at the carrier.
#[derive(Debug)]
pub struct Carrier {
    account: String,
    token: String,
    public_url: String,
    messages: AtomicU64,
}

/// A request that the carrier is about to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Path and query.
    pub path: String,
    /// The form.
    pub body: String,
    /// Value of `X-Twilio-Signature`.
    pub signature: Option<String>,
    /// Its `MessageSid`.
    pub sid: String,
}

impl Delivery {
    /// What is sent along.
    pub fn headers(&self) -> Vec<(String, String)> {
        let form = ("content-type".to_owned(), "application/x-www-form-urlencoded; charset=UTF-8".to_owned());
        let signature = self.signature.clone().map(|signature| ("x-twilio-signature".to_owned(), signature));
        [form].into_iter().chain(signature).collect()
    }
}

impl Carrier {
    /// An account with this auth token, configured with this URL.
    pub fn new(account: &str, token: &str, public_url: &str) -> Self {
        let (account, token) = (account.to_owned(), token.to_owned());
        Self { account, token, public_url: public_url.to_owned(), messages: AtomicU64::new(1) }
    }

    /// Its table in the configuration of the service.
    pub fn configuration(&self) -> String {
        let Self { account, token, .. } = self;
        format!("\n[[gateway]]\naccount = \"{account}\"\nkind = \"twilio\"\nsecrets = [\"plain:{token}\"]\n")
    }

    /// The auth token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Path of its webhook.
    pub fn path(&self) -> String {
        format!("/v1/webhooks/{}", self.account)
    }

    /// A text from a person, with a new `MessageSid`.
    pub fn text(&self, from: &str, body: &str) -> Delivery {
        let sid = self.sid();
        let form = [
            ("MessageSid", sid.as_str()),
            ("SmsMessageSid", &sid),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", from),
            ("To", OUR_NUMBER),
            ("Body", body),
            ("NumMedia", "0"),
            ("SmsStatus", "received"),
            ("FromCity", ""),
            ("ApiVersion", "2010-04-01"),
        ];
        self.deliver(&sid, &form)
    }

    /// A report on a message of ours.
    pub fn report(&self, to: &str, status: &str, error: &str) -> Delivery {
        let sid = self.sid();
        let form = [
            ("ErrorCode", error),
            ("MessageSid", sid.as_str()),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("To", to),
            ("From", OUR_NUMBER),
            ("AccountSid", "AC00000000000000000000000000000001"),
        ];
        self.deliver(&sid, &form)
    }

    /// A form, signed.
    pub fn deliver(&self, sid: &str, form: &[(&str, &str)]) -> Delivery {
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let path = self.path();
        let signature = Some(self.sign(&path, form));
        Delivery { path, body: body.join("&"), signature, sid: sid.to_owned() }
    }

    /// The signature: HMAC-SHA1 under the auth token over the URL, then each parameter, sorted by name.
    pub fn sign(&self, path: &str, form: &[(&str, &str)]) -> String {
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        self.sign_bytes(path, &form)
    }

    /// The same for parameters that need not be text.
    pub fn sign_bytes(&self, path: &str, form: &[(&[u8], &[u8])]) -> String {
        let mut sorted = form.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(self.token.as_bytes()).unwrap();
        mac.update(self.public_url.as_bytes());
        mac.update(path.as_bytes());
        sorted.iter().for_each(|(name, value)| {
            mac.update(name);
            mac.update(value);
        });
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn sid(&self) -> String {
        format!("SM{:032x}", self.messages.fetch_add(1, Ordering::Relaxed))
    }
}

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._*".contains(&b);
    let escaped = |b: u8| if b == b' ' { "+".to_owned() } else { format!("%{b:02X}") };
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { escaped(b) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's page on webhook security.
    #[test]
    fn signs_as_twilio_documents_it() {
        let carrier = Carrier::new("main", "12345", "https://mycompany.com");
        let form = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        assert_eq!(carrier.sign("/myapp.php?foo=1&bar=2", &form), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
